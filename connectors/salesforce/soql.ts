import { InputError } from '../../src/contract/index.ts';

/** A place in `ORDER BY SystemModstamp, Id`. */
export interface Keyset {
  /** Epoch ms. */
  t: number;
  id: string;
}

const PATH = /^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/;
const ID = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

export const isId = (value: string): boolean => ID.test(value);
export const isFieldPath = (value: string): boolean => PATH.test(value);

/** A field or object name, refused unless it is one: it goes into the query as it stands. */
export function name(value: string): string {
  if (!PATH.test(value))
    throw new InputError(`"${value}" is not a Salesforce field name`, { hint: 'Correct the mapping file.' });
  return value;
}

const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm */
export const text = (value: string): string => `'${value.replace(/[\\'"\n\r\t\b\f]/g, (c) => ESCAPES[c] ?? c)}'`;

/** A record id as a literal. @throws InputError where it is none. */
export function id(value: string): string {
  if (!ID.test(value)) throw new InputError(`"${value}" is not a Salesforce record id (15 or 18 letters and digits)`);
  return `'${value}'`;
}

/** Epoch ms as an unquoted UTC literal. */
export const instant = (ms: number): string => new Date(ms).toISOString();

export const anyOf = (field: string, literals: string[]): string => `${name(field)} IN (${literals.join(',')})`;
export const and = (...conditions: (string | null | undefined)[]): string | null => {
  const given = conditions.filter((c): c is string => !!c);
  return given.length === 0 ? null : given.length === 1 ? (given[0] ?? null) : given.map((c) => `(${c})`).join(' AND ');
};

/** Rows at or after an instant: the start of a pull, overlap included. */
export const since = (t: number): string => `SystemModstamp >= ${instant(t)}`;
/** Rows behind the last one delivered; a bare `>` on the stamp would lose the rest of those that share it. */
export const after = (k: Keyset): string =>
  `(SystemModstamp > ${instant(k.t)}) OR (SystemModstamp = ${instant(k.t)} AND Id > ${id(k.id)})`;

export interface Select {
  fields: Iterable<string>;
  from: string;
  where?: string | null;
  orderBy?: string[];
  limit?: number | null;
}

export function select(query: Select): string {
  const fields = [...new Set(query.fields)].map(name).join(', ');
  const where = query.where ? ` WHERE ${query.where}` : '';
  const order = query.orderBy?.length ? ` ORDER BY ${query.orderBy.map(name).join(', ')}` : '';
  const limit = query.limit ? ` LIMIT ${Math.trunc(query.limit)}` : '';
  return `SELECT ${fields} FROM ${name(query.from)}${where}${order}${limit}`;
}
