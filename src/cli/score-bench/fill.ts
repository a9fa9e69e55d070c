import { type App, openApp } from '../../app.ts';
import { environment } from '../../config.ts';
import type { Fact } from '../../core/fact.ts';
import type { WorkspaceStore } from '../../store/types.ts';
import { type BySource, factsOf, idOf, SOURCES } from './facts.ts';
import { pastOf } from './past.ts';
import { TableFiles } from './tables.ts';

/**
 * Stores the book of a bench, in a process of its own, so that its memory is not taken for that of scoring:
 * `node fill.ts DIR ACCOUNTS SEED NOW plain|tables|past`. Tells on stdout how many facts are stored, a line now and then.
 */
const [, , dir = '.', accounts = '0', seed = '0', now = '0', book = 'plain'] = process.argv;

/** Customers whose facts are stored in one transaction for each source. */
const PAGE = 100;
const TOLD = 100;

const customer: (n: number, seed: number, now: number) => BySource = book === 'past' ? pastOf : factsOf;
const app = await openApp({ configPath: `${dir}/pulseback.yaml`, env: environment(), now: () => Number(now) });
try {
  const files = book === 'tables' ? new TableFiles(dir) : null;
  let stored = 0;
  for (let n = 0; n < Number(accounts); n += PAGE) {
    stored += await storePage(app, n, Math.min(Number(accounts), n + PAGE), files);
    if ((n / PAGE) % TOLD === 0) process.stdout.write(`${stored}\n`);
  }
  process.stdout.write(`${stored}\n`);
  await files?.close();
  await linkAll(app.store, Number(accounts));
} finally {
  await app.close();
}

async function storePage({ store, now }: App, from: number, to: number, files: TableFiles | null): Promise<number> {
  const pages = new Map(SOURCES.map((source) => [source, [] as Fact[]]));
  for (let n = from; n < to; n++) {
    const facts = customer(n, Number(seed), now());
    for (const source of SOURCES) pages.get(source)?.push(...facts[source]);
    await files?.add(n, facts);
  }
  let stored = 0;
  for (const [source, facts] of pages) {
    await store.commitPage(source, 'bench', { facts, rejects: [], cursor: { version: 1, position: to } }, now());
    stored += facts.length;
  }
  return stored;
}

/** Every customer is known to the other sources by the same id. */
async function linkAll(store: WorkspaceStore, accounts: number): Promise<void> {
  for (const source of SOURCES.slice(1)) {
    const links = Array.from({ length: accounts }, (_, n) => {
      const id = idOf(n);
      return { source, sourceAccount: id, account: id, reason: 'account id' };
    });
    await store.replaceLinks(source, links, []);
  }
}
