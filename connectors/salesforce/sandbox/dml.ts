import { quote } from '../../../src/sandbox/kit-tables.ts';
import { ApiError, RowError } from './errors.ts';
import type { Field } from './field.ts';
import { parseId } from './ids.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import { createRecord, deleteRecord, type Json, updateRecord } from './records.ts';
import type { RowFaults } from './row-faults.ts';

export interface RowResult {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields: string[] }[];
  created?: boolean;
}
interface Done {
  id: string;
  created?: boolean;
}

/** One batch: each record by itself, or all together; results in the order of the request. */
export function runBatch(org: Org, works: (() => Done)[], allOrNone: boolean): RowResult[] {
  const results: RowResult[] = [];
  try {
    org.tables.transaction(() => {
      for (const work of works) results.push(attempt(org, work));
      if (allOrNone && results.some((r) => !r.success)) throw ROLL_BACK;
    });
  } catch (error) {
    if (error !== ROLL_BACK) throw error;
    org.access.forget();
    return results.map((r) => (r.success ? rolledBack() : r));
  }
  return results;
}
const ROLL_BACK = new Error('roll back');

function attempt(org: Org, work: () => Done): RowResult {
  try {
    const { id, created } = org.tables.transaction(work);
    return created === undefined ? { id, success: true, errors: [] } : { id, success: true, errors: [], created };
  } catch (error) {
    if (!(error instanceof RowError)) throw error;
    const { statusCode, message, fields } = error;
    return { success: false, errors: [{ statusCode, message, fields }] };
  }
}

const rolledBack = (): RowResult => ({
  success: false,
  errors: [
    {
      statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
      fields: [],
    },
  ],
});

/** What one record's write does, ready to be run. */
export class Writes {
  readonly #org: Org;
  readonly #faults: RowFaults;

  constructor(org: Org, faults: RowFaults) {
    this.#org = org;
    this.#faults = faults;
  }

  create(object: ObjectSpec, json: Json, kind: string): () => Done {
    return () => {
      this.#faults.check(object, null, json, kind);
      return { id: createRecord(this.#org, object, json) };
    };
  }

  update(object: ObjectSpec, id: unknown, json: Json, kind: string): () => Done {
    return () => {
      if (typeof id !== 'string' || id === '') {
        throw new RowError('MISSING_ARGUMENT', 'Id not specified in an update call');
      }
      this.#faults.check(object, parseId(id), json, kind);
      updateRecord(this.#org, object, id, json);
      return { id: parseId(id) ?? id };
    };
  }

  delete(object: ObjectSpec, id: string, kind: string): () => Done {
    return () => {
      this.#faults.check(object, parseId(id), {}, kind);
      deleteRecord(this.#org, object, id);
      return { id: parseId(id) ?? id };
    };
  }

  /** Upsert by external id; `seen` finds a key that stands twice in one request. */
  upsert(object: ObjectSpec, key: Field, json: Json, kind: string, seen: Set<string>): () => Done {
    return () => {
      const value = keyIn(json, key);
      if (seen.has(value))
        throw new RowError('DUPLICATE_VALUE', `Duplicate external id specified: ${value}`, [key.name]);
      seen.add(value);
      const [only, ...more] = this.matches(object, key, value);
      if (more.length > 0) {
        throw new RowError(
          'DUPLICATE_EXTERNAL_ID',
          `${key.name}: more than one record found for external id field: [${value}]`,
          [key.name],
        );
      }
      this.#faults.check(object, only ?? null, json, kind);
      if (only === undefined) return { id: createRecord(this.#org, object, json), created: true };
      updateRecord(this.#org, object, only, without(json, key.name));
      return { id: only, created: false };
    };
  }

  /** Ids of live records with this external id. */
  matches(object: ObjectSpec, key: Field, value: string): string[] {
    const live = object.recycles ? ' AND "IsDeleted" = 0' : '';
    const sql = `SELECT "Id" FROM ${quote(object.name)} WHERE ${quote(key.name)} = ?${live} LIMIT 3`;
    const cell = ['double', 'int'].includes(key.type) ? Number(value) : value;
    return this.#org.tables.all(sql, [cell]).map((row) => String(row.Id));
  }
}

/** The field by which an upsert matches; it must be an external id that the user can see. */
export function externalKey(org: Org, object: ObjectSpec, name: string): Field {
  const f = org.field(object, name);
  if (f?.externalId || f?.type === 'id') return f;
  throw new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`);
}

function keyIn(json: Json, key: Field): string {
  const found = Object.entries(json).find(([name]) => name.toLowerCase() === key.name.toLowerCase())?.[1];
  if (found === undefined || found === null || found === '') {
    throw new RowError('MISSING_ARGUMENT', `${key.name} not specified`, [key.name]);
  }
  return String(found);
}

const without = (json: Json, name: string): Json =>
  Object.fromEntries(Object.entries(json).filter(([key]) => key.toLowerCase() !== name.toLowerCase()));
