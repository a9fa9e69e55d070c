import type { AccountFacts } from '../fact.ts';

/** What became of an account within the horizon after a date. */
export const OUTCOMES = [
  'not concerned',
  'kept',
  'lost',
  'contracted',
  'expanded',
  'open',
  'gone',
  'deleted',
  'empty',
] as const;
export type OutcomeCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
/** The question does not arise: no renewal falls due, nothing was used before. */
export const NOT_CONCERNED: OutcomeCode = 0;
export const KEPT: OutcomeCode = 1;
export const LOST: OutcomeCode = 2;
/** Renewed for less, and for more. */
export const CONTRACTED: OutcomeCode = 3;
export const EXPANDED: OutcomeCode = 4;
/** Not known yet: left out, never guessed. */
export const OPEN: OutcomeCode = 5;
/** It had left before the date. */
export const GONE: OutcomeCode = 6;
/** Its record has been deleted since, so that nobody can tell. */
export const DELETED: OutcomeCode = 7;
/** Nothing stands in the column: it stayed, if the column turns out to hold dates. */
export const EMPTY: OutcomeCode = 8;

export const OBSERVED: ReadonlySet<number> = new Set([KEPT, LOST, CONTRACTED, EXPANDED]);

/** A past date, and until when after it outcomes count. */
export interface Moment {
  /** Epoch ms: what scores may know. */
  at: number;
  /** Day number; outcomes lie in (day, until]. */
  day: number;
  until: number;
}

/** What an account's facts say became of it. */
export interface Story {
  /** Within the horizon after a date. */
  at(moment: Moment): OutcomeCode;
  /** Day number on which it left; null = it has not. */
  left: number | null;
  /**
   * Days from a date until the day on which it is decided whether the account stays; null = none is near. Absent = there is no such day:
   * it may leave on any.
   */
  dueIn?(moment: Moment): number | null;
}

/** What stories are read with: until which day the data tell, and how long the horizon is. */
export interface StoryContext {
  primary: string;
  /** Last day (number) of which the data tell. */
  end: number;
  /** Day number of now. */
  today: number;
  horizon: number;
}
export type StoryOf = (facts: AccountFacts, context: StoryContext) => Story;

/** Ways to tell who left, in the order in which they are tried where none is named. */
export const OUTCOME_KINDS = ['renewal', 'churn-date', 'inactivity'] as const;
export type OutcomeKind = (typeof OUTCOME_KINDS)[number];
