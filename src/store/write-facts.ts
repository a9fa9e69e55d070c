import { type Kysely, sql } from 'kysely';
import type { Fact } from '../core/fact.ts';
import { factVersion } from '../core/fact.ts';
import { canonicalJson, storableKey } from './canonical.ts';
import type { SqlDialect } from './dialect.ts';
import { writeFigures } from './figures/write.ts';
import { type Interned, internKeys } from './keys.ts';
import { isState, KIND_CODE, kindOf } from './kinds.ts';
import { type Merge, mergeFacts, NO_ACCOUNT } from './merge.ts';
import type { FactRow, Tables } from './schema.ts';
import { breathe, slices } from './walk.ts';

/** Facts per read-merge-write round. */
const ROUND = 2_000;
const COLUMNS = [
  'source',
  'account',
  'kind',
  'at',
  'record',
  'version',
  'known_at',
  'seen_at',
  'deleted',
  'load',
  'data',
] as const;
const REPLACE = `on conflict (record, version) do update set ${[
  'account',
  'at',
  'known_at',
  'seen_at',
  'deleted',
  'load',
  'data',
]
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}`;

export type Counts = Pick<Merge, 'stored' | 'unchanged' | 'removed'>;

/** Stores facts of one source within the caller's transaction. Throws on an instant that is not a whole number. */
export async function writeFacts(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  facts: readonly Fact[],
  load: number | null,
): Promise<Counts> {
  const total: Counts = { stored: 0, unchanged: 0, removed: 0 };
  for (const part of slices(facts, ROUND)) {
    if (part.length < facts.length) await breathe();
    const { rows, fresh } = await toRows(trx, dialect, source, part, load);
    const counts = await mergeRows(trx, dialect, source, rows, fresh);
    total.stored += counts.stored;
    total.unchanged += counts.unchanged;
    total.removed += counts.removed;
  }
  return total;
}

/** Merges rows into what is stored. `fresh` = records known to have no row yet. */
export async function mergeRows(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  rows: readonly FactRow[],
  fresh: ReadonlySet<number> = new Set(),
): Promise<Counts> {
  const existing = await existingRows(
    trx,
    dialect,
    rows.filter((row) => !fresh.has(row.record)),
  );
  await breathe();
  const merge = mergeFacts(existing, rows);
  await breathe();
  await removeRows(trx, dialect, merge.deletes);
  const upserts = merge.upserts.map((row) => ({ ...row, source }));
  await dialect.insertMany(trx, 'facts', COLUMNS, upserts, REPLACE);
  await writeFigures(trx, dialect, source, replaced(existing, merge), merge.upserts);
  return merge;
}

/** Rows that are no more, or not as they were. */
function replaced(existing: readonly FactRow[], merge: Merge): FactRow[] {
  if (existing.length === 0) return [];
  const keyOf = (row: { record: number; version: number }): string => `${row.record} ${row.version}`;
  const changed = new Set([...merge.deletes, ...merge.upserts].map(keyOf));
  return existing.filter((row) => changed.has(keyOf(row)));
}

async function removeRows(trx: Kysely<Tables>, dialect: SqlDialect, rows: Merge['deletes']): Promise<void> {
  if (rows.length === 0) return;
  const gone = dialect.numbers(
    rows.map((row) => [row.record, row.version]),
    2,
  );
  await sql`delete from facts where (record, version) in (select c0, c1 from ${gone} as gone)`.execute(trx);
}

/** For each record its rows from the first given version to the last; of states also the version before. */
async function existingRows(trx: Kysely<Tables>, dialect: SqlDialect, rows: readonly FactRow[]): Promise<FactRow[]> {
  const spans = new Map<number, [record: number, first: number, last: number, state: number]>();
  for (const { record, version, kind } of rows) {
    const span = spans.get(record);
    if (!span) spans.set(record, [record, version, version, isState(kindOf(kind)) ? 1 : 0]);
    else {
      span[1] = Math.min(span[1], version);
      span[2] = Math.max(span[2], version);
    }
  }
  const existing: FactRow[] = [];
  for (const part of slices([...spans.values()], ROUND)) {
    const found = await sql<FactRow>`
      select f.account, f.kind, f.at, f.record, f.version, f.known_at, f.seen_at, f.deleted, f.load, f.data
      from ${dialect.numbers(part, 4)} as span cross join facts as f
      where f.record = span.c0 and f.version <= span.c2 and f.version >= case when span.c3 = 0 then span.c1 else coalesce(
        (select max(p.version) from facts as p where p.record = span.c0 and p.version < span.c1), span.c1) end`.execute(
      trx,
    );
    for (const row of found.rows) existing.push(row);
  }
  return existing;
}

async function toRows(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  facts: readonly Fact[],
  load: number | null,
): Promise<{ rows: FactRow[]; fresh: Set<number> }> {
  const accountKeys: string[] = [];
  const recordKeys = new Map<number, string[]>();
  for (const fact of facts) {
    if (fact.account !== null) accountKeys.push(storableKey(fact.account));
    const keys = recordKeys.get(KIND_CODE[fact.kind]);
    if (keys) keys.push(storableKey(fact.id));
    else recordKeys.set(KIND_CODE[fact.kind], [storableKey(fact.id)]);
  }
  const accounts = await internKeys(trx, dialect, 'account_keys', { source }, accountKeys);
  await breathe();
  const records = new Map<number, Interned>();
  const fresh = new Set<number>();
  for (const [kind, keys] of recordKeys) {
    const interned = await internKeys(trx, dialect, 'record_keys', { source, kind }, keys);
    records.set(kind, interned);
    for (const id of interned.fresh) fresh.add(id);
    await breathe();
  }
  const rows = facts.map((fact): FactRow => {
    for (const instant of [fact.at, fact.knownAt])
      if (!Number.isSafeInteger(instant))
        throw new Error(`${fact.kind} ${fact.id}: ${instant} is not an instant in whole milliseconds`);
    const kind = KIND_CODE[fact.kind];
    return {
      account: fact.account === null ? NO_ACCOUNT : internedId(accounts, fact.account),
      kind,
      at: fact.at,
      record: internedId(records.get(kind), fact.id),
      version: factVersion(fact),
      known_at: fact.knownAt,
      seen_at: null,
      deleted: fact.deleted ? 1 : 0,
      load,
      // What a deleted record still says is of no use, and must not make two tombstones differ.
      data: fact.deleted && isState(fact.kind) ? '{}' : canonicalJson(fact.data),
    };
  });
  return { rows, fresh };
}

function internedId(interned: Interned | undefined, key: string): number {
  const id = interned?.ids.get(storableKey(key));
  if (id === undefined) throw new Error(`the key ${JSON.stringify(key)} was stored but not found again`);
  return id;
}
