import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { type ApiError, badToken, expiredToken, noToken, notFound, oauthError } from './errors.ts';

export type Rotation = 'strict' | 'grace' | 'none';
export interface TokenOptions {
  /** Epoch ms of the world: access tokens age by it. */
  now: () => number;
  portalId: number;
  /** What the app was granted. */
  scopes: readonly string[];
  /**
   * What becomes of a refresh token that was used. `strict`: it is dead, a new one came with the answer. `grace`: it dies when the
   * new one is first used. `none`: it stays. The vendor promises neither; default strict.
   */
  rotation?: Rotation;
}

export interface Caller {
  /** Daily limits count the calls of private apps only. */
  app: 'private' | 'oauth';
}

const LIFETIME_S = 1800;
const USER_ID = 50_000_000;
const APP_ID = 2_345_678;

/** The token endpoints, and the tokens that they gave out. */
export class Tokens {
  readonly clientId = randomUUID();
  readonly clientSecret = randomUUID();
  /** A private app's token, which never ages. */
  readonly privateToken = `pat-na1-${randomUUID()}`;
  /** What the installation gave. */
  readonly refreshToken: string;
  readonly #options: TokenOptions;
  readonly #faults: FaultList;
  /** Access token → when it dies. */
  readonly #access = new Map<string, number>();
  /** Refresh token → the one that it came from, as long as that lives on. */
  readonly #refresh = new Map<string, string | null>();

  constructor(options: TokenOptions, faults: FaultList) {
    this.#options = options;
    this.#faults = faults;
    this.refreshToken = this.#newRefresh(null);
  }

  /** @throws ApiError 401; the faults of tokens act here */
  caller(authorization: string | undefined, kind: string): Caller {
    const given = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) throw noToken();
    if (this.#faults.take('invalid-token', kind)) throw badToken();
    const now = this.#options.now();
    if (given === this.privateToken) {
      if (this.#faults.take('expired-token', kind)) throw expiredToken(now - 1000, now);
      return { app: 'private' };
    }
    const dies = this.#access.get(given);
    if (dies === undefined) throw badToken();
    if (now < dies && this.#faults.take('expired-token', kind)) {
      this.#access.set(given, now);
      throw expiredToken(now, now);
    }
    if (now >= dies) throw expiredToken(dies, now);
    return { app: 'oauth' };
  }

  /** POST …/token. The vendor documents a form; its errors are 400 with OAuth's words beside its own. @throws ApiError */
  token(body: string): Answer {
    const form = new URLSearchParams(body);
    this.#checkClient(form);
    const grant = form.get('grant_type');
    if (grant !== 'refresh_token')
      throw oauthError('unsupported_grant_type', `grant_type ${grant ?? ''} is not supported`, 'BAD_GRANT_TYPE');
    const used = form.get('refresh_token') ?? '';
    if (this.#faults.take('bad-refresh-token', 'token') || !this.#refresh.has(used)) throw badRefreshToken();
    const refresh = this.#rotate(used);
    const access = `C${randomBytes(96).toString('base64url')}`;
    this.#access.set(access, this.#options.now() + LIFETIME_S * 1000);
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        token_type: 'bearer',
        refresh_token: refresh,
        access_token: access,
        expires_in: LIFETIME_S,
        hub_id: this.#options.portalId,
        scopes: this.#options.scopes,
      },
    };
  }

  /** POST …/token/introspect of the date-based sets. @throws ApiError 400 for a client that is not this one */
  introspect(body: string): Answer {
    const form = new URLSearchParams(body);
    this.#checkClient(form);
    const token = form.get('token') ?? '';
    const info = this.#accessInfo(token) ?? this.#refreshInfo(token);
    if (!info) return { status: 200, body: { active: false } };
    const use = 'expires_in' in info ? 'access_token' : 'refresh_token';
    const common = { active: true, app_id: APP_ID, client_id: this.clientId, token_use: use };
    return { status: 200, body: { ...info, ...common, is_private_distribution: false } };
  }

  /** POST …/token/revoke, and DELETE of the numbered set. Access tokens live out their time. */
  revoke(token: string): Answer {
    this.#refresh.delete(token);
    return { status: 204 };
  }

  /** GET /oauth/v1/access-tokens/{token} @throws ApiError 404 */
  accessToken(token: string): Answer {
    const info = this.#accessInfo(token);
    if (!info) throw notFound('access token could not be found, it may be expired');
    return { status: 200, body: { ...info, app_id: APP_ID } };
  }

  /** GET /oauth/v1/refresh-tokens/{token} @throws ApiError 404 */
  refreshTokenInfo(token: string): Answer {
    const info = this.#refreshInfo(token);
    if (!info) throw notFound('refresh token could not be found');
    return { status: 200, body: { ...info, client_id: this.clientId } };
  }

  #accessInfo(token: string): Record<string, unknown> | null {
    const left = Math.floor(((this.#access.get(token) ?? 0) - this.#options.now()) / 1000);
    return left > 0 ? { ...this.#info(token, 'access'), expires_in: left } : null;
  }

  #refreshInfo(token: string): Record<string, unknown> | null {
    return this.#refresh.has(token) ? this.#info(token, 'refresh') : null;
  }

  #info(token: string, type: 'access' | 'refresh'): Record<string, unknown> {
    const { portalId, scopes } = this.#options;
    const user = 'integration@example.com';
    return { token, token_type: type, hub_id: portalId, hub_domain: 'sandbox.example', user, user_id: USER_ID, scopes };
  }

  #rotate(used: string): string {
    const { rotation = 'strict' } = this.#options;
    const before = this.#refresh.get(used);
    if (before) this.#refresh.delete(before); // whoever uses a new token has it: the one before is not needed any more
    if (rotation === 'none') return used;
    if (rotation === 'strict') this.#refresh.delete(used);
    return this.#newRefresh(rotation === 'grace' ? used : null);
  }

  #newRefresh(from: string | null): string {
    const token = `na1-${randomUUID()}`;
    this.#refresh.set(token, from);
    return token;
  }

  #checkClient(form: URLSearchParams): void {
    if (form.get('client_id') !== this.clientId)
      throw oauthError('invalid_client', 'missing or unknown client id', 'BAD_CLIENT_ID');
    if (form.get('client_secret') !== this.clientSecret)
      throw oauthError('invalid_client', 'missing or invalid client secret', 'BAD_CLIENT_SECRET');
  }
}

const badRefreshToken = (): ApiError =>
  oauthError('invalid_grant', 'missing or invalid refresh token', 'BAD_REFRESH_TOKEN');

/** A portal's number, the same for the same world. */
export const portalIdOf = (seed: number): number =>
  20_000_000 + (createHash('sha256').update(`portal ${seed}`).digest().readUInt32BE(0) % 30_000_000);
