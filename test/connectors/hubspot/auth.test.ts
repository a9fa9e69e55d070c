import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clientOf } from '../../../connectors/hubspot/client.ts';
import { HOST, makeCtx, memoryState, NOW, refusal } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const config = { auth: { flow: 'refresh-token', clientId: 'app-1' } };
const secrets = { clientSecret: 'app-Secret', refreshToken: 'refresh-1' };
const OWNERS = '/crm/owners/2026-03';
const owners = {
  label: 'owners',
  kind: 'read',
  idempotent: true,
  method: 'GET',
  path: OWNERS,
  schema: z.object({ results: z.array(z.unknown()) }),
} as const;

/** An installed app; contexts that share `credentials` are processes that share a store. */
function installed(credentials = memoryState(), clock = { now: NOW }) {
  const made = makeCtx(config, { secrets, credentials, now: () => clock.now });
  return { ...made, client: clientOf(made.ctx), credentials, clock };
}
/** The token endpoint for one exchange of one refresh token. */
const exchange = (refreshToken: string, path = '/oauth/2026-03/token') =>
  nock(HOST, {
    badheaders: ['authorization'],
    reqheaders: { 'content-type': 'application/x-www-form-urlencoded' },
  }).post(path, {
    grant_type: 'refresh_token',
    client_id: 'app-1',
    client_secret: 'app-Secret',
    refresh_token: refreshToken,
  });
const gives = (accessToken: string, refreshToken?: string) => ({
  token_type: 'bearer',
  access_token: accessToken,
  expires_in: 1800,
  ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
});
const served = (accessToken: string, times = 1) =>
  nock(HOST, { reqheaders: { authorization: `Bearer ${accessToken}` } })
    .get(OWNERS)
    .times(times)
    .reply(200, { results: [] });
const expired = (accessToken: string, times = 1) =>
  nock(HOST, { reqheaders: { authorization: `Bearer ${accessToken}` } })
    .get(OWNERS)
    .times(times)
    .reply(401, { category: 'EXPIRED_AUTHENTICATION', message: 'The OAuth token used to make this call expired.' });
const stored = (credentials: ReturnType<typeof memoryState>) => JSON.parse(credentials.values.get('tokens') ?? '{}');

describe('an installed app', () => {
  it('exchanges its refresh token once for all calls in flight, and keeps what it got before using it', async () => {
    const { client, credentials, calls } = installed();
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    nock(HOST, { reqheaders: { authorization: 'Bearer access-1' } })
      .get(OWNERS)
      .times(8)
      .reply(200, () => {
        expect(stored(credentials)).toMatchObject({ refreshToken: 'refresh-2', accessToken: 'access-1', busy: null });
        return { results: [] };
      });
    await Promise.all(Array.from({ length: 8 }, () => client.json(owners)));
    expect(calls.filter((label) => label === 'token')).toHaveLength(1);
  });

  it('refreshes early, with the newest refresh token', async () => {
    const { client, clock } = installed();
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    served('access-1', 2);
    await client.json(owners);
    clock.now += 23 * 60_000;
    await client.json(owners);
    clock.now += 2 * 60_000; // 25 of 30 minutes are over
    exchange('refresh-2').reply(200, gives('access-2'));
    served('access-2');
    await client.json(owners);
    clock.now += 25 * 60_000;
    exchange('refresh-2').reply(200, gives('access-3')); // none came with the last one: it stays good
    served('access-3');
    await client.json(owners);
  });

  it('uses the numbered endpoint where the API version is numbered', async () => {
    const { ctx } = makeCtx({ ...config, apiVersion: 'v3' }, { secrets });
    exchange('refresh-1', '/oauth/v1/token').reply(200, gives('access-1'));
    served('access-1');
    await clientOf(ctx).json(owners);
  });

  it('takes over a good access token in the next process', async () => {
    const first = installed();
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    served('access-1', 2);
    await first.client.json(owners);
    const second = installed(first.credentials);
    await second.client.json(owners);
    expect(second.calls).toEqual(['owners']);
  });

  it('refreshes once after a 401, for all calls that met it', async () => {
    const { client, calls } = installed();
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    expired('access-1', 3);
    exchange('refresh-2').reply(200, gives('access-2', 'refresh-3'));
    served('access-2', 3);
    await Promise.all([client.json(owners), client.json(owners), client.json(owners)]);
    expect(calls.filter((label) => label === 'token')).toHaveLength(2);
  });

  it('stops asking where the portal refuses what it has just issued', async () => {
    const { client, calls } = installed();
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    exchange('refresh-2').reply(200, gives('access-2', 'refresh-3'));
    expired('access-1');
    expired('access-2');
    expect(await refusal(client.json(owners))).toMatchObject({ action: 'fail', code: 'EXPIRED_AUTHENTICATION' });
    exchange('refresh-3').reply(200, gives('access-3', 'refresh-4'));
    expired('access-3');
    const last = await refusal(client.json(owners));
    expect(last.hint).toMatch(/just issued/);
    expect(calls.filter((label) => label === 'token')).toHaveLength(3);
  });

  it('starts anew from a new authorisation, whatever is stored', async () => {
    const { client, credentials } = installed();
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    served('access-1');
    await client.json(owners);
    const again = makeCtx(config, { secrets: { ...secrets, refreshToken: 'refresh-new' }, credentials });
    exchange('refresh-new').reply(200, gives('access-9', 'refresh-9'));
    served('access-9');
    await clientOf(again.ctx).json(owners);
    // Once it is kept, the environment need not hold one any more.
    const bare = makeCtx(config, { secrets: { clientSecret: 'app-Secret' }, credentials });
    served('access-9');
    await clientOf(bare.ctx).json(owners);
  });
});

