import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { RunningSandbox, ServeOptions, VendorSandbox } from '../../src/sandbox/world.types.ts';
import { makeApp } from './sandbox/app.ts';
import { History } from './sandbox/history.ts';
import { Links } from './sandbox/links.ts';
import { Follower } from './sandbox/load.ts';
import { Owners } from './sandbox/owners.ts';
import { hasStage, pipelinesOf } from './sandbox/pipelines.ts';
import { PropertyTable } from './sandbox/properties.ts';
import { Rest } from './sandbox/rest.ts';
import { type Seed, seedRecord } from './sandbox/seed.ts';
import { Show } from './sandbox/show.ts';
import { Portal } from './sandbox/store.ts';
import { Writes } from './sandbox/write.ts';

/** The static token of the portal: a service key, as it would stand in HUBSPOT_TOKEN. */
const TOKEN = 'pat-eu1-4c1ad2f0-sandbox-1b7e';

export interface HubspotOptions extends ServeOptions {
  /** How long after a write the search index shows it. Default 10,000 ms of the world. */
  searchLagMs?: number;
  /** Versions of a property that its history tells at most. Default 45 of contacts, 20 of all else. */
  historyVersions?: { contacts: number; others: number };
  /** Records to begin with instead of the world's accounts; people and clock are the world's. */
  seed?: Iterable<Seed>;
}

/** The vendor's HTTP behaviour over the world, for the endpoints that a health-score integration uses. */
export const hubspotSandbox: VendorSandbox = {
  name: 'hubspot',
  serve: (options) => serveHubspot(options),
};

/** As `hubspotSandbox.serve`, with this vendor's own options. Loads the whole world before it listens. */
export async function serveHubspot(options: HubspotOptions): Promise<RunningSandbox> {
  const { world, minPages = 1 } = options;
  const portal = new Portal(world, { searchLagMs: options.searchLagMs ?? 10_000 });
  const links = new Links(portal);
  const follower = new Follower(portal, links);
  if (options.seed) follower.fill(options.seed, seedRecord);
  else follower.load();
  const owners = new Owners(world, minPages);
  const properties = new PropertyTable({ now: () => portal.now() });
  const history = new History(portal, options.historyVersions ?? { contacts: 45, others: 20 });
  const show = new Show(properties, history, links);
  const writes = new Writes(portal, links, properties, (kind, value) =>
    kind === 'OWNER' ? owners.isActive(value) : isPlace(kind, value),
  );
  const rest = new Rest({ portal, links, show, writes, owners, minPages });
  const faults = new FaultList();
  const app = makeApp({ portal, follower, properties, rest, faults, token: TOKEN });
  const server = await serveKit(app, faults, options);
  return {
    ...server,
    config: { baseUrl: server.origin, managers: owners.managers() },
    env: { HUBSPOT_TOKEN: TOKEN },
    rows: (object) => app.rows(object),
    written: [
      { object: 'companies', ids: [] },
      { object: 'tasks', ids: ['id'] },
    ],
  };
}

/** A pipeline or stage that is there, by the property that names it. */
function isPlace(property: string, value: string): boolean {
  const type = property.startsWith('hs_') ? 'tickets' : 'deals';
  const pipelines = pipelinesOf(type) ?? [];
  if (property.endsWith('stage')) return pipelines.some((p) => hasStage(type, p.id, value));
  return pipelines.some((p) => p.id === value);
}
