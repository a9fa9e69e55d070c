import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../dialect.ts';

const NUMBERS = Array.from({ length: 16 }, (_, i) => `n${i} bigint`).join(', ');
const WORDS = Array.from({ length: 4 }, (_, i) => `w${i} bigint`).join(', ');

/** Facts as columns, so that signals are aggregated where the facts lie. Filled by figures/rebuild.ts. */
export async function up(db: Kysely<unknown>, { serial, text, clustered }: SqlDialect): Promise<void> {
  const statements = [
    sql`create table words (id ${serial}, text ${text} not null unique)`,
    sql`create table figures (
      source bigint not null, account bigint not null, kind bigint not null, at bigint not null, record bigint not null,
      until bigint, odd bigint not null, ${sql.raw(NUMBERS)}, ${sql.raw(WORDS)},
      primary key (source, account, kind, at, record)) ${clustered}`,
    sql`create index figures_odd on figures (source, account, kind, at, until) where odd = 1`,
    sql`create table people (
      source bigint not null, account bigint not null, at bigint not null, record bigint not null, role bigint not null,
      person ${text} not null, primary key (source, account, at, record, role, person)) ${clustered}`,
    sql`create table projection (layout ${text} not null)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
