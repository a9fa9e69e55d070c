import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { RunningSandbox, ServeOptions, VendorSandbox } from '../../src/sandbox/world.types.ts';
import type { AccountOptions } from './sandbox/account.ts';
import { makeApp } from './sandbox/app.ts';
import { VENDOR_FAULTS } from './sandbox/faults.ts';
import { History } from './sandbox/history.ts';
import { Limits } from './sandbox/limits.ts';
import { Links } from './sandbox/links.ts';
import { ListTable } from './sandbox/lists.ts';
import { Follower } from './sandbox/load.ts';
import { portalIdOf, type Rotation, Tokens } from './sandbox/oauth.ts';
import { Owners } from './sandbox/owners.ts';
import { isPlace } from './sandbox/pipelines.ts';
import { PropertyTable } from './sandbox/properties.ts';
import { Rest } from './sandbox/rest.ts';
import { onFault, RowFaults } from './sandbox/row-faults.ts';
import { ALL_SCOPES } from './sandbox/scopes.ts';
import type { Seed } from './sandbox/seed.ts';
import { Show } from './sandbox/show.ts';
import { Portal } from './sandbox/store.ts';
import { Writes } from './sandbox/write.ts';

export interface HubspotOptions extends ServeOptions {
  /** How long after a write the search index shows it, in ms of the world. Default 10,000. */
  searchLagMs?: number;
  /** Versions of a property that its history tells at most. Default 45 of contacts, 20 of all else. */
  historyVersions?: { contacts: number; others: number };
  /** Records to begin with instead of the world's accounts; people and clock are the world's. */
  seed?: Iterable<Seed>;
  /** How the connector is let in: a private app's token, or an installed app whose tokens age. Default token. */
  auth?: 'token' | 'refresh-token';
  /** What becomes of a refresh token that was used. Default strict. */
  rotation?: Rotation;
  /** Calls that an app may make in ten seconds. Default 190. */
  per10s?: number;
  /** Calls that private apps may make a day, and those that others have made today. Default 1,000,000 and 0. */
  perDay?: number;
  usedByOthers?: number;
  /** By which bursts are measured, monotonic ms. Default the machine's own. */
  clock?: () => number;
  /** Whether tasks can have unique properties; the vendor's list does not say so. Default accepted. */
  uniqueTasks?: 'accepted' | 'refused' | 'ignored';
  /** Custom properties that an object may have. Default 1,000. */
  propertyLimit?: number;
  account?: Partial<AccountOptions>;
}

/** The vendor's HTTP behaviour over the world, for the endpoints that a health-score integration uses. */
export const hubspotSandbox: VendorSandbox = {
  name: 'hubspot',
  serve: (options) => serveHubspot(options),
};

/** As `hubspotSandbox.serve`, with this vendor's own options. Loads the whole world before it listens. */
export async function serveHubspot(options: HubspotOptions): Promise<RunningSandbox> {
  const { world, minPages = 1, per10s = 190 } = options;
  const now = () => world.now();
  const portal: Portal = new Portal(world, () => rows.lag() ?? options.searchLagMs ?? 10_000);
  const links = new Links(portal);
  const faults = new FaultList(VENDOR_FAULTS, (spec) => onFault(portal, links, spec));
  const rows = new RowFaults(faults);
  const follower = new Follower(portal, links);
  if (options.seed) follower.fill(options.seed);
  else follower.load();
  const owners = new Owners(world, minPages);
  const { uniqueTasks = 'accepted', propertyLimit = 1000 } = options;
  const properties = new PropertyTable({ now, uniqueTasks, limit: propertyLimit });
  const history = new History(portal, options.historyVersions ?? { contacts: 45, others: 20 });
  const show = new Show(properties, history, links);
  const known = (kind: string, value: string) => (kind === 'OWNER' ? owners.isActive(value) : isPlace(kind, value));
  const writes = new Writes({ portal, links, properties, known, faults: rows });
  const account: AccountOptions = {
    portalId: portalIdOf(world.options.seed),
    accountType: 'SANDBOX',
    timeZone: 'Europe/London',
    companyCurrency: 'USD',
    additionalCurrencies: ['EUR', 'GBP', 'JPY'],
    ...options.account,
  };
  const { portalId, timeZone } = account;
  const tokens = new Tokens({ now, portalId, scopes: ALL_SCOPES, rotation: options.rotation ?? 'strict' }, faults);
  const limits = new Limits({
    per10s,
    searchPerSecond: 5,
    perDay: options.perDay ?? 1_000_000,
    usedByOthers: options.usedByOthers ?? 0,
    timeZone,
    now,
    clock: options.limits === false ? null : (options.clock ?? (() => performance.now())),
  });
  const rest = new Rest({ portal, links, show, writes, owners, faults: rows, minPages });
  const lists = new ListTable(properties, now);
  const app = makeApp({ portal, follower, properties, lists, rest, tokens, limits, faults, rows, account });
  const server = await serveKit(app, faults, options);
  const installed = options.auth === 'refresh-token';
  return {
    ...server,
    config: {
      baseUrl: server.origin,
      auth: installed ? { flow: 'refresh-token', clientId: tokens.clientId } : { flow: 'token' },
      ratePer10s: options.limits === false ? 1000 : per10s,
      managers: owners.managers(),
    },
    env: installed
      ? { HUBSPOT_CLIENT_SECRET: tokens.clientSecret, HUBSPOT_REFRESH_TOKEN: tokens.refreshToken }
      : { HUBSPOT_TOKEN: tokens.privateToken },
    rows: (object) => app.rows(object),
    written: [
      { object: 'companies', ids: ['id'] },
      { object: 'tasks', ids: ['id'] },
    ],
  };
}
