import type { Cursor, FieldValue, Held, Outcome, Page, Reject, StateStore } from '../contract/index.ts';
import type { AccountFacts, FactKind, StoredFact } from '../core/fact.ts';
import type { ParentLink } from '../core/hierarchy.ts';
import type { AccountScore } from '../core/result.ts';
import type { FigureReader, FiguresQuery } from './figures/read.ts';

/** Instants (epoch ms) after one and up to another. */
export interface Span {
  after: number;
  upTo: number;
}

/** How many live facts of a kind a source has. */
export interface FactCount {
  source: string;
  kind: FactKind;
  facts: number;
  accounts: number;
  /** Epoch ms; infinite where all facts are later. */
  oldest: number;
  newest: number;
  /** Facts after the instant up to which was counted, which nothing else here counts. */
  later: number;
}

/** What one committed page changed. */
export interface PageCommit {
  /** New facts and new versions. */
  stored: number;
  /** Same content as known: nothing was written. */
  unchanged: number;
  removed: number;
  rejected: number;
}

export interface StreamState {
  source: string;
  stream: string;
  cursor: Cursor;
  /** Epoch ms of the last page. */
  updatedAt: number;
  /** Epoch ms of the last pull that reached its end; null = never. */
  completedAt: number | null;
}

export interface Link {
  source: string;
  sourceAccount: string;
  account: string;
  /** "account id", "external key", "domain acme.com", "e-mail domain acme.com" */
  reason: string;
}
export interface Unmatched {
  source: string;
  sourceAccount: string;
  /** "no match", "ambiguous: 2 accounts share acme.com" */
  reason: string;
  suggestions: { account: string; name: string; why: string }[];
}

export interface StoredScore {
  asOf: number;
  inputsHash: string;
  score: AccountScore;
}

/** A score as it is stored: its JSON, and what it is found by. */
export interface ScoreRow {
  account: string;
  modelHash: string;
  asOf: number;
  inputsHash: string;
  json: string;
}

/** How a model came to be the live one: above all floors, below some of them with a reason, or put back without being judged anew. */
export type PublicationKind = 'published' | 'forced' | 'rollback';
export interface NewPublication {
  hash: string;
  /** The model that was live until then. */
  replacedHash: string;
  kind: PublicationKind;
  /** What `model:` of the configuration said then, and the hash of the model that it named. */
  configured: string;
  configuredHash: string;
  /** Epoch ms. */
  at: number;
  by: string;
  reason: string | null;
  /** What it was judged by; null = it was not. */
  figures: Record<string, unknown> | null;
}
export interface Publication extends NewPublication {
  /** Counted from 1 in each workspace. */
  number: number;
  name: string;
  version: number;
  replaced: { name: string; version: number };
}

/** A model that is scored beside the live one and never written anywhere. */
export interface Shadow {
  hash: string;
  /** Epoch ms. */
  since: number;
  by: string;
}
/** What a shadow said of an account, packed; see core/model-compare.ts. */
export interface ShadowScore {
  account: string;
  asOf: number;
  json: string;
}
export type NamedModel = { name: string; version: number };

export type PlanStatus = 'open' | 'applying' | 'applied' | 'superseded' | 'held';
export interface PlanHead {
  /** Counted from 1 in each workspace. */
  number: number;
  createdAt: number;
  asOf: number;
  status: PlanStatus;
  /** Free-form facts of the plan that show prints (accounts, expected calls, notes, why held). */
  summary: Record<string, unknown>;
}

export interface FieldsPayload {
  type: 'fields';
  /** Logical field → value that we believe the CRM holds, and value to write. */
  changes: Record<string, { from: FieldValue; to: FieldValue }>;
  why: string;
}
export interface TaskPayload {
  type: 'task';
  key: string;
  ownerId: string;
  subject: string;
  body: string;
  dueOn: string;
  priority: 'high' | 'normal';
  why: string;
}
export type IntentPayload = FieldsPayload | TaskPayload;
export type IntentStatus = 'planned' | 'sent' | 'written' | 'unchanged' | 'rejected' | 'retry' | 'superseded';
export interface NewIntent {
  account: string;
  payload: IntentPayload;
}
export interface StoredIntent extends NewIntent {
  id: string;
  plan: number;
  status: IntentStatus;
  reason: string | null;
  recordId: string | null;
  /** Whether this intent's task was created by us (false: it existed). */
  created: boolean | null;
  decidedAt: number | null;
}

/** One manager task that exists or existed, by key: the memory that keeps it from being raised twice. */
export interface KnownTask {
  key: string;
  account: string;
  recordId: string;
  createdAt: number;
}

export interface RunRecord {
  id: number;
  command: string;
  startedAt: number;
  endedAt: number | null;
  status: 'running' | 'done' | 'failed' | 'held';
  summary: Record<string, unknown>;
}

