import type { LiteralType } from '@jetstreamapp/soql-parser-js';
import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import { ApiError } from './errors.ts';
import type { Field } from './field.ts';
import { parseId } from './ids.ts';
import { malformed } from './soql-names.ts';
import { isDate, parseInstant } from './values.ts';

const TYPE_NAMES: Partial<Record<Field['type'], string>> = {
  datetime: 'dateTime',
  boolean: 'boolean',
  double: 'double',
  currency: 'currency',
  percent: 'double',
};

/** A literal of a condition as an SQL parameter; a literal of another type than the field's is refused as the vendor does. */
export function literal(f: Field, value: string, type: LiteralType | undefined): Cell {
  if (type === 'NULL') return null;
  if (!f.filterable) throw invalid(`field '${f.name}' can not be filtered in a query call`);
  switch (f.type) {
    case 'boolean':
      if (type !== 'BOOLEAN') throw mismatch(f);
      return value.toUpperCase() === 'TRUE' ? 1 : 0;
    case 'datetime': {
      const ms = type === 'DATETIME' ? parseInstant(value) : null;
      if (ms === null) throw mismatch(f);
      return ms;
    }
    case 'date':
      if (type !== 'DATE' || !isDate(value)) throw mismatch(f);
      return value;
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      if (type !== 'INTEGER' && type !== 'DECIMAL') throw mismatch(f);
      return Number(value);
    case 'id':
    case 'reference': {
      if (type !== 'STRING') throw mismatch(f);
      const text = unquote(value);
      const id = parseId(text);
      if (id === null && text !== '') {
        throw new ApiError(
          400,
          'INVALID_QUERY_FILTER_OPERATOR',
          `\nERROR at Row:1:Column:1\ninvalid ID field: ${text}`,
        );
      }
      return id;
    }
    default:
      if (type !== 'STRING') throw mismatch(f);
      return unquote(value);
  }
}

/** `'O\'Brien'` → O'Brien. */
export function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_, sequence: string) => {
    const plain = ESCAPES[sequence];
    if (plain !== undefined) return plain;
    if (sequence.length === 5) return String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
    throw malformed(`invalid escape sequence \\${sequence}`);
  });
}
const ESCAPES: Record<string, string> = {
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** A LIKE pattern for SQL's `LIKE ? ESCAPE '\'`: % and _ are wild unless escaped. */
export function likePattern(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (all, sequence: string) => {
    if (['%', '_', '\\'].includes(sequence)) return `\\${sequence}`;
    return unquote(`'${all}'`);
  });
}

const quotedInstead = (f: Field): boolean =>
  ['boolean', 'datetime', 'date', 'int', 'double', 'currency', 'percent'].includes(f.type);

function mismatch(f: Field): ApiError {
  const enclosed = quotedInstead(f) ? 'should not be enclosed in quotes' : 'should be enclosed in quotes';
  const name =
    TYPE_NAMES[f.type] ?? (quotedInstead(f) ? f.type : f.type === 'reference' || f.type === 'id' ? 'ID' : 'string');
  return invalid(`value of filter criterion for field '${f.name}' must be of type ${name} and ${enclosed}`);
}
const invalid = (message: string): ApiError =>
  new ApiError(400, 'INVALID_FIELD', `\nERROR at Row:1:Column:1\n${message}`);
