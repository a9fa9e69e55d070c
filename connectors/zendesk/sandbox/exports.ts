import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import { address, type Call } from './call.ts';
import type { Desk } from './desk.ts';
import { invalid } from './errors.ts';

type Row = Record<string, unknown>;
/** Most rows of a page, and how long a change stays unseen, in seconds. */
const [MOST, UNSEEN] = [1000, 60];

/** Records that an export walks through by (stamp, id). */
export interface Exported {
  name: string;
  table: string;
  /** Column with the time that it goes by, seconds. */
  stamp: string;
  where: string;
  params: Cell[];
  show(ids: number[]): Row[];
  /** Other records that the caller wants along, by the rows of the page. */
  sideloads?(rows: Row[]): Row;
}
interface Spot {
  at: number;
  id: number;
}

/** `empty` answers with no rows although the stream goes on, as the vendor may at any time. */
export interface Paging {
  most: number;
  minPages: number;
  empty: boolean;
}

/** Goes on exactly behind the last row that was given: nothing twice, nothing lost. */
export function cursorExport(desk: Desk, what: Exported, call: Call, paging: Paging): Row {
  const cursor = call.query.get('cursor');
  const from = cursor === null ? { at: startOf(desk, call), id: 0 } : decode(cursor);
  const found = paging.empty
    ? []
    : read(desk, what, '(STAMP, id) > (?, ?)', [from.at, from.id], size(desk, what, call, paging) + 1);
  const page = found.slice(0, size(desk, what, call, paging));
  const last = page.at(-1) ?? from;
  const rows = what.show(page.map(({ id }) => id));
  const after = encode(last);
  return {
    [what.name]: rows,
    ...what.sideloads?.(rows),
    after_cursor: after,
    after_url: address(call.self, call.query, { start_time: undefined, cursor: after }),
    before_cursor: null,
    before_url: null,
    end_of_stream: !paging.empty && found.length === page.length,
  };
}

/**
 * Goes on at the second of the last row: the rows of that second come again. All rows of the last second are in the page, however
 * many they are, or the next page could begin within them and never end.
 */
export function timeExport(desk: Desk, what: Exported, call: Call, paging: Paging): Row {
  const start = startOf(desk, call);
  const edge = read(desk, what, 'STAMP = ?', [start], Number.MAX_SAFE_INTEGER);
  const beyond = read(desk, what, 'STAMP > ?', [start], size(desk, what, call, paging));
  const end = beyond.at(-1)?.at ?? start;
  const within = beyond.filter(({ at }) => at < end);
  const tail = end === start ? [] : read(desk, what, 'STAMP = ?', [end], Number.MAX_SAFE_INTEGER);
  const page = [...edge, ...within, ...tail];
  const rows = what.show(page.map(({ id }) => id));
  const more = read(desk, what, 'STAMP > ?', [end], 1).length > 0;
  return {
    [what.name]: rows,
    ...what.sideloads?.(rows),
    count: rows.length,
    end_of_stream: !more,
    end_time: end,
    next_page: address(call.self, call.query, { start_time: String(end) }),
  };
}

function read(desk: Desk, what: Exported, condition: string, params: Cell[], limit: number): Spot[] {
  const { table, stamp, where } = what;
  const sql = `SELECT ${stamp}, id FROM ${table} WHERE ${condition.replace('STAMP', stamp)} AND ${stamp} <= ? AND ${where} ORDER BY ${stamp}, id LIMIT ?`;
  const rows = desk.tables.arrays(sql, [...params, desk.now() - UNSEEN, ...what.params, limit]);
  return rows.map(([at, id]) => ({ at: Number(at), id: Number(id) }));
}

function startOf(desk: Desk, { query }: Call): number {
  const text = query.get('start_time') ?? '';
  if (!/^\d{1,11}$/.test(text)) throw invalid(422, 'start_time must be a Unix time in seconds');
  const start = Number(text);
  if (start <= desk.now() - UNSEEN) return start;
  throw invalid(422, `Too recent start_time. Use a start_time older than ${UNSEEN} seconds`, 'StartTimeTooRecent');
}

function size(desk: Desk, { table, stamp }: Exported, { query }: Call, { most, minPages }: Paging): number {
  const asked = Number(query.get('per_page') ?? MOST);
  const wanted = Math.min(most, MOST, Number.isInteger(asked) && asked > 0 ? asked : MOST);
  if (minPages <= 1) return wanted;
  const all = desk.tables.get(`SELECT count(*) AS n FROM ${table} WHERE ${stamp} <= ?`, [desk.now() - UNSEEN]);
  return Math.max(1, Math.min(wanted, Math.ceil(Number(all?.n ?? 0) / minPages)));
}

const encode = ({ at, id }: Spot): string => Buffer.from(`${at}.0||${id}|`).toString('base64');
function decode(cursor: string): Spot {
  const parts = /^(\d+)\.0\|\|(\d+)\|$/.exec(Buffer.from(cursor, 'base64').toString('utf8'));
  if (!parts) throw invalid(422, 'The cursor is not valid', 'InvalidCursor');
  return { at: Number(parts[1]), id: Number(parts[2]) };
}
