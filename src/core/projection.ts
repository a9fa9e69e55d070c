import { dayOf } from './days.ts';
import type { FactKind, StoredFact } from './fact.ts';
import { type Row, SCALE } from './figure.ts';
import { fieldOf, isSettled, makeEnv } from './rows.ts';
import { viewAt } from './view.ts';
import { type FieldSpec, KINDS } from './vocabulary.ts';

/**
 * What of a fact can be aggregated where it lies: its numbers, as integers, and its categories. Everything else of a fact stays in
 * its JSON. Only kinds that grow without end are projected; of the others an account has a handful of rows.
 */
export const PROJECTED = {
  usage: {
    numbers: [
      'activeUsers',
      'seats',
      'logins',
      'uses',
      'advancedUses',
      'basicUses',
      'featuresUsed',
      'minutes',
      'featuresAvailable',
      'exports',
    ],
    words: ['feature'],
  },
  activity: { numbers: ['cancelled', 'named', 'executiveTold', 'sentiment', 'frustrated'], words: ['type', 'userId'] },
  ticket: {
    numbers: [
      'openedAt',
      'solvedAt',
      'settled',
      'severity',
      'severe',
      'escalated',
      'reopens',
      'satisfaction',
      'resolutionHours',
      'firstReplyMinutes',
    ],
    words: ['status', 'priority'],
  },
  invoice: { numbers: ['issuedOn', 'dueOn', 'paidOn', 'failedPayments'], words: ['kind'] },
  survey: { numbers: ['nps', 'percent', 'sentiment', 'frustrated'], words: ['type'] },
} as const satisfies Partial<Record<FactKind, { numbers: readonly string[]; words: readonly string[] }>>;

export type ProjectedKind = keyof typeof PROJECTED;
export const isProjected = (kind: FactKind): kind is ProjectedKind => kind in PROJECTED;

/** Most numbers and words that a kind has. */
export const NUMBERS = Math.max(...Object.values(PROJECTED).map((p) => p.numbers.length));
export const WORDS = Math.max(...Object.values(PROJECTED).map((p) => p.words.length));

/** How a projected number is told: in 1/10,000, an instant in epoch ms, or a day number. */
export type NumberCell = 'scaled' | 'instant' | 'day';
export function cellType(kind: ProjectedKind, name: string): NumberCell {
  const type = specOf(kind, name)?.type;
  return type === 'instant' ? 'instant' : type === 'date' ? 'day' : 'scaled';
}

export interface Projection {
  numbers: (number | null)[];
  words: (string | null)[];
  /** It holds a value that cannot be, or that a column cannot hold: what rests on it is taken from the fact itself. */
  odd: boolean;
  /** Whom and what an activity names, each once. */
  people: { contact: string[]; opportunity: string[] };
}

const specOf = (kind: ProjectedKind, name: string): FieldSpec | undefined => KINDS[kind].fields[name];

/** No account and no day: only what a fact says by itself is projected. */
const BLANK = makeEnv({
  view: viewAt({ account: '', facts: [], sources: [] }, '', 0),
  today: 0,
  dayStart: 0,
  people: { executive: { titles: [], roles: [] }, champion: { titles: [], roles: [] } },
  renewal: null,
  toReporting: undefined,
});

/** The columns of one fact. Equal facts have equal columns. */
export function project(fact: StoredFact & { kind: ProjectedKind }): Projection {
  const row = fact as Row;
  const { kind } = fact;
  let odd = false;
  const numbers = PROJECTED[kind].numbers.map((name) => {
    const cell = numberOf(kind, row, name);
    if (cell !== undefined) return cell;
    odd = true;
    return null;
  });
  const words = PROJECTED[kind].words.map((name) => {
    const value = fieldOf(BLANK, row, name);
    return value === null || value === undefined || value === '' ? null : String(value);
  });
  const people =
    row.kind === 'activity'
      ? {
          contact: [...new Set(row.data.contactIds ?? [])].filter((id) => id !== ''),
          opportunity: row.data.opportunityId ? [row.data.opportunityId] : [],
        }
      : { contact: [], opportunity: [] };
  return { numbers, words, odd, people };
}

/** undefined = a value that a column cannot tell. */
function numberOf(kind: ProjectedKind, row: Row, name: string): number | null | undefined {
  const value = name === 'settled' ? isSettled(row) : fieldOf(BLANK, row, name);
  if (value === null || value === undefined || value === '') return null;
  const type = cellType(kind, name);
  if (type === 'day') return whole(typeof value === 'string' ? dayOf(value) : Number.NaN);
  if (type === 'instant') return whole(typeof value === 'number' ? value : Number.NaN, 2 ** 43);
  if (typeof value === 'boolean') return value ? SCALE : 0;
  if (typeof value !== 'number') return undefined;
  const spec = specOf(kind, name);
  if ((spec?.least !== undefined && value < spec.least) || (spec?.most !== undefined && value > spec.most))
    return undefined;
  return whole(Math.round(value * SCALE));
}

/** Scaled numbers are below 2^40, so that thousands of them add up within 2^53; instants are below 2^43. */
const whole = (value: number, most: number = 2 ** 40): number | undefined =>
  Number.isInteger(value) && Math.abs(value) < most ? value : undefined;
