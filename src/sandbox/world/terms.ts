import type { AccountStatus, Timeline } from '../world.types.ts';

export interface Renewal {
  /** Start of the day on which the term ends. */
  on: number;
  openedAt: number;
  decidedAt: number;
  won: boolean;
  /** ARR up to then, and offered for the next term; minor units. */
  before: number;
  after: number;
}
export interface Expansion {
  openedAt: number;
  decidedAt: number;
  won: boolean;
  /** ARR added, minor units. */
  amount: number;
}
/** The commercial story: terms of one year, each ending in a renewal that the health decides. */
export interface Contract {
  churnedAt: number | null;
  /** ARR of the first term, minor units. */
  first: number;
  billing: 'monthly' | 'annual';
  renewals: Renewal[];
  expansions: Expansion[];
  status: Timeline<AccountStatus>;
  arr: Timeline<number>;
  /** What was really bought, whatever the record says. */
  seats: Timeline<number>;
  renewalOn: Timeline<string | null>;
}
