import type { z } from 'zod';
import { ConnectorError, type Ctx } from '../../src/contract/index.ts';
import { parseAnswer } from '../../src/http/answer.ts';
import { networkError } from '../../src/http/network.ts';
import { type Tokens, tokensOf } from './auth.ts';
import type { Config } from './config.ts';
import { toConnectorError } from './errors.ts';
import { send } from './transport.ts';

/** Limiter buckets of the connector. */
export type BucketName = 'default' | 'search' | 'auth';

export interface Call<T> {
  /** For counters, logs and errors: "companies.search", "companies.update". Never a URL. */
  label: string;
  kind: 'read' | 'write';
  idempotent: boolean;
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** From the table in paths.ts. */
  path: string;
  /** Lists are joined by commas; undefined is left out. */
  query?: Record<string, string | number | boolean | string[] | undefined>;
  body?: unknown;
  /** Default "default". */
  bucket?: BucketName;
  /** Of the body; an empty one is null. */
  schema: z.ZodType<T>;
}
export interface Answer<T> {
  /** 200 or 207 is a difference: see the sheet on batches. */
  status: number;
  body: T;
}

/** The portal's transport: the vendor's SDK without its retries and limiter, our budget, deadline and errors. */
export interface Client {
  /** @throws ConnectorError; ApiError where the portal answered */
  request<T>(call: Call<T>): Promise<Answer<T>>;
  /** The body alone. */
  json<T>(call: Call<T>): Promise<T>;
  /** The day's calls as the last answer told them; null = none did (OAuth apps, searches). */
  readonly usage: { used: number; limit: number; at: number } | null;
  /** The portal's time zone, once somebody has read it: its midnight ends the daily quota. */
  timezone: string | null;
}

/** Fresh tokens in a row that the portal refused before we stop asking for more. */
const MAX_REFUSED_TOKENS = 3;

export function clientOf(ctx: Ctx<Config>): Client {
  return new PortalClient(ctx);
}

class PortalClient implements Client {
  readonly #ctx: Ctx<Config>;
  readonly #tokens: Tokens;
  /** The token that the portal took last. */
  #proven: string | null = null;
  /** Fresh tokens that it refused since. */
  readonly #refused = new Set<string>();
  usage: Client['usage'] = null;
  timezone: string | null = null;

  constructor(ctx: Ctx<Config>) {
    this.#ctx = ctx;
    this.#tokens = tokensOf(ctx);
  }

  async json<T>(call: Call<T>): Promise<T> {
    return (await this.request(call)).body;
  }

  /** `ctx.attempt` is the only retrier; a refused token is replaced once per call, by one refresh for all calls in flight. */
  async request<T>(call: Call<T>): Promise<Answer<T>> {
    const { label, kind, idempotent, bucket = 'default' } = call;
    const deadlineMs = this.#ctx.config.timeoutSeconds * 1000;
    for (let renewed = false; ; renewed = true) {
      const token = await this.#tokens.current();
      try {
        const answer = await this.#ctx.attempt({ label, kind, idempotent, bucket, deadlineMs }, (signal) =>
          this.#once(call, token, signal),
        );
        this.#proven = token;
        this.#refused.clear();
        return answer;
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.action !== 'reauthenticate') throw error;
        if (token !== this.#proven) this.#refused.add(token);
        const another = this.#tokens.drop(token);
        if (!another || renewed || this.#refused.size >= MAX_REFUSED_TOKENS) throw refusedForGood(error, another);
        this.#ctx.log.info({ label }, 'the access token was refused; asking for another');
      }
    }
  }

  async #once<T>(call: Call<T>, accessToken: string, signal: AbortSignal): Promise<Answer<T>> {
    const query = queryOf(call.query);
    const { config, now, timezone } = this.#ctx;
    let response: Response;
    let text: string;
    try {
      response = await send({
        baseUrl: config.baseUrl,
        accessToken,
        method: call.method,
        path: call.path,
        ...(query ? { query } : {}),
        ...(call.body === undefined ? {} : { body: call.body }),
        signal,
      });
      text = await response.text();
    } catch (cause) {
      throw networkError(call.label, cause, signal);
    }
    this.#noteUsage(response.headers);
    if (!response.ok)
      throw toConnectorError(
        call.label,
        response,
        text.replaceAll(accessToken, '[token]'),
        now(),
        this.timezone ?? timezone,
      );
    return { status: response.status, body: parseAnswer(call.label, call.schema, response, text) };
  }

  /** Searches and OAuth apps get no daily figures: what was last told stands. */
  #noteUsage(headers: Headers): void {
    const limit = numberOf(headers.get('x-hubspot-ratelimit-daily'));
    const left = numberOf(headers.get('x-hubspot-ratelimit-daily-remaining'));
    if (limit === null || left === null) return;
    this.usage = { used: Math.max(0, limit - left), limit, at: this.#ctx.now() };
  }
}

function queryOf(query: Call<unknown>['query']): Record<string, string> | null {
  const given = Object.entries(query ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, Array.isArray(value) ? value.join(',') : String(value)] as const],
  );
  return given.length ? Object.fromEntries(given) : null;
}

const numberOf = (header: string | null): number | null => (header && /^\d+$/.test(header) ? Number(header) : null);

function refusedForGood(error: ConnectorError, fresh: boolean): ConnectorError {
  const hint = fresh
    ? 'The portal refuses tokens that it has just issued: check in the portal that the app is still installed and active, then run `npx pulseback check`.'
    : error.hint;
  return new ConnectorError(error.message, {
    action: 'fail',
    cause: error,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(hint === undefined ? {} : { hint }),
  });
}
