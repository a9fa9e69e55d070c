import { type createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import type { Org } from './org.ts';

const JWT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** "About three minutes", with a minute for clocks that differ. */
const MAX_AHEAD_S = 240;
const SKEW_S = 60;
const STANDARD_AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** One pair a process: making it takes longer than serving a small org. */
let pair: ReturnType<typeof makePair> | null = null;
const makePair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyPair = () => {
  pair ??= makePair();
  return pair;
};

class GrantError extends Error {
  readonly error: string;
  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

/** The token endpoint and the sessions that it opened. */
export class Sessions {
  readonly clientId = `3MVG9${randomBytes(24).toString('base64url')}`;
  readonly clientSecret = randomBytes(32).toString('hex').toUpperCase();
  readonly privateKeyPem: string;
  /** What a person's authorisation of the app gave. */
  readonly refreshToken = `5Aep861${randomBytes(48).toString('base64url')}`;
  readonly #publicKey: ReturnType<typeof createPublicKey>;
  readonly #org: Org;
  readonly #faults: FaultList;
  readonly #origin: () => string;
  readonly #open = new Set<string>();
  #refreshToken: string | null;

  constructor(org: Org, faults: FaultList, origin: () => string) {
    const { privateKey, publicKey } = keyPair();
    this.privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#publicKey = publicKey;
    this.#org = org;
    this.#faults = faults;
    this.#origin = origin;
    this.#refreshToken = this.refreshToken;
  }

  /** Whether a token opens this org now; the faults of expiry act here. */
  accepts(token: string | null, kind: string): boolean {
    if (token === null || !this.#open.has(token)) return false;
    if (this.#faults.take('persistent-401', kind)) return false;
    if (this.#faults.take('expired-token', kind)) {
      this.#open.delete(token);
      return false;
    }
    return true;
  }

  /** POST /services/oauth2/token. Errors are 400 `{error, error_description}`. */
  token(body: string, authorization: string | undefined): Answer {
    try {
      if (this.#faults.take('token-refused', 'token'))
        throw new GrantError('invalid_grant', 'user is inactive or access is revoked');
      const form = new URLSearchParams(body);
      const grant = form.get('grant_type');
      if (grant === 'refresh_token') return { status: 200, body: this.#refresh(form, authorization) };
      if (grant === JWT_GRANT) this.#checkAssertion(form.get('assertion') ?? '');
      else if (grant === 'client_credentials') this.#checkClient(form, authorization);
      else throw new GrantError('unsupported_grant_type', 'grant type not supported');
      return { status: 200, body: this.#session() };
    } catch (error) {
      if (!(error instanceof GrantError)) throw error;
      return { status: 400, body: { error: error.error, error_description: error.message } };
    }
  }

  /**
   * Rotation, as apps of several orgs must have it: each use gives a new refresh token and kills the old one; a dead one that is used
   * again looks stolen and ends the whole grant, its sessions included.
   */
  #refresh(form: URLSearchParams, authorization: string | undefined): Record<string, string> {
    this.#checkClient(form, authorization);
    const sent = form.get('refresh_token');
    if (this.#refreshToken === null || sent !== this.#refreshToken) {
      this.#refreshToken = null;
      this.#open.clear();
      throw new GrantError('invalid_grant', 'expired access/refresh token');
    }
    this.#refreshToken = `5Aep861${randomBytes(48).toString('base64url')}`;
    return { ...this.#session(), refresh_token: this.#refreshToken };
  }

  revoke(body: string): Answer {
    this.#open.delete(new URLSearchParams(body).get('token') ?? '');
    return { status: 200 };
  }

  identity(): Record<string, unknown> {
    const { id, userId, username } = this.#org;
    return {
      id: this.#identityUrl(),
      user_id: userId,
      organization_id: id,
      username,
      sub: this.#identityUrl(),
      preferred_username: username,
    };
  }

  #session(): Record<string, string> {
    const token = `${this.#org.id.slice(0, 15)}!AQ${randomBytes(48).toString('base64url')}`;
    this.#open.add(token);
    const id: Record<string, string> = this.#faults.take('token-without-id', 'token')
      ? {}
      : { id: this.#identityUrl() };
    return {
      access_token: token,
      scope: 'api',
      instance_url: this.#origin(),
      ...id,
      token_type: 'Bearer',
      issued_at: String(this.#org.world.now()),
    };
  }

  #identityUrl(): string {
    return `${this.#origin()}/id/${this.#org.id}/${this.#org.userId}`;
  }

  #checkClient(form: URLSearchParams, authorization: string | undefined): void {
    const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
    const [basicId, basicSecret] = basic ? Buffer.from(basic, 'base64').toString().split(':') : [];
    const id = form.get('client_id') ?? basicId;
    const secret = form.get('client_secret') ?? basicSecret;
    if (id !== this.clientId) throw new GrantError('invalid_client_id', 'client identifier invalid');
    if (secret !== this.clientSecret) throw new GrantError('invalid_client', 'invalid client credentials');
  }

  #checkAssertion(assertion: string): void {
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const head = decode(header);
    const claims = decode(payload);
    if (!head || !claims || head.alg !== 'RS256') throw new GrantError('invalid_grant', 'invalid assertion');
    if (claims.iss !== this.clientId) throw new GrantError('invalid_client_id', 'client identifier invalid');
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('RSA-SHA256', signed, this.#publicKey, Buffer.from(signature, 'base64url'))) {
      throw new GrantError('invalid_grant', 'invalid assertion');
    }
    if (claims.sub !== this.#org.username) throw new GrantError('invalid_grant', "user hasn't approved this consumer");
    const audience = String(claims.aud).replace(/\/$/, '');
    if (![...STANDARD_AUDIENCES, this.#origin()].includes(audience))
      throw new GrantError('invalid_grant', 'audience is invalid');
    this.#checkExpiry(claims.exp);
  }

  /** A client may live on world time or on real time: an assertion must be fresh on one of the two. */
  #checkExpiry(exp: unknown): void {
    if (typeof exp !== 'number') throw new GrantError('invalid_grant', 'exp is missing');
    const clocks = [this.#org.world.now() / 1000, Date.now() / 1000];
    if (clocks.some((now) => exp > now - SKEW_S && exp <= now + MAX_AHEAD_S)) return;
    const past = clocks.every((now) => exp <= now - SKEW_S);
    throw new GrantError('invalid_grant', past ? 'expired authorization code' : 'expiration is too far in the future');
  }
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // no JSON: answered as an invalid assertion
  }
}
