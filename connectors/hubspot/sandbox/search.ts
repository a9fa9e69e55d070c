import { z } from 'zod';
import { type Cell, quote } from '../../../src/sandbox/kit-tables.ts';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { read } from './definition.ts';
import { invalid } from './errors.ts';
import { compileGroups, FilterGroup, type Find, operandOf, type Sql, tokens } from './filters.ts';
import type { RowFaults } from './row-faults.ts';
import type { Show } from './show.ts';
import { type Portal, type Rec, recordOf } from './store.ts';
import { defaultProperties, TYPES, type TypeName } from './types.ts';

const MAX_PAGE = 200;
const MAX_RESULTS = 10_000;
const MAX_QUERY = 3_000;

const Sort = z.union([z.string(), z.object({ propertyName: z.string(), direction: z.string().default('ASCENDING') })]);
const Request = z.object({
  filterGroups: z.array(FilterGroup).default([]),
  sorts: z.array(Sort).default([]),
  query: z.string().optional(),
  properties: z.array(z.string()).default([]),
  limit: z.int().default(10),
  after: z.union([z.string(), z.int()]).default('0').transform(String),
});
type Request = z.infer<typeof Request>;

/**
 * POST …/search over the index, which learns of each write a while later: until then a record stands in it as it was, or not at
 * all. Rows with equal sort values come in descending order of id, so that nobody can rely on ascending.
 */
export class Search {
  readonly #portal: Portal;
  readonly #show: Show;
  readonly #faults: RowFaults;
  readonly #minPages: number;

  constructor(portal: Portal, show: Show, faults: RowFaults, minPages: number) {
    this.#faults = faults;
    this.#portal = portal;
    this.#show = show;
    this.#minPages = minPages;
  }

  /** @throws ApiError 400 for an unreadable request, beyond a limit, or beyond the 10,000th result */
  answer(type: TypeName, body: unknown): Answer {
    const request = read(Request, body);
    if (request.limit < 1 || request.limit > MAX_PAGE) throw invalid(`limit must be between 1 and ${MAX_PAGE}`);
    if (request.sorts.length > 1) throw invalid('Only one sort is supported');
    if ((request.query ?? '').length > MAX_QUERY) throw invalid(`query must be at most ${MAX_QUERY} characters long`);
    const from = Number(request.after);
    if (!/^\d+$/.test(request.after)) throw invalid(`invalid paging token: ${request.after}`);
    if (from + request.limit > MAX_RESULTS)
      throw invalid(`The requested page exceeds the maximum of ${MAX_RESULTS} results`, undefined, {
        subCategory: 'search.PAGE_LIMIT_EXCEEDED',
      });
    const find: Find = (name) => this.#show.definitions.find(type, name);
    const where = this.#where(type, find, request);
    const source = this.#source(type);
    const total = Number(
      this.#portal.tables.get(`SELECT COUNT(*) AS n ${source.text} WHERE ${where.text}`, [
        ...source.params,
        ...where.params,
      ])?.n ?? 0,
    );
    const limit = Math.min(request.limit, Math.max(1, Math.ceil(total / this.#minPages)));
    const rows = this.#portal.tables.all(
      `SELECT id, created, updated, archived_at, props ${source.text} WHERE ${where.text} ORDER BY ${this.#order(type, find, request)} LIMIT ? OFFSET ?`,
      [...source.params, ...where.params, limit, from],
    );
    const names = request.properties.length > 0 ? request.properties : defaultProperties(type);
    const found = rows.flatMap((row) => this.#disturbed(recordOf(type, row), request));
    const results = found.map((rec) => this.#show.record(rec, { properties: names }));
    const next = from + rows.length;
    const paging = next < total && rows.length > 0 ? { paging: { next: { after: String(next) } } } : {};
    return { status: 200, body: { total, results, ...paging } };
  }

  #where(type: TypeName, find: Find, { filterGroups, query }: Request): Sql {
    const groups = compileGroups(type, find, filterGroups);
    const filters = { text: `archived_at IS NULL AND (${groups.text})`, params: groups.params };
    const words = query?.trim();
    if (!words) return filters;
    const text = tokens(
      `LOWER(props)`,
      words
        .split(/\s+/)
        .map((word) => `*${word}*`)
        .join(' '),
    );
    return { text: `(${filters.text}) AND (${text.text})`, params: [...filters.params, ...text.params] };
  }

  /** A found record as the index in its disorder shows it. */
  #disturbed(rec: Rec, { filterGroups }: Request): Rec[] {
    const id = String(rec.id);
    if (this.#faults.inSearch('search-missing', id)) return [];
    if (this.#faults.inSearch('search-newer', id)) {
      const current = this.#portal.read(rec.type, rec.id) ?? rec;
      return [this.#portal.change(current, {}, this.#portal.now())];
    }
    if (!this.#faults.inSearch('search-older', id)) return [rec];
    const { stamp } = TYPES[rec.type];
    const filters = filterGroups.flatMap((g) => g.filters).filter((f) => f.propertyName === stamp);
    const from = filters.find((f) => ['GTE', 'GT', 'BETWEEN'].includes(f.operator))?.value;
    const bound = from === undefined ? rec.updated : /^\d+$/.test(from) ? Number(from) : Date.parse(from);
    return [{ ...rec, updated: bound - 1 }];
  }

  /** Live records as the index knows them. */
  #source(type: TypeName): { text: string; params: Cell[] } {
    const { tables } = this.#portal;
    const now = this.#portal.now();
    const behind = tables.get('SELECT 1 AS any FROM unindexed WHERE type = ? AND until > ? LIMIT 1', [type, now]);
    if (!behind) return { text: `FROM ${quote(type)}`, params: [] };
    return {
      text: `FROM (
        SELECT id, created, updated, archived_at, props FROM ${quote(type)}
        WHERE id NOT IN (SELECT id FROM unindexed WHERE type = ? AND until > ?)
        UNION ALL
        SELECT id, created, updated, NULL, props FROM unindexed WHERE type = ? AND until > ? AND props IS NOT NULL)`,
      params: [type, now, type, now],
    };
  }

  #order(type: TypeName, find: Find, { sorts: [sort] }: Request): string {
    if (sort === undefined) return 'id';
    const named = typeof sort === 'string' ? sort : sort.propertyName;
    const falling = typeof sort === 'string' ? sort.startsWith('-') : sort.direction.toUpperCase().startsWith('DESC');
    const { sql } = operandOf(type, find, named.replace(/^-/, ''));
    return sql === 'id' ? `id ${falling ? 'DESC' : 'ASC'}` : `${sql} ${falling ? 'DESC' : 'ASC'}, id DESC`;
  }
}
