import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
  sql,
} from 'kysely';
import type { Cell, SqlDialect } from './dialect.ts';
import type { Tables } from './schema.ts';
import { breathe } from './walk.ts';

/** How long a writer waits for another process before it gives up. */
const WRITE_WAIT_MS = 60_000;
const STATEMENTS_KEPT = 80;

/** `node:sqlite` in the shape that Kysely's SQLite driver expects, with prepared statements kept. */
export class NodeSqlite implements SqliteDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, SqliteStatement>();
  constructor(db: DatabaseSync) {
    this.#db = db;
  }
  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
  prepare(text: string): SqliteStatement {
    const known = this.#statements.get(text);
    if (known) {
      this.#statements.delete(text); // to the end: least recently used goes first
      this.#statements.set(text, known);
      return known;
    }
    const statement = adapt(this.#db.prepare(text), text.startsWith(AS_LISTS));
    this.#statements.set(text, statement);
    if (this.#statements.size > STATEMENTS_KEPT) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    return statement;
  }
}

/** Begins a statement whose rows are wanted as lists. */
const AS_LISTS = '/* lists */ ';

function adapt(statement: StatementSync, asLists: boolean): SqliteStatement {
  if (asLists) statement.setReturnArrays(true);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

/** SQLite's primary result code of an error, e.g. 5 = busy, 26 = not a database; null for any other error. */
export function sqliteCode(error: unknown): number | null {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : null;
  return typeof code === 'number' ? code & 0xff : null;
}

/** Repeats `attempt` while another process holds the lock, without blocking this one's event loop. */
export async function whileBusy<T>(attempt: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + WRITE_WAIT_MS;
  for (let wait = 1; ; wait = Math.min(wait * 2, 30)) {
    try {
      return await attempt();
    } catch (error) {
      if (sqliteCode(error) !== 5) throw error;
      if (Date.now() > deadline)
        throw new Error(`another process has been writing to the store for ${WRITE_WAIT_MS / 1000} s`, {
          cause: error,
        });
      await sleep(wait);
    }
  }
}

/**
 * Transactions here exist to write, so they take the write lock at once: a deferred one that read first could not be upgraded
 * after another process has written.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const run = (text: string) => connection.executeQuery(CompiledQuery.raw(text));
    await run('pragma busy_timeout = 0');
    try {
      await whileBusy(() => run('begin immediate'));
    } finally {
      await run('pragma busy_timeout = 5000');
    }
  }
}

/** SQLite can undo `create table`; Kysely assumes not. With it, two processes may migrate one file at the same time. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export function kyselyDialect(database: SqliteDatabase): Dialect {
  return {
    createAdapter: () => new TransactionalDdlAdapter(),
    createDriver: () => new ImmediateDriver({ database }),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/**
 * Rows per insert statement. A few fixed sizes, so that their statements stay prepared: measured faster than one statement per
 * row, and than rows passed as JSON (79,000 facts/s against 126,000).
 */
const BATCHES = [400, 40, 4, 1];
/** Rows after which other work gets its turn. */
const BREATH = 400;

async function insertRows(
  db: Kysely<Tables>,
  insert: string,
  width: number,
  rows: readonly (readonly Cell[])[],
  conflict = '',
): Promise<number> {
  const tuple = `(${Array.from({ length: width }, () => '?').join()})`;
  let changed = 0;
  for (let from = 0; from < rows.length; ) {
    const size = BATCHES.find((batch) => batch <= rows.length - from) ?? 1;
    const values = Array.from({ length: size }, () => tuple).join();
    const text = `${insert} values ${values} ${conflict}`;
    const result = await db.executeQuery(CompiledQuery.raw(text, rows.slice(from, from + size).flat()));
    changed += Number(result.numAffectedRows ?? 0);
    from += size;
    if (from % BREATH === 0) await breathe();
  }
  return changed;
}

export const sqlite: SqlDialect = {
  serial: sql`integer primary key autoincrement`,
  text: sql`text`,
  clustered: sql`without rowid`,
  list: (values) => sql`(select value from json_each(${JSON.stringify(values)}))`,
  numbers: (rows, width) =>
    // A list of lists is taken apart anew for each column.
    width === 1
      ? sql`(select value as c0 from json_each(${JSON.stringify(rows.map(([only]) => only))}))`
      : sql`(select ${sql.join(Array.from({ length: width }, (_, i) => sql.raw(`value ->> ${i} as c${i}`)))} from json_each(${JSON.stringify(rows)}))`,
  among: (column, subquery) => sql`${column} in (${subquery})`,
  session: async (db) => ({ db, end: async () => {} }), // there is but one connection
  async scratch(db, name, columns, rows) {
    const declared = columns.map((c) => `${c.name} ${c.type === 'bigint' ? 'integer' : 'text'}`);
    const keys = columns.filter((c) => c.key).map((c) => c.name);
    const run = (text: string, cells: unknown[] = []) => db.executeQuery(CompiledQuery.raw(text, cells));
    // A lone integer key is the rowid, whose order the planner knows.
    const [key] = keys;
    const table =
      keys.length === 1
        ? `(${declared.map((c) => (c.startsWith(`${key} `) ? `${c} primary key` : c)).join()})`
        : `(${declared.join()}, primary key (${keys.join()})) without rowid`;
    await run(`create temp table if not exists ${name} ${table}`);
    await run(`delete from temp.${name}`);
    await insertRows(db, `insert into temp.${name}`, columns.length, rows);
  },
  async dropScratch(db, name) {
    await db.executeQuery(CompiledQuery.raw(`drop table if exists temp.${name}`));
  },
  lists: async (db, query) => (await sql<Cell[]>`${sql.raw(AS_LISTS)}${query}`.execute(db)).rows,
  json: (document, key) => sql`${document} ->> ${sql.lit(key)}`,
  writing: (db, _, work) => db.transaction().execute(work), // the driver lets one in at a time, see ImmediateDriver
  async insertMany(db, table, columns, rows, conflict = '') {
    const cells = rows.map((row) => columns.map((column) => row[column]));
    return await insertRows(db, `insert into ${table} (${columns.join()})`, columns.length, cells, conflict);
  },
};

/** Opens the file with the settings that make a kill at any moment harmless. Throws SQLite's own errors. */
export async function openDatabase(path: string): Promise<DatabaseSync> {
  const db = new DatabaseSync(path);
  try {
    db.exec('pragma busy_timeout = 5000');
    // WAL: readers never wait for the writer, and a committed transaction survives the death of the process; NORMAL can lose
    // the last commits only when the machine loses power, and never corrupts.
    await whileBusy(() => db.exec('pragma journal_mode = wal'));
    db.exec('pragma synchronous = normal');
    db.exec('pragma foreign_keys = on');
    db.exec('pragma temp_store = memory');
    db.exec('pragma cache_size = -8192'); // 8 MB: pulls write account by account, and one process should stay small
    db.exec('pragma wal_autocheckpoint = 1000'); // 4 MB: copying them back takes some milliseconds, and everything waits for it
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
