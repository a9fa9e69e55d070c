import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fact, FactKind } from '../../src/core/fact.ts';
import { viewAt } from '../../src/core/view.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store, WorkspaceStore } from '../../src/store/types.ts';
import { account, collect, page } from './helpers.ts';
import { DATABASES, places } from './places.ts';

/** A small world in which everything collides: two records of each shape, three accounts, ten instants. */
const ACCOUNTS = ['A', 'B', 'C'];
const INSTANTS = 10;
const statement = fc.record({
  kind: fc.constantFrom<FactKind>('ticket', 'activity', 'usage'),
  id: fc.constantFrom('x', 'y'),
  account: fc.constantFrom(...ACCOUNTS),
  at: fc.integer({ min: 1, max: INSTANTS }),
  content: fc.integer({ min: 0, max: 2 }),
  deleted: fc.boolean(),
});
type Statement = typeof statement extends fc.Arbitrary<infer S> ? S : never;

const DATA: Record<string, (n: number) => object> = {
  ticket: (n) => ({ status: `${n}` }),
  activity: (n) => ({ type: 'call', subject: `${n}` }),
  usage: (n) => ({ metrics: { n } }),
};
const toFact = ({ content, deleted, ...s }: Statement): Fact =>
  ({ ...s, knownAt: s.at, data: DATA[s.kind]?.(content), ...(deleted ? { deleted } : {}) }) as Fact;

/** What should be seen of each account at an instant, from every statement made so far, in the order they were made. */
function expected(made: Statement[], at: number): string[] {
  const rows = new Map<string, Statement>();
  for (const s of made) {
    if (s.kind === 'ticket' && s.at > at) continue;
    const key = `${s.kind} ${s.id}${s.kind === 'usage' ? ` ${s.at}` : ''}`;
    const known = rows.get(key);
    if (s.kind === 'ticket' && known && known.at > s.at) continue; // states: the latest instant holds
    rows.set(key, s); // events and series: the last statement holds
  }
  const live = [...rows].filter(([, s]) => !s.deleted && s.at <= at);
  return live.map(([key, s]) => `${s.account}: ${key} = ${JSON.stringify(DATA[s.kind]?.(s.content))}`).sort();
}

async function seen(ws: WorkspaceStore, at: number): Promise<string[]> {
  const kinds: FactKind[] = ['account', 'ticket', 'activity', 'usage'];
  const query = { primary: 'crm', asOf: at, lookBackMs: 1e6, kinds, chunk: 2 };
  return (await collect(ws.accountFacts(query)))
    .flatMap((facts) => {
      expect(facts.facts.every((f) => f.at <= at)).toBe(true);
      expect(facts.facts.every((f, i, all) => i === 0 || (all[i - 1]?.at ?? 0) <= f.at)).toBe(true);
      const view = viewAt(facts, 'crm', at);
      return [...view.states('ticket'), ...view.since('activity', -1), ...view.since('usage', -1)].map((f) => {
        const key = `${f.kind} ${f.id}${f.kind === 'usage' ? ` ${f.at}` : ''}`;
        return `${facts.account}: ${key} = ${JSON.stringify(DATA[f.kind]?.(contentOf(f.data)))}`;
      });
    })
    .sort();
}
const contentOf = (data: object): number => Number(JSON.stringify(data).replace(/\D/g, ''));

describe.each(DATABASES)('%s', (database) => {
  const empty = places(database);
  let store: Store;
  let workspaces = 0;
  beforeAll(async () => {
    store = await openStore(await empty());
  });
  afterAll(() => store?.close());

  /** A workspace of its own for each world: what others hold beside it must not be seen. */
  async function withStore(run: (ws: WorkspaceStore) => Promise<void>): Promise<void> {
    const ws = await store.workspace(`w${++workspaces}`);
    await ws.commitPage('crm', 'accounts', page(ACCOUNTS.map((a) => account(a, 0))), 0);
    await run(ws);
  }

  describe('the store against a plain list of statements', () => {
    it('pages in any order: the present is right, and a page delivered again is a no-op', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(statement, { maxLength: 8 }), { maxLength: 8 }), (pages) =>
          withStore(async (ws) => {
            const made: Statement[] = [];
            for (const [i, statements] of pages.entries()) {
              const facts = statements.map(toFact);
              const first = await ws.commitPage('crm', 's', page(facts, { cursor: { i } }), i);
              expect(first.stored + first.unchanged + first.removed).toBe(facts.length);
              made.push(...statements);
              expect(await seen(ws, INSTANTS)).toEqual(expected(made, INSTANTS));
              const again = await ws.commitPage('crm', 's', page(facts, { cursor: { i } }), i);
              expect(again).toEqual({ stored: 0, unchanged: facts.length, removed: 0, rejected: 0 });
            }
            expect(await seen(ws, INSTANTS)).toEqual(expected(made, INSTANTS));
          }),
        ),
        { numRuns: database === 'SQLite' ? 60 : 15, seed: 11 },
      );
    });

    it('statements in the order of their instants: every past instant is right', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(statement, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (all, size) =>
          withStore(async (ws) => {
            const made = all.toSorted((a, b) => a.at - b.at);
            for (let i = 0; i < made.length; i += size)
              await ws.commitPage('crm', 's', page(made.slice(i, i + size).map(toFact)), i);
            for (let at = 1; at <= INSTANTS; at++) {
              // An event has one row, so its past is what is now said of it.
              expect(await seen(ws, at)).toEqual(expected(made, at));
            }
          }),
        ),
        { numRuns: database === 'SQLite' ? 60 : 15, seed: 12 },
      );
    });
  });
});
