import { type Kysely, sql } from 'kysely';
import type { StoredFact } from '../../core/fact.ts';
import { isProjected, NUMBERS, type ProjectedKind, type Projection, project, WORDS } from '../../core/projection.ts';
import type { SqlDialect } from '../dialect.ts';
import { isState, kindOf } from '../kinds.ts';
import type { FactRow, Tables } from '../schema.ts';
import { breathe, slices } from '../walk.ts';

/** Rows projected without a break: some milliseconds. */
const AT_ONCE = 1_000;
const NUMBER_COLUMNS = Array.from({ length: NUMBERS }, (_, i) => `n${i}` as const);
const WORD_COLUMNS = Array.from({ length: WORDS }, (_, i) => `w${i}` as const);
const KEY = ['source', 'account', 'kind', 'at', 'record'] as const;
const CELLS = ['odd', ...NUMBER_COLUMNS, ...WORD_COLUMNS] as const;
const REPLACE = `on conflict (${KEY.join()}) do update set ${CELLS.map((c) => `${c} = excluded.${c}`).join()}`;
export const PERSON_ROLE = { contact: 1, opportunity: 2 } as const;

type Placed = Pick<FactRow, 'account' | 'kind' | 'at' | 'record'>;
const projected = (row: { kind: number }): boolean => isProjected(kindOf(row.kind));

/**
 * Keeps the figures true to the facts, in the transaction that changes them: `gone` = rows as they were before, `rows` = as they
 * are now.
 */
export async function writeFigures(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  gone: readonly Placed[],
  rows: readonly FactRow[],
): Promise<void> {
  await removeFigures(trx, dialect, source, gone.filter(projected));
  const now = rows.filter((row) => row.deleted === 0 && projected(row));
  for (const part of slices(now, AT_ONCE)) {
    await insertFigures(trx, dialect, source, part);
    await breathe();
  }
  const states = [...gone, ...rows].filter((row) => projected(row) && isState(kindOf(row.kind)));
  await settleUntil(trx, dialect, new Set(states.map((row) => row.record)));
}

async function insertFigures(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  rows: readonly FactRow[],
): Promise<void> {
  const cells = rows.map((row) => ({ row, told: project(factOf(row)) }));
  const words = await wordIds(
    trx,
    dialect,
    cells.flatMap(({ told }) => told.words.filter((word) => word !== null)),
  );
  const figures = cells.map(({ row, told }) => figureRow(source, row, told, words));
  await dialect.insertMany(trx, 'figures', [...KEY, ...CELLS], figures, REPLACE);
  const people = cells.flatMap(({ row, told }) =>
    (['contact', 'opportunity'] as const).flatMap((role) =>
      told.people[role].map((person) => ({
        source,
        account: row.account,
        at: row.at,
        record: row.record,
        role: PERSON_ROLE[role],
        person,
      })),
    ),
  );
  const columns = ['source', 'account', 'at', 'record', 'role', 'person'] as const;
  await dialect.insertMany(trx, 'people', columns, people, 'on conflict do nothing');
}

/** The columns rest on what a fact says alone, so neither its id nor its source matters. */
const factOf = (row: FactRow): StoredFact & { kind: ProjectedKind } =>
  ({
    source: '',
    kind: kindOf(row.kind),
    id: '',
    account: null,
    at: row.at,
    knownAt: row.known_at,
    data: JSON.parse(row.data),
  }) as unknown as StoredFact & { kind: ProjectedKind };

function figureRow(source: number, row: FactRow, told: Projection, words: Map<string, number>) {
  const { account, kind, at, record } = row;
  const cell: Record<string, number | null> = { source, account, kind, at, record, odd: told.odd ? 1 : 0 };
  for (const [i, name] of NUMBER_COLUMNS.entries()) cell[name] = told.numbers[i] ?? null;
  for (const [i, name] of WORD_COLUMNS.entries()) {
    const word = told.words[i];
    cell[name] = word == null ? null : (words.get(word) ?? null);
  }
  return cell as Record<(typeof KEY)[number] | (typeof CELLS)[number], number | null>;
}

async function wordIds(trx: Kysely<Tables>, dialect: SqlDialect, texts: string[]): Promise<Map<string, number>> {
  const wanted = [...new Set(texts)];
  const ids = new Map<string, number>();
  if (wanted.length === 0) return ids;
  const look = async (): Promise<void> => {
    const { rows } = await sql<{ id: number; text: string }>`
      select w.id, w.text from ${dialect.list(wanted)} as wanted cross join words as w where w.text = wanted.value`.execute(
      trx,
    );
    for (const row of rows) ids.set(row.text, row.id);
  };
  await look();
  const fresh = wanted.filter((text) => !ids.has(text));
  if (fresh.length === 0) return ids;
  await sql`insert into words (text) select value from ${dialect.list(fresh)} as fresh where true on conflict do nothing`.execute(
    trx,
  );
  await look();
  return ids;
}

async function removeFigures(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  source: number,
  rows: readonly Placed[],
): Promise<void> {
  for (const part of slices(rows, AT_ONCE)) {
    const keys = part.map((row) => [row.account, row.kind, row.at, row.record]);
    await sql`delete from figures where (source, account, kind, at, record) in
      (select cast(${source} as bigint), c0, c1, c2, c3 from ${dialect.numbers(keys, 4)} as gone)`.execute(trx);
    await sql`delete from people where exists (select 1 from ${dialect.numbers(keys, 4)} as gone
      where people.source = ${source} and people.account = gone.c0 and people.at = gone.c2 and people.record = gone.c3)`.execute(
      trx,
    );
    await breathe();
  }
}

/** A state's version holds until the next one of its record begins, wherever that lies. */
export async function settleUntil(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  records: ReadonlySet<number>,
): Promise<void> {
  for (const part of slices([...records], AT_ONCE)) {
    const touched = dialect.numbers(
      part.map((record) => [record]),
      1,
    );
    await sql`update figures set until = n.until from (
        select f.source, f.account, f.kind, f.at, f.record,
          lead(f.version) over (partition by f.record order by f.version) as until
        from ${touched} as t cross join facts as f where f.record = t.c0) as n
      where figures.source = n.source and figures.account = n.account and figures.kind = n.kind and figures.at = n.at
        and figures.record = n.record`.execute(trx);
    await breathe();
  }
}
