import { dateOf, dayOf } from './days.ts';
import type { Money } from './fact.ts';

/** Figures and dates as people write them. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "14 Jan"; with the year where it lies more than ten months from `today` (day number). */
export function shortDate(date: string, today: number): string {
  const [year = '', month = '1', day = '1'] = date.split('-');
  const text = `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''}`;
  return Math.abs(dayOf(date) - today) > 300 ? `${text} ${year}` : text;
}
export const shortDay = (day: number, today: number): string => shortDate(dateOf(day), today);

/** At most one decimal, and none where the figure is 10 or more; a true minus sign. */
export function figure(value: number): string {
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
  return String(rounded === 0 ? 0 : rounded).replace('-', '−');
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
