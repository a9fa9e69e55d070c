import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { InputError } from '../contract/index.ts';
import type { SqlDialect } from './dialect.ts';
import { MIGRATIONS, type StoreMigration } from './migrations/index.ts';
import type { Tables } from './schema.ts';

export interface Where {
  /** What holds the store, for people. */
  where: string;
  /** What to do to use another one. */
  elsewhere: string;
}

/**
 * Brings the store to this version's layout. Throws InputError where a newer version has written it: its rows could mean
 * something that this version does not know.
 */
export async function migrate(
  db: Kysely<Tables>,
  dialect: SqlDialect,
  { where, elsewhere }: Where,
  migrations: readonly StoreMigration[] = MIGRATIONS,
): Promise<void> {
  const names = new Set(migrations.map((m) => m.name));
  const newer = (await appliedMigrations(db)).filter((name) => !names.has(name));
  if (newer.length > 0)
    throw new InputError(`${where} was written by a newer version of this program (it has ${newer.join(', ')})`, {
      hint: `Run that version or a later one, or ${elsewhere}.`,
    });
  const provider = {
    getMigrations: async () =>
      Object.fromEntries(migrations.map((m) => [m.name, { up: (d: Kysely<unknown>) => m.up(d, dialect) }])),
  };
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((r) => r.status === 'Error')?.migrationName;
  throw new Error(`${where} could not be migrated${failed ? ` (${failed})` : ''}`, { cause: error });
}

async function appliedMigrations(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((t) => t.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map((row) => row.name);
}
