import type { FactKind } from '../../src/core/fact.ts';

/** How the text of a cell becomes a value. A list of names is a closed choice. */
export type FieldType = 'text' | 'number' | 'flag' | 'date' | 'instant' | 'money' | 'list' | readonly string[];

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
  user: { name: 'text', email: 'text', active: 'flag', managerId: 'text' },
  contact: { name: 'text', email: 'text', title: 'text', bounced: 'flag' },
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
    opportunityId: 'text',
    cancelled: 'flag',
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
  },
};

/** Fields without which a fact of the kind says nothing; a mapping that leaves one out is refused. */
export const REQUIRED: Partial<Record<FactKind, readonly string[]>> = {
  activity: ['type'],
  survey: ['type', 'score'],
  ticket: ['openedAt'],
  opportunityRole: ['opportunityId', 'contactId'],
};

/** Kinds that happen at a time which only the file knows: their mapping must name it. */
export const NEEDS_OBSERVED_AT: readonly FactKind[] = ['activity', 'usage', 'survey'];

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
};
