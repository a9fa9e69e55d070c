import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore, type StorePlace } from '../../src/store/open.ts';
import { DATABASES, places } from './places.ts';
import { FACTS_PER_PAGE } from './worker.ts';

const WORKER = new URL('./worker.ts', import.meta.url).pathname;
const addressOf = (place: StorePlace): string => ('url' in place ? place.url : place.path);

/** Starts a worker; `lines` fills as it prints. */
function start(place: StorePlace, task: string, name: string) {
  const child = spawn(process.execPath, [WORKER, addressOf(place), task, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { child, text: '', errors: '', done: once(child, 'close') as Promise<[number | null]> };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out.text += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    out.errors += part;
  });
  return out;
}
async function finished(worker: ReturnType<typeof start>): Promise<string[]> {
  const [code] = await worker.done;
  expect(worker.errors).toBe('');
  expect(code).toBe(0);
  return worker.text.trim().split('\n');
}
async function stored(place: StorePlace): Promise<{ cursors: Record<string, unknown>; facts: number }> {
  const store = await openStore(place);
  const ws = await store.workspace('w');
  const cursors = Object.fromEntries((await ws.streams()).map((s) => [s.stream, s.cursor.n]));
  const facts = (await ws.countFacts())[0]?.facts ?? 0;
  await store.close();
  return { cursors, facts };
}

describe.each(DATABASES)('%s', (database) => {
  const empty = places(database);

  describe('a process that is killed in the middle of commits', () => {
    it('leaves cursor and facts in agreement, nothing confirmed is lost, and the next one goes on', async () => {
      const place = await empty();
      let before = 0;
      for (const pages of [1, 7, 15]) {
        const worker = start(place, 'endless', 's');
        const last = () => Number(worker.text.slice(0, worker.text.lastIndexOf('\n')).split('\n').at(-1) || before);
        while (last() < before + pages) await Promise.race([once(worker.child.stdout, 'data'), worker.done]);
        worker.child.kill('SIGKILL');
        await worker.done;
        expect(worker.errors).toBe('');
        const { cursors, facts } = await stored(place);
        expect(Number(cursors.s)).toBeGreaterThanOrEqual(last());
        expect(facts).toBe(Number(cursors.s) * FACTS_PER_PAGE);
        before = Number(cursors.s);
      }
      if ('url' in place) return;
      const db = new DatabaseSync(place.path);
      expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
      db.close();
    });
  });

  describe('several processes on one store', () => {
    it('create it together, write at the same time, and lose nothing', async () => {
      const place = await empty();
      const lines = await Promise.all(['x', 'y', 'z'].map((name) => finished(start(place, 'pages', name))));
      expect(lines.map((l) => l.length)).toEqual([40, 40, 40]);
      expect(await stored(place)).toEqual({ cursors: { x: 40, y: 40, z: 40 }, facts: 3 * 40 * FACTS_PER_PAGE });
    });

    it('give a lease to exactly one of them', async () => {
      const place = await empty();
      await (await openStore(place)).close();
      const answers = await Promise.all(['x', 'y', 'z'].map((name) => finished(start(place, 'lease', name))));
      expect(answers.flat().sort()).toEqual(['false', 'false', 'true']);
    });
  });
});
