import { dateOf } from '../days.ts';

/** Of more than a year nobody needs each month. */
export const MOST_DATES = 12;
/** Signals look back: a score at the very beginning of the data knows nothing. */
const HISTORY_DAYS = 90;

/**
 * Month ends (day numbers) with history before them and a whole horizon after them, at most the last twelve. Where there is none, the
 * last day that leaves a horizon, or else the last day of the data.
 */
export function defaultDays(oldest: number, newest: number, horizon: number): number[] {
  const found: number[] = [];
  for (let day = newest - horizon; day >= oldest + HISTORY_DAYS && found.length < MOST_DATES; day--)
    if (dateOf(day + 1).endsWith('-01')) found.push(day);
  if (found.length > 0) return found.reverse();
  return [newest - horizon >= oldest ? newest - horizon : newest];
}
