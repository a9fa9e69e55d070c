import { type Kysely, sql } from 'kysely';
import type { SqlDialect, StoreContext } from './dialect.ts';
import type { Tables } from './schema.ts';

/** Ids per statement: keeps each well under 50 ms. */
const BATCH = 5_000;

type Scope = { source: number } | { source: number; kind: number };
export interface Interned {
  ids: Map<string, number>;
  /** Ids that did not exist before: nothing can be stored under them yet. */
  fresh: Set<number>;
}

/** The numbers of keys, created where they are new. Two statements per batch; the caller's transaction holds the write lock. */
export async function internKeys(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  table: 'account_keys' | 'record_keys',
  scope: Scope,
  keys: Iterable<string>,
): Promise<Interned> {
  const all = [...new Set(keys)];
  const ids = new Map<string, number>();
  const fresh = new Set<number>();
  const names = Object.keys(scope).map((name) => sql.ref(name));
  const values = Object.values(scope);
  const inScope = sql.join(
    values.map((value, i) => sql`k.${names[i]} = ${value}`),
    sql` and `,
  );
  for (let from = 0; from < all.length; from += BATCH) {
    const batch = all.slice(from, from + BATCH);
    // Looked up one by one: of a source that is new, a planner believes that reading all of it costs nothing.
    const known = await sql<{ id: number | null; key: string }>`
      select (select k.id from ${sql.table(table)} as k where ${inScope} and k.key = wanted.value) as id, wanted.value as key
      from ${dialect.list(batch)} as wanted`.execute(trx);
    for (const row of known.rows) if (row.id !== null) ids.set(row.key, row.id);
    const missing = batch.filter((key) => !ids.has(key));
    if (missing.length === 0) continue;
    const created = await sql<{ id: number; key: string }>`
      insert into ${sql.table(table)} (${sql.join(names)}, key)
      select ${sql.join(values)}, value from ${dialect.list(missing)} as missing where true
      returning id, key`.execute(trx);
    for (const row of created.rows) {
      ids.set(row.key, row.id);
      fresh.add(row.id);
    }
  }
  return { ids, fresh };
}

/** The number of a source of this workspace, created where it is new. */
export async function sourceId(trx: Kysely<Tables>, { workspace }: StoreContext, name: string): Promise<number> {
  const known = await findSource(trx, workspace, name);
  if (known !== null) return known;
  const created = await trx.insertInto('sources').values({ workspace, name }).returning('id').executeTakeFirstOrThrow();
  return created.id;
}

/** The number of a source of a workspace; null = nothing of it was ever stored. */
export async function findSource(db: Kysely<Tables>, workspace: number, name: string): Promise<number | null> {
  const row = await db
    .selectFrom('sources')
    .select('id')
    .where('workspace', '=', workspace)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Every source of a workspace, or the named one. */
export async function sourcesOf(ctx: StoreContext, name?: string): Promise<{ id: number; name: string }[]> {
  const query = ctx.db.selectFrom('sources').select(['id', 'name']).where('workspace', '=', ctx.workspace);
  return (name === undefined ? query : query.where('name', '=', name)).orderBy('name').execute();
}
