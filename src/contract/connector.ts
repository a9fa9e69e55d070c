import type { z } from 'zod';
import type { RateTable } from '../core/currency.ts';
import type { Fact, FactKind } from '../core/fact.ts';
import type { FieldSpec, FieldValue } from '../core/fields.ts';
import type { AccountRules } from '../core/rules.ts';

export type { DatedRate, RateTable } from '../core/currency.ts';
export type { FieldSpec, FieldValue } from '../core/fields.ts';

/** JSON that only its connector understands; the store keeps it per (workspace, source, stream). */
export type Cursor = Record<string, unknown>;

/** A row that could not become a fact: counted, kept and reported; it never stops the good ones. */
export interface Reject {
  /** "usage.csv:17", "Account 001…": where to look. */
  where: string;
  /** What was found, what was expected. No personal data. */
  reason: string;
}

/** What the CRM holds in our own fields, by logical field name; absent = not readable. */
export interface Held {
  account: string;
  values: Record<string, FieldValue>;
}

/** The unit of commit: facts, held values, rejects and cursor are stored in one transaction. */
export interface Page {
  facts: Fact[];
  rejects: Reject[];
  held?: Held[];
  /** Where to resume once this page is stored. */
  cursor: Cursor;
  /** For a progress bar, where the source tells. */
  progress?: { done: number; total?: number };
  /**
   * Facts of these source records are replaced by this page (a file with new content, a snapshot): rows of the same
   * stream tagged with the same `origin` that are not in the page set are removed when `complete` is true. `begins` marks the
   * first page of a new reading: an earlier reading that never became complete is then an older version too.
   */
  origin?: { name: string; complete: boolean; begins?: boolean };
  /**
   * Parents whose children this page tells in full: records of `kind` whose id begins with `prefix` and that the page does not name have
   * ended at `at` (epoch ms); those that it names exist, whatever was said before. For relations that leave no trace when they end.
   */
  children?: { kind: FactKind; prefix: string; at: number }[];
}

export interface StreamSpec {
  /** What it brings, for people. */
  title: string;
  kinds: FactKind[];
  cursor: z.ZodType<Cursor>;
  mode: 'incremental' | 'full';
  /** How far an incremental pull reaches back behind its cursor. */
  overlapMs: number;
  /** The oldest that data may be (cron, company time zone). */
  schedule: string;
  /** How deletions become known. `ids` = `Connector.ids` lists what exists, and the rest is gone. */
  deletions: 'tombstones' | 'ids' | 'none';
}

