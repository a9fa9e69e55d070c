import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import { type AccountOptions, dailyUsage, details, propertyLimits } from './account.ts';
import { broken } from './errors.ts';
import { guarded, inShape } from './guard.ts';
import type { Limits } from './limits.ts';
import type { ListTable } from './lists.ts';
import type { Follower } from './load.ts';
import type { Tokens } from './oauth.ts';
import type { PropertyTable } from './properties.ts';
import { propertyRoute } from './property-routes.ts';
import { type Asked, bodyOf, noPath, type Rest } from './rest.ts';
import type { RowFaults } from './row-faults.ts';
import { scopesOf } from './scopes.ts';
import type { Portal } from './store.ts';
import { typeNamed } from './types.ts';

/** Numbered versions and the dated sets that this portal serves. */
const VERSION = /^(v[134]|2026-0[39])$/;

export interface AppParts {
  portal: Portal;
  follower: Follower;
  properties: PropertyTable;
  lists: ListTable;
  rest: Rest;
  tokens: Tokens;
  limits: Limits;
  faults: FaultList;
  rows: RowFaults;
  account: AccountOptions;
}

/** Every address of the portal. */
export function makeApp(parts: AppParts): KitApp {
  const { portal, follower, properties, lists, rest, tokens, limits } = parts;
  const now = () => portal.now();

  function route(request: KitRequest): Route {
    const path = request.url.pathname.split('/').slice(1).map(decodeURIComponent);
    while (path.at(-1) === '') path.pop(); // owners are asked for with and without a slash at the end
    const [root = '', ...behind] = path;
    if (root === 'oauth') return oauth(request, behind) ?? noPath();
    const asked = root === 'crm' ? crm(request, behind) : account(root, request, behind);
    if (!asked?.route) return noPath();
    const { kind, type } = asked.route;
    if (kind === 'unknown') return asked.route;
    return guarded(parts, request, asked.route, scopesOf(asked.area, asked.name, type));
  }

  /** `/crm/v3/objects/…` and `/crm/objects/2026-03/…` are the same call. */
  function crm(request: KitRequest, [one = '', two = '', ...segments]: string[]) {
    const [version, area] = VERSION.test(one) ? [one, two] : [two, one];
    if (!VERSION.test(version)) return null;
    const name = segments[0] ?? '';
    return { area, name, route: areaRoute(area, { request, version, segments }) };
  }

  function areaRoute(area: string, asked: Asked): Route | null {
    switch (area) {
      case 'objects':
        return rest.objects(asked);
      case 'associations':
        return rest.associations(asked);
      case 'owners':
        return rest.owners(asked);
      case 'pipelines':
        return rest.pipelines(asked);
      case 'properties':
        return propertyRoute(properties, asked);
      case 'lists':
        return list(asked);
      case 'limits':
        return asked.segments.join('/') === 'custom-properties'
          ? { kind: 'limits', type: 'read', handle: () => propertyLimits(properties) }
          : null;
      default:
        return null;
    }
  }

  function list({ request, segments: [first, typeId, third, name] }: Asked): Route | null {
    const filters = request.url.searchParams.get('includeFilters') === 'true';
    const make = (type: 'read' | 'setup', what: string, handle: () => Answer): Route => ({
      kind: `lists.${what}`,
      type,
      handle,
    });
    if (first === undefined)
      return request.method === 'POST' ? make('setup', 'create', () => lists.create(bodyOf(request))) : null;
    if (first === 'object-type-id' && typeId !== undefined && third === 'name' && name !== undefined)
      return request.method === 'GET' ? make('read', 'byName', () => lists.byName(typeId, name, filters)) : null;
    if (typeId !== undefined) return null;
    if (request.method === 'DELETE') return make('setup', 'archive', () => lists.archive(first));
    return request.method === 'GET' ? make('read', 'get', () => lists.one(first, filters)) : null;
  }

  function account(root: string, request: KitRequest, [version = '', ...rest]: string[]) {
    if (root !== 'account-info' || request.method !== 'GET' || !VERSION.test(version)) return null;
    const found = (kind: string, handle: () => Answer) => ({
      area: 'account-info',
      name: '',
      route: { kind, type: 'read' as const, handle },
    });
    const what = rest.join('/');
    if (what === 'details') return found('account', () => details(parts.account, now()));
    if (what === 'api-usage/daily/private-apps') return found('usage', () => dailyUsage(limits.usage(), now()));
    return null;
  }

  /** The token endpoints ask for no token and count against nothing. */
  function oauth({ method, body }: KitRequest, [version = '', what = '', last = '']: string[]): Route | null {
    if (!VERSION.test(version)) return null;
    const auth = (kind: string, work: () => Answer): Route => ({ kind, type: 'auth', handle: () => inShape(work) });
    switch (`${method} ${what}${last && what === 'token' ? `/${last}` : ''}`) {
      case 'POST token':
        return auth('token', () => tokens.token(body));
      case 'POST token/introspect':
        return auth('introspect', () => tokens.introspect(body));
      case 'POST token/revoke':
        return auth('revoke', () => tokens.revoke(new URLSearchParams(body).get('token') ?? ''));
      case 'GET access-tokens':
        return auth('introspect', () => tokens.accessToken(last));
      case 'GET refresh-tokens':
        return auth('introspect', () => tokens.refreshTokenInfo(last));
      case 'DELETE refresh-tokens':
        return auth('revoke', () => tokens.revoke(last));
      default:
        return null;
    }
  }

  return {
    route,
    rows: (object) => {
      const type = typeNamed(object);
      if (!type) throw new Error(`No such object: ${object}`);
      follower.catchUp();
      return portal.plainRows(type);
    },
    tooMany: () => limits.refusal('SECONDLY').answer(),
    unavailable: () => broken(503),
    close: () => portal.tables.close(),
  };
}
