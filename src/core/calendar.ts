import { dateOf, dayOf, isWorkday } from './days.ts';
import { shortDate } from './format.ts';

/** Calendar dates without zone ("2026-12-04") for renewals and due dates. Weeks run Monday to Friday. */

const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** Whether a value is a date of the calendar (2026-02-30 is none). */
export function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = dayOf(value);
  return !Number.isNaN(day) && dateOf(day) === value;
}

export const addDays = (on: string, days: number): string => dateOf(dayOf(on) + days);

/** From `from` until `to` in days; negative where `to` is earlier. */
export const daysBetween = (from: string, to: string): number => dayOf(to) - dayOf(from);

/**
 * A working day by which something should be done: `withinDays` from today, sooner where `before` (a renewal still to come) is
 * nearer, and never earlier than the next working day.
 */
export function dueDay(today: string, withinDays: number, before: string | null): string {
  const now = dayOf(today);
  let soonest = now + 1;
  while (!isWorkday(soonest)) soonest++;
  const wanted = now + withinDays;
  const limit = before !== null && dayOf(before) > now ? Math.min(wanted, dayOf(before) - 1) : wanted;
  let due = limit;
  while (!isWorkday(due)) due--;
  return dateOf(Math.max(due, soonest));
}

/** "14 Jan", with the year where it is far from today. */
export const dayText = (on: string, today: string): string => shortDate(on, dayOf(today));

/** "Fri 4 Dec" */
export const weekdayText = (on: string, today: string): string =>
  `${WEEKDAYS[((dayOf(on) % 7) + 7) % 7]} ${dayText(on, today)}`;
