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
  /** `random`: who leaves has nothing to do with health, so that no score can predict it. Default `by health`. */
  churn?: 'by health' | 'random';
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
  /** Who is billed for this account: customer records of the billing system. */
  payers: WorldPayer[];
  /** What is billed for: at every instant the subscriptions' `arr` add up to the account's. */
  subscriptions: WorldSubscription[];
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

export interface WorldPayer {
  key: string;
  name: string;
  email: string | null;
  /** The account's external key, where somebody has entered it. */
  externalKey: string | null;
  createdAt: number;
  deletedAt: number | null;
}

export type SubscriptionStatus =
  | 'incomplete'
  | 'incomplete_expired'
  | 'trialing'
  | 'active'
  | 'past_due'
  | 'paused'
  | 'canceled';

export interface WorldSubscriptionItem {
  /** The same item keeps its key when its price changes. */
  key: string;
  product: string;
  /** Price of one unit and interval, minor units as decimal text of at most 12 places ("1250", "83.333333333333"). */
  unit: string;
  /** null = metered: billed by use, no part of `arr`. */
  quantity: number | null;
}
export interface WorldDiscount {
  key: string;
  /** One of both is set. `amount` is in minor units off each interval. */
  percent: number | null;
  amount: number | null;
  /** A discount for one invoice only (`once`) is no part of `arr`. */
  duration: 'once' | 'repeating' | 'forever';
  months: number | null;
  from: number;
  /** When it ends; null = never. */
  until: number | null;
  /** Where it is entered: on the payer, the subscription, or the first item only. */
  on: 'payer' | 'subscription' | 'item';
}
export interface SubscriptionTerms {
  items: WorldSubscriptionItem[];
  discount: WorldDiscount | null;
  /**
   * Minor units a year: Σ unit × quantity × intervals a year of the licensed items, recurring discount taken off, rounded once.
   * Before rounding it is within 10⁻⁹ of this whole number. Trials are no part of it, whatever stands here while one lasts.
   */
  arr: number;
}
export interface WorldSubscription {
  key: string;
  payerKey: string;
  /** Weeks, months or years: 3 months is a quarter. Every year has 12 months and 52 weeks. */
  interval: 'week' | 'month' | 'year';
  intervalCount: number;
  /** Whether a card is charged, or an invoice sent that is due some days later. */
  collection: 'automatic' | 'invoice';
  createdAt: number;
  trialEndsAt: number | null;
  /** Start of the UTC day that intervals are counted from. */
  anchorAt: number;
  status: Timeline<SubscriptionStatus>;
  terms: Timeline<SubscriptionTerms>;
  /** Announced ends, each withdrawn or carried out. */
  cancellations: {
    at: number;
    endsAt: number;
    withdrawnAt: number | null;
    reason: 'requested' | 'payment_failed';
    feedback: 'too_expensive' | 'unused' | 'switched_service' | 'missing_features' | null;
  }[];
  endedAt: number | null;
  /** Invoices of the account that are billed under this subscription, by key. They keep the contract's rhythm. */
  invoiceKeys: string[];
  disputes: WorldDispute[];
}
/** The payer's bank took a paid invoice's money back. */
export interface WorldDispute {
  key: string;
  invoiceKey: string;
  at: number;
  reason: 'fraudulent' | 'product_not_received' | 'subscription_canceled' | 'duplicate';
  closedAt: number;
  won: boolean;
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
  /** Answers with this HTTP status since the last reset. */
  answered(status: number): number;
  reset(): void;
}

/** A request on its way: arrived, carried out but not answered, or answered. */
export interface Exchange {
  kind: string;
  type: 'read' | 'write' | 'auth' | 'setup';
  moment: 'arrived' | 'done' | 'answered';
  /** What was asked; `url` is path and query as they came. */
  request: { method: string; url: string; headers: Record<string, string | string[] | undefined>; body: string };
  /** What is answered, from `done` on. */
  answer: { status: number; headers?: Record<string, string>; body?: unknown } | null;
}

export interface ServeOptions {
  world: World;
  /** 0 or absent = any free port. */
  port?: number;
  /** Looks on at each moment of each exchange, and holds it up until it returns. `'lose'` on arrival: never carried out, no answer. */
  onExchange?: (exchange: Exchange) => undefined | 'lose' | Promise<undefined | 'lose'>;
  /** Cuts every list into at least so many pages, where it has that many rows. Default 1. */
  minPages?: number;
  /**
   * False = the vendor's limits of calls in a short time, which run on real time, are not kept, and `config` does not hold the product
   * back either: for shows in which days pass in seconds.
   */
  limits?: boolean;
  /** Calls that the vendor grants in its interval (see `RunningSandbox.rate`), kept and told in `config`. Default: the vendor's usual. */
  rate?: number;
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
  /** Every current row of a vendor object ("Account", "Task"), straight from the server's store: for proofs, not for products. */
  rows(object: string): Record<string, unknown>[];
  /** The short limit that is kept on real time; absent = there is none, or it is not kept. */
  rate?: { calls: number; perMs: number };
  /** Objects that a product writes; only CRMs have them. */
  written?: WrittenObject[];
}

/** An object that a product writes, as `rows` shows it. */
export interface WrittenObject {
  object: string;
  /** Fields of its rows that say nothing but which record it is: ids are given in order of creation, which a crash may change. */
  ids: string[];
}
