import { figureOf, firstDay } from './aggregate.ts';
import { dateOf, isWorkday } from './days.ts';
import { counted, figure } from './format.ts';
import type { Term } from './measure.ts';
import type { Env } from './rows.ts';
import { aged, type MeasureContext } from './signals.ts';

/**
 * What is unlike an account's own past. Everything is measured against the median of its own earlier weeks, and their median distance
 * from it: a few odd weeks move neither. Windows are whole days that end at the start of today.
 */

/** Days that are judged, and the weeks before them that they are judged by. */
const RECENT_DAYS = 14;
const WEEKS = 12;
/** Weeks that must be told. */
const LEAST_WEEKS = 8;
/** Of the recent working days so many must be low: a holiday week is five, and data may come a day late. */
const LOW_DAYS = 7;
/** A day is low at or below this share of the usual one … */
const LOW = 0.7;
/** … and below what such weeks usually vary by, so many times over. */
const SPREADS = 3;
/** Below so many on a usual day there is nothing to fall from. */
const LEAST_USE = 5;
/** Where the average is above this share of the earlier one, nothing has dropped. */
const AS_EVER = 0.95;
const FORTNIGHTS = 13;
const LEAST_EXPORTS = 10;
const LEAST_TICKETS = 5;

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const [EACH_DAY, EACH_WEEK, EACH_FORTNIGHT] = [range(RECENT_DAYS), range(WEEKS), range(FORTNIGHTS)];

/** Distance from the median → standard deviation, of what is normally distributed. */
const SIGMA = 1.4826;

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

/** How widely values lie around their median, as a standard deviation. */
export function spreadOf(values: readonly number[]): number {
  const middle = medianOf(values);
  return SIGMA * medianOf(values.map((value) => Math.abs(value - middle)));
}

/** Now and usually. */
export interface Unusual {
  now: number;
  usual: number;
}

/**
 * A sudden drop: most of the recent working days are far below the usual one.
 * @param days recent working days; null = not told
 * @param weeks averages of a working day over the weeks before
 */
export function dropIn(days: readonly (number | null)[], weeks: readonly (number | null)[]): Unusual | null {
  const told = days.filter((day) => day !== null);
  const known = weeks.filter((week) => week !== null);
  if (told.length < LOW_DAYS || known.length < LEAST_WEEKS) return null;
  const usual = medianOf(known);
  if (usual < LEAST_USE) return null;
  const most = Math.min(usual * LOW, usual - SPREADS * spreadOf(known));
  const low = told.filter((day) => day <= most);
  return low.length >= LOW_DAYS ? { now: medianOf(told), usual } : null;
}

/**
 * Far above all that was there before: at least `factor` times the usual, well outside of what is common, and above the highest of the
 * times before, so that what comes every month or quarter is none.
 */
export function surgeIn(
  now: number,
  before: readonly (number | null)[],
  { least, factor, above }: { least: number; factor: number; above: number },
): Unusual | null {
  const known = before.filter((value) => value !== null);
  if (now < least || known.length < LEAST_WEEKS) return null;
  const usual = medianOf(known);
  const highest = Math.max(...known);
  const far = now >= factor * usual && now >= usual + 2 * SPREADS * spreadOf(known) && now >= above * highest;
  return far ? { now, usual } : null;
}

/** Between these nearly everybody is away. */
const awayOn = (day: number): boolean => /-12-(2[4-9]|3[01])$|-01-01$/.test(dateOf(day));

const USAGE: Term = { kind: 'usage' };
const whole = { field: 'feature', exists: false };
/** How much the product is used, by the first figure that is told. Users of single features cannot be added up. */
const USES: readonly { what: string; term: Term }[] = [
  { what: 'active users', term: { kind: 'usage', metric: 'activeUsers', where: whole } },
  { what: 'logins', term: { kind: 'usage', metric: 'logins', where: whole } },
  { what: 'uses', term: { kind: 'usage', metric: 'uses', where: whole } },
  { what: 'uses', term: { kind: 'usage', metric: 'uses', where: { field: 'feature', exists: true } } },
];

