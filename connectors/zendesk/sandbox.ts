import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp, KitRequest, Route } from '../../src/sandbox/kit-types.ts';
import type { RunningSandbox, ServeOptions, VendorSandbox } from '../../src/sandbox/world.types.ts';
import { ADMIN, API_TOKEN, callerOf } from './sandbox/access.ts';
import type { Call } from './sandbox/call.ts';
import { Desk } from './sandbox/desk.ts';
import { ApiError, forbidden, noEndpoint, noRecord, TOO_MANY } from './sandbox/errors.ts';
import { onFault, VENDOR_FAULTS } from './sandbox/faults.ts';
import { Limits, type Plan } from './sandbox/limits.ts';
import { Rest } from './sandbox/rest.ts';
import { plainRows } from './sandbox/rows.ts';

const ROOT = '/api/v2/';

export interface ZendeskOptions extends ServeOptions {
  /** Default professional. */
  plan?: Plan;
  /** The High Volume add-on. Default false. */
  highVolume?: boolean;
  /** By which a minute of the limits is measured, epoch ms. Default the machine's own. */
  clock?: () => number;
  /** Most rows of an export's page, ≤ 1,000. Default 1,000. */
  pageRows?: number;
  /** Which satisfaction feature the account runs. Default legacy. */
  satisfaction?: 'legacy' | 'surveys';
  /** Whether ticket exports can give metrics along. Default true. */
  metricSets?: boolean;
}

/** The vendor's HTTP behaviour over the world, for the endpoints that tell of support health. */
export const zendeskSandbox: VendorSandbox = {
  name: 'zendesk',
  serve: (options) => serveZendesk(options),
};

/** As `zendeskSandbox.serve`, with this vendor's own options. Loads the whole world before it listens. */
export async function serveZendesk(options: ZendeskOptions): Promise<RunningSandbox> {
  const desk = new Desk(options.world);
  const faults = new FaultList(VENDOR_FAULTS, (spec) => onFault(desk, spec));
  const app = makeApp(desk, faults, options);
  const server = await serveKit(app, faults, options);
  return {
    ...server,
    config: {
      baseUrl: server.origin,
      email: ADMIN.email,
      plan: options.plan ?? 'professional',
      accountKeys: ['external_id', 'crm_id'],
      ...(options.highVolume ? { highVolume: true } : {}),
      ...(options.limits === false ? { limits: { perMinute: 100_000, exportsPerMinute: 10_000 } } : {}),
    },
    env: { ZENDESK_API_TOKEN: API_TOKEN },
    rows: (object) => app.rows(object),
  };
}

function makeApp(desk: Desk, faults: FaultList, options: ZendeskOptions): KitApp {
  const { plan = 'professional', highVolume = false, clock = Date.now } = options;
  const limits = options.limits === false ? null : new Limits({ plan, highVolume, clock });
  const rest = new Rest({
    desk,
    faults,
    options: {
      pageRows: options.pageRows ?? 1000,
      minPages: options.minPages ?? 1,
      satisfaction: options.satisfaction ?? 'legacy',
      metricSets: options.metricSets ?? true,
    },
  });

  function route(request: KitRequest): Route {
    const { pathname } = request.url;
    const path = pathname.startsWith(ROOT) ? pathname.slice(ROOT.length).replace(/\.json$/, '') : null;
    const found = path === null || request.method !== 'GET' ? null : rest.find(path);
    const kind = found?.kind ?? 'unknown';
    return { kind, type: 'read', handle: () => guarded(() => answer(request, kind, found?.params ?? null)) };
  }

  function answer(request: KitRequest, kind: string, params: string[] | null): Answer {
    const caller = callerOf(request.headers.authorization);
    const query = request.url.searchParams;
    const limited = limits?.take(kind, Number(query.get('page') ?? 1)) ?? { headers: {}, refused: null };
    if (limited.refused) return limited.refused;
    if (params === null) throw noEndpoint();
    if (faults.take('forbidden-stream', kind)) throw forbidden();
    if (faults.take('plan-feature-missing', kind)) throw noRecord();
    if (plan === 'team' && /^(satisfaction_ratings|guide\/)/.test(kind)) throw forbidden();
    desk.catchUp();
    const base = `http://${request.headers.host ?? 'localhost'}${ROOT.slice(0, -1)}`;
    const self = `http://${request.headers.host ?? 'localhost'}${request.url.pathname}`;
    const call: Call = { params, query, base, self, kind, now: desk.world.now(), caller };
    return { status: 200, headers: limited.headers, body: rest.answer(call) };
  }

  return {
    route,
    rows: (object) => plainRows(desk, rest, object),
    tooMany: () => ({ status: 429, headers: { 'retry-after': '1' }, body: TOO_MANY }),
    unavailable: () => ({
      status: 503,
      headers: { 'retry-after': '1' },
      body: '<html><body>Service Unavailable</body></html>',
      type: 'text/html',
    }),
    close: () => desk.tables.close(),
  };
}

/** A refusal is an answer in the vendor's shape. */
function guarded(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.answer();
  }
}
