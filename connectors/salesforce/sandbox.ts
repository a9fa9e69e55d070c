import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from '../../src/sandbox/kit-types.ts';
import type { RunningSandbox, ServeOptions, VendorSandbox } from '../../src/sandbox/world.types.ts';
import { ApiError } from './sandbox/errors.ts';
import { Limits } from './sandbox/limits.ts';
import { catchUp, loadOrg } from './sandbox/load.ts';
import { MetadataApi } from './sandbox/metadata.ts';
import { Org } from './sandbox/org.ts';
import { Queries } from './sandbox/query.ts';
import { Rest } from './sandbox/rest.ts';
import { RowFaults, VENDOR_FAULTS } from './sandbox/row-faults.ts';
import { Sessions } from './sandbox/sessions.ts';

const OLDEST_VERSION = 42;
const NEWEST_VERSION = 68;

export interface SalesforceOptions extends ServeOptions {
  /** API calls that the org may make a day. Default 5,000,000, as a full sandbox. */
  dailyLimit?: number;
  /** Calls that others have made already today. Default 0. */
  usedByOthers?: number;
  /** Which org it is; another number has another id. */
  orgNumber?: number;
  /** Most rows of a query page, ≤ 2,000. Default 2,000. */
  pageRows?: number;
}

/** The vendor's HTTP behaviour over the world, for the endpoints that a health-score integration uses. */
export const salesforceSandbox: VendorSandbox = {
  name: 'salesforce',
  serve: (options) => serveSalesforce(options),
};

/** As `salesforceSandbox.serve`, with this vendor's own options. Loads the whole world before it listens. */
export async function serveSalesforce(options: SalesforceOptions): Promise<RunningSandbox> {
  const org = new Org(options.world, options.orgNumber);
  loadOrg(org);
  const faults = new FaultList(VENDOR_FAULTS, (spec) => RowFaults.onAdd(org, spec));
  let origin = '';
  const sessions = new Sessions(org, faults, () => origin);
  const app = makeApp(org, faults, sessions, options);
  const server = await serveKit(app, faults, options);
  origin = server.origin;
  return {
    ...server,
    config: { loginUrl: origin, auth: { flow: 'jwt', clientId: sessions.clientId, username: org.username } },
    env: {
      SALESFORCE_PRIVATE_KEY: sessions.privateKeyPem,
      SALESFORCE_CLIENT_SECRET: sessions.clientSecret,
      SALESFORCE_REFRESH_TOKEN: sessions.refreshToken,
    },
    rows: (object) => app.rows(object),
    written: [
      { object: 'Account', ids: ['Id'] },
      { object: 'Task', ids: ['Id'] },
    ],
  };
}

function makeApp(org: Org, faults: FaultList, sessions: Sessions, options: SalesforceOptions): KitApp {
  const limits = new Limits(() => org.world.now(), options.dailyLimit ?? 5_000_000, options.usedByOthers ?? 0);
  const rest = new Rest(
    org,
    new Queries(org, options.pageRows ?? 2_000, options.minPages),
    limits,
    faults,
    new RowFaults(org, faults),
  );
  const metadata = new MetadataApi(org);

  function route(request: KitRequest): Route {
    const path = request.url.pathname.split('/').slice(1).map(decodeURIComponent);
    const [root, area, third, ...rest2] = path;
    if (root === 'services' && area === 'oauth2') return oauth(request, third ?? '');
    if (root === 'id')
      return session(request, { kind: 'identity', type: 'auth', handle: () => ok(sessions.identity()) });
    if (root === 'services' && area === 'Soap' && third === 'm') return soap(request);
    if (root === 'services' && area === 'data' && third === undefined) return versions();
    const version = /^v(\d\d)\.0$/.exec(third ?? '')?.[1];
    const known = version !== undefined && Number(version) >= OLDEST_VERSION && Number(version) <= NEWEST_VERSION;
    if (root !== 'services' || area !== 'data' || !known) return missing();
    while (rest2.at(-1) === '') rest2.pop();
    return session(request, rest.route(request, rest2, `${version}.0`));
  }

  function oauth(request: KitRequest, name: string): Route {
    const auth = (kind: string, handle: () => Answer): Route => ({ kind, type: 'auth', handle });
    if (name === 'token' && request.method === 'POST') {
      return auth('token', () => sessions.token(request.body, request.headers.authorization));
    }
    if (name === 'revoke') return auth('revoke', () => sessions.revoke(request.body));
    if (name === 'userinfo')
      return session(
        request,
        auth('identity', () => ok(sessions.identity())),
      );
    return missing();
  }

  /** A call that needs a session and counts against the day's limit. Errors take the vendor's REST shape. */
  function session(request: KitRequest, inner: Route): Route {
    const handle = (): Answer => {
      try {
        const token = /^(?:Bearer|OAuth) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
        if (!sessions.accepts(token, inner.kind))
          throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
        if (!limits.take(faults, inner.kind)) {
          throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
        }
        catchUp(org);
        const answer = inner.handle();
        return { ...answer, headers: { ...answer.headers, ...limits.header() } };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { ...error.answer(), headers: limits.header() };
      }
    };
    return { ...inner, handle };
  }

  function soap(request: KitRequest): Route {
    const call = metadata.read(request.body);
    const type = call.kind === 'metadata.list' || call.kind === 'metadata.read' ? 'read' : 'setup';
    const handle = (): Answer => {
      if (!sessions.accepts(call.session, call.kind)) return metadata.expired();
      if (!limits.take(faults, call.kind)) return metadata.limited();
      catchUp(org);
      return metadata.answer(call);
    };
    return { kind: call.kind, type, handle };
  }

  return {
    route,
    rows: (object) => {
      catchUp(org);
      return org.plainRows(object);
    },
    close: () => org.tables.close(),
  };
}

const ok = (body: unknown): Answer => ({ status: 200, body });

const missing = (): Route => ({
  kind: 'unknown',
  type: 'read',
  handle: () => new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist').answer(),
});

function versions(): Route {
  const all = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => {
    const version = `${OLDEST_VERSION + i}.0`;
    return { label: `API ${version}`, url: `/services/data/v${version}`, version };
  });
  return { kind: 'versions', type: 'read', handle: () => ok(all) };
}
