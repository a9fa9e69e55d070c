import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../connectors/hubspot/sandbox/errors.ts';
import { VENDOR_FAULTS } from '../../../connectors/hubspot/sandbox/faults.ts';
import { type Rotation, Tokens } from '../../../connectors/hubspot/sandbox/oauth.ts';
import { FaultList } from '../../../src/sandbox/kit-faults.ts';

/** Tokens as the vendor gives them out (../shared/reference/hubspot.md, "Authentication"). */
const START = Date.parse('2026-11-02T09:00:00Z');
let now: number;
let faults: FaultList;
let tokens: Tokens;
const portal = (rotation: Rotation = 'strict') =>
  new Tokens({ now: () => now, portalId: 4711, scopes: ['oauth', 'tickets'], rotation }, faults);
beforeEach(() => {
  now = START;
  faults = new FaultList(VENDOR_FAULTS);
  tokens = portal();
});

interface Grant {
  access_token: string;
  refresh_token: string;
}
const form = (more: Record<string, string>): string =>
  new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: tokens.clientId,
    client_secret: tokens.clientSecret,
    ...more,
  }).toString();
const refresh = (token: string): Grant => tokens.token(form({ refresh_token: token })).body as Grant;
const caller = (token: string) => tokens.caller(`Bearer ${token}`, 'companies.list');
const refusal = (work: () => unknown): { status: number; body: Record<string, unknown> } => {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError)
      return { status: error.status, body: error.answer().body as Record<string, unknown> };
    throw error;
  }
  throw new Error('it was not refused');
};

describe('a refresh', () => {
  it('gives an access token for half an hour, and says so', () => {
    const grant = refresh(tokens.refreshToken);
    expect(grant).toMatchObject({ token_type: 'bearer', expires_in: 1800, hub_id: 4711, scopes: ['oauth', 'tickets'] });
    now += 1_799_999;
    expect(caller(grant.access_token)).toEqual({ app: 'oauth' });
    now += 1;
    expect(refusal(() => caller(grant.access_token))).toMatchObject({
      status: 401,
      body: { category: 'EXPIRED_AUTHENTICATION', context: { 'expire time': ['2026-11-02T09:30:00.000Z'] } },
    });
  });

  it('gives a new refresh token, and the old one is dead', () => {
    const { refresh_token } = refresh(tokens.refreshToken);
    expect(refresh_token).not.toBe(tokens.refreshToken);
    expect(refusal(() => refresh(tokens.refreshToken))).toMatchObject({
      status: 400,
      body: { status: 'BAD_REFRESH_TOKEN', error: 'invalid_grant', message: 'missing or invalid refresh token' },
    });
    expect(refresh(refresh_token).access_token).not.toBe('');
  });

  it('leaves the old one alive until the new one is used, where there is grace', () => {
    tokens = portal('grace');
    const first = refresh(tokens.refreshToken);
    const again = refresh(tokens.refreshToken);
    refresh(again.refresh_token);
    expect(refusal(() => refresh(tokens.refreshToken)).body.status).toBe('BAD_REFRESH_TOKEN');
    expect(first.refresh_token).not.toBe(again.refresh_token);
  });

  it('gives the same one where nothing rotates', () => {
    tokens = portal('none');
    expect(refresh(tokens.refreshToken).refresh_token).toBe(tokens.refreshToken);
  });

  it('is refused to strangers, for other grants, and after revocation', () => {
    const token = tokens.refreshToken;
    const statusOf = (more: Record<string, string>) =>
      refusal(() => tokens.token(form({ refresh_token: token, ...more }))).body.status;
    expect(statusOf({ client_id: 'someone' })).toBe('BAD_CLIENT_ID');
    expect(statusOf({ client_secret: 'guess' })).toBe('BAD_CLIENT_SECRET');
    expect(statusOf({ grant_type: 'password' })).toBe('BAD_GRANT_TYPE');
    expect(tokens.revoke(token).status).toBe(204);
    expect(statusOf({})).toBe('BAD_REFRESH_TOKEN');
  });
});

describe('a token', () => {
  it('is asked for, and must be one of this portal', () => {
    expect(caller(tokens.privateToken)).toEqual({ app: 'private' });
    for (const header of [undefined, 'Bearer', 'Basic abc'])
      expect(refusal(() => tokens.caller(header, 'companies.list'))).toMatchObject({
        status: 401,
        body: { category: 'INVALID_AUTHENTICATION' },
      });
    expect(refusal(() => caller('pat-na1-somebody-else')).status).toBe(401);
    expect(refusal(() => caller(tokens.refreshToken)).status).toBe(401);
  });

  it('dies in the middle of a run by fault, and a new one lives', () => {
    const { access_token, refresh_token } = refresh(tokens.refreshToken);
    faults.add({ name: 'expired-token', on: 'companies.*', skip: 1 });
    caller(access_token);
    expect(refusal(() => caller(access_token)).body.category).toBe('EXPIRED_AUTHENTICATION');
    expect(refusal(() => caller(access_token)).body.category).toBe('EXPIRED_AUTHENTICATION');
    expect(caller(refresh(refresh_token).access_token)).toEqual({ app: 'oauth' });
    expect(faults.fired()).toEqual({ 'expired-token': 1 });
  });

  it('tells what it is, in both generations', () => {
    const { access_token, refresh_token } = refresh(tokens.refreshToken);
    now += 60_000;
    expect(tokens.accessToken(access_token).body).toMatchObject({
      hub_id: 4711,
      expires_in: 1740,
      token: access_token,
    });
    expect(tokens.refreshTokenInfo(refresh_token).body).toMatchObject({ client_id: tokens.clientId });
    expect(refusal(() => tokens.refreshTokenInfo(tokens.refreshToken)).status).toBe(404);
    expect(tokens.introspect(form({ token: access_token })).body).toMatchObject({
      active: true,
      token_use: 'access_token',
    });
    expect(tokens.introspect(form({ token: refresh_token })).body).toMatchObject({ token_use: 'refresh_token' });
    expect(tokens.introspect(form({ token: 'nothing' })).body).toEqual({ active: false });
    expect(refusal(() => tokens.introspect('token=x')).status).toBe(400);
  });
});
