import type { Answer, Route } from '../../../src/sandbox/kit-types.ts';
import { noType } from './associations.ts';
import type { PropertyTable } from './properties.ts';
import { type Asked, bodyOf } from './rest.ts';
import { type TypeName, typeNamed } from './types.ts';

/** …/properties/{type}/…: definitions and their groups; null where there is no such path. */
export function propertyRoute(table: PropertyTable, { request, segments }: Asked): Route | null {
  const [name = '', second, third, ...more] = segments;
  if (name === '' || more.length > 0) return null;
  const { method, url } = request;
  const archived = url.searchParams.get('archived') === 'true';
  const body = () => bodyOf(request);
  const found = (): TypeName => {
    const type = typeNamed(name);
    if (!type) throw noType(name);
    return type;
  };
  const read = (kind: string, work: (type: TypeName) => Answer): Route => ({
    kind: `properties.${kind}`,
    type: 'read',
    handle: () => work(found()),
  });
  const setup = (kind: string, work: (type: TypeName) => Answer): Route => ({ ...read(kind, work), type: 'setup' });

  if (second === undefined) {
    if (method === 'GET') return read('list', (type) => table.all(type, archived));
    return method === 'POST' ? setup('create', (type) => table.create(type, body())) : null;
  }
  if (second === 'batch' && method === 'POST') {
    if (third === 'create') return setup('batch.create', (type) => table.createBatch(type, body()));
    if (third === 'read') return read('batch.read', (type) => table.readBatch(type, body()));
    return third === 'archive' ? setup('batch.archive', (type) => table.archiveBatch(type, body())) : null;
  }
  if (second === 'groups') {
    const { groups } = table;
    if (third === undefined) {
      if (method === 'GET') return read('groups.list', (type) => groups.all(type));
      return method === 'POST' ? setup('groups.create', (type) => groups.create(type, body())) : null;
    }
    if (method === 'GET') return read('groups.get', (type) => groups.one(type, third));
    if (method === 'PATCH') return setup('groups.update', (type) => groups.update(type, third, body()));
    return method === 'DELETE' ? setup('groups.archive', (type) => table.archiveGroup(type, third)) : null;
  }
  if (third !== undefined) return null;
  if (method === 'GET') return read('get', (type) => table.one(type, second, archived));
  if (method === 'PATCH') return setup('update', (type) => table.update(type, second, body()));
  return method === 'DELETE' ? setup('archive', (type) => table.archive(type, second)) : null;
}
