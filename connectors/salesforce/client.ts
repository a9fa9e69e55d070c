import jsforce, { type Connection } from 'jsforce';
import type { z } from 'zod';
import { ConnectorError, type Ctx } from '../../src/contract/index.ts';
import { type Grant, type Login, loginOf } from './auth.ts';
import type { Config } from './config.ts';
import { toConnectorError } from './errors.ts';

export interface CallOptions {
  /** For counters and logs: "query", "collections.update". */
  label: string;
  kind: 'read' | 'write';
  idempotent: boolean;
}

export interface Rest extends CallOptions {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the version root ("/query?q=…") or the host's root ("/services/…"). */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Session extends Grant {
  /** One per token: a call in flight never changes hosts or tokens half way. */
  conn: Connection;
  /** Whether the org has accepted this token once. */
  proven: boolean;
}

/** Fresh tokens in a row that the org refused before we stop asking for more. */
const MAX_REFUSED_TOKENS = 3;

/**
 * Every call to the org goes through `call`: `ctx.attempt` is the only retrier (jsforce's own is off), an expired session is renewed
 * once per call and by one login whatever the number of calls in flight.
 */
export class Client {
  readonly ctx: Ctx<Config>;
  readonly #logins: Login;
  #session: Promise<Session> | null = null;
  #known: Session | null = null;
  #refused = 0;
  #usage: { used: number; limit: number; at: number } | null = null;

  constructor(ctx: Ctx<Config>) {
    this.ctx = ctx;
    this.#logins = loginOf(ctx);
  }

  /** Calls of the day as the last answer's header told. */
  get usage(): { used: number; limit: number; at: number } | null {
    return this.#usage;
  }

  /** Origin for links; the login host until the first call. */
  get origin(): string {
    return this.#known?.instanceUrl ?? this.ctx.config.loginUrl;
  }

  /** The user that the token stands for, where the login told. */
  async userId(): Promise<string | null> {
    return (await this.#login()).userId;
  }

  /** A JSON call. @throws ConnectorError; an answer that is no JSON (a maintenance page sent with 200) is retried. */
  async rest<T>(call: Rest, schema: z.ZodType<T>): Promise<T> {
    const timeout = this.#deadlineMs + 1_000; // frees the socket of a call that the deadline has given up
    const answer = await this.call(call, async (conn) => {
      const result: unknown = await conn.request(
        {
          method: call.method,
          url: call.path,
          headers: { ...(call.body === undefined ? {} : { 'content-type': 'application/json' }), ...call.headers },
          ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        },
        { retry: { maxRetries: 0 }, timeout },
      );
      if (typeof result === 'string' || result === null || result === undefined)
        throw new ConnectorError(`${call.label}: the answer is a page, not data`, {
          action: 'retry',
          code: 'NOT_JSON',
          ambiguous: call.kind === 'write',
          hint: 'Salesforce may be under maintenance (https://status.salesforce.com), or a proxy answers in its place.',
        });
      return result;
    });
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new ConnectorError(
      `${call.label}: unexpected answer at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? ''}`,
      {
        action: 'fail',
        code: 'UNEXPECTED_ANSWER',
        hint: 'Check apiVersion; otherwise report this as a defect.',
      },
    );
  }

  /** Any use of a connection, under the retry policy. `send` must make exactly one request. */
  async call<T>(call: CallOptions, send: (conn: Connection) => Promise<T>): Promise<T> {
    for (let renewed = false; ; renewed = true) {
      const session = await this.#login();
      try {
        const result = await this.ctx.attempt({ ...call, deadlineMs: this.#deadlineMs }, async () => {
          try {
            return await send(session.conn);
          } catch (error) {
            throw toConnectorError(error, { label: call.label, write: call.kind === 'write' });
          } finally {
            this.#noteUsage(session.conn);
          }
        });
        session.proven = true;
        this.#refused = 0;
        return result;
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.action !== 'reauthenticate') throw error;
        this.#drop(session);
        if (renewed || this.#refused >= MAX_REFUSED_TOKENS) throw refusedForGood(error);
        this.ctx.log.info({ label: call.label }, 'the session has expired; logging in again');
      }
    }
  }

  get #deadlineMs(): number {
    return this.ctx.config.timeoutSeconds * 1000;
  }

  #login(): Promise<Session> {
    this.#session ??= this.#open().catch((error: unknown) => {
      this.#session = null;
      throw error;
    });
    return this.#session;
  }

  async #open(): Promise<Session> {
    const grant = await this.#logins.open();
    // No oauth2 settings and no refresh function: with either, jsforce would renew by itself and without end.
    const conn = new jsforce.Connection({
      instanceUrl: grant.instanceUrl,
      accessToken: grant.accessToken,
      version: this.ctx.config.apiVersion,
    });
    this.#known = { ...grant, conn, proven: false };
    return this.#known;
  }

  /** Forgets a refused token, unless another call has replaced it already. */
  #drop(session: Session): void {
    if (this.#known !== session) return;
    if (!session.proven) this.#refused += 1;
    this.#logins.drop(session);
    this.#session = null;
    this.#known = null;
  }

  #noteUsage(conn: Connection): void {
    const usage = conn.limitInfo.apiUsage;
    if (usage) this.#usage = { ...usage, at: this.ctx.now() };
  }
}

function refusedForGood(error: ConnectorError): ConnectorError {
  return new ConnectorError(error.message, {
    action: 'fail',
    code: error.code ?? 'INVALID_SESSION_ID',
    cause: error,
    hint: 'The org refuses tokens that it has just issued: check the app’s policies (IP ranges, API access, session settings) and the integration user, then run `npx pulseback check`.',
  });
}
