import { FACTS, type Fact } from '../../src/core/fact.ts';
import { hashText } from '../../src/core/hash.ts';
import { satisfies } from '../../src/core/rules.ts';
import { readWhen, type When } from '../../src/kit/read-date.ts';
import { bad, type Dialect, idOf, keyReader, type Reader, reader, textOf, whenReader } from './cells.ts';
import { FIELDS, ID_FIELDS, ONE_AN_ACCOUNT, REQUIRED } from './fields.ts';
import { type Version, versionsOf } from './history.ts';
import { columnsOf, type Entry, refOf } from './mapping.ts';
import type { Occurrences } from './occurrences.ts';
import type { Row } from './rows.ts';

/** Account key of a record of another entry, by that record's id. */
export type Link = (id: string) => string | undefined;

/** What the file knows about all of its rows. */
export interface Stamp {
  /** When it was last modified, epoch ms: when its rows were true, unless a column says it. */
  modified: number;
  /** Tells equal rows apart where there is no id column. */
  occurrences: Occurrences;
}

/** One row → its facts; none where `where` leaves it out or it has no figure. @throws BadCell for a bad row. */
export type Mapper = (row: Row, stamp: Stamp) => Fact[];

/** Prepares an entry of the mapping once, so that a row costs little. */
export function mapperOf(name: string, entry: Entry, dialect: Dialect, link: Link | null): Mapper {
  const { kind, where } = entry;
  const keep: (row: Row) => boolean = where ? (row) => satisfies(where, row.get) : () => true;
  const account = accountReader(entry, dialect, link);
  if (kind === 'usage') return usageMapper(name, entry, dialect, keep, account);
  const observed = observedReader(entry, dialect);
  const identify = idReader(name, entry, dialect);
  const read = dataReader(entry, dialect);
  const deleted = entry.deleted ? reader('flag', refOf(entry.deleted), dialect) : null;
  const onePerAccount = ONE_AN_ACCOUNT.includes(kind);
  return (row, stamp) => {
    if (!keep(row)) return [];
    const key = account(row);
    const { data, instants } = read(row);
    const at = observed(row, stamp.modified);
    const fact = (version: Version): Fact =>
      ({
        kind,
        id: onePerAccount ? key : id,
        account: key,
        at: version.at,
        knownAt: Math.max(stamp.modified, version.at),
        data: version.data,
      }) as Fact;
    const id = onePerAccount ? '' : identify(row, stamp.occurrences);
    const versions = versionsOf(entry, data, instants, at).map(fact);
    if (deleted?.(row) !== true) return versions;
    if (FACTS[kind].shape === 'event') return versions.map((v) => ({ ...v, deleted: true }));
    return [...versions.filter((v) => v.at < at), { ...fact({ at, data }), deleted: true }];
  };
}

function usageMapper(
  name: string,
  entry: Entry,
  dialect: Dialect,
  keep: (row: Row) => boolean,
  account: Reader<string>,
): Mapper {
  const ref = typeof entry.observedAt === 'object' && 'column' in entry.observedAt ? entry.observedAt : null;
  const constant = constantOf(entry, dialect);
  const day = constant ? () => constant : whenReader(ref ?? { column: entry.observedAt as string }, dialect);
  const feature = entry.fields.feature ? reader('text', refOf(entry.fields.feature), dialect) : () => null;
  const metrics = Object.entries(entry.metrics ?? {}).map(
    ([metric, r]) => [metric, reader('number', refOf(r), dialect)] as const,
  );
  return (row, stamp) => {
    if (!keep(row)) return [];
    const key = account(row);
    const when = day(row);
    if (!when) throw missing(observedColumn(entry), 'the day of the figures');
    const what = feature(row) as string | null;
    const figures: Record<string, number> = {};
    let any = false;
    for (const [metric, read] of metrics) {
      const value = read(row);
      if (value === null) continue;
      figures[metric] = value as number;
      any = true;
    }
    if (!any) return [];
    const at = Date.parse(`${when.day}T00:00:00Z`);
    // The entry is part of the series: two files may tell different figures of the same account and day.
    const id = what === null ? `${name}:${key}` : `${name}:${key}:${what}`;
    const data = { feature: what, metrics: figures };
    return [{ kind: 'usage', id, account: key, at, knownAt: Math.max(stamp.modified, at), data }];
  };
}

const missing = (column: string, expected: string) => bad(column, 'nothing', expected);

/** The account key of a row; null only for people. */
export function accountReader(entry: Entry, dialect: Dialect, link: Link | null): Reader<string> {
  if (entry.link) {
    const { via, column } = entry.link;
    return (row) => {
      const id = idOf(row, column, dialect.nulls);
      if (id === null) throw missing(column, `the id of a record of \`${via}\``);
      const account = link?.(id);
      if (account === undefined) throw bad(column, 'an unknown id', `the id of a record of \`${via}\``);
      return account;
    };
  }
  if (!entry.account) return () => null;
  const ref = refOf(entry.account);
  const read = keyReader(ref, dialect);
  return (row) => read(row) ?? raise(missing(columnsOf(ref).join(', '), 'the account’s key'));
}

