import { hash } from 'node:crypto';
import type { FaultList, KnownFault } from '../../../src/sandbox/kit-faults.ts';
import type { KitRequest } from '../../../src/sandbox/kit-types.ts';
import { lockTimeout, rateLimited, StripeError, unavailable } from './errors.ts';
import { API_VERSION } from './events.ts';

/** Faults of this vendor; those of the transport come with the kit. */
export const VENDOR_FAULTS = {
  lock_timeout: { help: '429 lock_timeout: the object is in use; the work is not done' },
  'stripe-should-retry': { help: '503 with the header stripe-should-retry: true, or with:{retry:false} false' },
  'expired-key': { help: '401 api_key_expired until cleared', lasting: true },
  'missing-scope': { help: '403 until cleared; with:{scope} only where that scope is needed', lasting: true },
  conflict: { help: '409: another request changes the object' },
} satisfies Record<string, KnownFault>;

export interface AccessOptions {
  /** What the restricted key may read ("rak_invoice_read"). Default everything. */
  scopes?: string[];
  /** Requests per second of real time, as a bucket that holds one second's worth. Default unlimited. */
  requestsPerSecond?: number;
}

/** Who may ask, in which version, how often. */
export class Access {
  readonly key: string;
  readonly account: string;
  readonly #faults: FaultList;
  readonly #options: AccessOptions;
  #tokens: number;
  #refilled = performance.now();

  constructor(account: string, livemode: boolean, faults: FaultList, options: AccessOptions) {
    this.account = account;
    this.key = `rk_${livemode ? 'live' : 'test'}_${hash('sha256', account).slice(0, 24)}`;
    this.#faults = faults;
    this.#options = options;
    this.#tokens = options.requestsPerSecond ?? Number.POSITIVE_INFINITY;
  }

  /** Lets a request pass or throws the vendor's refusal. `scope` null = any key may. */
  check(request: KitRequest, kind: string, scope: string | null): void {
    this.#authenticate(request, kind);
    this.#version(request);
    const denied = scope !== null && this.#options.scopes !== undefined && !this.#options.scopes.includes(scope);
    const fault = this.#faults.take('missing-scope', kind, (data) => data.scope === undefined || data.scope === scope);
    if (denied || fault) throw this.#permission(scope ?? 'rak_account_read');
    if (!this.#take()) throw rateLimited('global-rate');
    if (this.#faults.take('lock_timeout', kind)) throw lockTimeout();
    if (this.#faults.take('conflict', kind))
      throw new StripeError(409, 'This object is being changed by another request.');
    const hint = this.#faults.take('stripe-should-retry', kind);
    if (hint) throw unavailable({ 'stripe-should-retry': String(hint.with?.retry !== false) });
  }

  #authenticate({ headers }: KitRequest, kind: string): void {
    const given = keyOf(headers.authorization);
    const unauthorized = (message: string, code?: string): StripeError =>
      new StripeError(401, message, {
        ...(code ? { code } : {}),
        headers: { 'www-authenticate': 'Basic realm="Stripe"' },
      });
    if (given === null)
      throw unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      );
    const shown = `${given.slice(0, 8)}${'*'.repeat(12)}${given.slice(-4)}`;
    if (given !== this.key) throw unauthorized(`Invalid API Key provided: ${shown}`);
    if (this.#faults.take('expired-key', kind))
      throw unauthorized(`Expired API Key provided: ${shown}`, 'api_key_expired');
  }

  /** The account's default version is an old one: who names none would be answered in other words. */
  #version({ headers }: KitRequest): void {
    const version = headers['stripe-version'];
    if (version === API_VERSION) return;
    const message =
      version === undefined
        ? `This sandbox speaks ${API_VERSION} only: send Stripe-Version`
        : `Invalid Stripe API version: ${version}`;
    throw new StripeError(400, message);
  }

  #permission(scope: string): StripeError {
    return new StripeError(
      403,
      `The provided key '${this.key.slice(0, 8)}***' does not have the required permissions for this endpoint on account '${this.account}'. Having the '${scope}' permission would allow this request to continue.`,
    );
  }

  #take(): boolean {
    const rate = this.#options.requestsPerSecond;
    if (rate === undefined) return true;
    const now = performance.now();
    this.#tokens = Math.min(rate, this.#tokens + ((now - this.#refilled) / 1000) * rate);
    this.#refilled = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

function keyOf(authorization: string | undefined): string | null {
  const bearer = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  return basic === undefined ? null : (Buffer.from(basic, 'base64').toString().split(':')[0] ?? null);
}
