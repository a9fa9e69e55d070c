import { StripeError } from './errors.ts';

/** Query parameters in the vendor's form encoding: `created[gte]=1`, `types[]=a`, `expand[0]=b`. */
export type Params = Map<string, string[]>;

export function readParams(query: URLSearchParams): Params {
  const params: Params = new Map();
  for (const [raw, value] of query) {
    const name = raw.replace(/\[\d*\]$/, '[]');
    params.set(name, [...(params.get(name) ?? []), value]);
  }
  return params;
}

/** Every list takes these. */
export const PAGING = ['limit', 'starting_after', 'ending_before', 'expand[]'];
export const range = (name: string): string[] => [name, ...['gt', 'gte', 'lt', 'lte'].map((op) => `${name}[${op}]`)];

export function onlyKnown(params: Params, known: readonly string[]): void {
  for (const name of params.keys()) {
    if (known.includes(name)) continue;
    const shown = name.replace(/\[\]$/, '');
    throw new StripeError(400, `Received unknown parameter: ${shown}`, { code: 'parameter_unknown', param: shown });
  }
}

export function one(params: Params, name: string): string | null {
  const values = params.get(name);
  if (!values) return null;
  const [value = ''] = values;
  if (value === '') {
    const message = `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`;
    throw new StripeError(400, message, { code: 'parameter_invalid_empty', param: name });
  }
  return value;
}

export function integer(params: Params, name: string): number | null {
  const value = one(params, name);
  if (value === null) return null;
  if (!/^-?\d+$/.test(value))
    throw new StripeError(400, `Invalid integer: ${value}`, { code: 'parameter_invalid_integer', param: name });
  return Number(value);
}

export function oneOf<T extends string>(params: Params, name: string, allowed: readonly T[]): T | null {
  const value = one(params, name);
  if (value === null) return null;
  const found = allowed.find((a) => a === value);
  if (found === undefined)
    throw new StripeError(400, `Invalid ${name}: must be one of ${allowed.join(', ')}`, { param: name });
  return found;
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 100;
export function limitOf(params: Params): number {
  const limit = integer(params, 'limit') ?? DEFAULT_LIMIT;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  const [bound, said] = limit < 1 ? ['greater', 1] : ['less', MAX_LIMIT];
  throw new StripeError(400, `This value must be ${bound} than or equal to ${said} (it currently is '${limit}').`, {
    code: 'parameter_invalid_integer',
    param: 'limit',
  });
}

export interface Where {
  sql: string[];
  values: (string | number)[];
}

const OPERATORS = { '': '=', '[gt]': '>', '[gte]': '>=', '[lt]': '<', '[lte]': '<=' } as const;
/** Adds the limits of a time range (or an exact second) on a column. */
export function within(params: Params, name: string, column: string, where: Where): void {
  for (const [suffix, operator] of Object.entries(OPERATORS)) {
    const value = integer(params, name + suffix);
    if (value === null) continue;
    where.sql.push(`${column} ${operator} ?`);
    where.values.push(value);
  }
}

/** Adds equality with a column for each parameter that is given. */
export function equal(params: Params, columns: Record<string, string>, where: Where): void {
  for (const [name, column] of Object.entries(columns)) {
    const value = one(params, name);
    if (value === null) continue;
    where.sql.push(`${column} = ?`);
    where.values.push(value);
  }
}
