import { afterEach, beforeEach } from 'vitest';
import type { Page } from '../../src/contract/index.ts';
import type { Fact, FactKind, StoredFact } from '../../src/core/fact.ts';
import type { FactsQuery, Store, WorkspaceStore } from '../../src/store/types.ts';

export const DAY = 86_400_000;
export const T = Date.UTC(2026, 10, 25);

export const page = (facts: Fact[], more: Partial<Page> = {}): Page => ({
  facts,
  rejects: [],
  cursor: { n: 1 },
  ...more,
});
export const account = (id: string, at: number, data: Record<string, unknown> = {}): Fact =>
  ({ kind: 'account', id, account: id, at, knownAt: at, data: { name: id, ...data } }) as Fact;
export const ticket = (id: string, of: string, at: number, status: string): Fact => ({
  kind: 'ticket',
  id,
  account: of,
  at,
  knownAt: at,
  data: { status },
});
export const activity = (id: string, of: string | null, at: number, subject = 'call', userId?: string): Fact => ({
  kind: 'activity',
  id,
  account: of,
  at,
  knownAt: at,
  data: { type: 'call', subject, ...(userId ? { userId } : {}) },
});
export const usage = (of: string, at: number, logins: number): Fact => ({
  kind: 'usage',
  id: `${of}:all`,
  account: of,
  at,
  knownAt: at,
  data: { metrics: { logins } },
});
export const gone = (fact: Fact, at = fact.at): Fact => ({ ...fact, at, knownAt: at, deleted: true, data: {} }) as Fact;

const ALL: FactKind[] = ['account', 'ticket', 'activity', 'usage', 'opportunity', 'survey'];
export async function collect<X>(chunks: AsyncIterable<X[]>): Promise<X[]> {
  const out: X[] = [];
  for await (const chunk of chunks) out.push(...chunk);
  return out;
}
export async function* chunked<X>(...chunks: X[][]): AsyncGenerator<X[]> {
  yield* chunks;
}
/** What the store says of every account, by account. */
export async function told(
  store: WorkspaceStore,
  query: Partial<FactsQuery> = {},
): Promise<Record<string, StoredFact[]>> {
  const full = { primary: 'crm', asOf: T, lookBackMs: 1_000 * DAY, kinds: ALL, chunk: 3, ...query };
  return Object.fromEntries((await collect(store.accountFacts(full))).map((a) => [a.account, a.facts]));
}
/** Facts in short: kind, id, day relative to T. */
export const brief = (facts: StoredFact[] | undefined) =>
  facts?.map((f) => `${f.kind} ${f.id}@${(f.at - T) / DAY}${f.deleted ? ' gone' : ''}`);

export type Open = () => Promise<Store>;

/** An empty store and one workspace of it for every test. */
export function freshStore(open: Open): { store: Store; ws: WorkspaceStore } {
  const at = {} as { store: Store; ws: WorkspaceStore };
  beforeEach(async () => {
    at.store = await open();
    at.ws = await at.store.workspace('acme');
  });
  afterEach(() => at.store.close());
  return at;
}
