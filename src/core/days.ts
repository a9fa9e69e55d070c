/** Calendar days as integers (days since 1970-01-01), so that windows are whole days and never floats. */

export const DAY_MS = 86_400_000;

/**
 * `YYYY-MM-DD` → day number; NaN where it is no date. Counted by hand (years from March, so that leap days come last), since
 * scoring does it for every invoice and Date.parse would take a tenth of its time.
 */
export function dayOf(date: string): number {
  const year = numberAt(date, 0, 4);
  const month = numberAt(date, 5, 7);
  const day = numberAt(date, 8, 10);
  if (date.length !== 10 || !(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  const y = month > 2 ? year : year - 1;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + ofYear - 719_468;
}

/** The number that is written there; digits are read without a text of their own. */
function numberAt(text: string, from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number(text.slice(from, to));
    number = 10 * number + digit;
  }
  return number;
}

/** Scoring writes the same few hundred days again and again. */
const written = new Map<number, string>();
const MOST_WRITTEN = 10_000;

/** Day number → `YYYY-MM-DD`. */
export function dateOf(day: number): string {
  const known = written.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (written.size >= MOST_WRITTEN) written.clear();
  written.set(day, date);
  return date;
}

/** 1 January 1970 was a Thursday: 0 = Monday … 6 = Sunday. */
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;
export const isWorkday = (day: number): boolean => weekday(day) < 5;

/** Monday to Friday in [from, to). */
export function workdaysBetween(from: number, to: number): number {
  let count = Math.max(0, Math.floor((to - from) / 7)) * 5;
  for (let day = to - ((to - from) % 7); day < to; day++) if (isWorkday(day)) count++;
  return count;
}
