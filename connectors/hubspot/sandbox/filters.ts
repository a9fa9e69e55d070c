import { z } from 'zod';
import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import type { Definition } from './definition.ts';
import { invalid } from './errors.ts';
import { readValue } from './property-values.ts';
import { TYPES, type TypeName } from './types.ts';

const MAX_GROUPS = 5;
const MAX_FILTERS = 6;
const MAX_ALL = 18;

const OPERATORS = [
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
] as const;
const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Filter = z.object({
  propertyName: z.string().min(1),
  operator: z.enum(OPERATORS),
  value: Scalar.optional(),
  highValue: Scalar.optional(),
  values: z.array(Scalar).optional(),
});
type Filter = z.infer<typeof Filter>;
export const FilterGroup = z.object({ filters: z.array(Filter) });
export type FilterGroup = z.infer<typeof FilterGroup>;

export interface Sql {
  text: string;
  params: Cell[];
}
/** Name → definition, of one object type. */
export type Find = (name: string) => Definition | null;

/** Groups are alternatives, the filters of one group bind together. @throws ApiError 400 beyond the vendor's limits */
export function compileGroups(type: TypeName, find: Find, groups: FilterGroup[]): Sql {
  const all = groups.reduce((sum, g) => sum + g.filters.length, 0);
  if (groups.length > MAX_GROUPS)
    throw invalid(`A maximum of ${MAX_GROUPS} filterGroups is allowed, got ${groups.length}`);
  if (groups.some((g) => g.filters.length > MAX_FILTERS) || all > MAX_ALL)
    throw invalid(`A maximum of ${MAX_FILTERS} filters a group and ${MAX_ALL} in all is allowed, got ${all}`);
  const parts = groups.map((g) =>
    join(
      g.filters.map((f) => compile(type, find, f)),
      ' AND ',
    ),
  );
  return join(parts, ' OR ');
}

function join(parts: Sql[], word: string): Sql {
  if (parts.length === 0) return { text: '1', params: [] };
  return { text: parts.map((p) => `(${p.text})`).join(word), params: parts.flatMap((p) => p.params) };
}

interface Operand {
  sql: string;
  /** A filter's text as the operand is kept. */
  cell(text: string): Cell;
}

/** How a property is compared in SQL, also where it is a column of its own. @throws ApiError 400 for an unknown property */
export function operandOf(type: TypeName, find: Find, name: string): Operand {
  const { stamp, created } = TYPES[type];
  if (name === 'hs_object_id') return { sql: 'id', cell: (text) => numberIn(name, text) };
  if (name === stamp) return { sql: 'updated', cell: (text) => instantIn(name, text) };
  if (name === created || name === 'hs_createdate') return { sql: 'created', cell: (text) => instantIn(name, text) };
  // Contacts have the property by this name too, but never a value in it: a filter matches nothing and is no error.
  if (name === 'hs_lastmodifieddate') return { sql: 'NULL', cell: (text) => text };
  const property = find(name);
  if (!property) throw invalid(`There was a problem with the request. Property "${name}" does not exist`);
  const raw = `json_extract(props, '$."${name.replaceAll("'", "''").replaceAll('"', '')}"')`;
  switch (property.type) {
    case 'number':
      return { sql: `CAST(${raw} AS REAL)`, cell: (text) => numberIn(name, text) }; // NULL stays NULL
    case 'date':
    case 'datetime': {
      // Without its Z an instant sorts before the same second with a fraction.
      const form = (text: string): string => {
        const read = readValue(property, text, () => true);
        if ('error' in read) throw invalid(`${name}: ${read.message}`);
        return read.value.replace(/Z$/, '');
      };
      return { sql: `RTRIM(${raw}, 'Z')`, cell: form };
    }
    default:
      return { sql: `LOWER(${raw})`, cell: (text) => text.toLowerCase() };
  }
}

function compile(type: TypeName, find: Find, filter: Filter): Sql {
  const { sql, cell } = operandOf(type, find, filter.propertyName);
  const value = (): Cell => cell(need(filter, 'value'));
  const compare = (sign: string): Sql => ({ text: `${sql} ${sign} ?`, params: [value()] });
  switch (filter.operator) {
    case 'EQ':
      return compare('=');
    case 'NEQ':
      return { text: `${sql} IS NOT ?`, params: [value()] };
    case 'LT':
      return compare('<');
    case 'LTE':
      return compare('<=');
    case 'GT':
      return compare('>');
    case 'GTE':
      return compare('>=');
    case 'BETWEEN':
      return { text: `${sql} BETWEEN ? AND ?`, params: [value(), cell(need(filter, 'highValue'))] };
    case 'IN':
    case 'NOT_IN': {
      if (!filter.values?.length) throw invalid(`operator ${filter.operator} requires values`);
      const list = filter.values.map(() => '?').join(', ');
      const params = filter.values.map(cell);
      if (filter.operator === 'IN') return { text: `${sql} IN (${list})`, params };
      return { text: `${sql} IS NULL OR ${sql} NOT IN (${list})`, params };
    }
    case 'HAS_PROPERTY':
      return { text: `${sql} IS NOT NULL`, params: [] };
    case 'NOT_HAS_PROPERTY':
      return { text: `${sql} IS NULL`, params: [] };
    case 'CONTAINS_TOKEN':
      return tokens(sql, need(filter, 'value'));
    case 'NOT_CONTAINS_TOKEN': {
      const has = tokens(sql, need(filter, 'value'));
      return { text: `${sql} IS NULL OR NOT (${has.text})`, params: has.params };
    }
  }
}

/** Whole words, `*` within them stands for anything; punctuation parts words. */
export function tokens(sql: string, text: string): Sql {
  const words = text
    .toLowerCase()
    .split(/[\s.@\-_/:,]+/)
    .filter(Boolean);
  const parted = ['.', '@', '-', '_', '/', ':', ','].reduce((inner, sign) => `REPLACE(${inner}, '${sign}', ' ')`, sql);
  const parts = words.map((word): Sql => {
    const pattern = word.replace(/[%\\]/g, '\\$&').replaceAll('*', '%');
    return { text: `' ' || ${parted} || ' ' LIKE ? ESCAPE '\\'`, params: [`% ${pattern} %`] };
  });
  return join(parts, ' AND ');
}

function need(filter: Filter, key: 'value' | 'highValue'): string {
  const value = filter[key];
  if (value === undefined) throw invalid(`operator ${filter.operator} requires ${key}`);
  return value;
}

function numberIn(name: string, text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(number)) throw invalid(`${name}: ${text} was not a valid number.`);
  return number;
}

function instantIn(name: string, text: string): number {
  const at = /^-?\d{5,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(at)) throw invalid(`${name}: ${text} was not a valid long.`);
  return at;
}
