import type { CallType } from '../../../src/sandbox/kit-calls.ts';
import type { Answer, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import { AssociationApi, noType, type Way } from './associations.ts';
import { Batches } from './batch.ts';
import { badBody, NO_METHOD, NO_PATH, notFound } from './errors.ts';
import type { Links } from './links.ts';
import { Objects } from './objects.ts';
import type { Owners } from './owners.ts';
import { pipelinesOf, showPipeline } from './pipelines.ts';
import type { RowFaults } from './row-faults.ts';
import { Search } from './search.ts';
import type { Show } from './show.ts';
import type { Portal } from './store.ts';
import { type TypeName, typeNamed } from './types.ts';
import type { Writes } from './write.ts';

/** One call under /crm, whatever version named it: `segments` are those behind the area. */
export interface Asked {
  request: KitRequest;
  version: string;
  segments: string[];
}
interface Parts {
  portal: Portal;
  links: Links;
  show: Show;
  writes: Writes;
  owners: Owners;
  faults: RowFaults;
  minPages: number;
}

/** Records, associations, owners and pipelines: areas of the CRM API, each as a route or null where it has no such path. */
export class Rest {
  readonly #portal: Portal;
  readonly #owners: Owners;
  readonly #objects: Objects;
  readonly #batches: Batches;
  readonly #search: Search;
  readonly #associations: AssociationApi;

  constructor({ portal, links, show, writes, owners, faults, minPages }: Parts) {
    this.#portal = portal;
    this.#owners = owners;
    this.#objects = new Objects(portal, show, writes, minPages);
    this.#batches = new Batches(portal, show, writes, faults);
    this.#search = new Search(portal, show, faults, minPages);
    this.#associations = new AssociationApi(portal, links, writes);
  }

  objects(asked: Asked): Route | null {
    const { request, segments } = asked;
    const [name = '', second, third, ...more] = segments;
    if (third === 'associations' && second !== undefined) return this.#ofRecord(asked, name, second, more);
    if (segments.length > 3 || name === '') return null;
    const type = typeNamed(name);
    if (!type) return read('objects', () => raise(noType(name)));
    const { method, url } = request;
    const query = url.searchParams;
    if (second === undefined) {
      if (method === 'GET') return read(`${type}.list`, () => this.#objects.list(type, query, url.pathname));
      return method === 'POST' ? write(`${type}.create`, () => this.#objects.create(type, bodyOf(request))) : wrong();
    }
    if (second === 'batch' && third !== undefined) return this.#batch(request, type, third);
    if (third !== undefined) return null;
    if (second === 'search')
      return method === 'POST' ? read(`${type}.search`, () => this.#search.answer(type, bodyOf(request))) : wrong();
    switch (method) {
      case 'GET':
        return read(`${type}.get`, () => this.#objects.get(type, second, query));
      case 'PATCH':
        return write(`${type}.update`, () => this.#objects.update(type, second, query, bodyOf(request)));
      case 'DELETE':
        return write(`${type}.archive`, () => this.#objects.archive(type, second));
      default:
        return wrong();
    }
  }

  associations({ request, segments, version }: Asked): Route | null {
    const [from = '', to = '', ...rest] = segments;
    const what = rest.join('/');
    const { method } = request;
    const call = (type: CallType, kind: string, work: (way: Way) => Answer): Route => ({
      kind: `associations.${kind}`,
      type,
      handle: () => work(wayOf(from, to, version)),
    });
    if (what === 'labels' && method === 'GET') return call('read', 'labels', (way) => this.#associations.labels(way));
    if (what === 'labels' && method === 'POST')
      return call('setup', 'labels.create', (way) => this.#associations.createLabel(way, bodyOf(request)));
    if (method !== 'POST') return null;
    switch (what) {
      case 'batch/read':
        return call('read', 'batch.read', (way) => this.#associations.read(way, bodyOf(request)));
      case 'batch/create':
        return call('write', 'batch.create', (way) => this.#associations.create(way, bodyOf(request)));
      case 'batch/associate/default':
        return call('write', 'batch.default', (way) => this.#associations.createDefault(way, bodyOf(request)));
      case 'batch/archive':
        return call('write', 'batch.archive', (way) => this.#associations.archive(way, bodyOf(request)));
      case 'batch/labels/archive':
        return call('write', 'batch.labels.archive', (way) => this.#associations.archiveLabels(way, bodyOf(request)));
      default:
        return null;
    }
  }

  owners({ request, segments: [id] }: Asked): Route | null {
    if (request.method !== 'GET') return wrong();
    const query = request.url.searchParams;
    if (id === undefined) return read('owners.list', () => this.#owners.list(query));
    return read('owners.get', () => this.#owners.one(id, query));
  }

  pipelines({ request, segments }: Asked): Route | null {
    const [name = '', id, stages, stage] = segments;
    if (request.method !== 'GET') return wrong(); // how the portal sells is the customer's to change
    const at = this.#portal.world.options.now;
    return read('pipelines', () => {
      const all = pipelinesOf(typeNamed(name) ?? name);
      if (!all) throw noType(name);
      if (id === undefined) return ok({ results: all.map((p, order) => showPipeline(p, at, order)) });
      const pipeline = all.find((p) => p.id === id);
      if (!pipeline) throw notFound(`Pipeline ${id} not found`);
      const shown = showPipeline(pipeline, at, all.indexOf(pipeline));
      if (stages === undefined) return ok(shown);
      if (stage === undefined) return ok({ results: shown.stages });
      const found = shown.stages.find((s) => s.id === stage);
      if (!found) throw notFound(`Pipeline stage ${stage} not found`);
      return ok(found);
    });
  }

  #batch(request: KitRequest, type: TypeName, what: string): Route | null {
    if (request.method !== 'POST') return wrong();
    const kind = `${type}.batch.${what}`;
    const body = () => bodyOf(request);
    switch (what) {
      case 'read': {
        const archived = request.url.searchParams.get('archived') === 'true';
        return read(kind, () => this.#batches.read(type, archived, body()));
      }
      case 'create':
        return write(kind, () => this.#batches.create(type, body()));
      case 'update':
        return write(kind, () => this.#batches.update(type, body()));
      case 'upsert':
        return write(kind, () => this.#batches.upsert(type, body()));
      case 'archive':
        return write(kind, () => this.#batches.archive(type, body()));
      default:
        return null;
    }
  }

  /** …/objects/{type}/{id}/associations/…: of one record. */
  #ofRecord({ request, version }: Asked, name: string, id: string, more: string[]): Route | null {
    const { method } = request;
    const [first = '', second, third] = more;
    const way = (to: string): Way => wayOf(name, to, version);
    if (method === 'PUT' && first === 'default' && second !== undefined && third !== undefined)
      return write('associations.default', () => this.#associations.putDefault(way(second), id, third));
    if (first === '' || third !== undefined) return null;
    if (second === undefined)
      return method === 'GET'
        ? read('associations.list', () => this.#associations.list(way(first), id, request.url.searchParams))
        : wrong();
    if (method === 'PUT')
      return write('associations.put', () => this.#associations.put(way(first), id, second, bodyOf(request)));
    if (method === 'DELETE')
      return write('associations.archive', () => this.#associations.remove(way(first), id, second));
    return wrong();
  }
}

/** v4 shows ids of targets as numbers; what is dated shows text. */
function wayOf(from: string, to: string, version: string): Way {
  const [one, other] = [typeNamed(from), typeNamed(to)];
  if (!one || !other) throw noType(one ? to : from);
  return { from: one, to: other, numeric: version === 'v4' };
}

/** @throws ApiError 400 for what is no JSON */
export function bodyOf(request: KitRequest): unknown {
  try {
    return JSON.parse(request.body);
  } catch (error) {
    throw badBody(error instanceof Error ? error.message : 'unreadable');
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const read = (kind: string, handle: () => Answer): Route => ({ kind, type: 'read', handle });
const write = (kind: string, handle: () => Answer): Route => ({ kind, type: 'write', handle });
const wrong = (): Route => ({ kind: 'unknown', type: 'read', handle: () => NO_METHOD });
export const noPath = (): Route => ({ kind: 'unknown', type: 'read', handle: () => NO_PATH });
const raise = (error: Error): never => {
  throw error;
};
