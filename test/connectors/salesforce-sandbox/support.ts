import { createSign } from 'node:crypto';
import { Connection } from 'jsforce';
import { onTestFinished } from 'vitest';
import { type SalesforceOptions, serveSalesforce } from '../../../connectors/salesforce/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

export const NOW = Date.parse('2026-11-25T08:00:00Z');
export const VERSION = '66.0';
export const DAY = 86_400_000;

export interface Org {
  world: World;
  sandbox: RunningSandbox;
  token: string;
  conn: Connection;
  /** Raw call under /services/data/v66.0/. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; headers: Headers; body: never }>;
  query(soql: string, all?: boolean): Promise<Row[]>;
  /** The error of a query that must be refused. */
  refused(soql: string): Promise<{ status: number; errorCode: string; message: string }>;
}
export type Row = Record<string, never>;

/** A running sandbox with a session; closed when the test ends. */
export async function start(options: Partial<SalesforceOptions> & { customers?: number } = {}): Promise<Org> {
  const { customers = 40, ...rest } = options;
  const world = options.world ?? makeWorld({ seed: 7, customers, now: NOW });
  const sandbox = await serveSalesforce({ ...rest, world });
  onTestFinished(() => sandbox.close());
  const token = await clientToken(sandbox);
  const conn = new Connection({ instanceUrl: sandbox.origin, accessToken: token, version: VERSION });
  const call: Org['call'] = async (method, path, body) => {
    const response = await fetch(`${sandbox.origin}/services/data/v${VERSION}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? null : parse(text)) as never };
  };
  const query: Org['query'] = async (soql, all = false) => {
    const { status, body } = await call('GET', `${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return (body as { records: Row[] }).records;
  };
  const refused: Org['refused'] = async (soql) => {
    const { status, body } = await call('GET', `query?q=${encodeURIComponent(soql)}`);
    const [first] = body as unknown as { errorCode: string; message: string }[];
    return { status, errorCode: first?.errorCode ?? 'none', message: first?.message ?? '' };
  };
  return { world, sandbox, token, conn, call, query, refused };
}

export const auth = (sandbox: RunningSandbox) => sandbox.config.auth as { clientId: string; username: string };

export async function clientToken(sandbox: RunningSandbox): Promise<string> {
  const reply = await grant(sandbox, {
    grant_type: 'client_credentials',
    client_id: auth(sandbox).clientId,
    client_secret: sandbox.env.SALESFORCE_CLIENT_SECRET ?? '',
  });
  return String(reply.body.access_token);
}

export async function grant(sandbox: RunningSandbox, form: Record<string, string>) {
  const response = await fetch(`${sandbox.origin}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A signed assertion; claims override the right ones. `exp` is in seconds. */
export function assertion(
  sandbox: RunningSandbox,
  claims: Record<string, unknown> = {},
  key = sandbox.env.SALESFORCE_PRIVATE_KEY ?? '',
): string {
  const { clientId, username } = auth(sandbox);
  const full = { iss: clientId, sub: username, aud: sandbox.origin, exp: NOW / 1000 + 180, ...claims };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256' })}.${part(full)}`;
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url')}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // an HTML answer
  }
}
