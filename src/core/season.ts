import type { Window } from './figure.ts';
import { type Measure, YEAR_DAYS } from './measure.ts';

/** The two windows that a change is told from. */
export interface Compared {
  now: Window;
  before: Window;
  /** Sums and counts of `before` are taken for so much of it, so that both are of as many days. */
  scale: number;
  /** Why there is no change to tell where the earlier window was not seen. */
  unseen: string;
}

const WINDOW_DAYS = 28;
const BASELINE_DAYS = 180;

/**
 * trend: the window against the one before it, or the same weeks a year before. deviation: the window against the account's own
 * `baselineDays` before it, or those that ended a year before it ended (absent: as many days as the window has).
 */
export function comparedAt(today: number, what: Measure): Compared {
  const days = what.windowDays ?? WINDOW_DAYS;
  const now = { from: today - days, to: today };
  const isDeviation = what.aggregation === 'deviation';
  if (what.against === 'year before') {
    const baseline = isDeviation ? (what.baselineDays ?? days) : days;
    const to = today - YEAR_DAYS;
    const unseen = 'no data of the same weeks a year before';
    return { now, before: { from: to - baseline, to }, scale: scaleOf(what, days, baseline), unseen };
  }
  const baseline = isDeviation ? (what.baselineDays ?? BASELINE_DAYS) : days;
  const unseen = `less than ${days + baseline} days of history`;
  return { now, before: { from: now.from - baseline, to: now.from }, scale: scaleOf(what, days, baseline), unseen };
}

const scaleOf = ({ using = 'sum' }: Measure, days: number, baseline: number): number =>
  using === 'sum' || using === 'count' ? days / baseline : 1;