export interface FactsQuery {
  /** The source whose accounts are scored. */
  primary: string;
  /** Facts with `at` > asOf are not returned. */
  asOf: number;
  /** Events and series older than asOf − lookBackMs are not returned; every state version is. */
  lookBackMs: number;
  kinds: FactKind[];
  /** Accounts per chunk. */
  chunk: number;
  /** Only these accounts of the primary source. */
  accounts?: string[];
  /** Account → other accounts of the primary source whose facts are joined in. */
  members?: ReadonlyMap<string, readonly string[]>;
}

/** Everything of one workspace. Each method is one transaction. */
/** 0 (bad) … 100 (good), and whether patience is at its end; null = cannot be judged. */
export interface TextVerdict {
  sentiment: number | null;
  frustrated: boolean | null;
}

export interface WorkspaceStore {
  /** Page and cursor together; states equal to their predecessor version are not stored. */
  commitPage(source: string, stream: string, page: Page, now: number): Promise<PageCommit>;
  streams(): Promise<StreamState[]>;
  markComplete(source: string, stream: string, now: number): Promise<void>;
  resetCursor(source: string, stream: string): Promise<void>;
  rejects(source?: string): Promise<(Reject & { source: string; stream: string; at: number })[]>;
  /** Tombstones every live state/event of the kinds that is not in `ids`; returns how many. `dryRun` only counts. */
  reconcile(
    source: string,
    kinds: FactKind[],
    ids: AsyncIterable<string[]>,
    now: number,
    dryRun: boolean,
  ): Promise<{ known: number; missing: number }>;

  /** Removes raw texts (of tickets and activities) whose time has come; everything drawn from them stays. @returns how many. */
  expireTexts(now: number): Promise<number>;

  /** Accounts of a source that are there as of an instant, in order, so many at a time. */
  accounts(source: string, asOf: number, chunk: number): AsyncIterable<string[]>;
  /** Facts of accounts (with linked sources' facts joined in), in chunks, in account order; flat memory. */
  accountFacts(query: FactsQuery): AsyncIterable<AccountFacts[]>;
  /** Figures of accounts, aggregated where their facts lie. */
  figures(query: FiguresQuery): Promise<FigureReader>;
  /** Latest version at or before asOf of every record of a kind that belongs to a source (people, for role resolution). */
  latest(source: string, kind: FactKind, asOf: number): AsyncIterable<StoredFact[]>;
  /** Users who logged activity of any account, by whether it was e-mail: for each span those of it. Activities are read once. */
  loggingUsers(source: string, spans: readonly Span[]): Promise<{ activity: Set<string>; email: Set<string> }[]>;
  /**
   * Facts by kind and source, live rows only, with the instants (epoch ms) of the first and the last of them. @param upTo an instant:
   * later ones are only counted by themselves
   */
  countFacts(upTo?: number): Promise<FactCount[]>;
  /** Accounts of which a source has ever told anything. */
  countAccountKeys(source: string): Promise<number>;
  /** Kinds of which each source had a live fact at or before an instant: far cheaper than counting facts. */
  kindsToldBy(at: number): Promise<Pick<FactCount, 'source' | 'kind'>[]>;
  /** Whether a source has a live fact of a kind at or after an instant. */
  toldSince(source: string, kind: FactKind, at: number): Promise<boolean>;
  /** The instant of a source's newest live fact of a kind; null = it has none. */
  newestTold(source: string, kind: FactKind): Promise<number | null>;

  /** Accounts of a source whose record names a parent account, as of an instant, in chunks. */
  parentLinks(source: string, asOf: number): AsyncIterable<ParentLink[]>;
  /** Distinct account keys of a source with the newest account fact where there is one. */
  sourceAccounts(source: string): AsyncIterable<{ key: string; fact: StoredFact | null }[]>;
  replaceLinks(source: string, links: Link[], unmatched: Unmatched[]): Promise<void>;
  links(source?: string): Promise<Link[]>;
  unmatched(source?: string): Promise<Unmatched[]>;

  /** Append-only; equal (account, model hash, day of asOf, inputs hash) is stored once. */
  appendScores(rows: ScoreRow[]): Promise<void>;
  /** Latest score of each account (optionally at or before asOf), in chunks ordered by account. */
  latestScores(asOf?: number): AsyncIterable<StoredScore[]>;
  latestScore(account: string, asOf?: number): Promise<StoredScore | null>;
  /** Keeps the model behind a hash, once. */
  keepModel(hash: string, model: { name: string; version: number }, now: number): Promise<void>;
  /** The model behind a hash as plain data; null = never kept. */
  keptModel(hash: string): Promise<unknown>;
  /** Keeps, as plain data, what scoring by a model as of an instant knew beside the facts. */
  keepSetting(hash: string, asOf: number, setting: Record<string, unknown>): Promise<void>;
  keptSetting(hash: string, asOf: number): Promise<unknown>;

