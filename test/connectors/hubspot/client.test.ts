import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Client as Sdk } from '@hubspot/api-client';
import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type Call, clientOf } from '../../../connectors/hubspot/client.ts';
import { HOST, makeCtx, NOW, refusal, TOKEN } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const PATH = '/crm/objects/2026-03/companies/batch/update';
const Updated = z.object({ results: z.array(z.object({ id: z.string() })) });
const update: Call<z.infer<typeof Updated>> = {
  label: 'companies.update',
  kind: 'write',
  idempotent: true,
  method: 'POST',
  path: PATH,
  body: { inputs: [{ id: '7', properties: { chs_health_score: '72' } }] },
  schema: Updated,
};
const create = { ...update, label: 'tasks.create', idempotent: false };
const good = { results: [{ id: '7' }] };
const busy = { status: 'error', errorType: 'RATE_LIMIT', message: 'x', policyName: 'TEN_SECONDLY_ROLLING' };

/** A server on loopback that treats each call as told. */
async function loopback(answer: (nth: number, response: ServerResponse, request: IncomingMessage) => void) {
  let calls = 0;
  const closed: number[] = [];
  const server = createServer((request, response) => {
    const nth = ++calls;
    response.on('close', () => {
      if (!response.writableEnded) closed.push(nth);
    });
    answer(nth, response, request);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  nock.enableNetConnect('127.0.0.1');
  onTestFinished(async () => {
    nock.disableNetConnect();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { baseUrl: `http://127.0.0.1:${port}`, calls: () => calls, closed };
}
const json = (response: ServerResponse, body: unknown): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
};

describe('a call', () => {
  it('goes out exactly as asked, with the token in its header', async () => {
    nock(HOST, { reqheaders: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } })
      .post(PATH, { inputs: [{ id: '7', properties: { chs_health_score: '72' } }] })
      .reply(207, good);
    expect(await clientOf(makeCtx().ctx).request(update)).toEqual({ status: 207, body: good });
  });

  it('joins lists by commas and leaves out what is undefined', async () => {
    nock(HOST)
      .get('/crm/v3/objects/companies?limit=100&archived=false&properties=name%2Cdomain')
      .reply(200, { results: [] });
    const query = { limit: 100, archived: false, properties: ['name', 'domain'], after: undefined };
    const { body: _, ...rest } = update;
    const call = { ...rest, method: 'GET', path: '/crm/v3/objects/companies', query } as const;
    expect(await clientOf(makeCtx().ctx).json(call)).toEqual({ results: [] });
  });

  it('takes an empty answer for null', async () => {
    nock(HOST).post(PATH).reply(204);
    expect(await clientOf(makeCtx().ctx).request({ ...update, schema: z.null() })).toEqual({ status: 204, body: null });
  });

  it('is refused where the answer has another shape, and tried again where it is a page', async () => {
    nock(HOST)
      .post(PATH)
      .reply(200, { results: [{ id: 7 }] });
    expect(await refusal(clientOf(makeCtx().ctx).json(update))).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
    nock(HOST).post(PATH).reply(200, '<html>maintenance</html>').post(PATH).reply(200, good);
    expect(await clientOf(makeCtx().ctx).json(update)).toEqual(good);
  });

  it('follows no redirect: neither token nor body goes to another host', async () => {
    nock(HOST).post(PATH).reply(307, '', { location: 'https://elsewhere.example/x' });
    expect(await refusal(clientOf(makeCtx().ctx).json(update))).toMatchObject({ action: 'fail', code: '307' });
  });

  it('tells the day’s calls from the headers, and keeps them where an answer has none', async () => {
    const client = clientOf(makeCtx().ctx);
    expect(client.usage).toBeNull();
    const headers = { 'X-HubSpot-RateLimit-Daily': '625000', 'X-HubSpot-RateLimit-Daily-Remaining': '600000' };
    nock(HOST).post(PATH).reply(200, good, headers).post(PATH).reply(200, good);
    await client.json(update);
    expect(client.usage).toEqual({ used: 25_000, limit: 625_000, at: NOW });
    await client.json(update);
    expect(client.usage).toEqual({ used: 25_000, limit: 625_000, at: NOW });
  });

  it('needs a token, and says where from', async () => {
    const client = clientOf(makeCtx({}, { secrets: {} }).ctx);
    await expect(client.json(update)).rejects.toThrow(/HUBSPOT_TOKEN/);
  });
});

describe('a failure', () => {
  it('is waited out by policy', async () => {
    const { ctx, waits, calls } = makeCtx();
    nock(HOST).post(PATH).reply(429, busy).post(PATH).reply(423, {}).post(PATH).reply(200, good);
    expect(await clientOf(ctx).json(update)).toEqual(good);
    expect(waits).toEqual([10_000, 2_000]);
    expect(calls).toEqual(Array(3).fill('companies.update'));
  });

  it('pauses the run where the day’s calls are used up, until midnight where the portal is', async () => {
    const { ctx, calls } = makeCtx();
    const client = clientOf(ctx);
    client.timezone = 'America/New_York';
    nock(HOST)
      .post(PATH)
      .reply(429, { ...busy, policyName: 'DAILY' });
    const error = await refusal(client.json(update));
    expect(error).toMatchObject({ action: 'wait', code: 'DAILY', retryAfterMs: 20 * 3_600_000 });
    expect(error.hint).toMatch(/midnight/);
    expect(calls).toHaveLength(1);
  });

  it('after which a create may exist is told, not repeated', async () => {
    const { ctx, calls } = makeCtx();
    nock(HOST).post(PATH).reply(502, 'Bad gateway');
    expect(await refusal(clientOf(ctx).json(create))).toMatchObject({ ambiguous: true, code: '502' });
    nock(HOST)
      .post(PATH)
      .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    expect(await refusal(clientOf(ctx).json(create))).toMatchObject({ ambiguous: true });
    expect(calls).toEqual(['tasks.create', 'tasks.create']);
  });

  it('that is surely no create is repeated', async () => {
    nock(HOST).post(PATH).reply(429, busy).post(PATH).reply(200, good);
    expect(await clientOf(makeCtx().ctx).json(create)).toEqual(good);
  });

  it('by a token that cannot be renewed ends at once, and shows nothing of it', async () => {
    const token = 'CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAfSecret';
    const { ctx, lines } = makeCtx({}, { secrets: { token } });
    nock(HOST)
      .post(PATH)
      .reply(401, { category: 'INVALID_AUTHENTICATION', message: `access ${token} is expired`, correlationId: 'c-1' });
    const error = await refusal(clientOf(ctx).json(update));
    expect(error).toMatchObject({ action: 'fail', code: 'INVALID_AUTHENTICATION' });
    expect(error.hint).toMatch(/HUBSPOT_TOKEN/);
    expect(`${error.message} ${error.hint} ${String(error.cause)} ${JSON.stringify(lines)}`).not.toContain('Secret');
  });

  it('by hanging ends at the deadline, and the connection with it', async () => {
    const server = await loopback(() => undefined);
    const { ctx } = makeCtx({ baseUrl: server.baseUrl, timeoutSeconds: 1 });
    expect(await refusal(clientOf(ctx).json(create))).toMatchObject({ code: 'DEADLINE', ambiguous: true });
    await expect.poll(() => server.closed).toEqual([1]);
  });

  it('by a body that never ends is freed when the run is stopped', async () => {
    const server = await loopback((_n, response) => void response.write('{"results":['));
    const stop = new AbortController();
    const { ctx } = makeCtx({ baseUrl: server.baseUrl }, { signal: stop.signal });
    const call = clientOf(ctx).json(create);
    await expect.poll(server.calls).toBe(1);
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect.poll(() => server.closed).toEqual([1]);
  });
});

describe('the SDK', () => {
  it('retries nothing and holds nothing back, whatever a client elsewhere in the process has set', async () => {
    const loud = new Sdk({ accessToken: 'other', numberOfApiCallRetries: 6, limiterOptions: { minTime: 60_000 } });
    const { ctx, calls } = makeCtx();
    const client = clientOf(ctx);
    nock(HOST).post(PATH).reply(502, 'x');
    expect(await refusal(client.json(create))).toMatchObject({ code: '502' });
    loud.init(); // and again, behind our back
    nock(HOST).post(PATH).times(3).reply(200, good);
    await Promise.all([client.json(update), client.json(update), client.json(update)]);
    expect(calls).toHaveLength(4);
  });

  it('keeps two portals of one process apart: each its token, its host and its budget', async () => {
    const seen: string[] = [];
    const open = () =>
      loopback((_n, response, request) => {
        seen.push(`${request.headers.host} ${request.headers.authorization}`);
        setTimeout(() => json(response, good), 5);
      });
    const [one, two] = [await open(), await open()];
    const a = makeCtx({ baseUrl: one.baseUrl, ratePer10s: 3 }, { secrets: { token: 'token-a' } });
    const b = makeCtx({ baseUrl: two.baseUrl, ratePer10s: 5 }, { secrets: { token: 'token-b' } });
    const [left, right] = [clientOf(a.ctx), clientOf(b.ctx)];
    await Promise.all([1, 2, 3].flatMap(() => [left.json(update), right.json(update)]));
    await Promise.all([right.json(update), right.json(update)]);
    expect([...new Set(seen)].sort()).toEqual(
      [`${one.baseUrl.slice(7)} Bearer token-a`, `${two.baseUrl.slice(7)} Bearer token-b`].sort(),
    );
    expect([one.calls(), two.calls()]).toEqual([3, 5]);
  });
});
