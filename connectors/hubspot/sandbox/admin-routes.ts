import type { Answer, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import { type AccountOptions, dailyUsage, details, propertyLimits } from './account.ts';
import type { Limits } from './limits.ts';
import type { ListTable } from './lists.ts';
import type { Tokens } from './oauth.ts';
import type { PropertyTable } from './properties.ts';
import { type Asked, bodyOf } from './rest.ts';

const read = (kind: string, handle: () => Answer): Route => ({ kind, type: 'read', handle });
const setup = (kind: string, handle: () => Answer): Route => ({ kind, type: 'setup', handle });
const auth = (kind: string, handle: () => Answer): Route => ({ kind, type: 'auth', handle });

/** …/lists; null where there is no such path. */
export function listRoute(lists: ListTable, { request, segments }: Asked): Route | null {
  const { method, url } = request;
  const filters = url.searchParams.get('includeFilters') === 'true';
  const [first, second = '', third, fourth, ...more] = segments;
  if (more.length > 0) return null;
  if (first === undefined) return method === 'POST' ? setup('lists.create', () => lists.create(bodyOf(request))) : null;
  if (first === 'object-type-id') {
    if (method !== 'GET' || third !== 'name' || fourth === undefined) return null;
    return read('lists.get', () => lists.byName(second, fourth, filters));
  }
  if (second !== '') return null;
  if (method === 'GET') return read('lists.get', () => lists.one(first, filters));
  return method === 'DELETE' ? setup('lists.archive', () => lists.archive(first)) : null;
}

/** …/limits/custom-properties */
export function limitRoute(properties: PropertyTable, { request, segments }: Asked): Route | null {
  if (request.method !== 'GET' || segments.join('/') !== 'custom-properties') return null;
  return read('limits.properties', () => propertyLimits(properties));
}

/** /account-info/{version}/… */
export function accountRoute(
  account: AccountOptions,
  limits: Limits,
  now: () => number,
  request: KitRequest,
  segments: string[],
): Route | null {
  if (request.method !== 'GET') return null;
  switch (segments.join('/')) {
    case 'details':
      return read('account.details', () => details(account, now()));
    case 'api-usage/daily/private-apps':
      return read('account.usage', () => dailyUsage(limits.usage(), now()));
    default:
      return null;
  }
}

/** /oauth/{version}/…: the numbered set looks tokens up by path, the dated ones by form. No bearer token is asked for. */
export function oauthRoute(
  tokens: Tokens,
  { method, body }: KitRequest,
  version: string,
  segments: string[],
): Route | null {
  const [what, second, ...more] = segments;
  if (more.length > 0) return null;
  if (what === 'token' && method === 'POST') {
    if (second === undefined) return auth('token', () => tokens.token(body));
    if (version === 'v1') return null;
    if (second === 'introspect') return auth('token.introspect', () => tokens.introspect(body));
    const token = new URLSearchParams(body).get('token') ?? '';
    return second === 'revoke' ? auth('token.revoke', () => tokens.revoke(token)) : null;
  }
  if (version !== 'v1' || second === undefined) return null;
  if (what === 'access-tokens' && method === 'GET') return auth('token.get', () => tokens.accessToken(second));
  if (what !== 'refresh-tokens') return null;
  if (method === 'GET') return auth('token.get', () => tokens.refreshTokenInfo(second));
  return method === 'DELETE' ? auth('token.revoke', () => tokens.revoke(second)) : null;
}
