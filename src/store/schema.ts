import type { Generated } from 'kysely';

/** Every table as Kysely sees it. Instants are epoch ms; flags are 0 or 1; *_json columns hold JSON text. */
export interface Tables {
  workspaces: { id: Generated<number>; name: string };
  sources: { id: Generated<number>; workspace: number; name: string };
  /** The source's own account keys, interned. */
  account_keys: { id: Generated<number>; source: number; key: string };
  /** Record ids, interned per (source, kind). */
  record_keys: { id: Generated<number>; source: number; kind: number; key: string };
  facts: FactRow & { source: number };
  /** What can be aggregated of the facts of some kinds; see core/projection.ts. Rows lie as their facts do. */
  figures: FigureRow;
  /** Whom (1 = contact) and what (2 = opportunity) an activity names, by the source's own ids. */
  people: { source: number; account: number; at: number; record: number; role: number; person: string };
  /** Categories, interned. */
  words: { id: Generated<number>; text: string };
  /** By which layout the figures were projected. */
  projection: { layout: string };
  /** One pass over an origin (a file, a snapshot): facts carry the load that last stated them. */
  loads: { id: Generated<number>; source: number; stream: string; origin: string; complete: number };
  streams: {
    source: number;
    stream: string;
    cursor_json: string | null;
    updated_at: number;
    completed_at: number | null;
  };
  rejects: { source: number; stream: string; place: string; reason: string; at: number; load: number | null };
  links: { source: number; source_account: string; account: string; reason: string };
  unmatched: { source: number; source_account: string; reason: string; suggestions_json: string };
  scores: {
    id: Generated<number>;
    workspace: number;
    account: string;
    model_hash: string;
    day: number;
    inputs_hash: string;
    as_of: number;
    score_json: string;
  };
  /** Models by which was ever scored. */
  models: {
    workspace: number;
    hash: string;
    name: string;
    version: number;
    model_json: string;
    first_used: number;
  };
  /** What a scoring knew beside the facts. */
  scorings: { workspace: number; model_hash: string; as_of: number; setting_json: string };
  /** Models that were made the live one, counted from 1 in each workspace. */
  publications: {
    workspace: number;
    number: number;
    model_hash: string;
    replaced_hash: string;
    kind: string;
    /** What `model:` said then, and the hash of what that was. */
    configured: string;
    configured_hash: string;
    at: number;
    person: string;
    reason: string | null;
    figures_json: string | null;
  };
  /** The model that is scored beside the live one, and what it said last of each account. */
  shadows: { workspace: number; model_hash: string; since: number; person: string };
  shadow_scores: { workspace: number; account: string; as_of: number; judgement_json: string };
  /** What an endpoint made of a text, by the hash of its words. */
  judgements: {
    workspace: number;
    judge: string;
    hash: string;
    sentiment: number | null;
    frustrated: number | null;
    at: number;
  };
  /** Texts sent to it, by the day since the epoch. */
  judging_days: { workspace: number; day: number; texts: number };
  plans: {
    id: Generated<number>;
    workspace: number;
    /** null while its intents are still being collected. */
    number: number | null;
    created_at: number;
    as_of: number;
    status: string;
    summary_json: string;
  };
  intents: {
    id: Generated<number>;
    plan: number;
    type: string;
    account: string;
    payload_json: string;
    status: string;
    reason: string | null;
    record_id: string | null;
    created: number | null;
    sent_at: number | null;
    decided_at: number | null;
  };
  /** What the CRM holds in our fields, and when we last wrote them. */
  held: { workspace: number; account: string; values_json: string | null; written_at: number | null };
  tasks: { workspace: number; key: string; account: string; record_id: string; created_at: number };
  connector_state: { source: number; key: string; value: string };
  runs: {
    id: Generated<number>;
    workspace: number;
    command: string;
    started_at: number;
    ended_at: number | null;
    status: string;
    summary_json: string;
  };
  leases: { workspace: number; name: string; holder: string; expires_at: number };
}

export interface FigureRow {
  source: number;
  account: number;
  kind: number;
  at: number;
  record: number;
  /** States: when the next version began to hold; null = it holds still, or is no state. */
  until: number | null;
  odd: number;
  n0: number | null;
  n1: number | null;
  n2: number | null;
  n3: number | null;
  n4: number | null;
  n5: number | null;
  n6: number | null;
  n7: number | null;
  n8: number | null;
  n9: number | null;
  n10: number | null;
  n11: number | null;
  n12: number | null;
  n13: number | null;
  n14: number | null;
  n15: number | null;
  w0: number | null;
  w1: number | null;
  w2: number | null;
  w3: number | null;
}

/** A stored fact without its source, as the merge rules see it. */
export interface FactRow {
  /** account_keys.id; 0 = belongs to no account. */
  account: number;
  kind: number;
  at: number;
  /** record_keys.id */
  record: number;
  /** 0 for events, else `at`. */
  version: number;
  known_at: number;
  /** States: the latest instant at which the source stated the same content again; null = only at `at`. */
  seen_at: number | null;
  deleted: number;
  /** loads.id of the load that last stated it; null = does not come from an origin. */
  load: number | null;
  data: string;
}
