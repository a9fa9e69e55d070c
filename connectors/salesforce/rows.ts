import type { Reject } from '../../src/contract/index.ts';
import type { Money } from '../../src/core/fact.ts';
import { toMoney } from '../../src/kit/money.ts';

/** A record as the REST API returns it; parents are nested objects. */
export type Row = Record<string, unknown>;

/** A value that does not have the type its field should have: the row becomes a reject. */
export class RowError extends Error {}

/** The value at a path (`Owner.ManagerId`); undefined where a parent is missing. */
export function at(row: Row, path: string): unknown {
  let value: unknown = row;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Row)[key];
  }
  return value;
}

const wrong = (path: string, value: unknown, expected: string): RowError =>
  new RowError(`${path}: found ${Array.isArray(value) ? 'a list' : typeof value}, expected ${expected}`);

/** A text; '' and absent are null. */
export function str(row: Row, path: string): string | null {
  const value = at(row, path);
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw wrong(path, value, 'a text');
  return value;
}

export function required(row: Row, path: string): string {
  const value = str(row, path);
  if (value === null) throw new RowError(`${path}: missing`);
  return value;
}

export function num(row: Row, path: string): number | null {
  const value = at(row, path);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, value, 'a number');
  return value;
}

export function bool(row: Row, path: string): boolean | null {
  const value = at(row, path);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw wrong(path, value, 'true or false');
  return value;
}

/** YYYY-MM-DD; a date-time counts as its UTC day. */
export function date(row: Row, path: string): string | null {
  const value = str(row, path);
  if (value === null) return null;
  const day = /^(\d{4}-\d{2}-\d{2})(?:T|$)/.exec(value)?.[1];
  if (!day || Number.isNaN(Date.parse(day))) throw new RowError(`${path}: expected a date like 2026-11-25`);
  return day;
}

/** Epoch ms of a date-time like 2026-11-01T00:00:00.000+0000. */
export function instant(row: Row, path: string): number | null {
  const value = str(row, path);
  if (value === null) return null;
  const ms = Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(ms)) throw new RowError(`${path}: expected a date-time like 2026-11-01T00:00:00.000+0000`);
  return ms;
}

export function requiredInstant(row: Row, path: string): number {
  const value = instant(row, path);
  if (value === null) throw new RowError(`${path}: missing`);
  return value;
}

export function money(row: Row, path: string, currency: string): Money | null {
  return toMoney(num(row, path), currency);
}

/** Maps rows; a row that does not fit is counted and told, and never stops the others. */
export function mapRows<T>(object: string, rows: Row[], map: (row: Row) => T[]): { mapped: T[]; rejects: Reject[] } {
  const mapped: T[] = [];
  const rejects: Reject[] = [];
  for (const row of rows) {
    try {
      mapped.push(...map(row));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      rejects.push({
        where: `${object} ${typeof row.Id === 'string' ? row.Id : '(no id)'}`,
        reason: error.message,
      });
    }
  }
  return { mapped, rejects };
}
