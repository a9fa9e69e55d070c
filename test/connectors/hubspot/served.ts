import type { Config } from '../../../connectors/hubspot/config.ts';
import { type Portal, portalOf } from '../../../connectors/hubspot/portal.ts';
import { pullStream } from '../../../connectors/hubspot/pull.ts';
import { type HubspotOptions, serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import type { Ctx, Cursor, Page } from '../../../src/contract/index.ts';
import type { Fact } from '../../../src/core/fact.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { World } from '../../../src/sandbox/world.types.ts';
import { makeCtx, NOW } from './support.ts';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** A served portal, and runs of the connector on it. */
export class Served {
  readonly sandbox: Awaited<ReturnType<typeof serveHubspot>>;
  readonly world: World;
  /** Labels of the calls of all runs since `forget`. */
  calls: string[] = [];

  static async start(options: Partial<HubspotOptions> & { customers?: number } = {}): Promise<Served> {
    const { customers = 12, ...more } = options;
    const world = more.world ?? makeWorld({ seed: 7, customers, now: NOW });
    return new Served(await serveHubspot({ limits: false, ...more, world }), world);
  }
  constructor(sandbox: Awaited<ReturnType<typeof serveHubspot>>, world: World) {
    this.sandbox = sandbox;
    this.world = world;
  }

  /** As each run begins: with nothing remembered. */
  portal(config: Record<string, unknown> = {}, extra: Partial<Ctx<Config>> = {}): Portal {
    const { ctx, calls } = makeCtx(
      { ...this.sandbox.config, ...config },
      { secrets: { token: this.sandbox.env.HUBSPOT_TOKEN ?? '' }, now: () => this.world.now(), ...extra },
    );
    this.calls = calls;
    return portalOf(ctx);
  }

  async pull(stream: string, from: Cursor | null, config: Record<string, unknown> = {}): Promise<Page[]> {
    const pages: Page[] = [];
    for await (const page of pullStream(this.portal(config), stream, from)) pages.push(page);
    return pages;
  }

  /** What somebody else does to the portal. @param path below the objects: "companies/7" */
  async api(method: string, path: string, body?: object): Promise<{ id: string }> {
    const response = await fetch(`${this.sandbox.origin}/crm/v3/objects/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.sandbox.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? { id: '' } : ((await response.json()) as { id: string });
  }

  close(): Promise<void> {
    return this.sandbox.close();
  }
}

export const factsOf = (pages: Page[]): Fact[] => pages.flatMap((page) => page.facts);
export const cursorOf = (pages: Page[]): Cursor => {
  const last = pages.at(-1);
  if (!last) throw new Error('no page came');
  return last.cursor;
};
/** How often each call was made. */
export function counted(calls: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of calls) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
