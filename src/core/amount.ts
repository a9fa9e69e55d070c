import type { Money } from './fact.ts';

/** Brings an amount into the reporting currency; null = no rate is known. */
export type Convert = (money: Money) => Money | null;

/** "£84k", "$1.2m", "€950": short enough for a subject line. */
export function amountText(money: Money): string {
  const { symbol, digits } = currencyOf(money.currency);
  const units = Math.abs(money.minor) / 10 ** digits;
  const sign = money.minor < 0 ? '-' : '';
  return `${sign}${symbol}${short(units)}`;
}

function short(units: number): string {
  if (units < 999.5) return String(Math.round(units));
  if (units < 999_500) return `${figures(units / 1_000)}k`;
  return `${figures(units / 1_000_000)}m`;
}
/** One decimal below 10 where it says something. */
const figures = (n: number): string => String(n < 9.95 ? Math.round(n * 10) / 10 : Math.round(n));

const currencies = new Map<string, { symbol: string; digits: number }>();
function currencyOf(code: string): { symbol: string; digits: number } {
  const known = currencies.get(code);
  if (known) return known;
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency: code });
  const symbol = format.formatToParts(0).find((p) => p.type === 'currency')?.value ?? code;
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  // "CHF" reads badly against a figure, "£" does not.
  const made = { symbol: /\w$/.test(symbol) ? `${symbol} ` : symbol, digits };
  currencies.set(code, made);
  return made;
}

/** Sum in one currency: as it is where all agree, else converted; null where one amount is unknown or has no rate. */
export function sumAmounts(amounts: readonly (Money | null | undefined)[], convert?: Convert): Money | null {
  const known = amounts.filter((a): a is Money => a !== null && a !== undefined);
  const first = known[0];
  if (!first || known.length < amounts.length) return null;
  const one = known.every((a) => a.currency === first.currency);
  const same = one ? known : known.map((a) => convert?.(a) ?? null);
  let minor = 0;
  let currency = first.currency;
  for (const amount of same) {
    if (!amount) return null;
    minor += amount.minor;
    currency = amount.currency;
  }
  return { minor, currency };
}
