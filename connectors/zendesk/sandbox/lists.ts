import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import { address, type Call } from './call.ts';
import type { Desk } from './desk.ts';
import { invalid } from './errors.ts';
import type { Kept } from './kept.ts';

type Row = Record<string, unknown>;
const MOST = 100;

/** Records that a list endpoint shows. `r` is the table of the records, whose story, stamps and id are read. */
export interface Listing<T> {
  /** Name of the array in the answer. */
  name: string;
  from: string;
  where: string;
  params: Cell[];
  /** Column that orders the list, before the id. */
  sort?: string;
  descending?: boolean;
  show(kept: Kept<T>): Row | null;
}

/** A page by cursor (`page[size]`, `page[after]`) or by offset (`page`, `per_page`), as the caller asks. */
export function listPage<T>(desk: Desk, listing: Listing<T>, call: Call): Row {
  const byCursor = ['page[size]', 'page[after]', 'page[before]'].some((name) => call.query.has(name));
  return byCursor ? cursorPage(desk, listing, call) : offsetPage(desk, listing, call);
}

function cursorPage<T>(desk: Desk, listing: Listing<T>, call: Call): Row {
  if (call.query.has('page[before]')) throw invalid(400, 'page[before] is not served by this sandbox');
  const size = whole(call.query.get('page[size]') ?? String(MOST), 'page[size]');
  if (size > MOST) throw invalid(400, `page[size] must be at most ${MOST}`, 'InvalidPaginationParameter');
  const after = call.query.get('page[after]');
  const { sort = 'r.id', descending = false } = listing;
  const beyond = after === null ? '' : ` AND (${sort}, r.id) ${descending ? '<' : '>'} (?, ?)`;
  const rows = read(desk, listing, `${beyond} ORDER BY ${order(sort, descending)} LIMIT ?`, [
    ...(after === null ? [] : decode(after)),
    size + 1,
  ]);
  const page = rows.slice(0, size);
  const [first, last] = [page[0], page.at(-1)];
  const more = rows.length > size;
  const cursor = (row: typeof last) => (row ? encode(row.sort, row.id) : null);
  const next = more && last ? address(call.self, call.query, { 'page[after]': encode(last.sort, last.id) }) : null;
  return {
    [listing.name]: page.flatMap(({ kept }) => listing.show(kept) ?? []),
    meta: { has_more: more, after_cursor: cursor(last), before_cursor: cursor(first) },
    links: { next, prev: null },
  };
}

function offsetPage<T>(desk: Desk, listing: Listing<T>, call: Call): Row {
  const size = Math.min(MOST, whole(call.query.get('per_page') ?? String(MOST), 'per_page'));
  const page = whole(call.query.get('page') ?? '1', 'page');
  const { sort = 'r.id', descending = false } = listing;
  const rows = read(desk, listing, ` ORDER BY ${order(sort, descending)} LIMIT ? OFFSET ?`, [size, (page - 1) * size]);
  const counted = desk.tables.get(`SELECT count(*) AS n FROM ${listing.from} WHERE ${listing.where}`, listing.params);
  const count = Number(counted?.n ?? 0);
  const to = (n: number) => address(call.self, call.query, { page: String(n), per_page: String(size) });
  return {
    [listing.name]: rows.flatMap(({ kept }) => listing.show(kept) ?? []),
    count,
    next_page: page * size < count ? to(page + 1) : null,
    previous_page: page > 1 ? to(page - 1) : null,
  };
}

function read<T>(desk: Desk, { from, where, params, sort = 'r.id' }: Listing<T>, rest: string, more: Cell[]) {
  const sql = `SELECT r.story, r.stamp, r.updated, ${sort}, r.id FROM ${from} WHERE ${where}${rest}`;
  return desk.tables.arrays(sql, [...params, ...more]).map((row) => {
    const [story, stamp, updated, key = null, id] = row;
    const kept = { story: JSON.parse(String(story)) as T, stamp: Number(stamp), updated: Number(updated) };
    return { kept, sort: key, id: Number(id) };
  });
}

const order = (sort: string, descending: boolean): string => {
  const way = descending ? 'DESC' : 'ASC';
  return `${sort} ${way}, r.id ${way}`;
};

const encode = (sort: Cell, id: number): string => Buffer.from(JSON.stringify([sort, id])).toString('base64url');
function decode(cursor: string): Cell[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(read) && read.length === 2) return read as Cell[];
  } catch {
    // told below, as for every other text that is no cursor
  }
  throw invalid(400, 'page[after] is not a valid cursor', 'InvalidPaginationParameter');
}

function whole(text: string, name: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw invalid(400, `${name} must be a positive integer`, 'InvalidPaginationParameter');
  return Number(text);
}
