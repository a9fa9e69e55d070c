import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { ApiError } from './errors.ts';
import { recordId } from './ids.ts';
import type { Org } from './org.ts';
import { type Plan, plan } from './soql.ts';
import { toJson } from './values.ts';

const TWO_DAYS = 2 * 86_400_000;
const MAX_CURSORS = 200;
const MAX_PAGE = 2_000;
const MIN_PAGE = 200;

interface Cursor {
  plan: Plan;
  numbers: number[];
  pageRows: number;
  openedAt: number;
}

/** Queries and their pages. A cursor is a snapshot of which rows were found, in which order. */
export class Queries {
  readonly #org: Org;
  readonly #cursors = new Map<string, Cursor>();
  #opened = 0;
  readonly #minPages: number;
  /** Most rows of a page; wide rows make it smaller on a real org. */
  pageRows: number;

  constructor(org: Org, pageRows: number, minPages = 1) {
    this.#org = org;
    this.pageRows = pageRows;
    this.#minPages = minPages;
  }

  /** First page. `hint` is the batchSize of Sforce-Query-Options. */
  query(soql: string, options: { all: boolean; hint: number | null; version: string }): Answer {
    const made = plan(this.#org, soql, { all: options.all, now: this.#org.world.now() });
    const numbers = this.#org.tables.arrays(made.numbers.sql, made.numbers.params).map(([n]) => Number(n));
    if (made.counting) return { status: 200, body: { totalSize: numbers.length, done: true, records: [] } };
    const wanted = Math.min(MAX_PAGE, Math.max(MIN_PAGE, options.hint ?? MAX_PAGE));
    const pageRows = Math.min(wanted, this.pageRows, Math.max(1, Math.ceil(numbers.length / this.#minPages)));
    const cursor = { plan: made, numbers, pageRows, openedAt: this.#org.world.now() };
    const locator = recordId('01g', ++this.#opened);
    if (numbers.length > cursor.pageRows) this.#keep(locator, cursor);
    return this.#page(cursor, locator, 0, cursor.pageRows, options.version);
  }

  /** A later page. `shrunk` makes this one smaller than the pages before. */
  more(locator: string, version: string, shrunk: number | null): Answer {
    const [id = '', from = ''] = locator.split('-');
    const cursor = this.#cursors.get(id);
    const start = Number(from);
    const expired = cursor && this.#org.world.now() - cursor.openedAt > TWO_DAYS;
    if (!cursor || expired || !/^\d+$/.test(from) || start >= cursor.numbers.length) throw invalidLocator();
    return this.#page(cursor, id, start, Math.min(shrunk ?? cursor.pageRows, cursor.pageRows), version);
  }

  #page(cursor: Cursor, locator: string, from: number, rows: number, version: string): Answer {
    const { plan: made, numbers } = cursor;
    const part = numbers.slice(from, from + rows);
    const cells = this.#org.tables.arrays(made.rowsSql, [JSON.stringify(part)]);
    const records = cells.map((row) => this.#record(made, row, version));
    const next = from + rows;
    const done = next >= numbers.length;
    const more = done ? {} : { nextRecordsUrl: `/services/data/v${version}/query/${locator}-${next}` };
    return { status: 200, body: { totalSize: numbers.length, done, ...more, records } };
  }

  #record(made: Plan, row: (string | number | null)[], version: string): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    let at = 1;
    for (const { path, field, parent } of made.columns) {
      const value = toJson(field, row[at++] ?? null);
      const parentId = parent ? (row[at++] ?? null) : null;
      nest(record, path, value, parentId, (p, deepest) =>
        this.#attributes(made.names.typeOf(p), deepest && parentId !== null ? String(parentId) : null, version),
      );
    }
    const id = typeof record.Id === 'string' ? record.Id : null;
    return { attributes: this.#attributes(made.object.name, id, version), ...record };
  }

  #attributes(type: string, id: string | null, version: string): Record<string, string> {
    return id === null ? { type } : { type, url: `/services/data/v${version}/sobjects/${type}/${id}` };
  }

  #keep(locator: string, cursor: Cursor): void {
    this.#cursors.set(locator, cursor);
    const [oldest] = this.#cursors.keys();
    if (this.#cursors.size > MAX_CURSORS && oldest !== undefined) this.#cursors.delete(oldest);
  }
}

/** Puts a value where its path says; a parent that is not there shows as null. */
function nest(
  record: Record<string, unknown>,
  path: string[],
  value: unknown,
  parentId: unknown,
  attributes: (path: string[], deepest: boolean) => Record<string, string>,
): void {
  const last = path.at(-1) ?? '';
  let at = record;
  for (const [i, part] of path.slice(0, -1).entries()) {
    const deepest = i === path.length - 2;
    const known = at[part];
    if (known === undefined || (known === null && parentId !== null)) {
      if (deepest && parentId === null) {
        at[part] = null;
        return;
      }
      at[part] = { attributes: attributes(path.slice(0, i + 1), deepest) };
    } else if (known === null) return;
    at = at[part] as Record<string, unknown>;
  }
  at[last] = value;
}

export const invalidLocator = (): ApiError => new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
