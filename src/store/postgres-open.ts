import { Kysely, sql } from 'kysely';
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE } from 'kysely/migration';
import { InputError } from '../contract/index.ts';
import { ensureProjected } from './figures/rebuild.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { postgres } from './postgres.ts';
import { kyselyDialect, poolOf } from './postgres-connect.ts';
import { explain, placeText } from './postgres-errors.ts';
import type { Tables } from './schema.ts';

const OLDEST = 130_000;
/** Tables that are there before the first migration is: another process may be about to make it. */
const MIGRATOR: readonly string[] = [DEFAULT_MIGRATION_TABLE, DEFAULT_MIGRATION_LOCK_TABLE];

/**
 * Opens (and fills or migrates) a store in a schema of a PostgreSQL database: the first of the user's search path. Throws
 * InputError where it cannot be reached or entered, is too old, belongs to another program, or was written by a newer version.
 *
 * @param lost told of idle connections that broke; the next statement opens another
 */
export async function openPostgres(
  url: string,
  lost: (error: Error) => void,
): Promise<{ db: Kysely<Tables>; name: string }> {
  const { pool, place } = poolOf(url, lost);
  const db = new Kysely<Tables>({ dialect: kyselyDialect(pool) });
  try {
    const where = placeText(place);
    await suitable(db, where);
    await migrate(db, postgres, { where, elsewhere: 'point DATABASE_URL at another database' });
    await steadyEstimates(db);
    await ensureProjected(db, postgres);
    return { db, name: where };
  } catch (error) {
    await db.destroy();
    throw explain(error, place);
  }
}

/**
 * A source that is pulled for the first time is in nobody's statistics: a planner would take it for empty, and read all of it again
 * and again. Without any, it takes every source for one of many.
 */
async function steadyEstimates(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class as c join pg_attribute as a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attname = 'source'
      and a.attstattarget is distinct from 0`.execute(db);
  for (const { name } of rows)
    await sql`alter table ${sql.table(name)} alter column source set statistics 0`.execute(db);
}

/** Throws where this server or what lies there cannot be ours. */
async function suitable(db: Kysely<Tables>, where: string): Promise<void> {
  const { rows } = await sql<{ version: number; encoding: string; schema: string | null }>`
    select current_setting('server_version_num')::bigint as version, current_setting('server_encoding') as encoding,
      current_schema() as schema`.execute(db);
  const [server] = rows;
  if (!server) throw new Error(`${where} does not say what it is`);
  if (server.version < OLDEST)
    throw new InputError(
      `${where} is version ${Math.floor(server.version / 10_000)}: PostgreSQL 13 or later is needed`,
      {
        hint: 'Upgrade the server, or point DATABASE_URL at another one.',
      },
    );
  if (server.encoding !== 'UTF8')
    throw new InputError(`${where} stores text as ${server.encoding}: UTF8 is needed`, {
      hint: `Create the database anew: \`createdb --encoding UTF8 --template template0 NAME\`.`,
    });
  if (server.schema === null)
    throw new InputError(`${where} has no schema to store anything in`, {
      hint: 'Create the schema that the search path names (`create schema …`), or correct the search path.',
    });
  const names = (await db.introspection.getTables({ withInternalKyselyTables: true })).map((table) => table.name);
  if (names.some((name) => !MIGRATOR.includes(name)) && !(await isOurs(db, names)))
    throw new InputError(`${where} holds tables of another program (${names.slice(0, 3).join(', ')})`, {
      hint: 'Give the store a database of its own, or a schema: add ?options=-c%20search_path%3DNAME to DATABASE_URL.',
    });
}

/** Another program may number its migrations in a table of the same name; it does not name its first one as we do. */
async function isOurs(db: Kysely<Tables>, tables: readonly string[]): Promise<boolean> {
  if (!tables.includes(DEFAULT_MIGRATION_TABLE)) return false;
  const first = MIGRATIONS[0]?.name ?? '';
  const { rows } = await sql`select 1 from ${sql.table(DEFAULT_MIGRATION_TABLE)} where name = ${first}`.execute(db);
  return rows.length > 0;
}