function idReader(name: string, entry: Entry, dialect: Dialect): (row: Row, seen: Occurrences) => string {
  if (entry.id === undefined)
    return (row, seen) => {
      const hash = hashText(`${name}\n${row.raw}`);
      const nth = seen.count(hash);
      return nth === 1 ? hash : `${hash}-${nth}`;
    };
  return recordId(entry, dialect);
}

/** The id of a row's record by its id columns. */
export function recordId(entry: Entry, dialect: Dialect): (row: Row) => string {
  const columns = [entry.id ?? []].flat();
  return (row) =>
    columns.map((column) => idOf(row, column, dialect.nulls) ?? raise(missing(column, 'the record’s id'))).join('/');
}

const observedColumn = (entry: Entry): string =>
  typeof entry.observedAt === 'string'
    ? entry.observedAt
    : entry.observedAt && 'column' in entry.observedAt
      ? entry.observedAt.column
      : 'observedAt';

function constantOf(entry: Entry, dialect: Dialect): When | null {
  if (typeof entry.observedAt !== 'object' || !('constant' in entry.observedAt)) return null;
  return readWhen(entry.observedAt.constant, dialect.timezone);
}

/** When a row was true. */
function observedReader(entry: Entry, dialect: Dialect): (row: Row, modified: number) => number {
  const { observedAt } = entry;
  if (observedAt === undefined) return (_row, modified) => modified;
  const constant = constantOf(entry, dialect);
  if (constant) return () => constant.instant;
  const read = whenReader(
    typeof observedAt === 'object' && 'column' in observedAt ? observedAt : { column: observedColumn(entry) },
    dialect,
  );
  return (row) => read(row)?.instant ?? raise(missing(observedColumn(entry), 'the date of the row'));
}

interface RowData {
  data: Record<string, unknown>;
  /** Date fields as instants, for the versions. */
  instants: Record<string, number>;
}

function dataReader(entry: Entry, dialect: Dialect): (row: Row) => RowData {
  const types = FIELDS[entry.kind];
  const plain: [string, Reader<unknown>][] = [];
  const dates: [string, Reader<When>, 'day' | 'instant'][] = [];
  for (const [field, given] of Object.entries(entry.fields)) {
    const type = types[field];
    if (given === undefined || type === undefined) continue;
    const ref = refOf(given);
    if ((type === 'date' || type === 'instant') && ref.const === undefined)
      dates.push([field, whenReader(ref, dialect), type === 'date' ? 'day' : 'instant']);
    else if (type === 'text' && ID_FIELDS.has(field)) plain.push([field, keyReader(ref, dialect)]);
    else plain.push([field, reader(type, field === 'domains' && !ref.as ? { ...ref, as: 'domain' } : ref, dialect)]);
  }
  const attributes = attributesReader(entry, dialect);
  const needed = neededOf(entry);
  return (row) => {
    const data: Record<string, unknown> = {};
    const instants: Record<string, number> = {};
    for (const [field, read] of plain) data[field] = read(row) ?? needed(field);
    for (const [field, read, part] of dates) {
      const when = read(row);
      data[field] = when === null ? null : when[part];
      if (when) instants[field] = when.instant;
    }
    if (attributes) data.attributes = attributes(row);
    return { data, instants };
  };
}

/** What stands for an empty cell: unknown, unless the fact would say nothing without it. */
function neededOf({ kind, fields }: Entry): (field: string) => null {
  const shape: Record<string, { safeParse(value: null): { success: boolean } }> = FACTS[kind].data.shape;
  const needed = new Set((REQUIRED[kind] ?? []).filter((field) => !shape[field]?.safeParse(null).success));
  return (field) => {
    const given = fields[field];
    if (!needed.has(field) || given === undefined) return null;
    const type = FIELDS[kind][field];
    const expected = Array.isArray(type) ? `one of ${type.join(', ')}` : `the ${field}`;
    throw missing(columnsOf(refOf(given))[0] ?? field, expected);
  };
}

function attributesReader(entry: Entry, dialect: Dialect): ((row: Row) => Record<string, unknown>) | null {
  const { attributes } = entry;
  if (attributes === undefined) return null;
  return (row) => {
    const kept: [string, unknown][] = [];
    for (const column of attributes === 'all' ? row.columns() : attributes) {
      const value = row.get(column);
      const scalar = typeof value === 'number' || typeof value === 'boolean';
      if (scalar) kept.push([column, value]);
      else if (typeof value !== 'object') kept.push([column, textOf(row, column, dialect.nulls)]);
    }
    return Object.fromEntries(kept);
  };
}

function raise(error: Error): never {
  throw error;
}
