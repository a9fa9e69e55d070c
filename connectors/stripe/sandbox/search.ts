import { type Book, type Json, seconds } from './book.ts';
import { StripeError } from './errors.ts';
import { showRow } from './objects.ts';
import { limitOf, one, onlyKnown, type Params } from './params.ts';
import type { Row, Shelf } from './shelf.ts';
import { METADATA_KEY } from './show-customer.ts';

/** New objects are found after a while only. */
const INDEXED_AFTER_S = 60;
const CLAUSE =
  /^\s*(-?)(?:metadata\[(['"])(.+?)\2\]|(email|name|created))\s*(:|~|>=?|<=?)\s*(?:(['"])((?:\\.|(?!\6).)*)\6|(\d+))\s*/;

/** GET /v1/customers/search: clauses joined by AND or by OR, not both; exact on key and address, `~` = part of it. */
export function searchCustomers(shelf: Shelf, book: Book, params: Params): Json {
  onlyKnown(params, ['query', 'limit', 'page', 'expand[]']);
  const query = one(params, 'query');
  if (query === null)
    throw new StripeError(400, 'Missing required param: query.', { code: 'parameter_missing', param: 'query' });
  const { sql, values } = parse(query);
  const now = seconds(book.world.now());
  const skip = offsetOf(one(params, 'page'));
  const limit = limitOf(params);
  const rows = shelf.tables.all(
    `SELECT * FROM shelf WHERE object = 'customer' AND created <= ? AND (gone IS NULL OR gone > ?) AND (${sql})
     ORDER BY created DESC, seq DESC LIMIT ? OFFSET ?`,
    [now - INDEXED_AFTER_S, now, ...values, limit + 1, skip],
  ) as unknown as Row[];
  const more = rows.length > limit;
  return {
    object: 'search_result',
    data: rows.slice(0, limit).map((row) => showRow(book, row)),
    has_more: more,
    next_page: more ? Buffer.from(`from ${skip + limit}`).toString('base64url') : null,
    url: '/v1/customers/search',
  };
}

function parse(query: string): { sql: string; values: (string | number)[] } {
  const clauses: string[] = [];
  const values: (string | number)[] = [];
  const joins = new Set<string>();
  for (let rest = query; ; ) {
    const found = CLAUSE.exec(rest);
    if (!found) throw refused(query);
    const [whole, minus, , key, field, operator = ':', , text, number] = found;
    const { sql, value } = clause(
      query,
      key ?? null,
      field ?? null,
      operator,
      text?.replace(/\\(.)/g, '$1') ?? number ?? '',
    );
    clauses.push(minus ? `NOT COALESCE(${sql}, FALSE)` : sql);
    values.push(value);
    rest = rest.slice(whole.length);
    if (rest === '') break;
    const join = /^(AND|OR)\s/i.exec(rest)?.[1]?.toUpperCase();
    if (!join) throw refused(query);
    joins.add(join);
    rest = rest.slice(join.length);
  }
  const [join = 'AND', ...others] = joins;
  if (others.length > 0) throw refused(query);
  return { sql: clauses.join(` ${join} `), values };
}

function clause(query: string, key: string | null, field: string | null, operator: string, value: string) {
  if (field === 'created') return { sql: `created ${operator === ':' ? '=' : operator} ?`, value: Number(value) };
  if (key !== null && operator === ':')
    return { sql: key === METADATA_KEY ? 'external = ?' : "'' = ? AND FALSE", value };
  if (field === 'email' && operator === ':') return { sql: 'email = ? COLLATE NOCASE', value };
  if (field === 'email' && operator === '~') return { sql: 'INSTR(LOWER(email), LOWER(?)) > 0', value };
  throw refused(query);
}

const refused = (query: string): StripeError =>
  new StripeError(
    400,
    `We were unable to parse your search query: ${query}. Learn more: https://stripe.com/docs/search`,
    {
      param: 'query',
    },
  );

function offsetOf(page: string | null): number {
  if (page === null) return 0;
  const found = /^from (\d+)$/.exec(Buffer.from(page, 'base64url').toString())?.[1];
  if (found === undefined) throw new StripeError(400, 'Invalid page.', { param: 'page' });
  return Number(found);
}
