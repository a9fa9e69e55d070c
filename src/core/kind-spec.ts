/** What a model file may say of one kind of fact. */

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
  'opportunities',
  'training',
  'community',
  'participation',
  'marketing',
  'advocacy',
  'resources',
  'milestones',
] as const;
export type CoverageKey = (typeof COVERAGE_KEYS)[number];

export const text: FieldSpec = { type: 'text' };
export const flag: FieldSpec = { type: 'flag' };
export const date: FieldSpec = { type: 'date' };
export const instant: FieldSpec = { type: 'instant' };
export const amount: FieldSpec = { type: 'money', least: 0 };
export const number: FieldSpec = { type: 'number' };
export const count: FieldSpec = { type: 'number', least: 0 };
export const seats: FieldSpec = { type: 'number', least: 1 };
export const percent: FieldSpec = { type: 'number', least: 0, most: 100 };
