import type { FactKind, FactOf } from './fact.ts';
import type { Term } from './measure.ts';
import type { SimpleAggregation } from './vocabulary.ts';

/** One record or day of one account, whatever its kind. */
export type Row = { [K in FactKind]: FactOf<K> & { source: string } }[FactKind];

/** Days in [from, to). */
export interface Window {
  from: number;
  to: number;
}

/** One figure of one account. */
export interface Figure {
  /** null = missing; a text for categories. */
  value: number | string | null;
  /** How many rows it rests on. */
  count: number;
  /** These rows, oldest first; empty where it was aggregated in the store. */
  rows: readonly Row[];
  /** Day of the newest of them. */
  on: number | null;
  /** Values that cannot be and were left out. */
  impossible: readonly string[];
  /** Whether it is missing only because there are no rows. */
  none: boolean;
}

/** Figures that the store aggregated for one account at one date: every row of a kind was looked at, none is at hand. */
export interface Aggregated {
  /** undefined = not aggregated: to be taken from rows. */
  figure(term: Term, using: SimpleAggregation, window: Window | null): Figure | undefined;
  /** Day of the first row within the look-back; null = there is none; undefined = not aggregated. */
  firstDay(kind: FactKind): number | null | undefined;
}

/** Values count to four decimals; their sums are sums of integers, which do not depend on the order of rows. */
export const SCALE = 10_000;
