import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { InputError } from '../contract/index.ts';
import type { SqlDialect } from './dialect.ts';
import { ensureProjected } from './figures/rebuild.ts';
import { migrate } from './migrate.ts';
import { postgres } from './postgres.ts';
import { openPostgres } from './postgres-open.ts';
import type { Tables } from './schema.ts';
import { kyselyDialect, NodeSqlite, openDatabase, sqlite, sqliteCode } from './sqlite.ts';
import type { Store } from './types.ts';
import { workspaceStore } from './workspace.ts';

/** Marks a file as ours ("PLSB"), so that another program's database is never migrated by mistake. */
const APPLICATION_ID = 0x504c5342;

/** Where a store lies: an SQLite file, or a PostgreSQL database by its address. */
export type StorePlace = { path: string } | { url: string };

/**
 * Opens a store, created or migrated where it has to be. Several processes may have one open. Throws InputError where it cannot be
 * opened, saying what to do.
 *
 * @param lost told of idle connections to a server that broke; the next statement opens another
 */
export async function openStore(place: StorePlace, lost: (error: Error) => void = () => {}): Promise<Store> {
  if ('path' in place) return openFileStore(place.path);
  const { db, name } = await openPostgres(place.url, lost);
  return storeOver(db, postgres, name);
}

/**
 * Opens (and creates or migrates) a store in one SQLite file; `:memory:` keeps it in memory.
 * Throws InputError where the path cannot be opened, is not a database, belongs to another program, or was written by a newer
 * version.
 */
async function openFileStore(path: string): Promise<Store> {
  const file = await openFile(path);
  const db = new Kysely<Tables>({ dialect: kyselyDialect(new NodeSqlite(file)) });
  try {
    await migrate(db, sqlite, { where: path, elsewhere: 'point `store` in pulseback.yaml at another file' });
    await ensureProjected(db, sqlite);
  } catch (error) {
    await db.destroy();
    throw explain(error, path);
  }
  return storeOver(db, sqlite, `SQLite ${path}`);
}

/** A store over any migrated database. */
export function storeOver(db: Kysely<Tables>, dialect: SqlDialect, name: string): Store {
  return {
    name,
    workspace: async (name) => {
      const known = await db.selectFrom('workspaces').select('id').where('name', '=', name).executeTakeFirst();
      const workspace =
        known?.id ??
        (await db.transaction().execute(async (trx) => {
          await trx
            .insertInto('workspaces')
            .values({ name })
            .onConflict((c) => c.doNothing())
            .execute();
          return (await trx.selectFrom('workspaces').select('id').where('name', '=', name).executeTakeFirstOrThrow())
            .id;
        }));
      return workspaceStore({ db, dialect, workspace });
    },
    close: () => db.destroy(),
  };
}

async function openFile(path: string): Promise<DatabaseSync> {
  let file: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(path, 'a', 0o600)); // customer data: readable by its owner only
    }
    file = await openDatabase(path);
    const { application_id: owner } = file.prepare('pragma application_id').get() as { application_id: number };
    if (owner === APPLICATION_ID) return file;
    const { tables } = file.prepare('select count(*) as tables from sqlite_master').get() as { tables: number };
    if (owner !== 0 || tables > 0)
      throw new InputError(`${path} is a database of another program`, {
        hint: 'Point `store` in pulseback.yaml at another file.',
      });
    file.exec(`pragma application_id = ${APPLICATION_ID}`);
    return file;
  } catch (error) {
    file?.close();
    throw explain(error, path);
  }
}

/** What a person can do about an error while opening; errors that are not about the file pass through. */
function explain(error: unknown, path: string): unknown {
  const cause = error instanceof Error && sqliteCode(error) === null ? (error.cause ?? error) : error;
  switch (sqliteCode(cause)) {
    case 26: // SQLITE_NOTADB
      return new InputError(`${path} is not a database`, {
        hint: 'Point `store` in pulseback.yaml at another file, or move this one away: a new store is created where there is none.',
        cause,
      });
    case 11: // SQLITE_CORRUPT
      return new InputError(`${path} is damaged`, {
        hint: 'Restore it from a backup, or move it away and pull everything again.',
        cause,
      });
    case 14: // SQLITE_CANTOPEN
    case 8: // SQLITE_READONLY
    case 3: // SQLITE_PERM
      return cannotOpen(path, cause);
  }
  return cause instanceof Error && 'syscall' in cause ? cannotOpen(path, cause) : error;
}

function cannotOpen(path: string, cause: unknown): InputError {
  return new InputError(`${path} cannot be opened for writing`, {
    hint: 'Check that it is a file, and that its folder and the file may be written by this user.',
    cause,
  });
}
