import { z } from 'zod';

/**
 * A fact is what a source system says, kept so that any past date can be scored again.
 * - event: happened once (`at` = when); a re-pull of the same id replaces it.
 * - series: one row per id and day (`at` = start of the UTC day); the id names the series (account and feature).
 * - state: one version per change (`at` = valid from); an unchanged version is not stored again.
 */
export type FactShape = 'event' | 'series' | 'state';

/** ISO 4217. */
export const CURRENCY = /^[A-Z]{3}$/;
/** Integer minor units (pence, cents) with their currency. */
export const Money = z.object({ minor: z.int(), currency: z.string().regex(CURRENCY) });
export type Money = z.infer<typeof Money>;

/** Calendar date without zone, `YYYY-MM-DD`. */
export const IsoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date like 2026-11-25');

const text = z.string().nullable().optional();
const number = z.number().nullable().optional();
const flag = z.boolean().nullable().optional();
const date = IsoDate.nullable().optional();
const instant = z.int().nullable().optional(); // epoch milliseconds
const money = Money.nullable().optional();
const Attribute = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What was made of a text when it came in: 0 (bad) … 100 (good), and whether somebody is at the end of their patience; null = cannot be told. */
const judged = { sentiment: number, frustrated: flag };

/** Everything not mandatory may be null or absent; both mean "unknown", never zero. */
export const FACTS = {
  account: {
    shape: 'state',
    data: z.object({
      name: text,
      domains: z.array(z.string()).optional(),
      /** Ids by which other systems may know this account (external ids, the CRM id in an export). */
      keys: z.array(z.string()).optional(),
      ownerId: text,
      parentId: text,
      arr: money,
      renewalOn: date,
      seats: number,
      createdOn: date,
      /** Raw source fields named by rules and roles, plus custom columns. Names are the source's own. */
      attributes: z.record(z.string(), Attribute).optional(),
    }),
  },
  user: {
    shape: 'state',
    data: z.object({
      name: text,
      email: text,
      active: flag,
      managerId: text,
      /** Other ids by which records of the source name this person. */
      keys: z.array(z.string()).optional(),
    }),
  },
  contact: {
    shape: 'state',
    data: z.object({
      name: text,
      email: text,
      title: text,
      bounced: flag,
      /** When this person last used the product, where a source tells it by person. */
      lastUsedOn: date,
      /** Since when this person's role at the account is over. */
      roleEndedOn: date,
      attributes: z.record(z.string(), Attribute).optional(),
    }),
  },
  opportunity: {
    shape: 'state',
    data: z.object({
      name: text,
      stage: text,
      closed: flag,
      won: flag,
      amount: money,
      closeOn: date,
      type: text,
      renewal: flag,
      ownerId: text,
    }),
  },
  opportunityRole: {
    shape: 'state',
    data: z.object({ opportunityId: text, contactId: text, role: text, primary: flag }),
  },
  activity: {
    shape: 'event',
    data: z.object({
      type: z.enum(['call', 'email', 'meeting', 'task', 'note', 'other']),
      subject: text,
      userId: text,
      contactIds: z.array(z.string()).optional(),
      /** The customer's people who took part, one entry each, where their rank is told and not only who they are. */
      seniorities: z.array(z.enum(['executive', 'manager', 'user', 'unknown'])).optional(),
      opportunityId: text,
      cancelled: flag,
      /** Notes of a call, or an e-mail's words. Kept until `textExpiresAt` only; what was judged of them stays. */
      text,
      textExpiresAt: instant,
      ...judged,
    }),
  },
  usage: {
    shape: 'series',
    data: z.object({
      /** null = the whole product. */
      feature: text,
      /**
       * Figures of that day. Known names: activeUsers (distinct that day), weeklyActiveUsers and monthlyActiveUsers (distinct in
       * the 7 and 28 days that end with it), powerUsers (of these 28 days), seats, logins, sessions, minutes, uses, advancedUses,
       * featuresUsed, featuresAvailable, workflowsStarted, workflowsCompleted, exports (of data), integrations (connected then),
       * planUse and planLimit (in the plan's own unit). Other names are allowed and usable by signals.
       */
      metrics: z.record(z.string(), z.number()),
    }),
  },
  ticket: {
    shape: 'state',
    data: z.object({
      subject: text,
      status: text,
      priority: z.enum(['low', 'normal', 'high', 'urgent']).nullable().optional(),
      openedAt: instant,
      solvedAt: instant,
      firstReplyMinutes: number,
      resolutionHours: number,
      escalated: flag,
      reopens: number,
      /** 0 (bad) … 100 (good). */
      satisfaction: number,
      /** What the customer wrote at this version's instant; versions do not repeat it. Raw text is kept until `textExpiresAt` only. */
      text,
      textExpiresAt: instant,
      ...judged,
    }),
  },
  subscription: {
    shape: 'state',
    data: z.object({ plan: text, seats: number, mrr: money, arr: money, startOn: date, endOn: date, trial: flag }),
  },
  invoice: {
    shape: 'state',
    data: z.object({
      kind: z.enum(['invoice', 'credit']).optional(),
      amount: money,
      issuedOn: date,
      dueOn: date,
      paidOn: date,
      failedPayments: number,
    }),
  },
  survey: {
    shape: 'event',
    data: z.object({
      type: z.enum(['nps', 'csat', 'ces', 'other']),
      score: number,
      scaleMin: number,
      scaleMax: number,
      comment: text,
      respondent: text,
      ...judged,
    }),
  },
  /** A step of the roll-out. */
  milestone: {
    shape: 'state',
    data: z.object({
      name: text,
      type: z.enum(['onboarding', 'adoption', 'value', 'other']).nullable().optional(),
      /** Since when it is planned. */
      startOn: date,
      dueOn: date,
      doneOn: date,
    }),
  },
  training: {
    shape: 'event',
    data: z.object({ type: z.enum(['course', 'certification', 'other']), name: text, completed: flag, person: text }),
  },
  community: {
    shape: 'event',
    data: z.object({ type: z.enum(['post', 'reply', 'idea', 'other']), person: text }),
  },
  /** An event or review to which the customer was invited. */
  participation: {
    shape: 'event',
    data: z.object({
      type: z.enum(['webinar', 'conference', 'user-group', 'review', 'other']),
      name: text,
      attended: flag,
      /** How it ended, in a word: "positive". */
      outcome: text,
      person: text,
    }),
  },
  /** What became of marketing e-mail. */
  marketing: {
    shape: 'event',
    data: z.object({ type: z.enum(['sent', 'open', 'click', 'reply', 'unsubscribe']), person: text }),
  },
  advocacy: {
    shape: 'event',
    data: z.object({ type: z.enum(['reference', 'case-study', 'review', 'referral', 'other']), person: text }),
  },
  /** A success resource that was used: a guide, a video, a template. */
  resource: { shape: 'event', data: z.object({ type: text, name: text, person: text }) },
  /** What the account's manager says about it. One record for each account, under the account's id. */
  pulse: {
    shape: 'state',
    data: z.object({
      /** 0 (bad) … 100 (good). */
      value: number,
      label: text,
      overrideBand: text,
      overrideScore: number,
      overrideReason: text,
      overrideUntil: date,
      context: text,
      contextUntil: date,
      /** Who said so. */
      byId: text,
    }),
  },
} as const satisfies Record<string, { shape: FactShape; data: z.ZodType }>;

