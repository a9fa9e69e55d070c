import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { FACT_KINDS } from '../../src/core/fact.ts';
import { reconcileAll } from '../../src/pipeline/reconcile.ts';
import { sync } from '../../src/pipeline/sync.ts';
import { openStore, type StorePlace } from '../../src/store/open.ts';
import type { WorkspaceStore } from '../../src/store/types.ts';
import { PASSWORD, PrivatePostgres } from '../postgres.ts';
import { DAY, HOUR, Loop } from './harness.ts';

const SOURCES = ['crm', 'support', 'billing', 'files'];

async function all<T>(chunks: AsyncIterable<T[]>): Promise<T[]> {
  const out: T[] = [];
  for await (const chunk of chunks) out.push(...chunk);
  return out;
}

/** Everything that a workspace says, by what it is; the clock of the machine stands only in runs, which are left out. */
async function told(place: StorePlace, now: number): Promise<Record<string, unknown>> {
  const store = await openStore(place);
  try {
    const ws = await store.workspace('sandbox');
    const streams = await ws.streams();
    const query = { asOf: now, lookBackMs: 1_000 * DAY, kinds: [...FACT_KINDS], chunk: 7 };
    const facts = await all(ws.accountFacts({ primary: 'crm', ...query }));
    const plans = await ws.plans(10);
    return {
      streams,
      counts: await ws.countFacts(),
      // Numbers that a database gives out by itself mean nothing; the order of facts does.
      facts: facts.map(({ homes: _, ...told }) => told),
      people: await all(ws.latest('crm', 'user', now)),
      accounts: await Promise.all(SOURCES.map((source) => all(ws.sourceAccounts(source)))),
      logging: await ws.loggingUsers('crm', [{ after: now - 365 * DAY, upTo: now }]),
      links: await ws.links(),
      unmatched: await ws.unmatched(),
      rejects: await ws.rejects(),
      scores: await all(ws.latestScores()),
      earlier: await all(ws.latestScores(now - DAY)),
      held: await all(ws.held()),
      tasks: [...(await ws.knownTasks())],
      writes: [...(await ws.lastWrites())],
      plans,
      intents: await intents(
        ws,
        plans.map((plan) => plan.number),
      ),
    };
  } finally {
    await store.close();
  }
}

async function intents(ws: WorkspaceStore, plans: number[]): Promise<unknown[]> {
  const found = plans.flatMap((plan) => (['fields', 'task'] as const).map((type) => all(ws.intents(plan, type))));
  return (await Promise.all(found)).flat().map(({ id: _, ...intent }) => intent);
}

describe('one business in two stores', () => {
  let server: PrivatePostgres;
  let loop: Loop;
  let url: string;
  beforeAll(async () => {
    server = await PrivatePostgres.start();
    url = await server.empty();
    loop = await Loop.start({ accounts: 60, seed: 33 }, { write: { enabled: false } });
    expect((await loop.run('setup', '--yes')).code).toBe(0);
  });
  afterAll(async () => {
    await loop?.close();
    await server?.close();
  });

  /** The same work over either store, at the same instant of a clock that stands still. */
  async function both<T>(work: (app: App) => Promise<T>): Promise<{ file: T; database: T }> {
    const now = loop.host.world.now();
    const over = async (env: NodeJS.ProcessEnv): Promise<T> => {
      const app = await openApp({ configPath: loop.config, env, now: () => now });
      try {
        return await work(app);
      } finally {
        await app.close();
      }
    };
    return { file: await over({}), database: await over({ DATABASE_URL: url }) };
  }

  it('is named by check, without its password', async () => {
    process.env.DATABASE_URL = url;
    try {
      const { json, out, err } = await loop.run('check');
      expect(json.store).toBe(`PostgreSQL postgres at 127.0.0.1:${server.port} (user owner)`);
      for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(out + err).not.toContain(secret);
    } finally {
      process.env.DATABASE_URL = '';
    }
    expect((await loop.run('check')).json.store).toBe(`SQLite ${join(loop.dir, 'pulseback.db')}`);
  });

  it('pulled, matched, scored and planned day after day is the same, to the last digit', async () => {
    for (const pause of [DAY, 6 * HOUR, 40 * DAY]) {
      const { file, database } = await both(async (app) => {
        const { seconds: _, ...summary } = await sync(app, false);
        return summary;
      });
      expect(database).toEqual(file);
      const now = loop.host.world.now();
      const [first, second] = [await told({ path: join(loop.dir, 'pulseback.db') }, now), await told({ url }, now)];
      expect(first.scores).toHaveLength(60);
      expect((first.facts as { facts: unknown[] }[]).flatMap((a) => a.facts).length).toBeGreaterThan(5_000);
      expect((first.links as unknown[]).length).toBeGreaterThan(50);
      expect((first.intents as unknown[]).length).toBeGreaterThan(0);
      for (const what of Object.keys(first))
        expect(JSON.stringify(second[what]), what).toBe(JSON.stringify(first[what]));
      await loop.later(pause);
    }
  });

  it('compared with what the sources still list is the same', async () => {
    const { file, database } = await both((app) => reconcileAll(app));
    expect(database).toEqual(file);
  });
});