describe('two processes', () => {
  it('that find the token expired at the same moment exchange it once', async () => {
    const shared = memoryState();
    const [one, two] = [installed(shared), installed(shared)];
    exchange('refresh-1').delay(300).reply(200, gives('access-1', 'refresh-2'));
    served('access-1', 4);
    await Promise.all([one, two, one, two].map(({ client }) => client.json(owners)));
    expect([...one.calls, ...two.calls].filter((label) => label === 'token')).toHaveLength(1);
  });

  it('take turns where the first one fails', async () => {
    const shared = memoryState();
    const [one, two] = [installed(shared), installed(shared)];
    exchange('refresh-1').delay(50).reply(403, { error: 'forbidden', error_description: 'not now' });
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    served('access-1');
    const results = await Promise.allSettled([one.client.json(owners), two.client.json(owners)]);
    expect(results.map((r) => r.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a refusal of the token endpoint', () => {
  it('for a dead refresh token ends the run and says to install anew, without showing it', async () => {
    const { client, lines } = installed();
    exchange('refresh-1').reply(400, {
      error: 'invalid_grant',
      error_description: 'missing or invalid refresh token',
      status: 'BAD_REFRESH_TOKEN',
      message: 'missing or invalid refresh token',
    });
    const error = await refusal(client.json(owners));
    expect(error).toMatchObject({ action: 'fail' });
    expect(error.message).toBe('token: 400 BAD_REFRESH_TOKEN, invalid_grant, missing or invalid refresh token');
    expect(error.hint).toMatch(/install the app .* anew.*HUBSPOT_REFRESH_TOKEN/);
    expect(error.message + JSON.stringify(lines)).not.toMatch(/refresh-1|app-Secret/);
  });

  it('is tried again where it is passing, and what is stored stays as it was', async () => {
    const { client, credentials } = installed();
    exchange('refresh-1').reply(503, 'x');
    exchange('refresh-1').reply(200, gives('access-1', 'refresh-2'));
    served('access-1');
    await client.json(owners);
    expect(stored(credentials)).toMatchObject({ refreshToken: 'refresh-2' });
  });

  it('for the app points to its id and secret', async () => {
    const { client } = installed();
    exchange('refresh-1').reply(401, { status: 'BAD_CLIENT_SECRET', message: 'missing or invalid client secret' });
    expect((await refusal(client.json(owners))).hint).toMatch(/clientId and HUBSPOT_CLIENT_SECRET/);
  });

  it('without a token to begin with is a matter of configuration', async () => {
    const { ctx } = makeCtx(config, { secrets: { clientSecret: 'app-Secret' } });
    await expect(clientOf(ctx).json(owners)).rejects.toThrow(/HUBSPOT_REFRESH_TOKEN is not set/);
    const bare = makeCtx(config, { secrets: { refreshToken: 'refresh-1' } });
    await expect(clientOf(bare.ctx).json(owners)).rejects.toThrow(/HUBSPOT_CLIENT_SECRET/);
  });
});