  /** When the model behind a hash was first kept (epoch ms); null = never. */
  modelSince(hash: string): Promise<number | null>;

  /**
   * Makes a model the live one: its row, the models that it names by their hashes, and the end of a shadow of the same model in one
   * transaction. @param after number of the last publication that the caller knew of (0 = none) @returns null where there is a newer one
   */
  publish(publication: NewPublication, models: Map<string, NamedModel>, after: number): Promise<Publication | null>;
  /** Newest first. */
  publications(limit: number): Promise<Publication[]>;
  /** The last one in which the model behind a hash was judged; null = never. */
  lastProof(hash: string): Promise<Publication | null>;

  /** Begins to score a model beside the live one, in place of another one and its scores; the same one goes on. */
  startShadow(shadow: Shadow, model: NamedModel): Promise<void>;
  /** Ends it and forgets its scores; false = there was none. */
  stopShadow(): Promise<boolean>;
  shadow(): Promise<Shadow | null>;
  /** The latest of each account stays. Rows of another model than the shadow that runs are dropped. */
  keepShadowScores(hash: string, rows: readonly ShadowScore[]): Promise<void>;
  /** In chunks, ordered by account. */
  shadowScores(): AsyncIterable<ShadowScore[]>;

  /** What was made of texts by a judge, by the hashes of their words; those that are known. */
  judgements(judge: string, hashes: readonly string[]): Promise<Map<string, TextVerdict>>;
  /** Keeps them; what is known already stays as it is. */
  keepJudgements(judge: string, rows: readonly (TextVerdict & { hash: string })[], now: number): Promise<void>;
  /** Takes up to `wanted` texts out of the budget of a day (days since the epoch). @returns how many were left to take. */
  takeJudging(day: number, wanted: number, budget: number): Promise<number>;

  /** Accounts by id, 15-character id, or name (exact, then case-insensitive prefix); for commands that take ACCOUNT. */
  findAccounts(primary: string, text: string, limit: number): Promise<{ account: string; name: string }[]>;

  /** What the CRM holds in our fields as far as we know. */
  held(accounts?: string[]): AsyncIterable<Held[]>;
  /** When our fields of an account were last written by us (epoch ms), for quiet writes. */
  lastWrites(): Promise<Map<string, number>>;

  /** Supersedes any open plan and its unsent intents; streams intents in. */
  createPlan(
    asOf: number,
    now: number,
    intents: AsyncIterable<NewIntent[]>,
    summary: Record<string, unknown>,
  ): Promise<PlanHead>;
  plan(number: number): Promise<PlanHead | null>;
  plans(limit: number): Promise<PlanHead[]>;
  setPlan(number: number, status: PlanStatus, summary?: Record<string, unknown>): Promise<void>;
  planCounts(number: number): Promise<Record<'fields' | 'task', Partial<Record<IntentStatus, number>>>>;
  intents(plan: number, type: 'fields' | 'task', statuses?: IntentStatus[]): AsyncIterable<StoredIntent[]>;
  /** The outbox: marked sent before the call leaves. */
  markSent(intents: string[], now: number): Promise<void>;
  /**
   * Outcomes in one transaction with what they prove: held values, last writes, known tasks. `sent`: the values of intents that the
   * caller still has at hand; those of the others are read again.
   */
  recordOutcomes(
    outcomes: Outcome[],
    now: number,
    sent?: ReadonlyMap<string, Readonly<Record<string, FieldValue>>>,
  ): Promise<void>;
  knownTasks(): Promise<Map<string, KnownTask>>;

  state(source: string): StateStore;
  startRun(command: string, now: number): Promise<number>;
  endRun(id: number, status: RunRecord['status'], summary: Record<string, unknown>, now: number): Promise<void>;
  runs(limit: number): Promise<RunRecord[]>;
  /** One holder at a time; false = another live process holds it. Same holder renews. */
  lease(name: string, holder: string, now: number, ttlMs: number): Promise<boolean>;
  /** Only what is still held can be renewed, also where it ran out and nobody took it; false = it was taken over meanwhile. */
  renewLease(name: string, holder: string, now: number, ttlMs: number): Promise<boolean>;
  /** Who holds it, whether or not it has run out; null = nobody. */
  leaseHolder(name: string): Promise<string | null>;
  release(name: string, holder: string): Promise<void>;
  /** The same workspace for the holder of a lease: whatever it writes fails by calling `lost` once the lease is another's. */
  fenced(name: string, holder: string, lost: () => never): WorkspaceStore;
}

export interface Store {
  /** Where it lies, for people: no credentials. */
  name: string;
  workspace(name: string): Promise<WorkspaceStore>;
  close(): Promise<void>;
}
