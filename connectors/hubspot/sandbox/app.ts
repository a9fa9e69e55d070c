import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import type { Admin } from './admin.ts';
import { ApiError, broken } from './errors.ts';
import { withBreakdowns } from './faults.ts';
import type { Links } from './links.ts';
import type { Follower } from './load.ts';
import type { PropertyTable } from './properties.ts';
import { propertyRoute } from './property-routes.ts';
import { type Asked, noPath, type Rest } from './rest.ts';
import type { RowFaults } from './row-faults.ts';
import { scopesOf } from './scopes.ts';
import type { Portal } from './store.ts';
import { typeNamed } from './types.ts';

/** Numbered versions and the dated sets that this portal serves. */
const VERSION = /^(v[134]|2026-0[39])$/;

export interface AppParts {
  portal: Portal;
  links: Links;
  follower: Follower;
  properties: PropertyTable;
  rest: Rest;
  admin: Admin;
  faults: FaultList;
  rows: RowFaults;
}

/** Every address of the portal. Each call shows who asks; then the world catches up, and the call does its work. */
export function makeApp({ portal, links, follower, properties, rest, admin, faults, rows }: AppParts): KitApp {
  function route(request: KitRequest): Route {
    const path = request.url.pathname.split('/').slice(1).map(decodeURIComponent);
    while (path.at(-1) === '') path.pop(); // owners are asked for with and without a slash at the end
    const [root = '', one = '', two = '', ...rest] = path;
    if (root !== 'crm') {
      const found = outer(request, root, one, two === '' ? [] : [two, ...rest]);
      return found ? worked(request, found.route, found.scopes) : noPath();
    }
    // `/crm/v3/objects/…` and `/crm/objects/2026-03/…` are the same call.
    const [version, area] = VERSION.test(one) ? [one, two] : [two, one];
    const asked: Asked = { request, version, segments: rest };
    const found = VERSION.test(version) ? areaRoute(area, asked) : null;
    return found ? worked(request, found, scopesOf(area, rest[0] ?? '', found.type)) : noPath();
  }

  /** `/settings/v3/currencies/…` and `/settings/currencies/2026-03/…` are the same call; elsewhere the version is second either way. */
  function outer(request: KitRequest, root: string, one: string, more: string[]): ReturnType<Admin['outer']> {
    const [second = '', ...segments] = more;
    if (root !== 'settings') return VERSION.test(one) ? admin.outer(request, root, one, more) : null;
    const [version, area] = VERSION.test(one) ? [one, second] : [second, one];
    return VERSION.test(version) ? admin.outer(request, `settings/${area}`, version, segments) : null;
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
        return admin.lists(asked);
      case 'limits':
        return admin.propertyLimits(asked);
      default:
        return null;
    }
  }

  /** `scopes` null = open to everyone. */
  function worked(request: KitRequest, { kind, type, handle }: Route, scopes: string[] | null): Route {
    const work = (): Answer => {
      const headers = scopes === null ? {} : admin.access.check(request, kind, scopes);
      follower.catchUp();
      rows.begin(kind);
      const answer = inShape(handle);
      return { ...answer, headers: { ...headers, ...answer.headers } };
    };
    return withBreakdowns(faults, { kind, type, handle: () => inShape(work) });
  }

  return {
    route,
    rows: (object) => {
      const type = typeNamed(object);
      if (!type) throw new Error(`No such object: ${object}`);
      follower.catchUp();
      return links.rows(type);
    },
    tooMany: () => admin.tooMany(),
    unavailable: () => broken(503),
    close: () => portal.tables.close(),
  };
}

/** Refusals take the vendor's shape; what is none is a defect of this server and shows as such. */
function inShape(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.answer();
  }
}
