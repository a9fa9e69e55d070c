/** Calendar dates without zone ("2026-12-04") for renewals, due dates and texts. Weeks run Monday to Friday. */

const DAY_MS = 86_400_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Days since 1970-01-01; NaN where the text is no date of the calendar (2026-02-30). */
export function dayNumber(on: string): number {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(on)) return Number.NaN;
  const day = Date.parse(`${on}T00:00:00Z`) / DAY_MS;
  return Number.isNaN(day) || isoDay(day) !== on ? Number.NaN : day;
}

/** Days since 1970-01-01 → "2026-12-04". */
export const isoDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const addDays = (on: string, days: number): string => isoDay(dayNumber(on) + days);

/** From `from` until `to` in days; negative where `to` is earlier. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);

const weekday = (on: string): number => new Date(dayNumber(on) * DAY_MS).getUTCDay();
export const isWorkingDay = (on: string): boolean => weekday(on) !== 0 && weekday(on) !== 6;

/** The same day, or the next Monday. */
export const workingDayFrom = (on: string): string => (isWorkingDay(on) ? on : workingDayFrom(addDays(on, 1)));
/** The same day, or the Friday before. */
export const workingDayUntil = (on: string): string => (isWorkingDay(on) ? on : workingDayUntil(addDays(on, -1)));

/**
 * A working day by which something should be done: `withinDays` from today, sooner where `before` (a renewal still to come) is
 * nearer, and never earlier than the next working day.
 */
export function dueDay(today: string, withinDays: number, before: string | null): string {
  const soonest = workingDayFrom(addDays(today, 1));
  const wanted = addDays(today, withinDays);
  const limit = before !== null && before > today && before < wanted ? addDays(before, -1) : wanted;
  const due = workingDayUntil(limit);
  if (due < soonest) return soonest;
  return due;
}

/** "14 Jan", with the year where it is not this year's or the coming year's near date ("14 Jan 2029"). */
export function dayText(on: string, today: string): string {
  const [year, month, day] = on.split('-');
  const text = `${Number(day)} ${MONTHS[Number(month) - 1]}`;
  return Math.abs(daysBetween(today, on)) < 300 ? text : `${text} ${year}`;
}

/** "Fri 4 Dec" */
export const weekdayText = (on: string, today: string): string => `${WEEKDAYS[weekday(on)]} ${dayText(on, today)}`;
