import { FACT_KINDS, FACTS, type FactKind } from '../../src/core/fact.ts';

/** Several values of a closed choice, in their order. */
export interface Choices {
  each: readonly string[];
}
/** How the text of a cell becomes a value. A list of names is a closed choice. */
export type FieldType =
  | 'text'
  | 'number'
  | 'flag'
  | 'date'
  | 'instant'
  | 'money'
  | 'list'
  | readonly string[]
  | Choices;
export const isChoices = (type: FieldType): type is Choices => typeof type === 'object' && 'each' in type;

/** What was made of a text; a file may bring a judgement of its own. */
const JUDGED = { sentiment: 'number', frustrated: 'flag' } as const;

/** The canonical fields that a mapping may fill, by kind of fact. A test holds them equal to the schemas of src/core/fact.ts. */
export const FIELDS: Record<FactKind, Record<string, FieldType>> = {
  account: {
    name: 'text',
    domains: 'list',
    keys: 'list',
    ownerId: 'text',
    parentId: 'text',
    arr: 'money',
    renewalOn: 'date',
    seats: 'number',
    createdOn: 'date',
  },
  user: { name: 'text', email: 'text', active: 'flag', managerId: 'text', keys: 'list' },
  contact: {
    name: 'text',
    email: 'text',
    title: 'text',
    bounced: 'flag',
    lastUsedOn: 'date',
    roleEndedOn: 'date',
  },
  opportunity: {
    name: 'text',
    stage: 'text',
    closed: 'flag',
    won: 'flag',
    amount: 'money',
    closeOn: 'date',
    type: 'text',
    renewal: 'flag',
    ownerId: 'text',
  },
  opportunityRole: { opportunityId: 'text', contactId: 'text', role: 'text', primary: 'flag' },
  activity: {
    type: ['call', 'email', 'meeting', 'task', 'note', 'other'],
    subject: 'text',
    userId: 'text',
    contactIds: 'list',
    seniorities: { each: ['executive', 'manager', 'user', 'unknown'] },
    opportunityId: 'text',
    cancelled: 'flag',
    text: 'text',
    textExpiresAt: 'instant',
    ...JUDGED,
  },
  usage: { feature: 'text' },
  ticket: {
    subject: 'text',
    status: 'text',
    priority: ['low', 'normal', 'high', 'urgent'],
    openedAt: 'instant',
    solvedAt: 'instant',
    firstReplyMinutes: 'number',
    resolutionHours: 'number',
    escalated: 'flag',
    reopens: 'number',
    satisfaction: 'number',
    text: 'text',
    textExpiresAt: 'instant',
    ...JUDGED,
  },
  subscription: {
    plan: 'text',
    seats: 'number',
    mrr: 'money',
    arr: 'money',
    startOn: 'date',
    endOn: 'date',
    trial: 'flag',
  },
  invoice: {
    kind: ['invoice', 'credit'],
    amount: 'money',
    issuedOn: 'date',
    dueOn: 'date',
    paidOn: 'date',
    failedPayments: 'number',
  },
  survey: {
    type: ['nps', 'csat', 'ces', 'other'],
    score: 'number',
    scaleMin: 'number',
    scaleMax: 'number',
    comment: 'text',
    respondent: 'text',
    ...JUDGED,
  },
  milestone: {
    name: 'text',
    type: ['onboarding', 'adoption', 'value', 'other'],
    startOn: 'date',
    dueOn: 'date',
    doneOn: 'date',
  },
  training: { type: ['course', 'certification', 'other'], name: 'text', completed: 'flag', person: 'text' },
  community: { type: ['post', 'reply', 'idea', 'other'], person: 'text' },
  participation: {
    type: ['webinar', 'conference', 'user-group', 'review', 'other'],
    name: 'text',
    attended: 'flag',
    outcome: 'text',
    person: 'text',
  },
  marketing: { type: ['sent', 'open', 'click', 'reply', 'unsubscribe'], person: 'text' },
  advocacy: { type: ['reference', 'case-study', 'review', 'referral', 'other'], person: 'text' },
  resource: { type: 'text', name: 'text', person: 'text' },
  pulse: {
    value: 'number',
    label: 'text',
    overrideBand: 'text',
    overrideScore: 'number',
    overrideReason: 'text',
    overrideUntil: 'date',
    context: 'text',
    contextUntil: 'date',
    byId: 'text',
  },
};

/** Fields without which a fact of the kind says nothing; a mapping that leaves one out is refused. */
export const REQUIRED: Partial<Record<FactKind, readonly string[]>> = {
  activity: ['type'],
  survey: ['type', 'score'],
  ticket: ['openedAt'],
  opportunityRole: ['opportunityId', 'contactId'],
  training: ['type'],
  community: ['type'],
  participation: ['type'],
  marketing: ['type'],
  advocacy: ['type'],
};

/** Kinds of which an account has one record, under its own key. */
export const ONE_AN_ACCOUNT: readonly FactKind[] = ['account', 'pulse'];

/** Kinds that happen at a time which only the file knows: their mapping must name it. */
export const NEEDS_OBSERVED_AT: readonly FactKind[] = FACT_KINDS.filter((kind) => FACTS[kind].shape !== 'state');

/** Kinds whose raw columns can be kept beside the canonical fields. */
export const HAS_ATTRIBUTES: readonly FactKind[] = ['account', 'contact'];

/** Ids that a spreadsheet must not have touched: compared as text, never as a number. */
export const ID_FIELDS: ReadonlySet<string> = new Set([
  'ownerId',
  'parentId',
  'managerId',
  'opportunityId',
  'contactId',
  'userId',
  'keys',
  'contactIds',
  'person',
  'byId',
]);

/**
 * History that a row tells through its own columns: it starts at `start`, and each step's date is the moment since which the
 * fields it `reveals` were known. What no date covers was known when the row was observed.
 */
export const HISTORY: Partial<Record<FactKind, { start: string; steps: { date: string; reveals: string[] }[] }>> = {
  ticket: {
    start: 'openedAt',
    steps: [
      { date: 'firstReplyMinutes', reveals: ['firstReplyMinutes'] },
      {
        date: 'solvedAt',
        reveals: ['solvedAt', 'status', 'resolutionHours', 'satisfaction', 'escalated', 'reopens'],
      },
    ],
  },
  subscription: { start: 'startOn', steps: [{ date: 'endOn', reveals: ['endOn'] }] },
  invoice: { start: 'issuedOn', steps: [{ date: 'paidOn', reveals: ['paidOn', 'failedPayments'] }] },
  milestone: { start: 'startOn', steps: [{ date: 'doneOn', reveals: ['doneOn'] }] },
};
