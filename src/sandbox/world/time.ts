import type { Random } from './random.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Start of the UTC day. */
export const dayOf = (at: number): number => Math.floor(at / DAY) * DAY;
/** YYYY-MM-DD in UTC. The last days asked for are kept: the same few hundred are written for every account. */
export function isoDay(at: number): string {
  const day = Math.floor(at / DAY);
  const known = isoDays.get(day);
  if (known !== undefined) return known;
  if (isoDays.size >= 5000) isoDays.clear();
  const text = new Date(at).toISOString().slice(0, 10);
  isoDays.set(day, text);
  return text;
}
const isoDays = new Map<number, string>();
/** Vendors keep whole seconds. */
export const toSecond = (at: number): number => Math.floor(at / SECOND) * SECOND;

/** The same calendar day `years` later (29 February becomes 1 March). */
export function addYears(at: number, years: number): number {
  const date = new Date(at);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}
/** The same day of the month `months` later, or the month's last day. */
export function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

/** A moment in office hours (08:00–18:00 UTC, Monday to Friday) on the day of `at`, or on the Monday after a weekend. */
export function officeTime(at: number, random: Random): number {
  const weekday = new Date(at).getUTCDay();
  const shift = weekday === 6 ? 2 : weekday === 0 ? 1 : 0;
  return dayOf(at) + shift * DAY + toSecond(random.between(8, 18) * HOUR);
}

/** What the whole world lies between. */
export interface Span {
  /** First day of history. */
  from: number;
  /** Where "now" stood when the world was made. */
  now: number;
  /** Last determined moment. */
  to: number;
}

/** Random moments at `perYear` events a year, where the rate may change with time; month by month, unsorted within a month. */
export function moments(random: Random, from: number, to: number, perYear: (at: number) => number): number[] {
  const found: number[] = [];
  const step = 30 * DAY;
  for (let start = from; start < to; start += step) {
    const width = Math.min(step, to - start);
    const count = random.poisson((perYear(start + width / 2) * width) / (365 * DAY));
    for (let i = 0; i < count; i++) found.push(officeTime(start + random.next() * width, random));
  }
  return found.filter((at) => at >= from && at < to).sort((a, b) => a - b);
}
