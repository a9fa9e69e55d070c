import { generateKeyPairSync } from 'node:crypto';
import { Connection } from 'jsforce';
import { expect, onTestFinished, test, vi } from 'vitest';
import { assertion, auth, DAY, grant, NOW, start, VERSION } from './support.ts';

const JWT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

test('jsforce authorizes with a JWT assertion and queries with the session', async () => {
  const { sandbox } = await start();
  const conn = new Connection({ loginUrl: sandbox.origin, version: VERSION });
  await conn.authorize({ grant_type: JWT, assertion: assertion(sandbox) });
  const { records } = await conn.query('SELECT Id, IsSandbox FROM Organization');
  expect(records[0]).toMatchObject({ IsSandbox: true });
  expect(records[0]?.Id).toBe(conn.userInfo?.organizationId);
});

test('jsforce authorizes with client credentials', async () => {
  const { sandbox } = await start();
  const oauth2 = {
    loginUrl: sandbox.origin,
    clientId: auth(sandbox).clientId,
    clientSecret: sandbox.env.SALESFORCE_CLIENT_SECRET ?? '',
  };
  const conn = new Connection({ oauth2, version: VERSION });
  await conn.authorize({ grant_type: 'client_credentials' });
  expect((await conn.query('SELECT COUNT() FROM Account')).totalSize).toBeGreaterThan(40);
});

test('an assertion that is wrong in one thing is refused with 400 and the vendor words', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW }); // the machine's clock may stand anywhere, near the world's too
  onTestFinished(() => void vi.useRealTimers());
  const { sandbox } = await start();
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const refused = async (made: string) => {
    const { status, body } = await grant(sandbox, { grant_type: JWT, assertion: made });
    return [status, body.error, body.error_description];
  };
  expect(await refused(assertion(sandbox, {}, other))).toEqual([400, 'invalid_grant', 'invalid assertion']);
  expect(await refused(assertion(sandbox, { iss: 'nobody' }))).toEqual([
    400,
    'invalid_client_id',
    'client identifier invalid',
  ]);
  expect((await refused(assertion(sandbox, { sub: 'a@b.c' })))[1]).toBe('invalid_grant');
  expect(await refused(assertion(sandbox, { aud: 'https://example.com' }))).toEqual([
    400,
    'invalid_grant',
    'audience is invalid',
  ]);
  expect((await refused(assertion(sandbox, { exp: NOW / 1000 + 900 })))[2]).toMatch(/future/);
  expect((await refused(assertion(sandbox, { exp: (NOW - DAY) / 1000 - 1e9 })))[2]).toMatch(/expired/);
  expect((await refused(assertion(sandbox, { exp: NOW })))[2]).toMatch(/future/); // milliseconds by mistake
  expect((await refused('nonsense'))[0]).toBe(400);
  expect((await grant(sandbox, { grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
});

test('a call without a session, and after its end, is 401 INVALID_SESSION_ID; a new token works', async () => {
  const { sandbox, conn } = await start();
  const bare = await fetch(`${sandbox.origin}/services/data/v${VERSION}/limits`);
  expect(bare.status).toBe(401);
  sandbox.faults.add({ name: 'expired-token' });
  let renewed = 0;
  const again = new Connection({
    instanceUrl: sandbox.origin,
    accessToken: conn.accessToken ?? '',
    version: VERSION,
    refreshFn: async (_conn, done) => {
      renewed += 1;
      const { body } = await grant(sandbox, { grant_type: JWT, assertion: assertion(sandbox) });
      done(null, String(body.access_token));
    },
  });
  expect((await again.query('SELECT COUNT() FROM User')).totalSize).toBeGreaterThan(3);
  expect(renewed).toBe(1);
  expect(sandbox.faults.fired()).toEqual({ 'expired-token': 1 });
});

test('persistent-401 refuses every token', async () => {
  const { sandbox, refused } = await start();
  sandbox.faults.add({ name: 'persistent-401' });
  for (let i = 0; i < 3; i++)
    expect(await refused('SELECT Id FROM User')).toMatchObject({ status: 401, errorCode: 'INVALID_SESSION_ID' });
});

test('a token reply can lack id, as jsforce cannot bear', async () => {
  const { sandbox } = await start();
  sandbox.faults.add({ name: 'token-without-id' });
  const { body } = await grant(sandbox, { grant_type: JWT, assertion: assertion(sandbox) });
  expect(Object.keys(body).sort()).toEqual(['access_token', 'instance_url', 'issued_at', 'scope', 'token_type']);
});
