import type { Money } from '../core/fact.ts';

/** Digits after the decimal point that a currency has (ISO 4217): JPY 0, GBP 2, BHD 3. Throws RangeError for a malformed code. */
export function exponentOf(currency: string): number {
  const known = exponents.get(currency);
  if (known !== undefined) return known;
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  exponents.set(currency, digits);
  return digits;
}
/** A formatter takes longer to make than a row to read. */
const exponents = new Map<string, number>();

export interface AmountFormat {
  /** Default '.'. */
  decimal?: '.' | ',';
  /** Accepted only where it is declared: "1,234" is otherwise ambiguous. */
  thousands?: ',' | '.' | ' ' | "'";
}

/**
 * A decimal amount → integer minor units, digit by digit, so that no float error creeps in. Digits beyond the currency's own are
 * rounded half away from zero. null where the text is no amount (null, '', "n/a", "1,234" without declared thousands, NaN).
 */
export function toMoney(
  amount: string | number | null | undefined,
  currency: string,
  format: AmountFormat = {},
): Money | null {
  const minor = toMinor(amount, currency, format);
  return minor === null ? null : { minor, currency: currency.toUpperCase() };
}

function toMinor(amount: string | number | null | undefined, currency: string, format: AmountFormat): number | null {
  if (amount === null || amount === undefined || !/^[A-Za-z]{3}$/.test(currency)) return null;
  if (typeof amount === 'number') return Number.isFinite(amount) ? digitsToMinor(plainDecimal(amount), currency) : null;
  const { decimal = '.', thousands } = format;
  let text = amount.trim().replace(/[\u00a0\u202f]/g, ' ');
  if (thousands !== undefined) {
    const point = text.indexOf(decimal);
    const whole = point === -1 ? text : text.slice(0, point);
    if (whole.includes(thousands) && !new RegExp(`^[-+]?\\d{1,3}(?:\\${thousands}\\d{3})+$`).test(whole)) return null;
    text = whole.replaceAll(thousands, '') + (point === -1 ? '' : text.slice(point));
  }
  if (decimal === ',') {
    if (text.includes('.')) return null;
    text = text.replace(',', '.');
  }
  return digitsToMinor(text, currency);
}

function digitsToMinor(text: string, currency: string): number | null {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(text);
  const [, sign, whole = '', fraction = ''] = match ?? [];
  if (!match || whole + fraction === '') return null;
  const digits = exponentOf(currency);
  const padded = fraction.padEnd(digits + 1, '0');
  const magnitude = Number(
    BigInt(`${whole || '0'}${padded.slice(0, digits)}`) + (Number(padded[digits]) >= 5 ? 1n : 0n),
  );
  if (!Number.isSafeInteger(magnitude)) return null;
  return sign === '-' && magnitude !== 0 ? -magnitude : magnitude;
}

/** The same as a bare number of minor units; NaN where it is no amount. */
export function minorUnits(amount: string | number, currency: string, format: AmountFormat = {}): number {
  return toMoney(amount, currency, format)?.minor ?? Number.NaN;
}

/** The shortest decimal text of a number, without an exponent: 1e21 → "1000…", 5e-7 → "0.0000005". */
function plainDecimal(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined) return mantissa;
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - whole.length)}${whole}${fraction}`;
  return `${sign}${whole}${fraction.padEnd(shift, '0')}`;
}

/** Minor units → decimal text, exact: 123456 GBP → "1234.56", 1234 JPY → "1234". */
export function toDecimal(money: Money): string {
  const digits = exponentOf(money.currency);
  const text = String(Math.abs(money.minor)).padStart(digits + 1, '0');
  const point = text.length - digits;
  return `${money.minor < 0 ? '-' : ''}${text.slice(0, point)}${digits > 0 ? `.${text.slice(point)}` : ''}`;
}

/** For people: "£840", "£84k", "£1.2m", "£2bn". Whole units below a thousand, two figures above. */
export function shortMoney(money: Money): string {
  const value = Math.round(Math.abs(money.minor) / 10 ** exponentOf(money.currency));
  const steps: [number, string][] = [
    [1e9, 'bn'],
    [1e6, 'm'],
    [1e3, 'k'],
  ];
  let figure = String(value);
  for (const [size, letter] of steps) {
    if (value < size * 0.9995) continue;
    const scaled = value / size;
    figure = `${scaled < 9.95 ? Number(scaled.toFixed(1)) : Math.round(scaled)}${letter}`;
    break;
  }
  const parts = new Intl.NumberFormat('en-GB', {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: 0,
  }).formatToParts(money.minor < 0 ? -1 : 1);
  return parts.map((p) => (p.type === 'integer' ? figure : p.value)).join('');
}
