import { onTestFinished } from 'vitest';
import { serveZendesk, type ZendeskOptions } from '../../../connectors/zendesk/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

export const NOW = Date.parse('2026-11-25T08:00:00Z');
export const DAY = 86_400_000;
export type Row = Record<string, unknown>;

export interface Help {
  world: World;
  sandbox: RunningSandbox;
  /** GET below /api/v2/, or of a whole address. */
  call(path: string, authorization?: string): Promise<{ status: number; headers: Headers; body: Row }>;
  /** A page that must be given. */
  page(path: string): Promise<Row>;
  /** All rows of an export or list, page by page, as it says where the next page is. */
  all(path: string): Promise<Row[]>;
}

export const basic = (email: string, token: string): string =>
  `Basic ${Buffer.from(`${email}/token:${token}`).toString('base64')}`;

/** A running help desk; closed when the test ends. No rate limits unless asked for. */
export async function start(
  options: Partial<ZendeskOptions> & { customers?: number; seed?: number } = {},
): Promise<Help> {
  const { customers = 40, seed = 7, ...rest } = options;
  const world = options.world ?? makeWorld({ seed, customers, now: NOW });
  const sandbox = await serveZendesk({ limits: false, ...rest, world });
  onTestFinished(() => sandbox.close());
  const admin = basic(String(sandbox.config.email), sandbox.env.ZENDESK_API_TOKEN ?? '');
  const call: Help['call'] = async (path, authorization = admin) => {
    const url = path.startsWith('http') ? path : `${sandbox.origin}/api/v2/${path}`;
    const response = await fetch(url, authorization === '' ? {} : { headers: { authorization } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text) as Row };
  };
  const page: Help['page'] = async (path) => {
    const { status, body } = await call(path);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  const all: Help['all'] = async (path) => {
    const rows: Row[] = [];
    for (let next: string | null = path; next !== null; ) {
      const body: Row = await page(next);
      rows.push(...rowsOf(body));
      next = nextOf(body);
    }
    return rows;
  };
  return { world, sandbox, call, page, all };
}

const SIDELOADS = new Set(['users', 'organizations', 'groups', 'metric_sets']);
/** The rows of a page: its first array that was not asked for along. */
export function rowsOf(body: Row): Row[] {
  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value));
  const [own] = lists.length > 1 ? lists.filter(([name]) => !SIDELOADS.has(name)) : lists;
  return (own?.[1] ?? []) as Row[];
}

function nextOf(body: Row): string | null {
  if (body.end_of_stream === true) return null;
  const links = body.links as { next?: string | null } | undefined;
  return (body.after_url ?? body.next_page ?? links?.next ?? null) as string | null;
}
