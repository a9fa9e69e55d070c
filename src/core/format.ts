import { dateOf, dayOf } from './days.ts';
import type { Money } from './fact.ts';

/** Figures and dates as people write them. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const FAR_DAYS = 300;

/** "14 Jan"; with the year where it lies more than ten months from `today` (day number). */
export function shortDate(date: string, today: number): string {
  const [year = '', month = '1', day = '1'] = date.split('-');
  const text = `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''}`;
  return Math.abs(dayOf(date) - today) > FAR_DAYS ? `${text} ${year}` : text;
}

/** "25 Nov 2026" of `2026-11-25` */
export function dateText(date: string): string {
  const [year = '', month = '1', day = '1'] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

/** "Green" of `green` */
export const bandTitle = (band: string): string => band.charAt(0).toUpperCase() + band.slice(1);

/** Scoring writes the same few hundred days again and again: near ones without a year, far ones with it. */
const [near, far] = [new Map<number, string>(), new Map<number, string>()];
const MOST_WRITTEN = 10_000;

export function shortDay(day: number, today: number): string {
  const texts = Math.abs(day - today) > FAR_DAYS ? far : near;
  const known = texts.get(day);
  if (known !== undefined) return known;
  const text = shortDate(dateOf(day), today);
  if (texts.size >= MOST_WRITTEN) texts.clear();
  texts.set(day, text);
  return text;
}

/** At most one decimal, and none where the figure is 10 or more; a true minus sign. */
export function figure(value: number): string {
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
  return rounded < 0 ? `−${-rounded}` : String(rounded === 0 ? 0 : rounded);
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

/** "£84k", "€1.2m": short, in the amount's own currency. */
export function shortMoney(money: Money): string {
  let format = moneyFormats.get(money.currency);
  if (!format) {
    format = new Intl.NumberFormat('en-GB', {
      style: 'currency',
      currency: money.currency,
      notation: 'compact',
      maximumFractionDigits: 1,
      minimumFractionDigits: 0,
    });
    moneyFormats.set(money.currency, format);
  }
  return format.format(majorUnits(money)).replace('K', 'k').replace('M', 'm');
}

const exponents = new Map<string, number>();

/** Pounds for pence: currencies differ in how many minor units make one (ISO 4217). */
export function majorUnits({ minor, currency }: Money): number {
  let exponent = exponents.get(currency);
  if (exponent === undefined) {
    exponent =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    exponents.set(currency, exponent);
  }
  return minor / 10 ** exponent;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** "1 account", "3 accounts"; an irregular plural is named. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;

/** "a", "a and b", "a, b and c" */
export const listed = (items: string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** "a", "a or b", "a, b or c" */
export const alternatives = (items: string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
