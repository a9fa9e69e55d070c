import { createPublicKey, verify } from 'node:crypto';
import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Client } from '../../../connectors/salesforce/client.ts';
import { ConnectorError, InputError } from '../../../src/contract/index.ts';
import { allowLogin, DATA, HOST, KEY, loopback, makeCtx, NOW, TOKEN, tokenAnswer, USER_ID } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

const get = (client: Client, path = '/limits') =>
  client.rest({ label: 'limits', kind: 'read', idempotent: true, method: 'GET', path }, z.looseObject({}));
const patch = (client: Client, idempotent: boolean) =>
  client.rest(
    {
      label: 'collections.update',
      kind: 'write',
      idempotent,
      method: 'PATCH',
      path: '/composite/sobjects',
      body: { a: 1 },
    },
    z.array(z.unknown()),
  );
const expired = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];

describe('logging in', () => {
  it('sends client credentials and uses the token it gets', async () => {
    nock('https://login.salesforce.com')
      .post('/services/oauth2/token', { grant_type: 'client_credentials', client_id: 'app', client_secret: 'hush' })
      .reply(200, tokenAnswer());
    nock(HOST, { reqheaders: { authorization: `Bearer ${TOKEN}` } })
      .get(`${DATA}/limits`)
      .reply(200, { ok: true });
    const client = new Client(makeCtx().ctx);
    expect(await get(client)).toEqual({ ok: true });
    expect(await client.userId()).toBe(USER_ID);
    expect(client.origin).toBe(HOST);
  });

  it('signs a JWT assertion that the org can verify', async () => {
    let assertion = '';
    nock('https://login.salesforce.com')
      .post('/services/oauth2/token', (body) => {
        assertion = body.assertion;
        return body.grant_type === 'urn:ietf:params:oauth:grant-type:jwt-bearer' && body.client_secret === undefined;
      })
      .reply(200, tokenAnswer());
    nock(HOST).get(`${DATA}/limits`).reply(200, {});
    await get(new Client(makeCtx({ auth: { flow: 'jwt', clientId: 'consumer', username: 'bot@acme.com' } }).ctx));
    const [head = '', claims = '', signature = ''] = assertion.split('.');
    expect(
      verify(
        'sha256',
        Buffer.from(`${head}.${claims}`),
        createPublicKey(KEY.privateKey),
        Buffer.from(signature, 'base64url'),
      ),
    ).toBe(true);
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString());
    expect(said).toMatchObject({ iss: 'consumer', sub: 'bot@acme.com', aud: 'https://login.salesforce.com' });
    // By the machine's own clock, which is what the org compares with.
    expect(said.exp * 1000).toBeGreaterThan(Date.now());
    expect(said.exp * 1000).toBeLessThanOrEqual(Date.now() + 180_000);
  });

  it('works where the token answer has no id', async () => {
    const { id: _, ...answer } = tokenAnswer();
    nock('https://login.salesforce.com').post('/services/oauth2/token').reply(200, answer);
    nock(HOST).get(`${DATA}/limits`).reply(200, { ok: true });
    const client = new Client(makeCtx().ctx);
    expect(await get(client)).toEqual({ ok: true });
    expect(await client.userId()).toBeNull();
  });

  it('fails with a hint where the org refuses the app', async () => {
    nock('https://login.salesforce.com')
      .post('/services/oauth2/token')
      .reply(400, { error: 'invalid_grant', error_description: 'user hasn’t approved this consumer' });
    await expect(get(new Client(makeCtx().ctx))).rejects.toMatchObject({
      action: 'fail',
      code: 'invalid_grant',
      message: expect.stringContaining('approved this consumer'),
      hint: expect.stringContaining('SALESFORCE_CLIENT_SECRET'),
    });
  });

  it('tries a login host that is down again', async () => {
    nock('https://login.salesforce.com').post('/services/oauth2/token').reply(503, '<html>maintenance</html>');
    allowLogin();
    nock(HOST).get(`${DATA}/limits`).reply(200, { ok: true });
    expect(await get(new Client(makeCtx().ctx))).toEqual({ ok: true });
  });

  it('says which variable is missing', async () => {
    const { ctx } = makeCtx({}, { secrets: {} });
    await expect(get(new Client(ctx))).rejects.toThrow(/SALESFORCE_CLIENT_SECRET/);
    await expect(get(new Client(ctx))).rejects.toBeInstanceOf(InputError);
  });

  it('refuses a key file that is not there, by its name', async () => {
    const { ctx } = makeCtx({ auth: { flow: 'jwt', clientId: 'c', username: 'u', privateKeyFile: 'nowhere.pem' } });
    await expect(get(new Client(ctx))).rejects.toThrow(/nowhere\.pem.*ENOENT/);
  });
});