export type FactKind = keyof typeof FACTS;
export const FACT_KINDS = Object.keys(FACTS) as FactKind[];
export type FactData<K extends FactKind> = z.infer<(typeof FACTS)[K]['data']>;

export interface FactOf<K extends FactKind> {
  kind: K;
  /** The record's id in its source, unique per (source, kind). */
  id: string;
  /** The source's own account key; null for people and other records that belong to no account. */
  account: string | null;
  /** Epoch ms: when it happened (event), which day (series), since when it holds (state). */
  at: number;
  /** Epoch ms: when the source is known to have had it (its modification stamp); never the local clock if the source has one. */
  knownAt: number;
  /** A deletion: for a state, a version that ends it; for an event or series, the row is removed. */
  deleted?: boolean;
  data: FactData<K>;
}
export type Fact = { [K in FactKind]: FactOf<K> }[FactKind];

/** Part of the storage key beside (source, kind, id): states and series keep one row per instant, events one row. */
export function factVersion(fact: { kind: FactKind; at: number }): number {
  return FACTS[fact.kind].shape === 'event' ? 0 : fact.at;
}

/** Where a fact came from, enough to walk back to the source's record. */
export interface FactRef {
  source: string;
  kind: FactKind;
  id: string;
  at: number;
}

/**
 * A fact as the store returns it for scoring: the source is named, `account` is still the source's key. `moved` = the record ended
 * here because another account has it now.
 */
export type StoredFact = Fact & { source: string; moved?: boolean };

/** All that is known about one account of the primary source up to a date, over all linked sources, oldest first. */
export interface AccountFacts {
  /** Account id in the primary source (the CRM, or the exports folder where there is no CRM). */
  account: string;
  /** Every version/event with `at` ≤ T (events and series limited to a look-back), sorted by `at`. */
  facts: StoredFact[];
  /** Sources that have at least one account linked to this one. */
  sources: string[];
  /** Kinds that were not read, since their figures come aggregated: asking for their rows is an error. */
  absent?: ReadonlySet<FactKind>;
  /** Under which account numbers of which sources the store keeps its facts: for the store alone. */
  homes?: readonly { source: number; account: number }[];
}
