import { z } from 'zod';
import type { Reject } from '../../src/contract/index.ts';
import { readWhen } from '../../src/kit/read-date.ts';

/** Every value travels as text; numbers and flags of lenient answers are taken as theirs. */
const Value = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value === null || value === undefined || value === '' ? null : String(value)));
const Id = z.union([z.string(), z.int()]).transform(String);
const Instant = z.string().transform((text, ctx) => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  ctx.addIssue({ code: 'custom', message: 'expected an instant like 2026-11-25T09:00:00Z' });
  return z.NEVER;
});

/** A CRM record as list, search and batch read show it; no value is null. Instants are epoch ms. */
export const CrmRecord = z.object({
  id: Id,
  properties: z.record(z.string(), Value),
  propertiesWithHistory: z
    .record(
      z.string(),
      z.array(
        z.object({
          value: Value,
          timestamp: Instant,
          /** The person's user id, which is not the owner id; none = no person did it. */
          updatedByUserId: Id.nullish(),
        }),
      ),
    )
    .optional(),
  createdAt: Instant,
  updatedAt: Instant,
  archivedAt: Instant.nullish(),
});
export type CrmRecord = z.infer<typeof CrmRecord>;

/** A value that does not have the type its property should have: the record becomes a reject. */
export class RowError extends Error {}

/** Property name → value, at some instant. */
export type Values = ReadonlyMap<string, string | null>;

/** What a record says now. */
export const valuesOf = (record: CrmRecord): Values => new Map(Object.entries(record.properties));

export const str = (values: Values, name: string): string | null => values.get(name) ?? null;

export function num(values: Values, name: string): number | null {
  const text = str(values, name);
  if (text === null) return null;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new RowError(`${name}: found a text, expected a number`);
  return value;
}

export function bool(values: Values, name: string): boolean | null {
  const text = str(values, name)?.toLowerCase() ?? null;
  if (text === null) return null;
  if (text !== 'true' && text !== 'false') throw new RowError(`${name}: expected true or false`);
  return text === 'true';
}

/** Epoch ms of an ISO instant or of epoch ms. */
export function instant(values: Values, name: string): number | null {
  const text = str(values, name);
  if (text === null) return null;
  const at = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(at)) throw new RowError(`${name}: expected an instant like 2026-11-01T00:00:00Z`);
  return at;
}

const DAY = 86_400_000;
const YEAR_0 = Date.parse('0001-01-01');
const YEAR_10000 = Date.UTC(10_000, 0, 1);
/**
 * YYYY-MM-DD. Midnight UTC is how HubSpot writes a day without a time, whatever the zone; any other instant is a moment on somebody's
 * calendar, so that its day is the company's.
 */
export function day(values: Values, name: string, zone: string): string | null {
  const at = instant(values, name);
  if (at === null) return null;
  if (!(at > YEAR_0 && at < YEAR_10000)) throw new RowError(`${name}: expected a date like 2026-11-25`);
  const iso = new Date(at).toISOString();
  return (at % DAY === 0 ? iso.slice(0, 10) : readWhen(iso, zone)?.day) ?? null;
}

/** Rows as they came → records; what has no readable shape is a reject. */
export function readRecords(type: string, rows: readonly unknown[]): { records: CrmRecord[]; rejects: Reject[] } {
  const records: CrmRecord[] = [];
  const rejects: Reject[] = [];
  for (const row of rows) {
    const parsed = CrmRecord.safeParse(row);
    if (parsed.success) records.push(parsed.data);
    else {
      const [issue] = parsed.error.issues;
      const id = typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '(no id)';
      rejects.push({ where: `${type} ${id}`, reason: `${issue?.path.join('.') || 'record'}: ${issue?.message}` });
    }
  }
  return { records, rejects };
}

/** Maps records; one that does not fit is counted and told, and never stops the others. */
export function mapRecords<T>(
  type: string,
  records: readonly CrmRecord[],
  map: (record: CrmRecord) => T,
): { mapped: T[]; rejects: Reject[] } {
  const mapped: T[] = [];
  const rejects: Reject[] = [];
  for (const record of records) {
    try {
      mapped.push(map(record));
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      rejects.push({ where: `${type} ${record.id}`, reason: error.message });
    }
  }
  return { mapped, rejects };
}
