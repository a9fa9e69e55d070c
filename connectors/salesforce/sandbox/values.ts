import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import type { Field } from './field.ts';

/** Epoch ms → "2026-11-01T00:00:00.000+0000", the vendor's REST form. */
export const instant = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000');
/** Epoch ms → UTC calendar date. */
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** Stamps have one-second resolution. */
export const second = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** A stored cell as REST shows it. */
export function toJson(f: Field, cell: Cell): string | number | boolean | null {
  if (cell === null) return null;
  if (f.type === 'boolean') return cell !== 0;
  if (f.type === 'datetime') return instant(Number(cell));
  return cell;
}

/** "2026-11-01T00:00:00Z", "…+0000", "…+02:00" → epoch ms, null where it is no instant. */
export function parseInstant(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)(Z|[+-]\d{2}:?\d{2})$/.exec(text);
  if (!match) return null;
  const zone = match[2] === 'Z' ? 'Z' : `${match[2]?.slice(0, 3)}:${match[2]?.slice(-2)}`;
  const ms = Date.parse(`${match[1]}${zone}`);
  return Number.isNaN(ms) ? null : ms;
}

/** A real calendar date. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && day(ms) === text;
}

const digits = new Map<string, number>();
/** Minor units → the amount in major units, as the vendor keeps currencies. */
export function major(minor: number, currency: string): number {
  let places = digits.get(currency);
  if (places === undefined) {
    places = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digits.set(currency, places);
  }
  return Number((minor / 10 ** places).toFixed(places));
}
