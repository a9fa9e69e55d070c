import type { CallType } from '../../../src/sandbox/kit-calls.ts';
import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import { Collections } from './collections.ts';
import { describe, describeGlobal } from './describe.ts';
import { Writes } from './dml.ts';
import { ApiError } from './errors.ts';
import { objectNamed, parseJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { Org } from './org.ts';
import { invalidLocator, type Queries } from './query.ts';
import type { RowFaults } from './row-faults.ts';
import { SingleRecords } from './single.ts';

/** Objects whose rows are set-up, not customer data. */
const SETUP = new Set(['PermissionSet', 'ObjectPermissions', 'FieldPermissions', 'PermissionSetAssignment']);

/** Everything under /services/data/vXX.0/. */
export class Rest {
  readonly #org: Org;
  readonly #queries: Queries;
  readonly #limits: Limits;
  readonly #faults: FaultList;
  readonly #collections: Collections;
  readonly #single: SingleRecords;

  constructor(org: Org, queries: Queries, limits: Limits, faults: FaultList, rows: RowFaults) {
    const writes = new Writes(org, rows);
    this.#org = org;
    this.#queries = queries;
    this.#limits = limits;
    this.#faults = faults;
    this.#collections = new Collections(org, writes, rows);
    this.#single = new SingleRecords(org, writes, rows);
  }

  /** `path` = segments behind the version. */
  route(request: KitRequest, path: string[], version: string): Route {
    const [head = '', ...rest] = path;
    const { method } = request;
    if (method === 'GET' && (head === 'query' || head === 'queryAll')) return this.#query(request, head, rest, version);
    if (method === 'GET' && head === 'limits') return read('limits', () => ok(this.#limits.body()));
    if (method === 'GET' && head === '') return read('resources', () => ok(resources(version)));
    if (head === 'sobjects') return this.#sobjects(request, rest, version);
    if (head === 'composite' && rest[0] === 'sobjects') return this.#composite(request, rest.slice(1), version);
    return notFound();
  }

  #query(request: KitRequest, head: string, [locator]: string[], version: string): Route {
    if (locator) {
      return read('queryMore', () => {
        if (this.#faults.take('invalid-locator', 'queryMore')) throw invalidLocator();
        const shrink = this.#faults.take('shrink-page', 'queryMore');
        return this.#queries.more(locator, version, shrink ? Number(shrink.with?.rows ?? 200) : null);
      });
    }
    return read('query', () => {
      if (this.#faults.take('query-timeout', 'query')) {
        throw new ApiError(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.');
      }
      const soql = request.url.searchParams.get('q');
      if (!soql) throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
      const hint = /batchSize=(\d+)/i.exec(String(request.headers['sforce-query-options'] ?? ''))?.[1];
      return this.#queries.query(soql, { all: head === 'queryAll', hint: hint ? Number(hint) : null, version });
    });
  }

  #sobjects(request: KitRequest, [name, ...rest]: string[], version: string): Route {
    const { method } = request;
    if (name === undefined) return read('describe', () => ok(describeGlobal(this.#org, version)));
    const object = () => objectNamed(this.#org, name);
    const [first, second] = rest;
    if (first === 'describe' && method === 'GET')
      return read('describe', () => ok(describe(this.#org, object(), version)));
    if (first === undefined) {
      if (method === 'POST')
        return this.#write('record.create', name, () => this.#single.create(object(), parseJson(request)));
      return read('describe', () => ok({ objectDescribe: object().name }));
    }
    const key = second === undefined ? null : { field: first, value: second };
    if (method === 'GET') {
      return read('record.get', () =>
        this.#single.get(object(), first, key, request.url.searchParams.get('fields'), version),
      );
    }
    if (method === 'DELETE') return this.#write('record.delete', name, () => this.#single.delete(object(), first, key));
    if (method === 'PATCH' && key) {
      return this.#write('record.upsert', name, () => this.#single.upsert(object(), key, parseJson(request), version));
    }
    if (method === 'PATCH')
      return this.#write('record.update', name, () => this.#single.update(object(), first, parseJson(request)));
    return notFound();
  }

  #composite(request: KitRequest, [name, field]: string[], version: string): Route {
    const { method, url } = request;
    if (name === undefined) {
      const type = firstType(request);
      if (method === 'POST')
        return this.#write('collections.create', type, () => this.#collections.create(parseJson(request)));
      if (method === 'PATCH')
        return this.#write('collections.update', type, () => this.#collections.update(parseJson(request)));
      if (method === 'DELETE')
        return this.#write('collections.delete', null, () => this.#collections.delete(url.searchParams));
      return notFound();
    }
    const object = () => objectNamed(this.#org, name);
    if (field === undefined && method === 'POST') {
      return read('collections.retrieve', () => this.#collections.retrieve(object(), parseJson(request), version));
    }
    if (field === undefined && method === 'GET') {
      const list = (key: string) => (url.searchParams.get(key) ?? '').split(',').filter((v) => v !== '');
      return read('collections.retrieve', () =>
        this.#collections.retrieve(object(), { ids: list('ids'), fields: list('fields') }, version),
      );
    }
    if (field !== undefined && method === 'PATCH') {
      return this.#write('collections.upsert', name, () =>
        this.#collections.upsert(object(), field, parseJson(request)),
      );
    }
    return notFound();
  }

  #write(kind: string, object: string | null, handle: () => Answer): Route {
    const type: CallType = object !== null && SETUP.has(object) ? 'setup' : 'write';
    return { kind, type, handle };
  }
}

const read = (kind: string, handle: () => Answer): Route => ({ kind, type: 'read', handle });
const ok = (body: unknown): Answer => ({ status: 200, body });
const notFound = (): Route =>
  read('unknown', () => {
    throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  });

/** Only to tell set-up from data: a body that cannot be read is refused when it is handled. */
function firstType(request: KitRequest): string | null {
  return /"type"\s*:\s*"(\w+)"/.exec(request.body)?.[1] ?? null;
}

function resources(version: string): Record<string, string> {
  const names = ['sobjects', 'query', 'queryAll', 'limits', 'composite'];
  return Object.fromEntries(names.map((n) => [n, `/services/data/v${version}/${n}`]));
}
