import type { Money } from '../../src/core/fact.ts';
import { minorUnits } from '../../src/kit/money.ts';
import { readWhen, type When } from '../../src/kit/read-date.ts';
import { type Choices, type FieldType, isChoices } from './fields.ts';
import { columnsOf, type Defaults, type FieldRef } from './mapping.ts';
import type { Row } from './rows.ts';

/** A cell that is not what the mapping says: it makes its row a bad row. */
export class BadCell extends Error {
  readonly column: string;
  constructor(column: string, message: string) {
    super(message);
    this.name = 'BadCell';
    this.column = column;
  }
}

/** How this file writes its values. */
export interface Dialect {
  timezone: string;
  currency: string;
  nulls: ReadonlySet<string>;
  decimal: Defaults['decimal'];
  thousands: Defaults['thousands'];
}

/** A field's value in one row; null = unknown. @throws BadCell */
export type Reader<T> = (row: Row) => T | null;

/** The text of a cell, trimmed and in Unicode's composed form; null for every way to say "unknown". @throws BadCell */
export function textOf(row: Row, column: string, nulls: ReadonlySet<string>): string | null {
  const value = row.get(column);
  if (value === undefined || value === null) return null;
  if (typeof value === 'object') throw bad(column, Array.isArray(value) ? 'a list' : 'an object', 'a single value');
  const text = String(value).trim().normalize('NFC');
  return nulls.has(text) ? null : text;
}

/** A key or id: text, exactly as it stands, unless a spreadsheet has made a number of it. @throws BadCell */
export function idOf(row: Row, column: string, nulls: ReadonlySet<string>): string | null {
  const text = textOf(row, column, nulls);
  if (text !== null && /^\d([.,]\d+)?E\+\d+$/i.test(text))
    throw bad(column, JSON.stringify(text), 'the id itself; a spreadsheet has shortened it, export the column as text');
  return text;
}

/** The reader of a plain text, number, flag, choice or date. */
export function reader(type: FieldType, ref: FieldRef, dialect: Dialect): Reader<unknown> {
  if (ref.const !== undefined) return constant(type, ref.const, dialect);
  const [column = ''] = columnsOf(ref);
  if (type === 'list') return (row) => listOf(row, columnsOf(ref), ref, dialect);
  if (isChoices(type)) return (row) => choicesOf(row, type.each, ref, dialect);
  if (type === 'money') return money(column, ref, dialect);
  const convert = converter(type, ref, dialect);
  return (row) => {
    const text = textOf(row, column, dialect.nulls);
    if (text === null) return null;
    if (ref.map) {
      if (Object.hasOwn(ref.map, text)) return mapped(type, ref.map[text], column);
      if (ref.otherwise !== undefined) return mapped(type, ref.otherwise, column);
      throw bad(column, shown(text), `one of ${Object.keys(ref.map).join(', ')}`);
    }
    return convert(text, column);
  };
}

/** The reader of an account key, with what the reference says it is taken from; of several columns, all of them make the key. */
export function keyReader(ref: FieldRef, dialect: Dialect): Reader<string> {
  if (ref.const !== undefined) return () => String(ref.const);
  const columns = columnsOf(ref);
  return (row) => {
    const texts = columns.map((column) => idOf(row, column, dialect.nulls));
    return texts.includes(null) ? null : taken(texts.join('/'), ref);
  };
}

export function whenReader(ref: Pick<FieldRef, 'column' | 'pattern' | 'zone'>, dialect: Dialect): Reader<When> {
  const [column = ''] = columnsOf(ref);
  return (row) => {
    const text = textOf(row, column, dialect.nulls);
    return text === null ? null : when(text, column, ref, dialect);
  };
}

type Convert = (text: string, column: string) => unknown;

function converter(type: Exclude<FieldType, 'list' | 'money' | Choices>, ref: FieldRef, dialect: Dialect): Convert {
  switch (type) {
    case 'text':
      return (text) => taken(text, ref);
    case 'number': {
      const scaled = scaleOf(ref.scale);
      const [worst, best] = ref.range ?? [0, 0];
      return (text, column) => {
        const number = scaled(Number(plainNumber(text, column, dialect)));
        return ref.range ? ((number - worst) / (best - worst)) * 100 : number;
      };
    }
    case 'flag':
      return (text, column) => flag(text, column);
    case 'date':
      return (text, column) => when(text, column, ref, dialect).day;
    case 'instant':
      return (text, column) => when(text, column, ref, dialect).instant;
    default:
      return (text, column) => choice(type as readonly string[], text, column);
  }
}

function constant(type: FieldType, value: string | number | boolean, dialect: Dialect): Reader<unknown> {
  const { const: _, ...plain } = { const: value };
  const row: Row = { line: 0, raw: '', get: () => value, columns: () => [], positional: false };
  const read = reader(type, { ...plain, column: 'const' }, dialect);
  return () => read(row);
}

function mapped(type: FieldType, value: unknown, column: string): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'number' && typeof value !== 'number') throw bad(column, JSON.stringify(value), 'a number in `map`');
  if (type === 'flag' && typeof value !== 'boolean') throw bad(column, JSON.stringify(value), 'true or false in `map`');
  if (type === 'text') return String(value);
  return typeof type === 'string' || isChoices(type) ? value : choice(type, String(value), column);
}

