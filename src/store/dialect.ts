import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from './schema.ts';

export type Cell = string | number | null;
export type Row<Column extends string> = Record<Column, Cell>;

export interface ScratchColumn {
  name: string;
  type: 'bigint' | 'text';
  /** Part of the primary key. */
  key?: boolean;
}

/** The SQL that differs between databases, and nothing else. */
export interface SqlDialect {
  /** Column type of a primary key that numbers itself. */
  serial: RawBuilder<unknown>;
  /** Column type of text that is compared and sorted by its bytes. */
  text: RawBuilder<unknown>;
  /** Suffix of `create table` that stores rows in primary-key order. */
  clustered: RawBuilder<unknown>;
  /** A table expression with one text column `value`. */
  list(values: readonly string[]): RawBuilder<unknown>;
  /** A table expression of integers with the columns c0, c1, … */
  numbers(rows: readonly (readonly number[])[], width: number): RawBuilder<unknown>;
  /** Values of a subquery with one column, for each of which an index is looked into: a condition on `column`. */
  among(column: RawBuilder<unknown>, subquery: RawBuilder<unknown>): RawBuilder<unknown>;
  /** One connection for all that is done until its end, which must come. */
  session(db: Kysely<Tables>): Promise<{ db: Kysely<Tables>; end: () => Promise<void> }>;
  /**
   * Rows that the caller's next statements join with under a name, in the order of their key columns. A name holds one set of
   * rows at a time: callers that overlap take names of their own, and drop them. `db` is a session's.
   */
  scratch(
    db: Kysely<Tables>,
    name: string,
    columns: readonly ScratchColumn[],
    rows: readonly (readonly Cell[])[],
  ): Promise<void>;
  dropScratch(db: Kysely<Tables>, name: string): Promise<void>;
  /** Rows of a query as lists of their columns: a third cheaper than records where there are many. */
  lists(db: Kysely<Tables>, query: RawBuilder<unknown>): Promise<Cell[][]>;
  /** Member of a JSON document that is stored as text, null where it has none. */
  json(document: RawBuilder<unknown>, key: string): RawBuilder<unknown>;
  /**
   * A transaction that writes. Of all those of a workspace, in whatever process, one runs at a time, and it sees what the ones
   * before it did; `all` = none of any workspace runs beside it. `work` may be called again where another got in its way.
   */
  writing<T>(db: Kysely<Tables>, workspace: number | 'all', work: (trx: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Inserts many rows quickly; `conflict` is the clause after them. Resolves to the number of rows inserted or changed. */
  insertMany<C extends string>(
    db: Kysely<Tables>,
    table: keyof Tables,
    columns: readonly C[],
    rows: readonly Row<C>[],
    conflict?: string,
  ): Promise<number>;
}

/** What every part of a workspace's store works with. */
export interface StoreContext {
  db: Kysely<Tables>;
  dialect: SqlDialect;
  /** workspaces.id */
  workspace: number;
  /** Throws inside a transaction that may not write any more. */
  fence?: (trx: Kysely<Tables>) => Promise<void>;
}
