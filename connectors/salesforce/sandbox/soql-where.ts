import type { ConditionWithValueQuery, Query, WhereClause } from '@jetstreamapp/soql-parser-js';
import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import { ApiError } from './errors.ts';
import type { Field } from './field.ts';
import { dateRange } from './soql-dates.ts';
import { likePattern, literal } from './soql-literal.ts';
import { malformed, type Names } from './soql-names.ts';
import { impliedBound, type Tree, treeOf } from './soql-tree.ts';
import { day } from './values.ts';

export interface Where {
  sql: string;
  params: Cell[];
}

export interface WhereContext {
  names: Names;
  now: number;
  /** A semi-join's query → SQL of its one column. */
  subquery(query: Query): Where;
}

/** A WHERE clause as SQL. SOQL has no third truth value: every condition is made 0 or 1. */
export function where(clause: WhereClause, context: WhereContext): Where {
  return sqlOf(treeOf(clause), context);
}

function sqlOf(tree: Tree, context: WhereContext): Where {
  switch (tree.is) {
    case 'leaf':
      return condition(tree.condition, context);
    case 'not': {
      const { sql, params } = sqlOf(tree.of, context);
      return { sql: `(NOT ${sql})`, params };
    }
    default: {
      const parts = tree.of.map((t) => sqlOf(t, context));
      const bound = impliedBound(tree);
      const all = { sql: `(${parts.map((p) => p.sql).join(` ${tree.is} `)})`, params: parts.flatMap((p) => p.params) };
      if (!bound) return all;
      const start = condition(bound, context);
      return { sql: `(${start.sql} AND ${all.sql})`, params: [...start.params, ...all.params] };
    }
  }
}

const COMPARE: Record<string, string> = {
  '=': '=',
  '!=': '<>',
  '<>': '<>',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};

function condition(c: ConditionWithValueQuery, context: WhereContext): Where {
  if (!('operator' in c)) throw malformed('unexpected negation');
  if (!('field' in c)) throw malformed('this sandbox does not know functions in WHERE');
  const { sql, field: f } = context.names.resolve(c.field);
  if (!f.filterable) {
    throw new ApiError(400, 'INVALID_FIELD', `field '${f.name}' can not be filtered in a query call`);
  }
  if ('valueQuery' in c) {
    if (f.type !== 'id' && f.type !== 'reference') throw badOperator(f, c.operator);
    const inner = context.subquery(c.valueQuery);
    if (c.operator === 'IN') return { sql: `COALESCE(${sql} IN (${inner.sql}), 0)`, params: inner.params };
    if (c.operator === 'NOT IN') return { sql: `COALESCE(${sql} NOT IN (${inner.sql}), 1)`, params: inner.params };
    throw badOperator(f, c.operator);
  }
  const types = Array.isArray(c.literalType) ? c.literalType : [c.literalType];
  if (types.some((t) => t === 'DATE_LITERAL' || t === 'DATE_N_LITERAL')) {
    const n = 'dateLiteralVariable' in c ? Number(c.dateLiteralVariable) : undefined;
    return relative(sql, f, c.operator, dateRange(String(c.value), n, context.now));
  }
  if (c.operator === 'IN' || c.operator === 'NOT IN') {
    if (!Array.isArray(c.value)) throw malformed(`expecting a list after ${c.operator}`);
    const cells = c.value.map((v, i) => literal(f, v, types.length > 1 ? types[i] : types[0]));
    const list = cells.filter((v) => v !== null);
    const isNull = cells.length > list.length ? ` OR ${sql} IS NULL` : '';
    const test = `(${sql} IS NOT NULL AND ${sql} IN (${list.map(() => '?').join(', ')})${isNull})`;
    return { sql: c.operator === 'IN' ? test : `(NOT ${test})`, params: list };
  }
  if (Array.isArray(c.value)) throw malformed(`unexpected list after ${c.operator}`);
  if (c.operator === 'LIKE') {
    if (
      types[0] !== 'STRING' ||
      ['boolean', 'date', 'datetime', 'int', 'double', 'currency', 'percent', 'id', 'reference'].includes(f.type)
    ) {
      throw badOperator(f, 'LIKE');
    }
    return { sql: `(${sql} IS NOT NULL AND ${sql} LIKE ? ESCAPE '\\')`, params: [likePattern(c.value)] };
  }
  return compare(sql, f, c.operator, literal(f, c.value, types[0]));
}

function compare(sql: string, f: Field, operator: string, value: Cell): Where {
  const symbol = COMPARE[operator];
  const ordered = operator !== '=' && operator !== '!=';
  if (!symbol || (ordered && f.type === 'boolean')) throw badOperator(f, operator);
  if (value === null) {
    if (ordered) throw badOperator(f, operator);
    return { sql: `(${sql} IS ${operator === '=' ? '' : 'NOT '}NULL)`, params: [] };
  }
  if (operator === '!=') return { sql: `(${sql} IS NULL OR ${sql} <> ?)`, params: [value] };
  return { sql: `(${sql} IS NOT NULL AND ${sql} ${symbol} ?)`, params: [value] };
}

function relative(sql: string, f: Field, operator: string, [from, to]: [number, number]): Where {
  if (f.type !== 'date' && f.type !== 'datetime') throw badOperator(f, operator);
  const cell = (ms: number): Cell => (f.type === 'date' ? day(ms) : ms);
  const has = `${sql} IS NOT NULL AND`;
  switch (operator) {
    case '=':
      return { sql: `(${has} ${sql} >= ? AND ${sql} < ?)`, params: [cell(from), cell(to)] };
    case '!=':
      return { sql: `(NOT (${has} ${sql} >= ? AND ${sql} < ?))`, params: [cell(from), cell(to)] };
    case '<':
      return { sql: `(${has} ${sql} < ?)`, params: [cell(from)] };
    case '>=':
      return { sql: `(${has} ${sql} >= ?)`, params: [cell(from)] };
    case '<=':
      return { sql: `(${has} ${sql} < ?)`, params: [cell(to)] };
    case '>':
      return { sql: `(${has} ${sql} >= ?)`, params: [cell(to)] };
    default:
      throw badOperator(f, operator);
  }
}

const badOperator = (f: Field, operator: string): ApiError =>
  new ApiError(
    400,
    'INVALID_QUERY_FILTER_OPERATOR',
    `\nERROR at Row:1:Column:1\ninvalid operator ${operator} on ${f.type} field '${f.name}'`,
  );
