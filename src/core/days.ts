/** Calendar days as integers (days since 1970-01-01), so that windows are whole days and never floats. */

export const DAY_MS = 86_400_000;

/** `YYYY-MM-DD` → day number; NaN where it is no date. */
export const dayOf = (date: string): number => Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS);

export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** 1 January 1970 was a Thursday: 0 = Monday … 6 = Sunday. */
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;
export const isWorkday = (day: number): boolean => weekday(day) < 5;

/** Monday to Friday in [from, to). */
export function workdaysBetween(from: number, to: number): number {
  let count = Math.max(0, Math.floor((to - from) / 7)) * 5;
  for (let day = to - ((to - from) % 7); day < to; day++) if (isWorkday(day)) count++;
  return count;
}
