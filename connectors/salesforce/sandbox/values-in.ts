import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import { ApiError, RowError } from './errors.ts';
import type { Field } from './field.ts';
import { parseId } from './ids.ts';
import { isDate, parseInstant } from './values.ts';

/**
 * A JSON value → what is stored. A JSON type that cannot be that field at all breaks the whole request
 * (JSON_PARSER_ERROR); a value that the field does not allow breaks its record (RowError).
 */
export function cellOf(f: Field, value: unknown): Cell {
  if (value === null || value === '') {
    if (f.type === 'boolean') {
      if (value === '') throw cannotRead(f, value);
      throw new RowError('INVALID_TYPE_ON_FIELD_IN_RECORD', `${f.label}: value not of required type: null`, [f.name]);
    }
    return null; // the vendor keeps no empty text
  }
  switch (f.type) {
    case 'boolean':
      if (typeof value !== 'boolean') throw cannotRead(f, value);
      return value ? 1 : 0;
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return number(f, value);
    case 'date':
      if (typeof value !== 'string' || !isDate(value.slice(0, 10))) throw cannotRead(f, value);
      return value.slice(0, 10);
    case 'datetime': {
      const ms = typeof value === 'string' ? parseInstant(value) : null;
      if (ms === null) throw cannotRead(f, value);
      return ms;
    }
    case 'id':
    case 'reference': {
      if (typeof value !== 'string') throw cannotRead(f, value);
      const id = parseId(value);
      if (id === null) throw new RowError('MALFORMED_ID', `${f.label}: id value of incorrect type: ${value}`, [f.name]);
      return id;
    }
    default:
      return text(f, value);
  }
}

function number(f: Field, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw cannotRead(f, value);
  if (f.type === 'int' && !Number.isInteger(value)) throw cannotRead(f, value);
  const rounded = f.type === 'int' ? value : Number(value.toFixed(f.scale));
  const digits = f.precision - f.scale;
  if (digits > 0 && Math.abs(rounded) >= 10 ** digits) {
    throw new RowError(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${f.label}: value outside of valid range on numeric field: ${value}`,
      [f.name],
    );
  }
  return f.custom || f.type === 'currency' ? rounded : value;
}

function text(f: Field, value: unknown): string {
  if (typeof value === 'object') throw cannotRead(f, value);
  const plain = String(value);
  if (f.type === 'picklist') {
    const known = f.picklist.find((p) => p.active && p.value.toLowerCase() === plain.toLowerCase());
    if (known) return known.value;
    if (f.restricted) {
      throw new RowError(
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `${f.label}: bad value for restricted picklist field: ${plain}`,
        [f.name],
      );
    }
  }
  if (f.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(plain)) {
    throw new RowError('INVALID_EMAIL_ADDRESS', `${f.label}: invalid email address: ${plain}`, [f.name]);
  }
  if (f.length > 0 && plain.length > f.length) {
    const shown = plain.length > 100 ? `${plain.slice(0, 100)}...` : plain;
    throw new RowError('STRING_TOO_LONG', `${f.label}: data value too large: ${shown} (max length=${f.length})`, [
      f.name,
    ]);
  }
  return plain;
}

const WORDS: Record<string, string> = { string: 'VALUE_STRING', number: 'VALUE_NUMBER', object: 'START_OBJECT' };
function cannotRead(f: Field, value: unknown): ApiError {
  const word = typeof value === 'boolean' ? `VALUE_${String(value).toUpperCase()}` : (WORDS[typeof value] ?? 'VALUE');
  const shown = typeof value === 'object' ? '' : ` value ${value}`;
  return new ApiError(
    400,
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${f.type} from ${word}${shown} or request may be missing a required field at [line:1, column:2]`,
  );
}
