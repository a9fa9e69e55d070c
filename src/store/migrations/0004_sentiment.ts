import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../dialect.ts';

/** What an endpoint made of texts, by their hashes alone, and how many it was sent on which day. */
export async function up(db: Kysely<unknown>, { text, clustered }: SqlDialect): Promise<void> {
  const statements = [
    sql`create table judgements (
      workspace bigint not null references workspaces (id), judge ${text} not null, hash ${text} not null,
      sentiment bigint, frustrated bigint, at bigint not null,
      primary key (workspace, judge, hash)) ${clustered}`,
    sql`create table judging_days (
      workspace bigint not null references workspaces (id), day bigint not null, texts bigint not null,
      primary key (workspace, day)) ${clustered}`,
  ];
  for (const statement of statements) await statement.execute(db);
}
