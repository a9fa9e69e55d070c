import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { serveSalesforce } from '../../../connectors/salesforce/sandbox.ts';
import { type App, openApp } from '../../../src/app.ts';
import { ConnectorError } from '../../../src/contract/index.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox } from '../../../src/sandbox/world.types.ts';
import { folder } from '../../cli/support.ts';
import { grant, NOW } from '../salesforce-sandbox/support.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER = Buffer.alloc(32, 8).toString('base64');

let world: ReturnType<typeof makeWorld>;
beforeAll(() => {
  world = makeWorld({ seed: 7, customers: 10, now: NOW });
});

/** An org with an app that a person has authorised, and the settings of a process that uses it. */
async function installed() {
  const sandbox = await serveSalesforce({ world });
  onTestFinished(() => sandbox.close());
  const store = join(folder(), 'store.db');
  const { clientId } = sandbox.config.auth as { clientId: string };
  const open = async (env: Record<string, string> = { PULSEBACK_SECRET_KEY: KEY }): Promise<App> => {
    const config = { loginUrl: sandbox.origin, auth: { flow: 'refresh-token', clientId } };
    const app = await openApp({
      configPath: 'pulseback.yaml',
      inline: { store, logLevel: 'silent', crm: { connector: 'salesforce', config } },
      env: { ...sandbox.env, ...env },
      now: world.now,
    });
    onTestFinished(() => app.close());
    return app;
  };
  return { sandbox, store, open };
}
const failure = (run: Promise<unknown>) =>
  run.then(
    () => null,
    (error: unknown) => error,
  );
/** All bytes that the store has on disk. */
const onDisk = (store: string): string =>
  readdirSync(join(store, '..'))
    .map((name) => readFileSync(join(store, '..', name), 'latin1'))
    .join('');
/** A call that nothing answers but the org. */
async function ask(app: App): Promise<void> {
  for await (const _ of app.crm().read(['001000000000001AAA']));
}
const expire = (sandbox: RunningSandbox): void => sandbox.faults.add({ name: 'expired-token', times: 1 });

describe('an app that a person authorised', () => {
  it('keeps working as its refresh token rotates, from process to process', async () => {
    const { sandbox, open } = await installed();
    for (let life = 0; life < 3; life++) {
      const app = await open();
      expect((await app.crm().describe()).kind).toBe('sandbox');
      expire(sandbox);
      await ask(app);
      expect((await app.crm().describe()).id).toMatch(/^00D/);
      await app.close();
    }
    expect(sandbox.calls.total('auth')).toBe(4); // the first, and one for each session that ended; good ones are taken over
  });

  it('is not cut off by two processes whose session expires at once', async () => {
    const { sandbox, open } = await installed();
    const [one, two] = await Promise.all([open(), open()]);
    await Promise.all([one.crm().describe(), two.crm().describe()]);
    expect(sandbox.calls.total('auth')).toBe(1);
    expire(sandbox);
    await Promise.all([one, two, one, two].map(ask));
    expect(sandbox.calls.total('auth')).toBe(2);
    expect(sandbox.calls.answered(401)).toBeGreaterThan(1);
  });

  it('leaves no token in the store’s files that could be read without the key', async () => {
    const { sandbox, store, open } = await installed();
    const app = await open();
    await app.crm().describe();
    const tokens = JSON.parse((await app.primary.ctx.credentials.get('tokens')) ?? '{}') as Record<string, string>;
    expect(tokens.refreshToken).toMatch(/^5Aep861/);
    expect(tokens.refreshToken).not.toBe(sandbox.env.SALESFORCE_REFRESH_TOKEN);
    const disk = onDisk(store);
    expect(disk).toContain('v1.');
    for (const secret of [tokens.refreshToken, tokens.accessToken, sandbox.env.SALESFORCE_REFRESH_TOKEN, KEY])
      expect(disk).not.toContain(secret);
    expect(disk).not.toContain('5Aep861');
  });

  it('asks for a key, and for the right one, before it uses up the refresh token', async () => {
    const { sandbox, open } = await installed();
    const keyless = await failure((await open({})).crm().describe());
    expect(String(keyless)).toMatch(/PULSEBACK_SECRET_KEY/);
    expect(sandbox.calls.total('auth')).toBe(0);
    await (await open()).crm().describe();
    const wrong = await failure((await open({ PULSEBACK_SECRET_KEY: OTHER })).crm().describe());
    expect(String(wrong)).toMatch(/encrypted with another key/);
    const both = await open({ PULSEBACK_SECRET_KEY: `${OTHER},${KEY}` });
    expect((await both.crm().describe()).kind).toBe('sandbox');
  });

  it('says what to do where the authorisation is gone', async () => {
    const { sandbox, open } = await installed();
    const { clientId } = sandbox.config.auth as { clientId: string };
    const client = { client_id: clientId, client_secret: sandbox.env.SALESFORCE_CLIENT_SECRET ?? '' };
    await grant(sandbox, { grant_type: 'refresh_token', refresh_token: 'stolen', ...client });
    const error = await failure((await open()).crm().describe());
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ action: 'fail', hint: expect.stringMatching(/authorise the app anew/) });
    expect(String(error)).not.toContain('5Aep861');
  });
});

describe('the sandbox', () => {
  it('rotates refresh tokens, and ends the grant when a dead one comes back', async () => {
    const { sandbox } = await installed();
    const { clientId } = sandbox.config.auth as { clientId: string };
    const refresh = (refresh_token: unknown) =>
      grant(sandbox, {
        grant_type: 'refresh_token',
        refresh_token: String(refresh_token),
        client_id: clientId,
        client_secret: sandbox.env.SALESFORCE_CLIENT_SECRET ?? '',
      });
    const first = await refresh(sandbox.env.SALESFORCE_REFRESH_TOKEN);
    expect(first).toMatchObject({ status: 200, body: { access_token: expect.any(String) } });
    expect((await refresh(sandbox.env.SALESFORCE_REFRESH_TOKEN)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'expired access/refresh token',
    });
    expect((await refresh(first.body.refresh_token)).status).toBe(400);
    const { status } = await fetch(`${sandbox.origin}/services/oauth2/userinfo`, {
      headers: { authorization: `Bearer ${String(first.body.access_token)}` },
    });
    expect(status).toBe(401);
  });
});
