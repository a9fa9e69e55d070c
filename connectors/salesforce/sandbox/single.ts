import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { externalKey, type Writes } from './dml.ts';
import { ApiError, RowError } from './errors.ts';
import { parseId } from './ids.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import type { Json } from './records.ts';
import type { RowFaults } from './row-faults.ts';
import { selectFields, showRecord } from './show.ts';

interface Key {
  field: string;
  value: string;
}

/** /sobjects/X/… for one record. A row error is here the error of the request. */
export class SingleRecords {
  readonly #org: Org;
  readonly #writes: Writes;
  readonly #faults: RowFaults;

  constructor(org: Org, writes: Writes, faults: RowFaults) {
    this.#org = org;
    this.#writes = writes;
    this.#faults = faults;
  }

  get(object: ObjectSpec, id: string, key: Key | null, fields: string | null, version: string): Answer {
    const selected = selectFields(this.#org, object, fields === null ? [] : fields.split(','));
    const found = this.#resolve(object, id, key, version);
    if (typeof found !== 'string') return found;
    const record = showRecord(this.#org, object, found, selected, version);
    if (!record) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    return { status: 200, body: record };
  }

  create(object: ObjectSpec, json: Json): Answer {
    const done = this.#one('record.create', this.#writes.create(object, json, 'record.create'));
    return { status: 201, body: { id: done.id, success: true, errors: [] }, records: 1 };
  }

  update(object: ObjectSpec, id: string, json: Json): Answer {
    if (json.Id !== undefined || json.id !== undefined) {
      throw new ApiError(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']);
    }
    this.#one('record.update', this.#writes.update(object, id, json, 'record.update'));
    return { status: 204, records: 1 };
  }

  delete(object: ObjectSpec, id: string, key: Key | null): Answer {
    const found = this.#resolve(object, id, key, '');
    if (typeof found !== 'string') return found;
    this.#one('record.delete', this.#writes.delete(object, found, 'record.delete'));
    return { status: 204, records: 1 };
  }

  /** 201 created, 200 updated, 300 where several records hold the key. */
  upsert(object: ObjectSpec, key: Key, json: Json, version: string): Answer {
    const f = externalKey(this.#org, object, key.field);
    if (Object.keys(json).some((name) => name.toLowerCase() === f.name.toLowerCase())) {
      throw new ApiError(400, 'INVALID_FIELD', `The ${f.name} field should not be specified in the sobject data.`, [
        f.name,
      ]);
    }
    if (f.type === 'id') return this.update(object, key.value, json);
    const matches = this.#writes.matches(object, f, key.value);
    if (matches.length > 1) return choices(object, matches, version);
    const work = this.#writes.upsert(object, f, { ...json, [f.name]: key.value }, 'record.upsert', new Set());
    const { id, created = false } = this.#one('record.upsert', work);
    return { status: created ? 201 : 200, body: { id, success: true, errors: [], created }, records: 1 };
  }

  #resolve(object: ObjectSpec, id: string, key: Key | null, version: string): string | Answer {
    if (!key) return parseId(id) ?? id;
    const matches = this.#writes.matches(object, externalKey(this.#org, object, key.field), key.value);
    if (matches.length > 1) return choices(object, matches, version);
    const [only] = matches;
    if (only === undefined) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
    return only;
  }

  #one(kind: string, work: () => { id: string; created?: boolean }): { id: string; created?: boolean } {
    this.#faults.batch(1, kind);
    try {
      return this.#org.tables.transaction(work);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      const { statusCode, message, fields } = error;
      if (statusCode === 'INVALID_CROSS_REFERENCE_KEY' && fields.length === 0) {
        throw new ApiError(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible: Id', []);
      }
      throw new ApiError(
        statusCode === 'ENTITY_IS_DELETED' && fields.length === 0 ? 404 : 400,
        statusCode,
        message,
        fields,
      );
    }
  }
}

const choices = (object: ObjectSpec, ids: string[], version: string): Answer => ({
  status: 300,
  body: ids.map((id) => `/services/data/v${version}/sobjects/${object.name}/${id}`),
});
