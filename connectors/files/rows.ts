import { parseCsv } from '../../src/kit/csv.ts';
import { BrokenFile } from './broken.ts';
import type { RawRecord } from './records.ts';

/** One row of a file, read by column name. */
export interface Row {
  line: number;
  /** The text of the whole row: its identity where the file has no id column. */
  raw: string;
  /** The cell as it stands: text in CSV; text, number (as written), boolean or null in JSONL; undefined = no such column. */
  get(column: string): unknown;
  /** Every column of the row. */
  columns(): Iterable<string>;
  /** CSV: columns have a place as well as a name. */
  positional: boolean;
  /** Why the row cannot be used. */
  problem?: string;
}

/** Column names → position. Names are trimmed; a column without name is "column N". */
export type Header = ReadonlyMap<string, number>;

/** @throws BrokenFile for a header that is unreadable or names a column twice. */
export function readHeader(record: RawRecord, delimiter: string): Header {
  if (record.problem) throw new BrokenFile(record.problem, record.line);
  const [cells] = parseRecords([record], delimiter);
  if (cells === undefined || typeof cells === 'string')
    throw new BrokenFile(`the header cannot be read: ${cells ?? 'empty'}`, record.line);
  if (record.text.includes('\r')) throw new BrokenFile('lines end with CR alone; expected LF or CRLF', record.line);
  const header = new Map<string, number>();
  const seen = new Map<string, number>();
  for (const [i, cell] of cells.entries()) {
    const name = cell.trim().normalize('NFC') || `column ${i + 1}`;
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined)
      throw new BrokenFile(
        `columns ${other + 1} and ${i + 1} are both named "${name}"; expected every column to have its own name`,
        record.line,
      );
    seen.set(folded, i);
    header.set(name, i);
  }
  return header;
}

/** CSV records → rows. A record that is not CSV, or has too many or too few fields, is a row with a problem. */
export function csvRows(records: RawRecord[], header: Header, delimiter: string): Row[] {
  const parsed = parseRecords(records, delimiter);
  return records.map(({ text, line, problem }, i): Row => {
    const cells = parsed[i] ?? [];
    const bad = problem ?? (typeof cells === 'string' ? cells : undefined);
    const row: Row = {
      line,
      raw: text,
      get: (column) => {
        const at = header.get(column);
        return at === undefined ? undefined : cells[at];
      },
      columns: () => header.keys(),
      positional: true,
    };
    if (bad !== undefined) row.problem = bad;
    else if (cells.length !== header.size) row.problem = `found ${cells.length} fields; expected ${header.size}`;
    return row;
  });
}

/** Fields of each record, or why it is not CSV. Records without a quote need no parser. */
function parseRecords(records: RawRecord[], delimiter: string): (string[] | string)[] {
  const quoted = records.filter((r) => r.text.includes('"'));
  const fields = new Map<RawRecord, string[] | string>();
  const all = quoted.length > 0 ? parseCsv(quoted.map((r) => r.text).join('\n'), delimiter) : [];
  // One bad record fails the whole text: then each is read by itself, so that the others are not lost.
  const ok = typeof all !== 'string' && all.length === quoted.length;
  for (const [i, record] of quoted.entries()) {
    const own = ok ? all[i] : parseCsv(record.text, delimiter);
    fields.set(record, (typeof own === 'string' || ok ? own : own?.[0]) as string[] | string);
  }
  return records.map((r) => fields.get(r) ?? r.text.split(delimiter));
}

/** JSONL lines → rows. Nested fields are named with dots: `account.id`. */
export function jsonRows(records: RawRecord[]): Row[] {
  return records.map(({ text, line, problem }): Row => {
    const blank: Row = { line, raw: text, get: () => undefined, columns: () => [], positional: false };
    if (problem !== undefined) return { ...blank, problem };
    const value = parseJson(text);
    if (typeof value === 'string') return { ...blank, problem: value };
    return {
      line,
      raw: text,
      get: (column) => lookUp(value, column),
      columns: () => Object.keys(value),
      positional: false,
    };
  });
}

function parseJson(text: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = /\d{16}/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch {
    return 'found a line that is not JSON; expected one JSON object per line';
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return `found ${Array.isArray(value) ? 'a list' : `a ${value === null ? 'null' : typeof value}`}; expected one JSON object per line`;
}

/** Numbers that a double cannot hold stay as they are written: they are ids. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
    ? source
    : value;
}

/** Own properties only: a line that names `__proto__` or `constructor` reaches nothing but its own data. */
function lookUp(object: Record<string, unknown>, column: string): unknown {
  if (Object.hasOwn(object, column)) return object[column];
  let here: unknown = object;
  for (const key of column.split('.')) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
