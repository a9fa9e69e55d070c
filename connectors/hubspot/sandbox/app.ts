import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import { ApiError, badToken, noToken } from './errors.ts';
import type { Follower } from './load.ts';
import type { PropertyTable } from './properties.ts';
import { propertyRoute } from './property-routes.ts';
import { type Asked, noPath, type Rest } from './rest.ts';
import type { Portal } from './store.ts';
import { typeNamed } from './types.ts';

/** Numbered versions and the dated sets that this portal serves. */
const VERSION = /^(v[34]|2026-0[39])$/;

export interface AppParts {
  portal: Portal;
  follower: Follower;
  properties: PropertyTable;
  rest: Rest;
  faults: FaultList;
  token: string;
}

/** Every address of the portal; each call checks who asks, then lets the world catch up, then works. */
export function makeApp(parts: AppParts): KitApp {
  const { portal, follower } = parts;

  function route(request: KitRequest): Route {
    const path = request.url.pathname.split('/').slice(1).map(decodeURIComponent);
    while (path.at(-1) === '') path.pop(); // owners are asked for with and without a slash at the end
    const found = crm(request, path);
    return found ? guarded(request, found) : noPath();
  }

  /** `/crm/v3/objects/…` and `/crm/objects/2026-03/…` are the same call. */
  function crm(request: KitRequest, [root, one = '', two = '', ...segments]: string[]): Route | null {
    if (root !== 'crm') return null;
    const [version, area] = VERSION.test(one) ? [one, two] : [two, one];
    if (!VERSION.test(version)) return null;
    const asked: Asked = { request, version, segments };
    switch (area) {
      case 'objects':
        return parts.rest.objects(asked);
      case 'associations':
        return parts.rest.associations(asked);
      case 'owners':
        return parts.rest.owners(asked);
      case 'pipelines':
        return parts.rest.pipelines(asked);
      case 'properties':
        return propertyRoute(parts.properties, asked);
      default:
        return null;
    }
  }

  /** Errors take the vendor's shape; what is none is a defect and shows as such. */
  function guarded(request: KitRequest, inner: Route): Route {
    const handle = (): Answer => {
      try {
        const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
        if (token === undefined) throw noToken();
        if (token !== parts.token) throw badToken();
        follower.catchUp();
        return inner.handle();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return error.answer();
      }
    };
    return { ...inner, handle };
  }

  return {
    route,
    rows: (object) => {
      const type = typeNamed(object);
      if (!type) throw new Error(`No such object: ${object}`);
      follower.catchUp();
      return portal.plainRows(type);
    },
    close: () => portal.tables.close(),
  };
}
