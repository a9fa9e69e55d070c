import { POINT, type Points, type Trend } from './result.ts';

/** Days over which velocity is measured (S7). */
export const TREND_DAYS = 30;

export interface TrendResult {
  trend: Trend;
  /** Points a day, for people; the classes are decided on integers. null where the trend is new. */
  velocity: number | null;
  change30: Points | null;
}

/**
 * Velocity v = (now − 30 days ago) ÷ 30 on unrounded scores: v ≤ −0.5 declining fast, ≤ −0.2 declining, < 0.2 stable,
 * < 0.5 improving, else improving fast. Compared as whole changes (0.5 a day = 15 points), so no float can tip an edge.
 */
export function trendOf(now: Points | null, then: Points | null): TrendResult {
  if (now === null || then === null) return { trend: 'new', velocity: null, change30: null };
  const change30 = now - then;
  return { trend: classOf(change30), velocity: change30 / POINT / TREND_DAYS, change30 };
}

function classOf(change: Points): Trend {
  if (change <= -15 * POINT) return 'declining fast';
  if (change <= -6 * POINT) return 'declining';
  if (change < 6 * POINT) return 'stable';
  return change < 15 * POINT ? 'improving' : 'improving fast';
}
