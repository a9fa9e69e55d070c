import { type Kysely, sql } from 'kysely';
import type { Page } from '../contract/index.ts';
import type { Fact } from '../core/fact.ts';
import { storableKey } from './canonical.ts';
import type { SqlDialect } from './dialect.ts';
import { KIND_CODE } from './kinds.ts';
import { ended } from './reconcile.ts';
import type { FactRow, Tables } from './schema.ts';
import { slices } from './walk.ts';
import { mergeRows } from './write-facts.ts';

const PARENTS_AT_ONCE = 1_000;
type Children = NonNullable<Page['children']>;
type Latest = FactRow & { key: string };

/**
 * What parents tell of their children in full: the children that the page does not name have ended; an earlier end of one that it names
 * is taken back, since its own version may be older than that. Returns the children ended.
 */
export async function settleChildren(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  children: Children,
  facts: readonly Fact[],
): Promise<number> {
  let removed = 0;
  for (const kind of new Set(children.map((c) => c.kind))) {
    const named = new Set(facts.flatMap((f) => (f.kind === kind && !f.deleted ? [storableKey(f.id)] : [])));
    const parents = new Map(children.flatMap((c) => (c.kind === kind ? [[c.prefix, c.at] as const] : [])));
    for (const prefixes of slices([...parents.keys()], PARENTS_AT_ONCE)) {
      const known = await latestOf(trx, dialect, source, KIND_CODE[kind], prefixes);
      const gone = known.filter((row) => row.deleted === 0 && !named.has(row.key));
      const back = known.filter((row) => row.deleted === 1 && named.has(row.key));
      const ends = gone.map(({ key, prefix, ...row }) => ended(row, parents.get(prefix) ?? row.at));
      const merged = await mergeRows(trx, dialect, source, ends);
      removed += merged.removed;
      await takeBack(trx, dialect, back);
    }
  }
  return removed;
}

/** The latest version of every record of a kind whose key begins with one of the prefixes. */
async function latestOf(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  kind: number,
  prefixes: readonly string[],
): Promise<(Latest & { prefix: string })[]> {
  const { rows } = await sql<Latest & { prefix: string }>`
    select r.key, p.value as prefix, f.account, f.kind, f.at, r.id as record, f.version, f.known_at, f.seen_at, f.deleted, f.load, f.data
    from ${dialect.list(prefixes)} as p
    cross join record_keys as r
    join facts as f on f.record = r.id
      and f.version = (select max(v.version) from facts as v where v.record = r.id)
    where r.source = ${source} and r.kind = ${kind} and r.key >= p.value and r.key < p.value || ${LAST}`.execute(trx);
  return rows;
}
/** Sorts behind every character that an id has. */
const LAST = '\u{10ffff}';

async function takeBack(trx: Kysely<Tables>, dialect: SqlDialect, rows: readonly Latest[]): Promise<void> {
  if (rows.length === 0) return;
  const ends = dialect.numbers(
    rows.map((row) => [row.record, row.version]),
    2,
  );
  await sql`delete from facts where (record, version) in (select c0, c1 from ${ends} as ends)`.execute(trx);
}
