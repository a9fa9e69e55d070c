/**
 * The seeded business world that every sandbox serves. An account's whole story is a pure function of (seed, index), so a world
 * of any size needs no memory of its own, and every test can ask it for the truth.
 * All instants are epoch ms; all money is in minor units.
 */
export interface WorldOptions {
  seed: number;
  /** Customer accounts in the population. */
  customers: number;
  /** "Now" when the world starts. */
  now: number;
  /** Days of history before `now`. Default 400. */
  historyDays?: number;
  /** Days of future that are already determined, so that time can go on. Default 60. */
  futureDays?: number;
  /** Switches off the dirt of real life, for tests that want clean data. Default true. */
  dirt?: boolean;
}

export interface WorldUser {
  key: string;
  name: string;
  email: string;
  active: boolean;
  managerKey: string | null;
  role: 'csm' | 'manager' | 'executive' | 'integration';
  /** False: this person's e-mail is not synced as CRM activity. */
  syncsEmail: boolean;
}

export type AccountStatus = 'customer' | 'prospect' | 'churned' | 'test' | 'partner';

/** A value that changes: the one with the greatest `at` ≤ t holds at t. Sorted by `at`. */
export type Timeline<T> = { at: number; value: T }[];

export interface WorldAccount {
  index: number;
  /** Stable key inside the world, "acct-000017"; sandboxes derive vendor ids from it. */
  key: string;
  /** By what customers call it in other systems (billing id): exported in files, held in a CRM external-id field. */
  externalKey: string;
  name: string;
  domain: string;
  website: string;
  /** Status over time (a customer may churn). */
  status: Timeline<AccountStatus>;
  segment: 'enterprise' | 'mid-market' | 'smb';
  industry: string;
  country: string;
  currency: string;
  employees: number;
  createdAt: number;
  /** null = the owner is missing. */
  ownerKey: string | null;
  parentKey: string | null;
  seats: Timeline<number>;
  /** Annual recurring revenue, minor units of `currency`. */
  arr: Timeline<number>;
  /** Next renewal date by the account record, YYYY-MM-DD; may be missing. */
  renewalOn: Timeline<string | null>;
  /** 0 (certain to leave) … 1 (thriving), the hidden truth that drives everything else. */
  health(at: number): number;
  churnedAt: number | null;
  deletedAt: number | null;
  /** This record was merged into another account at that time (and is a loser since then). */
  merged: { at: number; intoKey: string } | null;
  /** Why this account is dirty, if it is: "no owner", "inactive manager", "zero seats", … */
  dirt: string[];
  contacts: WorldContact[];
  opportunities: WorldOpportunity[];
  activities: WorldActivity[];
  /** One per day of use of the whole product. */
  usage: WorldUsage[];
  tickets: WorldTicket[];
  invoices: WorldInvoice[];
  surveys: WorldSurvey[];
}

export interface WorldContact {
  key: string;
  firstName: string;
  lastName: string;
  email: string | null;
  title: string;
  seniority: 'executive' | 'manager' | 'user';
  champion: boolean;
  createdAt: number;
  /** The person left the company: mail bounces from then on. */
  leftAt: number | null;
}

export interface OpportunityState {
  stage: string;
  closed: boolean;
  won: boolean;
  amount: number;
  closeOn: string;
  probability: number;
}
export interface WorldOpportunity {
  key: string;
  name: string;
  type: 'New Business' | 'Renewal' | 'Expansion';
  createdAt: number;
  states: Timeline<OpportunityState>;
  roles: { key: string; contactKey: string; role: string; primary: boolean; at: number }[];
}

export interface WorldActivity {
  key: string;
  type: 'call' | 'email' | 'meeting' | 'task';
  subject: string;
  /** When it happened (or is planned for). */
  at: number;
  /** When the record appears in the CRM; < or = at for planned ones. */
  createdAt: number;
  completedAt: number | null;
  /** A meeting that was called off: when, before `at`; then it is never completed. */
  cancelledAt: number | null;
  minutes: number;
  userKey: string;
  contactKey: string | null;
  opportunityKey: string | null;
  /** False: it happened, but nobody synced it to the CRM. */
  inCrm: boolean;
}

export interface WorldUsage {
  /** Start of the UTC day. */
  day: number;
  activeUsers: number;
  seats: number;
  logins: number;
  uses: number;
  advancedUses: number;
  featuresUsed: number;
  minutes: number;
}

export interface WorldTicket {
  key: string;
  subject: string;
  text: string;
  openedAt: number;
  firstReplyAt: number | null;
  solvedAt: number | null;
  priority: 'low' | 'normal' | 'high' | 'urgent';
  escalated: boolean;
  reopens: number;
  /** 1 (bad) … 5 (good), null = not rated. */
  rating: number | null;
  requesterEmail: string;
}

export interface WorldInvoice {
  key: string;
  amount: number;
  issuedAt: number;
  dueAt: number;
  paidAt: number | null;
  failedPayments: number;
}

export interface WorldSurvey {
  key: string;
  at: number;
  type: 'nps' | 'csat';
  /** nps 0–10, csat 1–5. */
  score: number;
  comment: string | null;
  respondentEmail: string;
}

export interface World {
  readonly options: Required<WorldOptions>;
  now(): number;
  advance(ms: number): void;
  readonly users: WorldUser[];
  /** Accounts of every status, customers first come first: customers + about a quarter more of the rest. */
  readonly size: number;
  account(index: number): WorldAccount;
  accounts(): Iterable<WorldAccount>;
}

/** A running sandbox server. */
export interface SandboxServer {
  /** Bare origin, http://127.0.0.1:PORT */
  origin: string;
  close(): Promise<void>;
  faults: Faults;
  calls: CallCounter;
}

/** One fault to inject: fires on matching requests after `skip` of them, `times` times. */
export interface FaultSpec {
  /** One of the names that the vendor's sandbox lists: "429", "503-before", "503-after-commit", "reset", "hang", … */
  name: string;
  /** Which requests: a kind as counted by `calls` ("query", "collections.update", …); absent = any. */
  on?: string;
  times?: number;
  skip?: number;
  /** Fault-specific data (which record, how many rows). */
  with?: Record<string, unknown>;
}
export interface Faults {
  add(fault: FaultSpec): void;
  clear(): void;
  /** How often each fault name fired. */
  fired(): Record<string, number>;
}
export interface CallCounter {
  /** Requests by kind since the last reset, authentication apart. */
  byKind(): Record<string, number>;
  total(type: 'read' | 'write' | 'auth' | 'setup'): number;
  reset(): void;
}

export interface ServeOptions {
  world: World;
  /** 0 or absent = any free port. */
  port?: number;
  /** Milliseconds that every answer is delayed, plus `perRecordMs` for each record written. */
  latencyMs?: number;
  perRecordMs?: number;
}

/** One vendor's HTTP behaviour on loopback, so that the real SDK runs unmodified. */
export interface VendorSandbox {
  name: string;
  serve(options: ServeOptions): Promise<RunningSandbox>;
}

export interface RunningSandbox extends SandboxServer {
  /** `config` of the connector that points at this server, as it would stand in pulseback.yaml. */
  config: Record<string, unknown>;
  /** Environment variables with the secrets that this server accepts. */
  env: Record<string, string>;
  /** Secrets that the connector can also read from a file: where the content goes, and which key of `config` names that file. */
  secretFiles?: { name: string; content: string; configKey: string[] }[];
  /** Every current row of a vendor object ("Account", "Task"), straight from the server's store: for proofs, not for products. */
  rows(object: string): Record<string, unknown>[];
}
