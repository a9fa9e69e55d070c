import { createServer } from 'node:http';
import { bucketsOf, type Config, Config as ConfigSchema } from '../../../connectors/zendesk/config.ts';
import type { Metrics, Ticket } from '../../../connectors/zendesk/wire.ts';
import type { Ctx, Log } from '../../../src/contract/index.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';

export const HOST = 'https://acme.zendesk.com';
export const API = '/api/v2';
export const NOW = Date.parse('2026-11-25T09:00:00Z');
export const TOKEN = 'zd-token-not-to-be-told';
export const at = (text: string): number => Date.parse(text);

export const config = (over: Record<string, unknown> = {}): Config =>
  ConfigSchema.parse({
    ...('baseUrl' in over ? {} : { subdomain: 'acme' }),
    email: 'bot@acme.com',
    limits: { perMinute: 100_000, exportsPerMinute: 10_000 },
    ...over,
  });

/** A context as the composition root would build it, with retries that do not wait. */
export function makeCtx(over: Record<string, unknown> = {}, extra: Partial<Ctx<Config>> = {}) {
  const lines: string[] = [];
  const calls: string[] = [];
  const waits: number[] = [];
  const note = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const signal = extra.signal ?? new AbortController().signal;
  const settings = config(over);
  const ctx: Ctx<Config> = {
    config: settings,
    secrets: { apiToken: TOKEN },
    log,
    signal,
    now: () => NOW,
    timezone: 'Europe/London',
    currency: 'GBP',
    fields: [],
    file: (path) => path,
    attempt: makeAttempt({
      log,
      signal,
      buckets: bucketsOf(settings),
      sleep: async (ms) => void waits.push(ms),
      random: () => 0,
      onCall: ({ label }) => void calls.push(label),
    }),
    state: { get: async () => null, set: async () => true },
    credentials: { get: async () => null, set: async () => true },
    ...extra,
  };
  return { ctx, lines, calls, waits };
}

/** As the API sends them. */
export const rawTicket = (over: Record<string, unknown> = {}) => ({
  id: 7,
  organization_id: 42,
  requester_id: 900,
  submitter_id: 900,
  group_id: 5,
  subject: 'Export takes very long',
  description: 'It is still broken.',
  status: 'open',
  priority: 'high',
  tags: ['export'],
  custom_fields: [{ id: 360, value: null }],
  satisfaction_rating: { score: 'unoffered' },
  created_at: '2026-11-02T10:00:00Z',
  updated_at: '2026-11-02T12:00:30Z',
  generated_timestamp: at('2026-11-02T12:00:30Z') / 1000,
  ...over,
});
const span = (calendar: number | null, business: number | null = null) => ({ calendar, business });
export const rawMetrics = (over: Record<string, unknown> = {}) => ({
  id: 1007,
  ticket_id: 7,
  reopens: 0,
  reply_time_in_minutes: span(null),
  first_resolution_time_in_minutes: span(null),
  full_resolution_time_in_minutes: span(null),
  solved_at: null,
  status_updated_at: '2026-11-02T10:00:00Z',
  ...over,
});
export type { Metrics, Ticket };

export interface Asked {
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
}
/** A vendor on loopback: the first route whose pattern fits answers; everything asked is kept. */
export async function vendor(routes: [RegExp, (asked: Asked) => { status?: number; body: unknown }][]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const call = { path: url.pathname, query: url.searchParams, authorization: request.headers.authorization };
    asked.push(call);
    const route = routes.find(([pattern]) => pattern.test(url.pathname));
    const { status = 200, body } = route?.[1](call) ?? { status: 404, body: { error: 'RecordNotFound' } };
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-rate-limit': '100000' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    asked,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
