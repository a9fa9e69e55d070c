import { FACT_KINDS, type FactKind } from './fact.ts';

/**
 * Everything that a model file may name, in one closed list: what can be measured, on which field, by which aggregation.
 * Fields marked "derived" are worked out in rows.ts; the others are the fact's own.
 */
export type FieldType = 'number' | 'money' | 'date' | 'instant' | 'text' | 'flag';
export interface FieldSpec {
  type: FieldType;
  /** Values outside are impossible: missing, named and counted, never scored. */
  least?: number;
  most?: number;
}
export interface KindSpec {
  /** "no tickets in 90 days" */
  plural: string;
  fields: Record<string, FieldSpec>;
  /** Fields that place a row in time; the first is the default. Empty: rows are not placed (what holds now). */
  dates: string[];
  /** Other names are allowed too: raw account and contact fields, extra usage figures. */
  open: boolean;
  coverage: CoverageKey | null;
}

/** What may be demonstrably covered or not (P8). */
export const COVERAGE_KEYS = [
  'activity',
  'email',
  'usage',
  'tickets',
  'invoices',
  'subscriptions',
  'contacts',
] as const;
export type CoverageKey = (typeof COVERAGE_KEYS)[number];

/** `renewal` is not a fact: it is the account's next renewal as the rules resolved it. */
export const SIGNAL_KINDS = [...FACT_KINDS, 'renewal'] as const;
export type SignalKind = FactKind | 'renewal';

const text: FieldSpec = { type: 'text' };
const flag: FieldSpec = { type: 'flag' };
const date: FieldSpec = { type: 'date' };
const instant: FieldSpec = { type: 'instant' };
const amount: FieldSpec = { type: 'money', least: 0 };
const count: FieldSpec = { type: 'number', least: 0 };
const seats: FieldSpec = { type: 'number', least: 1 };
const days: FieldSpec = { type: 'number' };

export const KINDS: Record<SignalKind, KindSpec> = {
  account: {
    plural: 'account records',
    fields: { name: text, ownerId: text, parentId: text, arr: amount, renewalOn: date, seats, createdOn: date },
    dates: [],
    open: true,
    coverage: null,
  },
  user: { plural: 'users', fields: { active: flag }, dates: [], open: false, coverage: null },
  contact: {
    plural: 'contacts',
    // derived: executive, champion (by title, role and the model's `people`), left, leftDays (days since that was known)
    fields: { title: text, bounced: flag, executive: flag, champion: flag, left: flag, leftDays: count },
    dates: [],
    open: true,
    coverage: 'contacts',
  },
  opportunity: {
    plural: 'opportunities',
    fields: { stage: text, closed: flag, won: flag, amount, closeOn: date, type: text, renewal: flag, ownerId: text },
    dates: ['closeOn'],
    open: false,
    coverage: null,
  },
  opportunityRole: {
    plural: 'opportunity roles',
    fields: { opportunityId: text, contactId: text, role: text, primary: flag },
    dates: [],
    open: false,
    coverage: 'contacts',
  },
  activity: {
    plural: 'activities',
    // derived: contact (distinct people), named (whether it tells any), withExecutive, withChampion, onRenewal (of a renewal opportunity), week (0 = the last seven days)
    fields: {
      type: text,
      subject: text,
      userId: text,
      opportunityId: text,
      cancelled: flag,
      contact: text,
      named: flag,
      withExecutive: flag,
      withChampion: flag,
      onRenewal: flag,
      week: count,
    },
    dates: ['at'],
    open: false,
    coverage: 'activity',
  },
  usage: {
    plural: 'usage rows',
    // derived where it is not told: basicUses (uses that are not advanced)
    fields: {
      feature: text,
      activeUsers: count,
      seats,
      logins: count,
      uses: count,
      advancedUses: count,
      basicUses: count,
      featuresUsed: count,
      minutes: count,
      featuresAvailable: { type: 'number', least: 1 },
      exports: count,
    },
    dates: ['at'],
    open: true,
    coverage: 'usage',
  },
  ticket: {
    plural: 'tickets',
    // derived: open, ageDays (of open tickets), severity (low 1, normal 2, high 4, urgent 8), severe (high, urgent or escalated), week
    fields: {
      subject: text,
      status: text,
      priority: text,
      openedAt: instant,
      solvedAt: instant,
      firstReplyMinutes: count,
      resolutionHours: count,
      escalated: flag,
      reopens: count,
      satisfaction: { type: 'number', least: 0, most: 100 },
      open: flag,
      ageDays: count,
      severity: count,
      severe: flag,
      week: count,
    },
    dates: ['openedAt', 'solvedAt'],
    open: false,
    coverage: 'tickets',
  },
  subscription: {
    plural: 'subscriptions',
    // derived: annual (arr, else 12 × mrr)
    fields: {
      plan: text,
      seats,
      mrr: amount,
      arr: amount,
      annual: amount,
      startOn: date,
      endOn: date,
      trial: flag,
    },
    dates: [],
    open: false,
    coverage: 'subscriptions',
  },
  invoice: {
    plural: 'invoices',
    // derived: onTime (paid by its due date; unknown while not due), overdueDays (of unpaid ones), daysLate
    fields: {
      kind: text,
      amount,
      issuedOn: date,
      dueOn: date,
      paidOn: date,
      failedPayments: count,
      onTime: flag,
      overdueDays: count,
      daysLate: count,
    },
    dates: ['issuedOn', 'dueOn', 'paidOn'],
    open: false,
    coverage: 'invoices',
  },
  survey: {
    plural: 'survey answers',
    // derived: nps (−100, 0 or 100 by the answer 0–10), percent (the answer on its own scale as 0–100)
    fields: {
      type: text,
      score: days,
      nps: { type: 'number', least: -100, most: 100 },
      percent: { type: 'number', least: 0, most: 100 },
      respondent: text,
    },
    dates: ['at'],
    open: false,
    coverage: null,
  },
  renewal: { plural: 'renewals', fields: { daysAway: days }, dates: [], open: false, coverage: null },
};

/** How rows become a figure. */
export const SIMPLE_AGGREGATIONS = ['count', 'sum', 'average', 'latest', 'daysSince', 'distinct'] as const;
export type SimpleAggregation = (typeof SIMPLE_AGGREGATIONS)[number];
export const AGGREGATIONS = [...SIMPLE_AGGREGATIONS, 'ratio', 'share', 'trend', 'deviation'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** Figures that a reason's text may name in braces; each also as {then.…}, its value 30 days ago. */
export const PLACEHOLDERS = ['value', 'top', 'bottom', 'rows', 'on'] as const;
/** Those that have no past: the window in days, and the date 30 days ago. */
export const CONTEXT_PLACEHOLDERS = ['window', 'since'] as const;

/** Kinds whose value at a day is what held then, not what happened in a window. */
export const isStock = (kind: SignalKind): boolean => kind === 'account' || kind === 'subscription';
