import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export type Cell = string | number | null;
export interface Column {
  name: string;
  type: 'TEXT' | 'INTEGER' | 'REAL';
  /** Compared without case unless told otherwise, as vendors compare text. */
  collate?: 'NOCASE';
}

const MAX_STATEMENTS = 400;
const QUIET_MS = 250;
/** What is not committed needs memory for what was there before. */
const MOST_TRANSACTIONS = 1_000;

/**
 * A server's private store. SQLite's unnamed database lives in the page cache and spills to a temporary file that
 * vanishes on close, so that millions of rows need no memory of their own.
 */
export class Tables {
  readonly #db = new DatabaseSync('');
  readonly #statements = new Map<string, StatementSync>();
  #timer: NodeJS.Timeout | undefined;
  #lastUsed = 0;
  #transactions = 0;

  constructor() {
    this.#db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -128000');
  }

  create(table: string, columns: Column[], primaryKey: string): void {
    const body = columns.map((c) => `${declare(c)}${c.name === primaryKey ? ' PRIMARY KEY NOT NULL' : ''}`);
    this.#db.exec(`CREATE TABLE ${quote(table)} (${body.join(', ')})`);
  }

  addColumn(table: string, column: Column, value: Cell = null): void {
    this.#statements.clear();
    const fill =
      value === null ? '' : ` DEFAULT ${typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`}`;
    this.#db.exec(`ALTER TABLE ${quote(table)} ADD COLUMN ${declare(column)}${fill}`);
  }

  index(table: string, columns: string[]): void {
    const name = quote(`ix_${table}_${columns.join('_')}`);
    this.#db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${quote(table)} (${columns.map(quote).join(', ')})`);
  }

  /** Everything in `work` or nothing, also within another. */
  transaction<T>(work: () => T): T {
    this.#open();
    this.run('SAVEPOINT work');
    try {
      const result = work();
      this.run('RELEASE work');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK TO work; RELEASE work');
      throw error;
    }
  }

  /**
   * Nobody else reads this store and it ends with the process, so that a commit proves nothing: pages go to the file once it is quiet, since
   * writing them after each answer takes as long as the answer, which no vendor's clients wait for.
   */
  #open(): void {
    this.#lastUsed = performance.now();
    this.#transactions += 1;
    if (this.#db.isTransaction) return;
    this.run('BEGIN');
    const commitWhenQuiet = (): void => {
      const quiet = performance.now() - this.#lastUsed >= QUIET_MS;
      if (quiet || this.#transactions > MOST_TRANSACTIONS) this.#commit();
      else this.#timer = setTimeout(commitWhenQuiet, QUIET_MS).unref();
    };
    this.#timer = setTimeout(commitWhenQuiet, QUIET_MS).unref();
  }

  #commit(): void {
    clearTimeout(this.#timer);
    this.#transactions = 0;
    if (this.#db.isTransaction) this.run('COMMIT');
  }

  run(sql: string, params: readonly Cell[] = []): number {
    return Number(this.#prepare(sql).run(...(params as SQLInputValue[])).changes);
  }

  get(sql: string, params: readonly Cell[] = []): Record<string, Cell> | null {
    return (this.#prepare(sql).get(...(params as SQLInputValue[])) as Record<string, Cell> | undefined) ?? null;
  }

  all(sql: string, params: readonly Cell[] = []): Record<string, Cell>[] {
    return this.#prepare(sql).all(...(params as SQLInputValue[])) as Record<string, Cell>[];
  }

  /** Rows as arrays in column order: the fast way for pages. */
  arrays(sql: string, params: readonly Cell[] = []): Cell[][] {
    const statement = this.#prepare(sql);
    statement.setReturnArrays(true);
    try {
      return statement.all(...(params as SQLInputValue[])) as unknown as Cell[][];
    } finally {
      statement.setReturnArrays(false);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** A name as an SQL identifier. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const declare = (c: Column): string => `${quote(c.name)} ${c.type}${c.collate ? ` COLLATE ${c.collate}` : ''}`;
