import { onTestFinished } from 'vitest';
import { type HubspotOptions, serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

export const NOW = Date.parse('2026-11-25T08:00:00Z');
export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** A record as the portal shows it. */
export interface Shown {
  id: string;
  properties: Record<string, string | null>;
  propertiesWithHistory?: Record<string, { value: string; timestamp: string; sourceType: string }[]>;
  associations?: Record<string, { results: { id: string; type: string }[] }>;
  createdAt: string;
  updatedAt: string;
  archived: boolean;
  new?: boolean;
  objectWriteTraceId?: string;
}
interface Problem {
  category: string;
  subCategory?: string;
  message: string;
  context: Record<string, string[]>;
}
/** Any body of the portal, with what the tests look at. */
export interface Body extends Partial<Omit<Shown, 'associations'>> {
  results: Shown[];
  total: number;
  paging?: { next: { after: string } };
  status?: string;
  category?: string;
  subCategory?: string;
  message?: string;
  numErrors?: number;
  errors: Problem[];
}
export interface Reply<T = Body> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Help {
  world: World;
  portal: RunningSandbox;
  get<T = Body>(path: string): Promise<Reply<T>>;
  post<T = Body>(path: string, body: unknown, method?: string): Promise<Reply<T>>;
  /** Every record of a list, page by page. */
  list(type: string, query?: string): Promise<Shown[]>;
  search(type: string, request: object): Promise<Reply>;
}

/** A running portal; closed when the test ends. No limits, and a search index that is not behind, unless asked for. */
export async function start(
  options: Partial<HubspotOptions> & { customers?: number; seedOfWorld?: number; dirt?: boolean } = {},
): Promise<Help> {
  const { customers = 30, seedOfWorld = 11, dirt = true, ...rest } = options;
  const world = options.world ?? makeWorld({ seed: seedOfWorld, customers, now: NOW, dirt });
  const portal = await serveHubspot({ limits: false, searchLagMs: 0, ...rest, world });
  onTestFinished(() => portal.close());
  const post = async <T = Body>(path: string, body: unknown, method = 'POST'): Promise<Reply<T>> => {
    const response = await fetch(portal.origin + path, {
      method,
      headers: { authorization: `Bearer ${portal.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
  };
  const get: Help['get'] = (path) => post(path, undefined, 'GET');
  const list: Help['list'] = async (type, query = '') => {
    const all: Shown[] = [];
    for (let after = '0'; ; ) {
      const { status, body } = await get(`/crm/v3/objects/${type}?limit=50&after=${after}&${query}`);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      all.push(...body.results);
      if (!body.paging) return all;
      after = body.paging.next.after;
    }
  };
  const search: Help['search'] = (type, request) => post(`/crm/v3/objects/${type}/search`, request);
  return { world, portal, get, post, list, search };
}

export const filters = (...all: [name: string, operator: string, value?: unknown][]) => [
  {
    filters: all.map(([propertyName, operator, value]) => ({
      propertyName,
      operator,
      ...(value === undefined ? {} : Array.isArray(value) ? { values: value } : { value }),
    })),
  },
];
export const idsOf = (reply: Reply): string[] => reply.body.results.map((one) => one.id);
