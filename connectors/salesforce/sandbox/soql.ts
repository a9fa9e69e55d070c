import { type FieldType, parseQuery, type Query } from '@jetstreamapp/soql-parser-js';
import { type Cell, quote } from '../../../src/sandbox/kit-tables.ts';
import { ApiError } from './errors.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import { malformed, Names, type Resolved } from './soql-names.ts';
import { type Where, where } from './soql-where.ts';

const MAX_SOQL = 100_000;
const MAX_OFFSET = 2_000;

/** A query made ready: SQL that gives row numbers in order, and how to show rows of given numbers. */
export interface Plan {
  object: ObjectSpec;
  /** COUNT() only: no rows are wanted. */
  counting: boolean;
  numbers: { sql: string; params: Cell[] };
  /** Takes one parameter, a JSON array of row numbers. */
  rowsSql: string;
  columns: Resolved[];
  names: Names;
}

export interface Scope {
  /** queryAll: deleted and archived rows too. */
  all: boolean;
  now: number;
}

/**
 * SOQL text → plan. Throws ApiError as the vendor would: MALFORMED_QUERY for grammar, INVALID_TYPE for objects,
 * INVALID_FIELD for fields that do not exist or are hidden, and for literals of the wrong type.
 */
export function plan(org: Org, soql: string, scope: Scope): Plan {
  if (soql.length > MAX_SOQL) throw malformed('SOQL statements cannot be longer than 100000 characters.');
  const query = parse(soql);
  const object = objectOf(org, query.sObject);
  const names = new Names(org, object, query.sObjectAlias ?? '');
  refuseUnsupported(query);
  const counting = isCount(query.fields ?? []);
  const columns = counting ? [] : (query.fields ?? []).map((f) => names.resolve(fieldName(f)));
  const duplicate = firstDuplicate(columns.map((c) => c.path.join('.')));
  if (duplicate) throw new ApiError(400, 'INVALID_FIELD', `duplicate field selected: ${duplicate}`);
  const selectJoins = names.joins.length;
  const filter = filterOf(org, query, object, names, scope);
  const order = orderOf(query, names);
  const limit = limitOf(query);
  const sql = [
    `SELECT t.rowid FROM ${quote(object.name)} t ${names.joins.join(' ')}`,
    filter.sql === '' ? '' : `WHERE ${filter.sql}`,
    order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`,
    limit,
  ].join(' ');
  const shown = ['1', ...columns.flatMap((c) => (c.parent ? [c.sql, c.parent] : [c.sql]))];
  const rowsSql = `SELECT ${shown.join(', ')} FROM json_each(?) k CROSS JOIN ${quote(object.name)} t ON t.rowid = k.value
    ${names.joins.slice(0, selectJoins).join(' ')} ORDER BY k.key`;
  return { object, counting, numbers: { sql, params: filter.params }, rowsSql, columns, names };
}

function parse(soql: string): Query {
  try {
    return parseQuery(soql);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function objectOf(org: Org, name: string | undefined): ObjectSpec {
  const object = org.object(name ?? '');
  if (object) return object;
  throw new ApiError(
    400,
    'INVALID_TYPE',
    `\nERROR at Row:1:Column:1\nsObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** What the vendor can do and this sandbox cannot is refused aloud, never ignored. */
function refuseUnsupported(query: Query): void {
  const { groupBy, having, usingScope, withDataCategory, for: locking, update } = query;
  for (const [what, used] of Object.entries({ groupBy, having, usingScope, withDataCategory, locking, update })) {
    if (used !== undefined) throw new ApiError(400, 'SANDBOX_UNSUPPORTED', `this sandbox does not support ${what}`);
  }
}

const isCount = (fields: FieldType[]): boolean => {
  const [only] = fields;
  return (
    only?.type === 'FieldFunctionExpression' &&
    only.functionName.toUpperCase() === 'COUNT' &&
    only.parameters.length === 0
  );
};

function fieldName(f: FieldType): string {
  if (f.type === 'Field') return f.field;
  if (f.type === 'FieldRelationship') return [...f.relationships, f.field].join('.');
  throw new ApiError(400, 'SANDBOX_UNSUPPORTED', `this sandbox does not support ${f.type} in SELECT`);
}

function filterOf(org: Org, query: Query, object: ObjectSpec, names: Names, scope: Scope): Where {
  const parts: Where[] = [];
  if (query.where) {
    const made = where(query.where, { names, now: scope.now, subquery: (q) => subquery(org, q, scope) });
    parts.push({ sql: `(${made.sql})`, params: made.params });
  }
  return join([...parts, ...visibility(org, object, 't', scope)]);
}

/** Deleted, archived, unshared and uncommitted rows are not there for an ordinary query. */
function visibility(org: Org, object: ObjectSpec, alias: string, scope: Scope): Where[] {
  const parts: Where[] = [];
  if (object.recycles && !scope.all) parts.push({ sql: `${alias}."IsDeleted" = 0`, params: [] });
  const archived = object.fields.find((f) => f.name === 'IsArchived')?.derived;
  if (archived && !scope.all) parts.push({ sql: `${archived(alias, org.archiveDay())} = 0`, params: [] });
  const running = [...(org.uncommitted.get(object.name) ?? [])].filter(([, commits]) => commits > org.world.now());
  if (running.length > 0) {
    parts.push({
      sql: `${alias}."Id" NOT IN (${running.map(() => '?').join(', ')})`,
      params: running.map(([id]) => id),
    });
  }
  if (object.shared && !org.access.has('ViewAllData'))
    parts.push({ sql: sharing(object, alias), params: [org.sharedUpTo()] });
  return parts;
}

/** Without View All Data, accounts of half of the owners (and what hangs on them) are simply not there. */
function sharing(object: ObjectSpec, alias: string): string {
  const accounts = `SELECT "Id" FROM "Account" WHERE "OwnerId" <= ?`;
  if (object.name === 'Account') return `${alias}."OwnerId" <= ?`;
  if (object.fields.some((f) => f.name === 'AccountId')) return `${alias}."AccountId" IN (${accounts})`;
  return `${alias}."OpportunityId" IN (SELECT "Id" FROM "Opportunity" WHERE "AccountId" IN (${accounts}))`;
}

function subquery(org: Org, query: Query, scope: Scope): Where {
  const object = objectOf(org, query.sObject);
  const names = new Names(org, object, query.sObjectAlias ?? '', 's');
  const [only, ...more] = query.fields ?? [];
  if (!only || more.length > 0) throw malformed('a semi-join selects exactly one field');
  const { sql, field: f } = names.resolve(fieldName(only));
  if (f.type !== 'id' && f.type !== 'reference') throw malformed('a semi-join selects an id or reference field');
  const filter: Where[] = [];
  if (query.where) {
    const nested = (): Where => {
      throw malformed('semi-joins cannot be nested');
    };
    filter.push(where(query.where, { names, now: scope.now, subquery: nested }));
  }
  const all = join([...filter.map((w) => ({ ...w, sql: `(${w.sql})` })), ...visibility(org, object, 's', scope)]);
  const base = `SELECT ${sql} FROM ${quote(object.name)} s ${names.joins.join(' ')} WHERE ${sql} IS NOT NULL`;
  return { sql: all.sql === '' ? base : `${base} AND ${all.sql}`, params: all.params };
}

const join = (parts: Where[]): Where => ({
  sql: parts.map((p) => p.sql).join(' AND '),
  params: parts.flatMap((p) => p.params),
});

function orderOf(query: Query, names: Names): string[] {
  const clauses = query.orderBy === undefined ? [] : Array.isArray(query.orderBy) ? query.orderBy : [query.orderBy];
  return clauses.map((clause) => {
    if (!('field' in clause)) throw malformed('this sandbox does not order by functions');
    const { sql, field: f } = names.resolve(clause.field);
    if (!f.filterable) throw new ApiError(400, 'INVALID_FIELD', `field '${f.name}' can not be sorted in a query call`);
    // Required fields need no null order, which would keep the index from being used.
    const nulls = f.nillable ? ` NULLS ${clause.nulls ?? 'FIRST'}` : '';
    return `${sql} ${clause.order ?? 'ASC'}${nulls}`;
  });
}

function limitOf(query: Query): string {
  if (query.offset !== undefined && query.offset > MAX_OFFSET) {
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
  if (query.limit === undefined && query.offset === undefined) return '';
  return `LIMIT ${query.limit ?? -1} OFFSET ${query.offset ?? 0}`;
}

function firstDuplicate(names: string[]): string | null {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}
