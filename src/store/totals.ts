import { type RawBuilder, sql } from 'kysely';
import type { FactKind } from '../core/fact.ts';
import { PROJECTED } from '../core/projection.ts';
import { accountsFrom, accountsIn, byAccountRange } from './account-ranges.ts';
import type { StoreContext } from './dialect.ts';
import { findSource, sourcesOf } from './keys.ts';
import { KIND_CODE, kindOf } from './kinds.ts';
import type { FactCount, Span, WorkspaceStore } from './types.ts';

/** Rows per statement that keep it near 10 ms. */
const ROWS_AT_ONCE = 10_000;

type Sum = Omit<FactCount, 'source' | 'kind'>;
/** Of a kind of which all is later, the instants are null. */
type SumRow = Omit<Sum, 'oldest' | 'newest'> & { kind: number; oldest: number | null; newest: number | null };

/** See WorkspaceStore.countFacts. */
export async function countFacts(
  ctx: StoreContext,
  upTo: number = Number.MAX_SAFE_INTEGER,
): ReturnType<WorkspaceStore['countFacts']> {
  const out: FactCount[] = [];
  for (const source of await sourcesOf(ctx)) {
    const kinds = new Map<number, Sum>();
    await byAccountRange(ctx, ROWS_AT_ONCE, async (from, to) => {
      // In the order in which facts lie, so that nothing is sorted but what an account has of a kind.
      const { rows } = await sql<SumRow>`
        select kind, cast(sum(facts) as bigint) as facts, cast(sum(later) as bigint) as later,
               count(case when facts > 0 then nullif(account, 0) end) as accounts, min(oldest) as oldest, max(newest) as newest
        from (select account, kind, count(case when at <= ${upTo} then 1 end) as facts, count(case when at > ${upTo} then 1 end) as later,
                     min(case when at <= ${upTo} then at end) as oldest, max(case when at <= ${upTo} then at end) as newest
              from facts where source = ${source.id} and account >= ${from} and account < ${to} and deleted = 0
              group by account, kind) as each
        group by kind`.execute(ctx.db);
      for (const row of rows) {
        const sum = kinds.get(row.kind);
        kinds.set(row.kind, {
          facts: (sum?.facts ?? 0) + row.facts,
          accounts: (sum?.accounts ?? 0) + row.accounts,
          oldest: Math.min(sum?.oldest ?? Number.POSITIVE_INFINITY, row.oldest ?? Number.POSITIVE_INFINITY),
          newest: Math.max(sum?.newest ?? Number.NEGATIVE_INFINITY, row.newest ?? Number.NEGATIVE_INFINITY),
          later: (sum?.later ?? 0) + row.later,
        });
      }
      return rows.reduce((seen, row) => seen + row.facts + row.later, 0);
    });
    const sorted = [...kinds].sort(([a], [b]) => a - b);
    for (const [kind, sum] of sorted) out.push({ source: source.name, kind: kindOf(kind), ...sum });
  }
  return out;
}

/** See WorkspaceStore.countAccountKeys. */
export async function countAccountKeys(ctx: StoreContext, source: string): Promise<number> {
  const id = await findSource(ctx.db, ctx.workspace, source);
  const { rows } = await sql<{ accounts: number }>`
    select count(*) as accounts from account_keys where source = ${id}`.execute(ctx.db);
  return rows[0]?.accounts ?? 0;
}

/** See WorkspaceStore.kindsToldBy. Where a kind was told of, the first accounts show it; else each account is looked into. */
export async function kindsToldBy(ctx: StoreContext, at: number): ReturnType<WorkspaceStore['kindsToldBy']> {
  const told: Awaited<ReturnType<WorkspaceStore['kindsToldBy']>> = [];
  for (const source of await sourcesOf(ctx))
    for (const kind of await kindsOf(ctx, source.id))
      if (await anyTold(ctx, source.id, kind, sql`f.at <= ${at}`))
        told.push({ source: source.name, kind: kindOf(kind) });
  return told;
}

/** See WorkspaceStore.toldSince. */
export async function toldSince(ctx: StoreContext, source: string, kind: FactKind, at: number): Promise<boolean> {
  const id = await findSource(ctx.db, ctx.workspace, source);
  if (id === null || !(await kindsOf(ctx, id)).includes(KIND_CODE[kind])) return false;
  return await anyTold(ctx, id, KIND_CODE[kind], sql`f.at >= ${at}`);
}

