import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { RunningSandbox, ServeOptions, VendorSandbox } from '../../src/sandbox/world.types.ts';
import { Admin, type AdminOptions } from './sandbox/admin.ts';
import { makeApp } from './sandbox/app.ts';
import { VENDOR_FAULTS } from './sandbox/faults.ts';
import { History } from './sandbox/history.ts';
import { Links } from './sandbox/links.ts';
import { Follower } from './sandbox/load.ts';
import { Owners } from './sandbox/owners.ts';
import { isPlace } from './sandbox/pipelines.ts';
import { PropertyTable } from './sandbox/properties.ts';
import { Rest } from './sandbox/rest.ts';
import { onFault, RowFaults } from './sandbox/row-faults.ts';
import type { Seed } from './sandbox/seed.ts';
import { Show } from './sandbox/show.ts';
import { Portal } from './sandbox/store.ts';
import { Writes } from './sandbox/write.ts';

export interface HubspotOptions extends ServeOptions, AdminOptions {
  /** How long after a write the search index shows it, in ms of the world. Default 10,000. */
  searchLagMs?: number;
  /** Versions of a property that its history tells at most. Default 45 of contacts, 20 of all else. */
  historyVersions?: { contacts: number; others: number };
  /** Records to begin with instead of the world's accounts; people and clock are the world's. */
  seed?: Iterable<Seed>;
  /** Whether tasks can have unique properties; the vendor's list does not say so. Default accepted. */
  uniqueTasks?: 'accepted' | 'refused' | 'ignored';
  /** Custom properties that an object may have. Default 1,000. */
  propertyLimit?: number;
}

/** The vendor's HTTP behaviour over the world, for the endpoints that a health-score integration uses. */
export const hubspotSandbox: VendorSandbox = {
  name: 'hubspot',
  serve: (options) => serveHubspot(options),
};

/** As `hubspotSandbox.serve`, with this vendor's own options. Loads the whole world before it listens. */
export async function serveHubspot(options: HubspotOptions): Promise<RunningSandbox> {
  const { world, minPages = 1, searchLagMs = 10_000, uniqueTasks = 'accepted', propertyLimit = 1000 } = options;
  const portal: Portal = new Portal(world, () => rows.lag() ?? searchLagMs);
  const links = new Links(portal);
  const faults = new FaultList(VENDOR_FAULTS, (spec) => onFault(portal, links, spec));
  const rows = new RowFaults(faults);
  const follower = new Follower(portal, links);
  if (options.seed) follower.fill(options.seed);
  else follower.load();
  const owners = new Owners(world, minPages);
  const properties = new PropertyTable({ now: () => world.now(), uniqueTasks, limit: propertyLimit });
  const history = new History(portal, options.historyVersions ?? { contacts: 45, others: 20 }, !options.seed);
  const show = new Show(properties, history, links);
  const known = (kind: string, value: string) => (kind === 'OWNER' ? owners.isActive(value) : isPlace(kind, value));
  const writes = new Writes({ portal, links, properties, known, faults: rows });
  const rest = new Rest({ portal, links, show, writes, owners, faults: rows, minPages });
  const admin = new Admin(properties, faults, options);
  const app = makeApp({ portal, links, follower, properties, rest, admin, faults, rows });
  const server = await serveKit(app, faults, options);
  return {
    ...server,
    config: { baseUrl: server.origin, managers: owners.managers(), ...admin.config() },
    env: admin.env(),
    rows: (object) => app.rows(object),
    written: [
      { object: 'companies', ids: ['id'] },
      { object: 'tasks', ids: ['id'] },
    ],
    ...admin.rate(),
  };
}
