import { type Kysely, sql } from 'kysely';
import type { SqlDialect } from '../dialect.ts';

/** The first layout. Integers are `bigint` (SQLite: 64 bits either way); JSON is text. */
export async function up(db: Kysely<unknown>, { serial, text, clustered }: SqlDialect): Promise<void> {
  const statements = [
    sql`create table workspaces (id ${serial}, name ${text} not null unique)`,
    sql`create table sources (
      id ${serial}, workspace bigint not null references workspaces (id), name ${text} not null, unique (workspace, name))`,
    sql`create table account_keys (
      id ${serial}, source bigint not null references sources (id), key ${text} not null, unique (source, key))`,
    sql`create table record_keys (
      id ${serial}, source bigint not null, kind bigint not null, key ${text} not null, unique (source, kind, key))`,

    // Facts lie by account, then kind, then time: scoring an account is one walk. A source belongs to one workspace, and a
    // record to one (source, kind), so neither is repeated in the keys. No foreign keys here: 100,000 rows a second.
    sql`create table facts (
      source bigint not null, account bigint not null, kind bigint not null, at bigint not null, record bigint not null,
      version bigint not null, known_at bigint not null, seen_at bigint, deleted bigint not null, load bigint,
      data ${text} not null, primary key (source, account, kind, at, record)) ${clustered}`,
    sql`create unique index facts_version on facts (record, version)`,
    sql`create index facts_load on facts (load) where load is not null`,
    sql`create table loads (
      id ${serial}, source bigint not null references sources (id), stream ${text} not null, origin ${text} not null,
      complete bigint not null)`,
    sql`create index loads_origin on loads (source, stream, origin)`,

    sql`create table streams (
      source bigint not null references sources (id), stream ${text} not null, cursor_json ${text}, updated_at bigint not null,
      completed_at bigint, primary key (source, stream)) ${clustered}`,
    sql`create table rejects (
      source bigint not null references sources (id), stream ${text} not null, place ${text} not null, reason ${text} not null,
      at bigint not null, load bigint, primary key (source, stream, place)) ${clustered}`,

    sql`create table links (
      source bigint not null references sources (id), source_account ${text} not null, account ${text} not null,
      reason ${text} not null, primary key (source, source_account)) ${clustered}`,
    sql`create index links_account on links (account)`,
    sql`create table unmatched (
      source bigint not null references sources (id), source_account ${text} not null, reason ${text} not null,
      suggestions_json ${text} not null, primary key (source, source_account)) ${clustered}`,

    sql`create table scores (
      id ${serial}, workspace bigint not null references workspaces (id), account ${text} not null, model_hash ${text} not null,
      day bigint not null, inputs_hash ${text} not null, as_of bigint not null, score_json ${text} not null)`,
    sql`create unique index scores_once on scores (workspace, account, model_hash, day, inputs_hash)`,
    sql`create index scores_latest on scores (workspace, account, as_of, id)`,

    sql`create table plans (
      id ${serial}, workspace bigint not null references workspaces (id), number bigint, created_at bigint not null,
      as_of bigint not null, status ${text} not null, summary_json ${text} not null, unique (workspace, number))`,
    sql`create table intents (
      id ${serial}, plan bigint not null references plans (id), type ${text} not null, account ${text} not null,
      payload_json ${text} not null, status ${text} not null, reason ${text}, record_id ${text}, created bigint, sent_at bigint,
      decided_at bigint)`,
    sql`create index intents_plan on intents (plan, type, id)`,
    sql`create table held (
      workspace bigint not null references workspaces (id), account ${text} not null, values_json ${text}, written_at bigint,
      primary key (workspace, account)) ${clustered}`,
    sql`create table tasks (
      workspace bigint not null references workspaces (id), key ${text} not null, account ${text} not null,
      record_id ${text} not null, created_at bigint not null, primary key (workspace, key)) ${clustered}`,

    sql`create table connector_state (
      source bigint not null references sources (id), key ${text} not null, value ${text} not null,
      primary key (source, key)) ${clustered}`,
    sql`create table runs (
      id ${serial}, workspace bigint not null references workspaces (id), command ${text} not null,
      started_at bigint not null, ended_at bigint, status ${text} not null, summary_json ${text} not null)`,
    sql`create table leases (
      workspace bigint not null references workspaces (id), name ${text} not null, holder ${text} not null,
      expires_at bigint not null, primary key (workspace, name)) ${clustered}`,
  ];
  for (const statement of statements) await statement.execute(db);
}
