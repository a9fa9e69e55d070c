import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../dialect.ts';

/** Which model was made the live one when, by whom and on what proof; and one that is scored beside it, its scores kept apart. */
export async function up(db: Kysely<unknown>, { text, clustered }: SqlDialect): Promise<void> {
  const statements = [
    sql`create table publications (
      workspace bigint not null references workspaces (id), number bigint not null, model_hash ${text} not null,
      replaced_hash ${text} not null, kind ${text} not null, configured ${text} not null, configured_hash ${text} not null,
      at bigint not null, person ${text} not null, reason ${text}, figures_json ${text},
      primary key (workspace, number)) ${clustered}`,
    sql`create table shadows (
      workspace bigint not null references workspaces (id), model_hash ${text} not null, since bigint not null,
      person ${text} not null, primary key (workspace)) ${clustered}`,
    sql`create table shadow_scores (
      workspace bigint not null references workspaces (id), account ${text} not null, as_of bigint not null,
      judgement_json ${text} not null, primary key (workspace, account)) ${clustered}`,
  ];
  for (const statement of statements) await statement.execute(db);
}