/** "41 → 18 active users a working day" */
export function usageDrop(context: MeasureContext): string | null {
  const env = seen(context, USAGE, RECENT_DAYS);
  if (!env || !begunBefore(env, RECENT_DAYS + 7 * WEEKS)) return null;
  for (const { what, term } of USES) {
    const earlier = numberIn(env, term, 'average', RECENT_DAYS, 7 * WEEKS);
    if (earlier === null || earlier === 0) continue;
    // Most accounts are as ever, and need no closer look.
    if ((numberIn(env, term, 'average', 0, RECENT_DAYS) ?? 0) > AS_EVER * earlier) return null;
    const weeks = EACH_WEEK.map((n) => numberIn(env, term, 'average', RECENT_DAYS + 7 * n, 7));
    const days = EACH_DAY.filter((n) => isWorkday(env.today - 1 - n) && !awayOn(env.today - 1 - n)).map((n) =>
      numberIn(env, term, 'sum', n, 1),
    );
    const drop = dropIn(days, weeks);
    return drop && `${figure(drop.usual)} → ${figure(drop.now)} ${what} a working day`;
  }
  return null;
}

const EXPORTS: Term = { kind: 'usage', metric: 'exports' };

/** "240 data exports in 14 days, usually 12" */
export function unusualExport(context: MeasureContext): string | null {
  const env = seen(context, EXPORTS, 14);
  if (!env || !begunBefore(env, 14 * (1 + FORTNIGHTS))) return null;
  const now = numberIn(env, EXPORTS, 'sum', 0, 14);
  if (now === null || now < LEAST_EXPORTS) return null;
  const before = EACH_FORTNIGHT.map((n) => numberIn(env, EXPORTS, 'sum', 14 * (n + 1), 14));
  const surge = surgeIn(now, before, { least: LEAST_EXPORTS, factor: 3, above: 2 });
  return surge && `${figure(surge.now)} data exports in 14 days, usually ${figure(surge.usual)}`;
}

const TICKETS: Term = { kind: 'ticket' };

/** "11 tickets in 7 days, usually 2". The account must have been there for the weeks that it is judged by. */
export function ticketBurst(context: MeasureContext): string | null {
  const env = seen(context, TICKETS, 7);
  if (!env) return null;
  const now = numberIn(env, TICKETS, 'count', 0, 7);
  if (now === null || now < LEAST_TICKETS) return null;
  const before = EACH_WEEK.map((n) => numberIn(env, TICKETS, 'count', 7 * (n + 1), 7));
  const surge = surgeIn(now, before, { least: LEAST_TICKETS, factor: 3, above: 1.5 });
  return surge && `${counted(surge.now, 'ticket')} in 7 days, usually ${figure(surge.usual)}`;
}
export const TICKET_HISTORY_DAYS = 7 * (1 + WEEKS);

/** The account as of the day up to which the sources of a kind are whole; null = not covered, or stale for too long. */
function seen(context: MeasureContext, term: Term, days: number): Env | null {
  const { gaps } = context.coverage;
  if ((term.kind === 'usage' ? gaps.usage : gaps.tickets) !== null) return null;
  const { env, freshness } = aged(context, { windowDays: days }, term);
  return freshness > 0 ? env : null;
}

/** A figure of `days` whole days that ended `ago` days before today; null = not told. */
function numberIn(env: Env, term: Term, using: 'sum' | 'average' | 'count', ago: number, days: number): number | null {
  const to = env.today - ago;
  const { value } = figureOf(env, term, using, { from: to - days, to });
  return typeof value === 'number' ? value : null;
}

function begunBefore(env: Env, days: number): boolean {
  const first = firstDay(env, 'usage');
  return first !== null && first <= env.today - days;
}