describe('an expired session', () => {
  it('is renewed by one login, whatever the number of calls in flight', async () => {
    nock('https://login.salesforce.com').post('/services/oauth2/token').reply(200, tokenAnswer('first'));
    nock('https://login.salesforce.com').post('/services/oauth2/token').reply(200, tokenAnswer('second'));
    nock(HOST, { reqheaders: { authorization: 'Bearer first' } })
      .get(`${DATA}/limits`)
      .times(5)
      .reply(401, expired);
    nock(HOST, { reqheaders: { authorization: 'Bearer second' } })
      .get(`${DATA}/limits`)
      .times(5)
      .reply(200, { ok: true });
    const client = new Client(makeCtx().ctx);
    const answers = await Promise.all(Array.from({ length: 5 }, () => get(client)));
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ ok: true })));
  });

  it('fails after one renewal, and never loops', async () => {
    let logins = 0;
    nock('https://login.salesforce.com')
      .persist()
      .post('/services/oauth2/token')
      .reply(200, () => {
        logins += 1;
        return tokenAnswer();
      });
    nock(HOST).persist().get(`${DATA}/limits`).reply(401, expired);
    const client = new Client(makeCtx().ctx);
    for (let i = 0; i < 5; i++)
      await expect(get(client)).rejects.toMatchObject({ action: 'fail', code: 'INVALID_SESSION_ID' });
    expect(logins).toBeLessThanOrEqual(10);
    const before = logins;
    await expect(get(client)).rejects.toMatchObject({ action: 'fail' });
    expect(logins - before).toBeLessThanOrEqual(1);
    nock.cleanAll();
  });
});

describe('failed calls', () => {
  it('retries 503 and a maintenance page sent with 200', async () => {
    allowLogin();
    nock(HOST)
      .get(`${DATA}/limits`)
      .reply(503, [{ message: 'busy', errorCode: 'SERVER_UNAVAILABLE' }]);
    nock(HOST)
      .get(`${DATA}/limits`)
      .reply(200, '<html><body>Down for maintenance</body></html>', { 'content-type': 'text/html' });
    nock(HOST).get(`${DATA}/limits`).reply(200, { ok: true });
    const { ctx, calls } = makeCtx();
    expect(await get(new Client(ctx))).toEqual({ ok: true });
    expect(calls.filter((c) => c.label === 'limits')).toHaveLength(3);
  });

  it('retries a lost answer, and calls it lost where it was a write', async () => {
    nock.enableNetConnect('127.0.0.1');
    let calls = 0;
    const server = await loopback((_call, lose) => {
      calls += 1;
      return calls === 2 ? { status: 200, body: { ok: true } } : lose();
    });
    try {
      const client = new Client(makeCtx({ loginUrl: server.origin }).ctx);
      expect(await get(client)).toEqual({ ok: true });
      await expect(patch(client, false)).rejects.toMatchObject({ action: 'retry', ambiguous: true });
      expect(calls).toBe(3);
    } finally {
      nock.disableNetConnect();
      await server.close();
    }
  });

  it('gives a call that hangs up at its deadline', async () => {
    nock.enableNetConnect('127.0.0.1');
    const server = await loopback(() => null);
    try {
      const client = new Client(makeCtx({ loginUrl: server.origin, timeoutSeconds: 1 }).ctx);
      await expect(patch(client, false)).rejects.toMatchObject({ code: 'DEADLINE', ambiguous: true });
    } finally {
      nock.disableNetConnect();
      await server.close();
    }
  });

  it('sends a write again only where that is safe', async () => {
    allowLogin(2);
    nock(HOST)
      .patch(`${DATA}/composite/sobjects`)
      .reply(500, [{ message: 'oops', errorCode: 'UNKNOWN_EXCEPTION' }]);
    await expect(patch(new Client(makeCtx().ctx), false)).rejects.toMatchObject({ action: 'retry', ambiguous: true });
    nock(HOST)
      .patch(`${DATA}/composite/sobjects`)
      .reply(500, [{ message: 'oops', errorCode: 'UNKNOWN_EXCEPTION' }]);
    nock(HOST).patch(`${DATA}/composite/sobjects`, { a: 1 }).reply(200, []);
    expect(await patch(new Client(makeCtx().ctx), true)).toEqual([]);
  });

  it('waits where the quota is used up', async () => {
    allowLogin();
    nock(HOST)
      .get(`${DATA}/limits`)
      .reply(403, [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]);
    await expect(get(new Client(makeCtx().ctx))).rejects.toMatchObject({
      action: 'wait',
      code: 'REQUEST_LIMIT_EXCEEDED',
    });
  });

  it('remembers the usage that answers tell', async () => {
    allowLogin();
    nock(HOST).get(`${DATA}/limits`).reply(200, {}, { 'Sforce-Limit-Info': 'api-usage=18/5000' });
    const client = new Client(makeCtx().ctx);
    await get(client);
    expect(client.usage).toEqual({ used: 18, limit: 5000, at: NOW });
  });

  it('keeps tokens and secrets out of logs and messages', async () => {
    allowLogin(2);
    nock(HOST).get(`${DATA}/limits`).reply(401, expired);
    nock(HOST)
      .get(`${DATA}/limits`)
      .reply(400, [{ message: `bad ${TOKEN}`, errorCode: 'INVALID_FIELD' }]);
    const { ctx, lines } = makeCtx();
    const error = await get(new Client(ctx)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConnectorError);
    const said = JSON.stringify(lines) + String(error) + String((error as Error).cause);
    expect(said).not.toContain(TOKEN);
    expect(said).not.toContain('hush');
    expect(said).toContain('[session]');
  });
});
