import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { externalKey, type RowResult, runBatch, type Writes } from './dml.ts';
import { ApiError, RowError } from './errors.ts';
import { parseId } from './ids.ts';
import { isJson } from './json.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import type { Json } from './records.ts';
import type { RowFaults } from './row-faults.ts';
import { type Selected, selectFields, showRecord } from './show.ts';

const MAX_RECORDS = 200;
const MAX_RETRIEVE = 2_000;
const MAX_TYPE_CHUNKS = 10;

/** /composite/sobjects: up to 200 records a call, one result each in the order sent, HTTP 200 even if all failed. */
export class Collections {
  readonly #org: Org;
  readonly #writes: Writes;
  readonly #faults: RowFaults;

  constructor(org: Org, writes: Writes, faults: RowFaults) {
    this.#org = org;
    this.#writes = writes;
    this.#faults = faults;
  }

  create(body: Json): Answer {
    const kind = 'collections.create';
    return this.#run(kind, body, (record) => this.#writes.create(this.#typeOf(record), record, kind));
  }

  update(body: Json): Answer {
    const kind = 'collections.update';
    return this.#run(kind, body, (record) => this.#writes.update(this.#typeOf(record), idOf(record), record, kind));
  }

  upsert(object: ObjectSpec, field: string, body: Json): Answer {
    const kind = 'collections.upsert';
    const key = externalKey(this.#org, object, field);
    const seen = new Set<string>();
    return this.#run(kind, body, (record) => {
      if (this.#typeOf(record) !== object)
        throw new ApiError(400, 'INVALID_INPUT', `all records must be of type ${object.name}`);
      if (key.type === 'id') return this.#writes.update(object, idOf(record), record, kind);
      return this.#writes.upsert(object, key, record, kind, seen);
    });
  }

  delete(query: URLSearchParams): Answer {
    const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '');
    const kind = 'collections.delete';
    const body = { allOrNone: query.get('allOrNone') === 'true', records: ids.map((id) => ({ id })) };
    return this.#run(kind, body, ({ id }) => () => {
      const object = this.#org.ownerOf(String(id));
      if (!object) throw new RowError('MALFORMED_ID', `bad id ${id}`, ['Id']);
      return this.#writes.delete(object, String(id), kind)();
    });
  }

  /** One entry per id, null where nothing is to be seen. */
  retrieve(object: ObjectSpec, body: Json, version: string): Answer {
    const { ids, fields } = body;
    if (!Array.isArray(ids) || !Array.isArray(fields) || fields.length === 0) {
      throw new ApiError(400, 'MISSING_ARGUMENT', 'ids and fields are required');
    }
    if (ids.length > MAX_RETRIEVE) throw tooMany(MAX_RETRIEVE);
    const selected: Selected = selectFields(this.#org, object, fields.map(String));
    const found = ids.map((id) => {
      const full = parseId(String(id));
      if (full === null) throw new ApiError(400, 'MALFORMED_ID', `malformed id ${id}`);
      return showRecord(this.#org, object, full, selected, version);
    });
    return { status: 200, body: found };
  }

  #run(kind: string, body: Json, work: (record: Json) => Parameters<typeof runBatch>[1][number]): Answer {
    const { records } = body;
    if (!Array.isArray(records) || !records.every(isJson)) {
      throw new ApiError(400, 'JSON_PARSER_ERROR', 'records: expected an array of objects');
    }
    if (records.length > MAX_RECORDS) throw tooMany(MAX_RECORDS);
    if (typeChunks(records) > MAX_TYPE_CHUNKS) {
      throw new ApiError(400, 'INVALID_INPUT', `no more than ${MAX_TYPE_CHUNKS} chunks of object types in one request`);
    }
    this.#faults.batch(records.length, kind);
    const results: RowResult[] = runBatch(this.#org, records.map(work), body.allOrNone === true);
    return { status: 200, body: results, records: records.length };
  }

  #typeOf(record: Json): ObjectSpec {
    const type = isJson(record.attributes) ? String(record.attributes.type ?? '') : '';
    const object = this.#org.object(type);
    if (!object) throw new ApiError(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`);
    return object;
  }
}

const idOf = (record: Json): unknown => record.id ?? record.Id;
const tooMany = (max: number): ApiError =>
  new ApiError(400, 'EXCEEDED_ID_LIMIT', `record limit reached. cannot submit more than ${max} records into this call`);

/** Runs of records of one type, as the vendor splits a mixed request. */
function typeChunks(records: Json[]): number {
  let chunks = 0;
  let before: unknown;
  for (const { attributes } of records) {
    const type = isJson(attributes) ? attributes.type : undefined;
    if (chunks === 0 || type !== before) chunks += 1;
    before = type;
  }
  return chunks;
}
