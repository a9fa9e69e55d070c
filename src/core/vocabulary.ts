import { FACT_KINDS, type FactKind } from './fact.ts';
import { amount, count, date, flag, instant, type KindSpec, number, percent, seats, text } from './kind-spec.ts';
import { SUCCESS_KINDS } from './success-kinds.ts';

export { COVERAGE_KEYS, type CoverageKey, type FieldSpec, type FieldType, type KindSpec } from './kind-spec.ts';

/** `renewal` is not a fact: it is the account's next renewal as the rules resolved it. */
export const SIGNAL_KINDS = [...FACT_KINDS, 'renewal'] as const;
export type SignalKind = FactKind | 'renewal';

/**
 * Everything that a model file may name, in one closed list: what can be measured, on which field, by which aggregation.
 * Fields marked "derived" are worked out in rows.ts; the others are the fact's own.
 */
export const KINDS: Record<SignalKind, KindSpec> = {
  account: {
    plural: 'account records',
    // derived: championLostDays and sponsorLostDays (how long it has been without one; unknown where one is there or none ever was)
    fields: {
      ...{ name: text, ownerId: text, parentId: text, arr: amount, renewalOn: date, seats, createdOn: date },
      ...{ championLostDays: count, sponsorLostDays: count },
    },
    dates: [],
    open: true,
    coverage: null,
  },
  user: { plural: 'users', fields: { active: flag }, dates: [], open: false, coverage: null },
  contact: {
    plural: 'contacts',
    // derived: executive, champion (by title, role and the model's `people`), left, leftDays (days since that was known), lostDays and lostBy (of champions and sponsors who are gone or quiet: since when, in which way), usedDays (days since last use)
    fields: {
      title: text,
      bounced: flag,
      lastUsedOn: date,
      roleEndedOn: date,
      executive: flag,
      champion: flag,
      left: flag,
      leftDays: count,
      lostDays: count,
      lostBy: text,
      usedDays: count,
    },
    dates: [],
    open: true,
    coverage: 'contacts',
  },
  opportunity: {
    plural: 'opportunities',
    fields: { stage: text, closed: flag, won: flag, amount, closeOn: date, type: text, renewal: flag, ownerId: text },
    dates: ['closeOn'],
    open: false,
    coverage: 'opportunities',
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
    // derived: contact (distinct people), named (whether it tells any), withExecutive (by who they are, or by executiveTold: their rank), withChampion, onRenewal (of a renewal opportunity), byCsm, week (0 = the last seven days)
    fields: {
      type: text,
      subject: text,
      userId: text,
      opportunityId: text,
      cancelled: flag,
      contact: text,
      named: flag,
      executiveTold: flag,
      withExecutive: flag,
      withChampion: flag,
      onRenewal: flag,
      byCsm: flag,
      sentiment: percent,
      frustrated: flag,
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
      weeklyActiveUsers: count,
      monthlyActiveUsers: count,
      powerUsers: count,
      seats,
      logins: count,
      sessions: count,
      uses: count,
      advancedUses: count,
      basicUses: count,
      featuresUsed: count,
      minutes: count,
      featuresAvailable: { type: 'number', least: 1 },
      workflowsStarted: count,
      workflowsCompleted: count,
      exports: count,
      integrations: count,
      planUse: count,
      planLimit: { type: 'number', least: 1 },
    },
    dates: ['at'],
    open: true,
    coverage: 'usage',
  },
  ticket: {
    plural: 'tickets',
    // derived: open, ageDays (of open tickets), severity (low 1, normal 2, high 4, urgent 8), severe (high, urgent or escalated), week,
    // sentiment, frustrated and toneAt (the newest frustrated words, else openedAt) over all that the customer wrote in it
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
      satisfaction: percent,
      sentiment: percent,
      frustrated: flag,
      toneAt: instant,
      open: flag,
      ageDays: count,
      severity: count,
      severe: flag,
      week: count,
    },
    dates: ['openedAt', 'solvedAt', 'toneAt'],
    open: false,
    coverage: 'tickets',
  },
  subscription: {
    plural: 'subscriptions',
    // derived: annual (arr, else 12 × mrr); upgrades, downgrades and planSteps (their difference) within 365 days
    fields: {
      plan: text,
      seats,
      mrr: amount,
      arr: amount,
      annual: amount,
      upgrades: count,
      downgrades: count,
      planSteps: number,
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
      score: number,
      nps: { type: 'number', least: -100, most: 100 },
      percent,
      respondent: text,
      sentiment: percent,
      frustrated: flag,
    },
    dates: ['at'],
    open: false,
    coverage: null,
  },
  ...SUCCESS_KINDS,
  renewal: { plural: 'renewals', fields: { daysAway: number }, dates: [], open: false, coverage: null },
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
