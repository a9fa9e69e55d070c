import { AsyncLocalStorage } from 'node:async_hooks';
import type Stripe from 'stripe';
import { z } from 'zod';
import { ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import type { Config } from './config.ts';
import { badStatus, toConnectorError } from './errors.ts';

/** What every object here is rendered in; the account's own default does not matter. */
export const API_VERSION = '2026-10-28.endive';
export const PAGE = 100;

const ListPage = z.object({ object: z.literal('list'), data: z.array(z.unknown()), has_more: z.boolean() });
export interface ListPage {
  rows: unknown[];
  more: boolean;
}

/** Answers carry the HTTP answer beside them. */
interface Answered {
  lastResponse?: { statusCode: number; apiVersion?: string };
}

/**
 * The SDK as a thin transport: one request a call, under `ctx.attempt`, the only retrier. It runs on fetch, because on Node's own
 * client the SDK tries a closed connection again by itself whatever `maxNetworkRetries` says.
 */
export class Client {
  readonly ctx: Ctx<Config>;
  readonly #open: () => Promise<Stripe>;
  #sdk: Promise<Stripe> | null = null;
  readonly #signal = new AsyncLocalStorage<AbortSignal>();
  #apiVersion: string | null = null;

  constructor(ctx: Ctx<Config>) {
    this.ctx = ctx;
    const { baseUrl, account, timeoutSeconds } = ctx.config;
    const key = ctx.secrets.apiKey;
    if (!key)
      throw new InputError('Stripe: no API key', {
        hint: 'Set the environment variable STRIPE_API_KEY to a restricted key.',
      });
    const { hostname, port, protocol } = new URL(baseUrl);
    // Loaded by the first call: who has no such source is spared its 25 MB.
    this.#open = async () => {
      const { default: Stripe } = await import('stripe');
      return new Stripe(key, {
        apiVersion: API_VERSION,
        host: hostname,
        port: port || (protocol === 'http:' ? '80' : '443'),
        protocol: protocol === 'http:' ? 'http' : 'https',
        maxNetworkRetries: 0,
        timeout: Math.round(timeoutSeconds * 1000) + 1_000, // the deadline of `attempt` comes first
        telemetry: false,
        httpClient: Stripe.createFetchHttpClient((...call: Parameters<typeof fetch>) => this.#fetch(...call)),
        ...(account ? { stripeAccount: account } : {}),
      });
    };
  }

  /** The version that the last answer was rendered in; null = not told. */
  get apiVersion(): string | null {
    return this.#apiVersion;
  }

  /** One call. @throws ConnectorError */
  async call<T>(label: string, send: (sdk: Stripe) => Promise<T>): Promise<T> {
    const deadlineMs = this.ctx.config.timeoutSeconds * 1000;
    return this.ctx.attempt({ label, kind: 'read', idempotent: true, deadlineMs }, (signal) =>
      this.#signal.run(signal, async () => {
        try {
          this.#sdk ??= this.#open();
          const answer = await send(await this.#sdk);
          this.#note(label, answer as Answered);
          return answer;
        } catch (error) {
          signal.throwIfAborted();
          throw toConnectorError(error, label, this.ctx.now());
        }
      }),
    );
  }

  /** One page of a list. */
  async list(label: string, send: (sdk: Stripe) => Promise<unknown>): Promise<ListPage> {
    const answer = ListPage.safeParse(await this.call(label, send));
    if (answer.success) return { rows: answer.data.data, more: answer.data.has_more };
    throw new ConnectorError(`${label}: the answer is no list`, {
      action: 'fail',
      code: 'UNEXPECTED_ANSWER',
      hint: 'Check baseUrl; otherwise report this as a defect.',
    });
  }

  /** An object by its id; null = there is none. */
  async retrieve(label: string, send: (sdk: Stripe) => Promise<unknown>): Promise<unknown> {
    try {
      return await this.call(label, send);
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'resource_missing') return null;
      throw error;
    }
  }

  /** A call that nobody waits for any more frees its socket at once. */
  #fetch(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const signals = [this.#signal.getStore(), init?.signal].filter((s) => s !== undefined && s !== null);
    return fetch(url, { ...init, redirect: 'error', signal: AbortSignal.any(signals) });
  }

  #note(label: string, answer: Answered): void {
    const { statusCode, apiVersion } = answer.lastResponse ?? {};
    if (statusCode !== undefined && statusCode >= 400) throw badStatus(label, statusCode);
    this.#apiVersion = apiVersion ?? this.#apiVersion;
  }
}
