import { z } from 'zod';
import { type Cell, quote } from '../../../src/sandbox/kit-tables.ts';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { read } from './definition.ts';
import { invalid, notFound } from './errors.ts';
import type { Asked, Show } from './show.ts';
import { type Portal, type Rec, recordOf } from './store.ts';
import { defaultProperties, type TypeName, typeNamed } from './types.ts';
import { Associations, Sent, type Writes } from './write.ts';

const MAX_PAGE = 100;
const MAX_PAGE_WITH_HISTORY = 50;

const Create = z.object({ properties: Sent, associations: Associations.default([]) });
const Update = z.object({ properties: Sent });

/** Lists in order of id, and single records. */
export class Objects {
  readonly #portal: Portal;
  readonly #show: Show;
  readonly #writes: Writes;
  readonly #minPages: number;

  constructor(portal: Portal, show: Show, writes: Writes, minPages: number) {
    this.#portal = portal;
    this.#show = show;
    this.#writes = writes;
    this.#minPages = minPages;
  }

  /** @throws ApiError 400 for a page beyond the vendor's size */
  list(type: TypeName, query: URLSearchParams, path: string): Answer {
    const asked = askedIn(type, query);
    const max = asked.history?.length ? MAX_PAGE_WITH_HISTORY : MAX_PAGE;
    const wanted = Number(query.get('limit') ?? 10);
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > max)
      throw invalid(`Invalid request to getPage: limit must be between 1 and ${max}, got ${query.get('limit')}`);
    const after = query.get('after') ?? '0';
    if (!/^\d+$/.test(after)) throw invalid(`invalid paging token: ${after}`);
    const live = query.get('archived') === 'true' ? 'NOT NULL' : 'NULL';
    const limit = this.#limit(type, wanted, live);
    const params: Cell[] = [Number(after), limit + 1];
    const sql = `SELECT * FROM ${quote(type)} WHERE id > ? AND archived_at IS ${live} ORDER BY id LIMIT ?`;
    const rows = this.#portal.tables.all(sql, params);
    const page = rows.slice(0, limit).map((row) => recordOf(type, row));
    const last = page.at(-1);
    const results = page.map((rec) => this.#show.record(rec, asked));
    if (rows.length <= limit || !last) return { status: 200, body: { results } };
    const next = new URLSearchParams(query);
    next.set('after', String(last.id));
    const link = `https://api.hubapi.com${path}?${next}`;
    return { status: 200, body: { results, paging: { next: { after: String(last.id), link } } } };
  }

  get(type: TypeName, id: string, query: URLSearchParams): Answer {
    const key = query.get('idProperty');
    const found = key ? this.#writes.holder(type, key, id) : this.#readAny(type, id);
    const archived = query.get('archived') === 'true';
    if (!found || (found.archivedAt !== null) !== archived) throw notFound('resource not found');
    return { status: 200, body: this.#show.record(found, askedIn(type, query)) };
  }

  create(type: TypeName, body: unknown): Answer {
    const { properties, associations } = read(Create, body);
    const rec = this.#writes.create(type, properties, associations);
    return { status: 201, body: this.#show.record(rec, written(type, properties)), records: 1 };
  }

  update(type: TypeName, id: string, query: URLSearchParams, body: unknown): Answer {
    const { properties } = read(Update, body);
    const key = query.get('idProperty');
    const found = key ? this.#writes.holder(type, key, id) : this.#writes.existing(type, id);
    if (!found) throw notFound('resource not found');
    const rec = this.#writes.update(found, properties);
    return { status: 200, body: this.#show.record(rec, written(type, properties)), records: 1 };
  }

  /** Deleting what is deleted already is no error. */
  archive(type: TypeName, id: string): Answer {
    const rec = this.#writes.find(type, id);
    if (rec) this.#writes.archive(rec);
    return { status: 204, records: 1 };
  }

  #readAny(type: TypeName, id: string): Rec | null {
    return /^\d{1,15}$/.test(id) ? this.#portal.read(type, Number(id)) : null;
  }

  #limit(type: TypeName, wanted: number, live: string): number {
    if (this.#minPages <= 1) return wanted;
    const sql = `SELECT COUNT(*) AS n FROM ${quote(type)} WHERE archived_at IS ${live}`;
    const total = Number(this.#portal.tables.get(sql)?.n ?? 0);
    return Math.min(wanted, Math.max(1, Math.ceil(total / this.#minPages)));
  }
}

/** What an answer to a write shows: what was sent, beside what is always shown. */
export const written = (type: TypeName, sent: Sent): Asked => ({
  properties: [...defaultProperties(type), ...Object.keys(sent)],
});

/** `properties=a,b` and `properties=a&properties=b` ask for the same. */
function askedIn(type: TypeName, query: URLSearchParams): Asked {
  const list = (name: string): string[] =>
    query.getAll(name).flatMap((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    );
  const properties = list('properties');
  const history = list('propertiesWithHistory');
  const associations = list('associations').map((name) => {
    const found = typeNamed(name);
    if (!found) throw invalid(`Unable to infer object type from: ${name}`);
    return found;
  });
  const nothing = properties.length === 0 && history.length === 0;
  return { properties: nothing ? defaultProperties(type) : properties, history, associations };
}
