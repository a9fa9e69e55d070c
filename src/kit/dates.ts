import { DateTime } from 'luxon';

/**
 * Calendar dates are `YYYY-MM-DD` texts without a zone; instants are epoch ms. Every function throws RangeError for a malformed date
 * or an unknown time zone, since both are mistakes of ours: input is checked with `parseDate` first.
 */

/** A strict calendar date, or null: 2026-02-30, "2026-2-3" and instants are none. */
export function parseDate(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  return DateTime.fromISO(text, { zone: 'utc' }).isValid ? text : null;
}

/** A strict ISO 8601 instant with its offset (Z, +02:00, +0000) → epoch ms; null for anything else, a bare date too. */
export function parseInstant(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const instant = DateTime.fromISO(text, { setZone: true });
  return instant.isValid ? instant.toMillis() : null;
}

/** The calendar date that an instant (epoch ms) falls on in a time zone. */
export function todayIn(timezone: string, now: number): string {
  return dateText(valid(DateTime.fromMillis(now, { zone: timezone }), timezone));
}

/** Days from a to b; negative where b is earlier. */
export function daysBetween(a: string, b: string): number {
  return Math.round((utc(b).toMillis() - utc(a).toMillis()) / 86_400_000);
}

export function addDays(date: string, days: number): string {
  return dateText(utc(date).plus({ days }));
}

/** First instant (epoch ms) of a date in a time zone; where the clock skips midnight, the first one that exists. */
export function startOfDay(date: string, timezone: string): number {
  parsed(date);
  return valid(DateTime.fromISO(date, { zone: timezone }), `${date} ${timezone}`)
    .startOf('day')
    .toMillis();
}

/** The instant (epoch ms) of a full hour of a date in a time zone; where the clock skips that hour, the next one. */
export function atTime(date: string, hour: number, timezone: string): number {
  parsed(date);
  return valid(DateTime.fromISO(date, { zone: timezone }), `${date} ${timezone}`)
    .set({ hour })
    .toMillis();
}

/** Last instant (epoch ms) of a date in a time zone. */
export function endOfDay(date: string, timezone: string): number {
  return startOfDay(addDays(date, 1), timezone) - 1;
}

/** The instant so many calendar units before an instant (epoch ms), counted in UTC: a month before 31 March is 28 or 29 February. */
export function unitsBefore(instant: number, unit: 'day' | 'week' | 'month' | 'year', count: number): number {
  return valid(DateTime.fromMillis(instant, { zone: 'utc' }), 'instant')
    .minus({ [unit]: count })
    .toMillis();
}

/** "14 Jan", or "14 Jan 2027" where it is more than a year away from `today`, so that nobody takes one year for another. */
export function shortDate(date: string, today: string): string {
  const day = utc(date);
  const far = day > utc(today).plus({ years: 1 }) || day < utc(today).minus({ years: 1 });
  return day
    .setLocale('en-GB')
    .toFormat(far ? 'd LLL yyyy' : 'd LLL')
    .replace('Sept', 'Sep');
}

function parsed(date: string): string {
  if (parseDate(date) === null) throw new RangeError(`"${date.slice(0, 40)}" is not a date like 2026-11-25`);
  return date;
}
const utc = (date: string): DateTime => DateTime.fromISO(parsed(date), { zone: 'utc' });

function valid(instant: DateTime, what: string): DateTime {
  if (!instant.isValid)
    throw new RangeError(`${what}: ${instant.invalidExplanation ?? instant.invalidReason ?? 'no such date'}`);
  return instant;
}

function dateText(instant: DateTime): string {
  return instant.toFormat('yyyy-MM-dd');
}
