import type { z } from 'zod';
import { type Attempt, ConnectorError, type ErrorAction } from '../contract/index.ts';
import { parseAnswer } from './answer.ts';
import { networkError } from './network.ts';
import { redact } from './redact.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a status means where it is not success, and whether the request may have been carried out. */
export type RetryTable = Record<number, { action: ErrorAction; ambiguous?: boolean }>;

/** Statuses that are not listed are 'fail'. A 5xx may come from a proxy after the system has committed. */
export const RETRY_TABLE: RetryTable = {
  401: { action: 'reauthenticate' },
  408: { action: 'retry', ambiguous: true },
  425: { action: 'retry' },
  429: { action: 'retry' },
  500: { action: 'retry', ambiguous: true },
  502: { action: 'retry', ambiguous: true },
  503: { action: 'retry', ambiguous: true },
  504: { action: 'retry', ambiguous: true },
};

export interface HttpSetup {
  attempt: Attempt;
  /** Every call stays on its origin. */
  baseUrl: string;
  /** Sent with every call, asked anew for each try, so that a renewed token is used. */
  headers?: () => Record<string, string> | Promise<Record<string, string>>;
  /** Laid over RETRY_TABLE, for systems that mean something else by a status. */
  retryTable?: RetryTable;
  bucket?: string;
  deadlineMs?: number;
  /** Epoch ms, for a Retry-After that is a date. Default: the system clock. */
  now?: () => number;
}

export interface HttpCall<T> {
  /** For counters, logs and errors: "tickets.list". Never a URL. */
  label: string;
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below baseUrl, or an absolute URL of the same origin (a next-page link). */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: GET reads, the rest writes. */
  kind?: 'read' | 'write';
  /** Default: GET, PUT and DELETE are. */
  idempotent?: boolean;
  bucket?: string;
  deadlineMs?: number;
  /** What the answer must be; an answer that is not is an error, not a surprise later on. */
  schema: z.ZodType<T>;
}

export interface HttpAnswer<T> {
  status: number;
  headers: Headers;
  /** null where the answer has no body. */
  body: T;
}

export interface Http {
  /** Throws ConnectorError; see RETRY_TABLE for which action. */
  request<T>(call: HttpCall<T>): Promise<HttpAnswer<T>>;
  /** The body alone. */
  json<T>(call: HttpCall<T>): Promise<T>;
}

/** A small JSON client over fetch: one retry policy, one origin, no secret in any error. */
export function makeHttp(setup: HttpSetup): Http {
  const base = new URL(setup.baseUrl.endsWith('/') ? setup.baseUrl : `${setup.baseUrl}/`);
  const table = { ...RETRY_TABLE, ...setup.retryTable };
  const now = setup.now ?? Date.now;

  async function once<T>(call: HttpCall<T>, signal: AbortSignal): Promise<HttpAnswer<T>> {
    const method = call.method ?? 'GET';
    const headers = {
      accept: 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(await setup.headers?.()),
      ...call.headers,
    };
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const response = await follow(call.label, locate(base, call), {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response
      .text()
      .catch((cause: unknown) => Promise.reject(networkError(call.label, cause, signal)));
    if (!response.ok) throw statusError(call.label, response, text, table, now());
    return {
      status: response.status,
      headers: response.headers,
      body: parseAnswer(call.label, call.schema, response, text),
    };
  }

  const request: Http['request'] = (call) => {
    const method = call.method ?? 'GET';
    const bucket = call.bucket ?? setup.bucket;
    const deadlineMs = call.deadlineMs ?? setup.deadlineMs;
    return setup.attempt(
      {
        label: call.label,
        kind: call.kind ?? (method === 'GET' ? 'read' : 'write'),
        idempotent: call.idempotent ?? (method === 'GET' || method === 'PUT' || method === 'DELETE'),
        ...(bucket === undefined ? {} : { bucket }),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      },
      (signal) => once(call, signal),
    );
  };
  return { request, json: async (call) => (await request(call)).body };
}

function locate(base: URL, call: { label: string; path: string; query?: Record<string, unknown> }): URL {
  const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(call.path) ? call.path : call.path.replace(/^\/+/, ''), base);
  sameOrigin(call.label, base, url);
  for (const [key, value] of Object.entries(call.query ?? {}))
    if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

/** Credentials must not follow a link or redirect to somebody else's server. */
function sameOrigin(label: string, base: URL, url: URL): void {
  if (url.origin === base.origin) return;
  throw new ConnectorError(`${label}: refused to go from ${base.origin} to ${url.origin}`, {
    action: 'fail',
    code: 'OTHER_ORIGIN',
    hint: 'Correct the base URL in the configuration, if the system has moved.',
  });
}

async function follow(
  label: string,
  first: URL,
  init: RequestInit & { method: string; signal: AbortSignal },
): Promise<Response> {
  let url = first;
  for (let hops = 0; hops <= 5; hops++) {
    const response = await fetch(url, { ...init, redirect: 'manual' }).catch((cause: unknown) =>
      Promise.reject(networkError(label, cause, init.signal)),
    );
    const location = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    sameOrigin(label, url, next);
    if (init.method !== 'GET') {
      throw new ConnectorError(`${label}: a ${init.method} was answered by a redirect (${response.status})`, {
        action: 'fail',
        code: String(response.status),
        hint: 'Use the address that the system redirects to as base URL.',
      });
    }
    url = next;
  }
  throw new ConnectorError(`${label}: more than 5 redirects`, {
    action: 'fail',
    code: 'REDIRECTS',
    hint: 'Check the base URL.',
  });
}

const HINTS: Record<number, string> = {
  401: 'Check the credentials; they may have expired or been revoked.',
  403: 'Give the integration user the permission that this call needs.',
  404: 'Check the base URL and the names in the mapping.',
  429: 'The system limits our calls; lower the concurrency, or run less often.',
};

function statusError(label: string, response: Response, text: string, table: RetryTable, now: number): ConnectorError {
  const rule = table[response.status] ?? { action: 'fail' as const };
  const wait = retryAfterMs(response.headers.get('retry-after'), now);
  const said = redact(
    text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  ).slice(0, 300);
  const hint = HINTS[response.status];
  return new ConnectorError(`${label}: ${response.status} ${response.statusText}${said ? `: ${said}` : ''}`, {
    action: rule.action,
    code: String(response.status),
    ambiguous: rule.ambiguous ?? false,
    ...(hint === undefined ? {} : { hint }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}
