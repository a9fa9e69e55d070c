import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import { type StripeOptions, serveStripe } from '../../../connectors/stripe/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

export const NOW = Date.parse('2026-11-25T08:00:00Z');
export const DAY = 86_400_000;
export const VERSION = '2026-10-28.endive';
/** An object as it came; tests name the fields that they read. */
export interface Row {
  id: string;
  [field: string]: unknown;
}

export interface Running {
  world: World;
  sandbox: RunningSandbox;
  stripe: Stripe;
  /** Raw call under /v1/. */
  call(path: string, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; body: never }>;
  /** Every object of a list, by hand. */
  all(path: string): Promise<Row[]>;
  /** The error of a call that must be refused. */
  refused(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; type: string; code?: string; param?: string; message: string }>;
}

/** A running sandbox and the vendor's own SDK; closed when the test ends. */
export async function start(options: Partial<StripeOptions> & { customers?: number } = {}): Promise<Running> {
  const { customers = 40, ...rest } = options;
  const world = options.world ?? makeWorld({ seed: 7, customers, now: NOW });
  const sandbox = await serveStripe({ ...rest, world });
  onTestFinished(() => sandbox.close());
  const call: Running['call'] = async (path, headers = {}) => {
    const authorization = `Bearer ${sandbox.env.STRIPE_API_KEY}`;
    const response = await fetch(`${sandbox.origin}/v1/${path}`, {
      headers: { authorization, 'stripe-version': VERSION, ...headers },
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  };
  const all: Running['all'] = async (path) => {
    const found: Row[] = [];
    for (let after = ''; ; ) {
      const { status, body } = await call(`${path}${path.includes('?') ? '&' : '?'}limit=100${after}`);
      if (status !== 200) throw new Error(JSON.stringify(body));
      const page = body as { data: Row[]; has_more: boolean };
      found.push(...page.data);
      if (!page.has_more) return found;
      after = `&starting_after=${page.data.at(-1)?.id}`;
    }
  };
  const refused: Running['refused'] = async (path, headers) => {
    const { status, body } = await call(path, headers);
    const { error } = body as { error?: { type: string; message: string } };
    return { status, type: 'none', message: '', ...error };
  };
  return { world, sandbox, stripe: sdk(sandbox), call, all, refused };
}

/** The official SDK, pointed at the sandbox as its own options have it. */
export function sdk(sandbox: RunningSandbox, maxNetworkRetries = 0): Stripe {
  const { hostname, port } = new URL(sandbox.origin);
  return new Stripe(sandbox.env.STRIPE_API_KEY ?? '', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries,
    telemetry: false,
  });
}
