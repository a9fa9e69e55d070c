import { type Book, type Json, seconds } from './book.ts';
import { missing, StripeError } from './errors.ts';
import { LISTS, showRow } from './objects.ts';
import { limitOf, one, onlyKnown, PAGING, type Params, type Where } from './params.ts';
import type { Listed, Row, Shelf } from './shelf.ts';

export interface Page {
  data: Json[];
  hasMore: boolean;
}

/** The cursor's row, or the vendor's refusal. */
interface Cursor {
  before: boolean;
  row: Row & { seq: number };
}
function cursorOf(shelf: Shelf, object: Listed, params: Params): Cursor | null {
  const [after, before] = [one(params, 'starting_after'), one(params, 'ending_before')];
  if (after !== null && before !== null)
    throw new StripeError(400, 'You may only specify one of these parameters: ending_before, starting_after.', {
      param: 'ending_before',
    });
  const id = after ?? before;
  if (id === null) return null;
  const row = shelf.find(object, id) as Cursor['row'] | null;
  if (!row) throw missing(object, id, after === null ? 'ending_before' : 'starting_after');
  return { before: before !== null, row };
}

/** A page of what exists now, newest first; a list has at least `minPages` of them, whatever `limit` says. */
export function listPage(shelf: Shelf, book: Book, object: Listed, params: Params, minPages: number): Page {
  const spec = LISTS[object];
  onlyKnown(params, [...spec.params, ...PAGING]);
  const now = book.world.now();
  const where: Where = {
    sql: ['object = ?', 'created <= ?', '(gone IS NULL OR gone > ?)'],
    values: [object, seconds(now), seconds(now)],
  };
  spec.narrow(params, where, now);
  const wanted = limitOf(params);
  const most = minPages <= 1 ? wanted : Math.max(1, Math.ceil(countOf(shelf, where) / minPages));
  const limit = Math.min(wanted, most);
  const cursor = cursorOf(shelf, object, params);
  if (cursor) {
    where.sql.push(`(created, seq) ${cursor.before ? '>' : '<'} (?, ?)`);
    where.values.push(cursor.row.created, cursor.row.seq);
  }
  const order = cursor?.before ? 'ASC' : 'DESC';
  const sql = `SELECT * FROM shelf WHERE ${where.sql.join(' AND ')} ORDER BY created ${order}, seq ${order} LIMIT ?`;
  const rows = shelf.tables.all(sql, [...where.values, limit + 1]) as unknown as Row[];
  const page = rows.slice(0, limit);
  if (cursor?.before) page.reverse();
  return { data: page.map((row) => showRow(book, row)), hasMore: rows.length > limit };
}

const countOf = (shelf: Shelf, where: Where): number =>
  Number(shelf.tables.get(`SELECT COUNT(*) AS n FROM shelf WHERE ${where.sql.join(' AND ')}`, where.values)?.n ?? 0);
