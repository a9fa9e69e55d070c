/** A process of its own for the tests of crashes and competition: `node worker.ts PLACE TASK NAME`, PLACE being a file or an address. Prints one line per step. */
import { openStore } from '../../src/store/open.ts';
import { activity, page, T } from './helpers.ts';

export const FACTS_PER_PAGE = 50;

if (import.meta.main) {
  const [place = '', task = '', name = ''] = process.argv.slice(2);
  const store = await openStore(place.includes('://') ? { url: place } : { path: place });
  const ws = await store.workspace('w');
  if (task === 'lease') {
    process.stdout.write(`${await ws.lease('sync', name, T, 60_000)}\n`);
  } else {
    const known = (await ws.streams()).find((s) => s.stream === name)?.cursor;
    const pages = task === 'endless' ? Number.POSITIVE_INFINITY : 40;
    for (let n = Number(known?.n ?? 0) + 1; n <= pages; n++) {
      const facts = Array.from({ length: FACTS_PER_PAGE }, (_, i) => activity(`${name} ${n} ${i}`, `a${i}`, T + n));
      await ws.commitPage('crm', name, page(facts, { cursor: { n } }), T + n);
      process.stdout.write(`${n}\n`);
    }
  }
  await store.close();
}
