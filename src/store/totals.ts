import { sql } from 'kysely';
import { accountsFrom, byAccountRange } from './account-ranges.ts';
import type { StoreContext } from './dialect.ts';
import { findSource, sourcesOf } from './keys.ts';
import { KIND_CODE, kindOf } from './kinds.ts';
import type { WorkspaceStore } from './types.ts';

/** Rows per statement that keep it near 10 ms. */
const ROWS_AT_ONCE = 10_000;

/** See WorkspaceStore.countFacts. */
export async function countFacts(ctx: StoreContext): ReturnType<WorkspaceStore['countFacts']> {
  const out: Awaited<ReturnType<WorkspaceStore['countFacts']>> = [];
  for (const source of await sourcesOf(ctx)) {
    const kinds = new Map<number, { facts: number; accounts: number; oldest: number; newest: number }>();
    await byAccountRange(ctx, source.id, ROWS_AT_ONCE, async (from, to) => {
      // In the order in which facts lie, so that nothing is sorted but what an account has of a kind.
      const { rows } = await sql<{ kind: number; facts: number; accounts: number; oldest: number; newest: number }>`
        select kind, cast(sum(facts) as bigint) as facts, count(nullif(account, 0)) as accounts, min(oldest) as oldest, max(newest) as newest
        from (select account, kind, count(*) as facts, min(at) as oldest, max(at) as newest
              from facts where source = ${source.id} and account >= ${from} and account < ${to} and deleted = 0
              group by account, kind) as each
        group by kind`.execute(ctx.db);
      for (const row of rows) {
        const sum = kinds.get(row.kind) ?? { facts: 0, accounts: 0, oldest: row.oldest, newest: row.newest };
        kinds.set(row.kind, {
          facts: sum.facts + row.facts,
          accounts: sum.accounts + row.accounts,
          oldest: Math.min(sum.oldest, row.oldest),
          newest: Math.max(sum.newest, row.newest),
        });
      }
      return rows.reduce((seen, row) => seen + row.facts, 0);
    });
    const sorted = [...kinds].sort(([a], [b]) => a - b);
    for (const [kind, sum] of sorted) out.push({ source: source.name, kind: kindOf(kind), ...sum });
  }
  return out;
}

/** See WorkspaceStore.loggingUsers. */
export async function loggingUsers(
  ctx: StoreContext,
  source: string,
  from: number,
  to: number,
): ReturnType<WorkspaceStore['loggingUsers']> {
  const users = { activity: new Set<string>(), email: new Set<string>() };
  const id = await findSource(ctx.db, ctx.workspace, source);
  if (id === null) return users;
  const member = (key: string) => ctx.dialect.json(sql.ref('f.data'), key);
  await byAccountRange(ctx, id, ROWS_AT_ONCE, async (first, end) => {
    const { rows } = await sql<{ user: string | null; type: string; count: number }>`
      select ${member('userId')} as user, ${member('type')} as type, count(*) as count
      from facts as f
      where f.source = ${id} and ${accountsFrom(ctx, id, first, end)} and f.kind = ${KIND_CODE.activity} and f.at > ${from} and f.at <= ${to}
      group by 1, 2`.execute(ctx.db);
    for (const { user, type } of rows) if (user !== null) users[type === 'email' ? 'email' : 'activity'].add(user);
    return rows.reduce((seen, row) => seen + row.count, 0);
  });
  return users;
}