/** See WorkspaceStore.newestTold. One look per account and kind. */
export async function newestTold(
  ctx: StoreContext,
  source: string,
  kind: FactKind,
): ReturnType<WorkspaceStore['newestTold']> {
  const id = await findSource(ctx.db, ctx.workspace, source);
  let newest: number | null = null;
  if (id === null || !(await kindsOf(ctx, id)).includes(KIND_CODE[kind])) return newest;
  await byAccountRange(ctx, ROWS_AT_ONCE, async (from, to) => {
    const { rows } = await sql<{ looked: number; newest: number | null }>`
      select count(*) as looked, max(at) as newest from (
        select (select f.at from facts as f where f.source = ${id} and f.account = k.id and f.kind = ${KIND_CODE[kind]}
          and f.deleted = 0 order by f.at desc limit 1) as at
        from (${accountsIn(id, from, to)}) as k) as each`.execute(ctx.db);
    const own = rows[0]?.newest ?? null;
    if (own !== null) newest = Math.max(own, newest ?? own);
    return rows[0]?.looked ?? 0;
  });
  return newest;
}

/** Kinds of which a source has told of any record, whatever became of it. */
async function kindsOf({ db }: StoreContext, source: number): Promise<number[]> {
  const codes = sql.join(Object.values(KIND_CODE).map((code) => sql`(cast(${code} as bigint))`));
  const { rows } = await sql<{ kind: number }>`
    with kinds (kind) as (values ${codes})
    select kind from kinds where exists (
      select 1 from record_keys as r where r.source = ${source} and r.kind = kinds.kind) order by kind`.execute(db);
  return rows.map((row) => row.kind);
}

/** Whether there is a live fact of a kind that meets a condition on `f.at`. */
async function anyTold(ctx: StoreContext, source: number, kind: number, when: RawBuilder<unknown>): Promise<boolean> {
  let found = false;
  await byAccountRange(ctx, ROWS_AT_ONCE, async (from, to) => {
    const { rows } = await sql`
      select 1 as told from facts as f
      where f.source = ${source} and ${accountsFrom(ctx, source, from, to)} and f.kind = ${kind} and ${when} and f.deleted = 0
      limit 1`.execute(ctx.db);
    found = rows.length > 0;
    return found ? null : to - from;
  });
  return found;
}

const WORD = (name: 'userId' | 'type'): string => `w${PROJECTED.activity.words.indexOf(name)}`;
const [USER, TYPE] = [WORD('userId'), WORD('type')];

/** See WorkspaceStore.loggingUsers. Read from the figures, which are a fraction of the facts' size. */
export async function loggingUsers(
  ctx: StoreContext,
  source: string,
  spans: readonly Span[],
): ReturnType<WorkspaceStore['loggingUsers']> {
  const found = spans.map(() => ({ activity: new Set<string>(), email: new Set<string>() }));
  const id = await findSource(ctx.db, ctx.workspace, source);
  if (id === null || spans.length === 0) return found;
  const [after, upTo] = [Math.min(...spans.map((s) => s.after)), Math.max(...spans.map((s) => s.upTo))];
  const within = spans.map(
    (span, i) =>
      sql`max(case when f.at > ${span.after} and f.at <= ${span.upTo} then 1 else 0 end) as ${sql.ref(`in${i}`)}`,
  );
  const seen = new Map<string, number[]>();
  await byAccountRange(ctx, ROWS_AT_ONCE, async (first, end) => {
    const query = sql`
      select ${sql.ref(`f.${USER}`)}, ${sql.ref(`f.${TYPE}`)}, count(*) as rows, ${sql.join(within)}
      from figures as f
      where f.source = ${id} and ${accountsFrom(ctx, id, first, end)} and f.kind = ${KIND_CODE.activity}
        and f.at > ${after} and f.at <= ${upTo}
      group by 1, 2`;
    let rows = 0;
    for (const [user, type, count, ...flags] of await ctx.dialect.lists(ctx.db, query)) {
      rows += Number(count);
      if (user === null) continue;
      const key = `${user} ${type}`;
      const before = seen.get(key);
      seen.set(
        key,
        flags.map((flag, i) => Math.max(Number(flag), before?.[i] ?? 0)),
      );
    }
    return rows;
  });
  const words = new Map((await ctx.db.selectFrom('words').select(['id', 'text']).execute()).map((w) => [w.id, w.text]));
  for (const [key, flags] of seen) {
    const [user, type] = key.split(' ').map((word) => words.get(Number(word)));
    if (user === undefined) throw new Error(`figures name a word that is not stored (${key})`);
    flags.forEach((flag, i) => {
      if (flag === 1) found[i]?.[type === 'email' ? 'email' : 'activity'].add(user);
    });
  }
  return found;
}
