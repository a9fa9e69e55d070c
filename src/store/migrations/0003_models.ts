import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../dialect.ts';

/** Models by which was scored, and what a scoring knew beside the facts, so that an old score can be worked out again. */
export async function up(db: Kysely<unknown>, { text, clustered }: SqlDialect): Promise<void> {
  const statements = [
    sql`create table models (
      workspace bigint not null references workspaces (id), hash ${text} not null, name ${text} not null,
      version bigint not null, model_json ${text} not null, first_used bigint not null,
      primary key (workspace, hash)) ${clustered}`,
    sql`create table scorings (
      workspace bigint not null references workspaces (id), model_hash ${text} not null, as_of bigint not null,
      setting_json ${text} not null, primary key (workspace, model_hash, as_of)) ${clustered}`,
  ];
  for (const statement of statements) await statement.execute(db);
}