export interface CheckItem {
  ok: boolean;
  /** 'error' blocks a run; 'warning' is told and counted. */
  level: 'error' | 'warning';
  what: string;
  /** What to do next; required where not ok. */
  fix?: string;
}
export interface CheckReport {
  items: CheckItem[];
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AttemptOptions {
  /** Whether the same call may be sent again after an ambiguous failure. */
  idempotent: boolean;
  /** For the call counter and the logs: "query", "collections.update". Never a URL. */
  label: string;
  kind: 'read' | 'write';
  /** Limiter bucket; calls of one bucket share its budget. Default "default". */
  bucket?: string;
  deadlineMs?: number;
}
export interface Bucket {
  /** Calls in flight at once. */
  concurrency: number;
  /** At most `limit` calls in any `intervalMs`, where the vendor counts. */
  limit?: number;
  intervalMs?: number;
  /**
   * From when on a call counts. `start` (default): as it leaves. `answer`: its place stays taken until `intervalMs` after its answer,
   * so that a vendor with a strict window never sees one too many, however long each call was under way.
   */
  counts?: 'start' | 'answer';
}

/** The one retry policy: limiter, deadline, backoff with jitter, Retry-After. `fn` receives its attempt's abort signal. */
export type Attempt = <T>(options: AttemptOptions, fn: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** Small durable values of one (workspace, source), written before they are used. */
export interface StateStore {
  get(key: string): Promise<string | null>;
  /** Compare-and-set: false when `expected` is not what is stored (null = absent). */
  set(key: string, expected: string | null, value: string | null): Promise<boolean>;
}

/** All that a connector gets. No store, no queue, no environment. */
export interface Ctx<C> {
  config: C;
  /** Secrets by the names that the connector declares. */
  secrets: Record<string, string>;
  log: Log;
  signal: AbortSignal;
  /** Epoch ms. Never a watermark. */
  now: () => number;
  /** Company time zone, IANA. */
  timezone: string;
  /** Reporting currency (ISO 4217), for amounts that name none. */
  currency: string;
  /** Every field of the write-back (ours and theirs), whether or not the CRM has it yet. */
  fields: FieldSpec[];
  /** A path named in the configuration → absolute path: relative to the configuration file, else to the package. */
  file(path: string): string;
  attempt: Attempt;
  state: StateStore;
  /**
   * The same for tokens that a vendor replaces as they are used: encrypted at rest.
   * Every use @throws InputError where the deployment has no key, or not the one that a value was encrypted with.
   */
  credentials: StateStore;
}

export interface SecretSpec {
  env: string;
  description: string;
  /** Whether the connector can do without. */
  optional: boolean;
}

export interface Connector<C = unknown> {
  name: string;
  title: string;
  config: z.ZodType<C>;
  secrets: Record<string, SecretSpec>;
  /** Limiter buckets by name; calls of one share its budget. */
  buckets?: Record<string, Bucket>;
  /** Buckets whose figures depend on the settings (a plan), laid over `buckets`. */
  limits?(config: C): Record<string, Bucket>;
  /** Commented YAML of `config` for `init`, unindented. */
  example: string;
  streams(ctx: Ctx<C>): Record<string, StreamSpec>;
  check(ctx: Ctx<C>): Promise<CheckReport>;
  /** `from` null = everything. Ends when all that exists now has been delivered. */
  pull(ctx: Ctx<C>, stream: string, from: Cursor | null): AsyncIterable<Page>;
  /** Ids of every record that exists now, for the reconciliation of streams whose deletions are 'ids'. */
  ids?(ctx: Ctx<C>, stream: string): AsyncIterable<{ kind: FactKind; ids: string[] }>;
  /** How accounts of this source are chosen, segmented, renewed and owned; only sources that can stand alone. */
  rules?(ctx: Ctx<C>): AccountRules;
  /** Exchange rates that the source keeps itself: they go before those of the configuration. null = it keeps none. */
  rates?(ctx: Ctx<C>): Promise<RateTable | null>;
  /** Only CRMs. */
  crm?(ctx: Ctx<C>): Crm;
}

export interface OrgInfo {
  id: string;
  kind: 'production' | 'sandbox';
  name: string;
}

export interface Quota {
  /** Vendor calls of the current day: used by the whole org, and allowed. null = the vendor does not say. */
  used: number | null;
  limit: number | null;
}

/** One account's fields to set. Names are logical (score, band, …); the connector maps them to the CRM's. */
export interface FieldsIntent {
  id: string;
  account: string;
  values: Record<string, FieldValue>;
}

/** One manager task. Sent values apply at creation only; an existing task is left as people made it. */
export interface TaskIntent {
  id: string;
  /** Identity over all runs, [A-Za-z0-9_-]. */
  key: string;
  account: string;
  ownerId: string;
  subject: string;
  body: string;
  /** YYYY-MM-DD */
  dueOn: string;
  priority: 'high' | 'normal';
}

/** A manager task as it is looked for: some CRMs find it by its key, others among its account's. */
export type TaskRef = Pick<TaskIntent, 'key' | 'account'>;

/** Exactly one per intent, matched by intent id. */
export interface Outcome {
  intent: string;
  result: 'written' | 'unchanged' | 'rejected' | 'retry';
  /** The vendor's own words where rejected or to be retried. */
  reason?: string;
  /** Id of the CRM record that was created or found (tasks). */
  recordId?: string;
  created?: boolean;
}

export interface ProvisionStep {
  /** Stable id within a plan. */
  id: string;
  /** "field Account.Health_Score__c (Number)" */
  what: string;
  /** create | grant | assign | change | keep | conflict (needs a person) */
  action: 'create' | 'grant' | 'assign' | 'change' | 'keep' | 'conflict';
  detail?: string;
}
export interface ProvisionPlan {
  steps: ProvisionStep[];
}
export interface ProvisionOutcome {
  step: string;
  ok: boolean;
  /** Why not; or what a step that may be missing was left out for. */
  reason?: string;
}

export interface Crm {
  describe(): Promise<OrgInfo>;
  quota(): Promise<Quota>;
  /** Current values of our fields, straight from the CRM; accounts that do not exist are left out. */
  read(accounts: string[]): AsyncIterable<Held>;
  /** In as few calls as the vendor allows. */
  write(intents: AsyncIterable<FieldsIntent>): AsyncIterable<Outcome>;
  /** Most accounts that one write call can carry: for the plan's estimate of calls. */
  writeBatch: number;
  /** Creates or finds each task by its key; never creates two. */
  tasks(intents: AsyncIterable<TaskIntent>): AsyncIterable<Outcome>;
  /** Task key → record id of those that exist, deleted ones too; creates none. */
  findTasks(tasks: TaskRef[]): Promise<Map<string, string>>;
  provision: {
    plan(): Promise<ProvisionPlan>;
    apply(plan: ProvisionPlan): AsyncIterable<ProvisionOutcome>;
  };
  /** Browser link to an account or task, for people. */
  link(kind: 'account' | 'task', id: string): Promise<string>;
}