function money(column: string, ref: FieldRef, dialect: Dialect): Reader<Money> {
  const scaled = scaleOf(ref.scale);
  return (row) => {
    const text = textOf(row, column, dialect.nulls);
    if (text === null) return null;
    const amount = plainNumber(text, column, dialect);
    const currency =
      (ref.currency ? textOf(row, ref.currency, dialect.nulls)?.toUpperCase() : null) ?? dialect.currency;
    if (!/^[A-Z]{3}$/.test(currency)) throw bad(ref.currency ?? column, shown(currency), 'an ISO 4217 code like GBP');
    if (ref.unit === 'minor') {
      const minor = scaled(Number(amount));
      if (!Number.isSafeInteger(minor)) throw bad(column, shown(text), 'a whole number of minor units');
      return { minor, currency };
    }
    const minor = minorUnits(ref.scale === undefined ? amount : String(scaled(Number(amount))), currency);
    if (!Number.isSafeInteger(minor)) throw bad(column, shown(text), 'an amount of money');
    return { minor, currency };
  };
}

function listOf(row: Row, columns: string[], ref: FieldRef, dialect: Dialect): string[] {
  const values = columns.flatMap((column) => valuesOf(row, column, ref, dialect));
  return [...new Set(values.map((v) => taken(v, ref)))].filter((v) => v !== '');
}

/** One entry for each value, so that two people of one rank are two. */
const choicesOf = (row: Row, names: readonly string[], ref: FieldRef, dialect: Dialect): string[] =>
  columnsOf(ref).flatMap((column) => valuesOf(row, column, ref, dialect).map((v) => oneOf(names, v, ref, column)));

function oneOf(names: readonly string[], text: string, { map, otherwise }: FieldRef, column: string): string {
  const found = map && Object.hasOwn(map, text) ? map[text] : (otherwise ?? text);
  return choice(names, String(found), column);
}

function valuesOf(row: Row, column: string, { separator }: FieldRef, dialect: Dialect): string[] {
  const value = row.get(column);
  const texts = Array.isArray(value)
    ? value.filter((v) => typeof v === 'string' || typeof v === 'number').map(String)
    : [idOf(row, column, dialect.nulls) ?? []].flat();
  return texts
    .flatMap((text) => (separator === undefined ? text : text.split(separator)))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function when(text: string, column: string, ref: Pick<FieldRef, 'pattern' | 'zone'>, dialect: Dialect): When {
  const found = readWhen(text, ref.zone ?? dialect.timezone, ref.pattern);
  if (found) return found;
  const expected =
    ref.pattern === undefined
      ? 'an ISO date like 2026-11-25; declare another form: { column, pattern: dd/MM/yyyy }'
      : `a date like ${ref.pattern}`;
  throw bad(column, shown(text), expected);
}

/** The number as JavaScript writes it. Separators by declaration only: "1.234" is a thousand in one country and not in another. */
function plainNumber(text: string, column: string, dialect: Dialect): string {
  const { decimal, thousands } = dialect;
  const whole = thousands === null ? '\\d*' : `(?:\\d{1,3}(?:\\${thousands}\\d{3})+|\\d*)`;
  const pattern = numberPattern(`^[+-]?(?=.?\\d)${whole}(?:\\${decimal}\\d+)?(?:[eE][+-]?\\d{1,3})?$`);
  if (!pattern.test(text)) {
    const hint =
      /[,.' ]\d{3}(\D|$)/.test(text) && thousands === null ? '; set `thousands` and `decimal` for other forms' : '';
    throw bad(column, shown(text), `a number like 1234${decimal}56${hint}`);
  }
  const plain = thousands === null ? text : text.replaceAll(thousands, '');
  return decimal === ',' ? plain.replace(',', '.') : plain;
}

const patterns = new Map<string, RegExp>();
function numberPattern(source: string): RegExp {
  const pattern = patterns.get(source) ?? new RegExp(source);
  patterns.set(source, pattern);
  return pattern;
}

const YES = new Set(['true', 'yes', 'y', 't', '1']);
const NO = new Set(['false', 'no', 'n', 'f', '0']);
function flag(text: string, column: string): boolean {
  const folded = text.toLowerCase();
  if (YES.has(folded)) return true;
  if (NO.has(folded)) return false;
  throw bad(column, shown(text), 'true or false; declare other words: { column, map: { Ja: true, Nein: false } }');
}

function choice(names: readonly string[], text: string, column: string): string {
  const folded = text.toLowerCase();
  if (names.includes(folded)) return folded;
  throw bad(column, shown(text), `one of ${names.join(', ')}; declare other words in \`map\``);
}

function taken(text: string, ref: FieldRef): string {
  if (ref.as === 'domain') return hostOf(text);
  if (ref.as === 'email domain') return hostOf(text.slice(text.lastIndexOf('@') + 1));
  return text;
}

/** "https://www.Acme.com/about" → "acme.com" */
const hostOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/?#:].*$/, '')
    .replace(/^www\./, '');

/** Divides by the fraction's own denominator: 60 × (1/60) is not 1 in every computer. */
function scaleOf(scale: FieldRef['scale']): (n: number) => number {
  if (scale === undefined) return (n) => n;
  if (typeof scale === 'number') return (n) => n * scale;
  const [over = 1, under = 1] = scale.split('/').map(Number);
  return (n) => (n * over) / under;
}

export const bad = (column: string, found: string, expected: string): BadCell =>
  new BadCell(column, `column "${column}": found ${found}; expected ${expected}`);

/** What was found, unless it may be somebody's name or words: rejects carry no personal data. */
export function shown(text: string): string {
  const harmless = text.length <= 24 && !text.includes('@') && (/\d/.test(text) || text.length <= 12);
  return harmless ? JSON.stringify(text) : `a text of ${text.length} characters`;
}
