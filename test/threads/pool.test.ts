import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp } from '../../src/app.ts';
import type { Fact } from '../../src/core/fact.ts';
import type { AccountScore } from '../../src/core/result.ts';
import { loadHierarchy } from '../../src/pipeline/family.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { orderOf, scoreAll } from '../../src/pipeline/score.ts';
import type { Threads } from '../../src/pipeline/scorers.ts';
import { settingAt } from '../../src/pipeline/setting.ts';
import { openStore } from '../../src/store/open.ts';
import { scoringThreads } from '../../src/threads/pool.ts';
import { Loop } from '../e2e/harness.ts';
import { type Book, book, customer, moneyBook } from '../pipeline/book.ts';
import { NOW } from '../pipeline/support.ts';

/** Threads for any book, however small. */
function threadsAt(path: string, workspace: string): Threads {
  const threads = scoringThreads({ place: { path }, workspace, processors: 2, least: 0 });
  if (!threads) throw new Error('there should be threads');
  return threads;
}

describe('a book that is scored in threads', () => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await Loop.start({ accounts: 900, usageDays: 60 });
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('pull')).code).toBe(0);
  });
  afterAll(() => loop.close());

  it.each(['five-dimension', 'weighted-formula'])(
    'has the scores and the sums of one that is not: %s',
    async (name) => {
      const now = loop.host.world.now;
      const model = new URL(`../../mappings/models/${name}.yaml`, import.meta.url).pathname;
      const app = await openApp({ configPath: loop.config, now, model });
      try {
        const scored = async (threads: Threads | undefined) => {
          const rows: AccountScore[] = [];
          const { summary, outside } = await scoreAll(
            { ...app, threads },
            now(),
            (scores) => {
              rows.push(...scores);
            },
            false,
          );
          return { rows, summary, outside };
        };
        const alone = await scored(undefined);
        expect(alone.rows).toHaveLength(900);
        const path = app.config.file(app.config.store);
        const together = await scored(threadsAt(path, app.config.workspace));
        for (const [i, row] of together.rows.entries()) expect(row).toEqual(alone.rows[i]);
        expect({ ...together, rows: [] }).toEqual({ ...alone, rows: [] });
      } finally {
        await app.close();
      }
    },
  );

  it('is left at once where somebody stops it, and stores nothing more', async () => {
    const now = loop.host.world.now;
    const stop = new AbortController();
    const app = await openApp({ configPath: loop.config, now, signal: stop.signal });
    try {
      const threads = threadsAt(app.config.file(app.config.store), app.config.workspace);
      let first = 0;
      const began = scoreAll({ ...app, threads }, now(), (scores) => {
        first += scores.length;
        stop.abort(new Error('stopped'));
      });
      await expect(began).rejects.toThrow('stopped');
      let stored = 0;
      for await (const scores of app.store.latestScores()) stored += scores.length;
      expect(stored).toBe(first);
      expect(stored).toBeLessThan(800);
    } finally {
      await app.close();
    }
  });
});

/** A book in a file, as threads need it. */
async function bookInFile(facts: Fact[]): Promise<{ made: Book; path: string; done: () => Promise<void> }> {
  return inFile(await book(facts));
}

async function inFile(inMemory: Book): Promise<{ made: Book; path: string; done: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-threads-'));
  const path = join(dir, 'book.db');
  const opened = await openStore({ path });
  const made: Book = Object.assign(inMemory, { store: await opened.workspace('test') });
  await pullSource(made, made.primary);
  const done = async (): Promise<void> => {
    await opened.close();
    rmSync(dir, { recursive: true });
  };
  return { made, path, done };
}

const family = (id: string, parent: string | null, a: number) => customer(id, { a, parentId: parent });

it.each(['each', 'top'] as const)('families are the same in threads: scored as %s', async (score) => {
  const facts = [family('P', null, 80), family('Q', 'P', 40), family('R', 'Q', 20), family('S', null, 60)];
  const { made, path, done } = await bookInFile(facts);
  try {
    made.rules = { ...made.rules, hierarchy: { ...made.rules.hierarchy, score } };
    const alone = await scoreAll(made, NOW, undefined, false);
    const together = await scoreAll({ ...made, threads: threadsAt(path, 'test') }, NOW);
    expect(together).toEqual(alone);
    expect((await made.store.latestScore('P'))?.score.family?.children).toBe(score === 'each' ? 1 : undefined);
  } finally {
    await done();
  }
});

it('amounts are the same in threads', async () => {
  const { made, path, done } = await inFile(await moneyBook());
  try {
    const scored = async (threads: Threads | undefined) => {
      const rows: AccountScore[] = [];
      await scoreAll({ ...made, threads }, NOW, (scores) => void rows.push(...scores), false);
      return rows;
    };
    const alone = await scored(undefined);
    expect(await scored(threadsAt(path, 'test'))).toEqual(alone);
    expect(alone[0]?.contributions[0]?.text).toBe('ARR £40k');
  } finally {
    await done();
  }
});

describe('threads', () => {
  it('say why, where the store cannot be opened there', async () => {
    const { made, path, done } = await bookInFile([customer('A')]);
    try {
      const order = orderOf(made, await settingAt(made, NOW), await loadHierarchy(made, NOW));
      const scorers = await threadsAt(dirname(path), 'test').start(order);
      await expect(scorers.score(['A'])).rejects.toThrow(/cannot be opened/);
      await scorers.close();
    } finally {
      await done();
    }
  });

  it('answer nobody after they have ended', async () => {
    const { made, path, done } = await bookInFile([customer('A')]);
    try {
      const order = orderOf(made, await settingAt(made, NOW), await loadHierarchy(made, NOW));
      const scorers = await threadsAt(path, 'test').start(order);
      expect((await scorers.score(['A'])).rows).toHaveLength(1);
      const waiting = scorers.score(['A']);
      await Promise.all([scorers.close(), expect(waiting).rejects.toThrow(/ended/)]);
      await expect(scorers.score(['A'])).rejects.toThrow(/ended/);
    } finally {
      await done();
    }
  });

  it('are not there for one processor, or a store in memory', () => {
    expect(scoringThreads({ place: { path: 'x.db' }, workspace: 'w', processors: 1 })).toBeUndefined();
    expect(scoringThreads({ place: { path: ':memory:' }, workspace: 'w', processors: 8 })).toBeUndefined();
    expect(scoringThreads({ place: { path: 'x.db' }, workspace: 'w', processors: 64 })?.size).toBe(4);
  });
});
