import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from './schema.ts';

export type Cell = string | number | null;
export type Row<Column extends string> = Record<Column, Cell>;

/** The SQL that differs between databases, and nothing else. */
export interface SqlDialect {
  /** Column type of a primary key that numbers itself. */
  serial: RawBuilder<unknown>;
  /** Suffix of `create table` that stores rows in primary-key order. */
  clustered: RawBuilder<unknown>;
  /** A table expression with one text column `value`. */
  list(values: readonly string[]): RawBuilder<unknown>;
  /** A table expression of integers with the columns c0, c1, … */
  numbers(rows: readonly (readonly number[])[], width: number): RawBuilder<unknown>;
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
