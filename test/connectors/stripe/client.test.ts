import { createServer, type ServerResponse } from 'node:http';
import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { API_VERSION, Client } from '../../../connectors/stripe/client.ts';
import { stripe } from '../../../connectors/stripe/index.ts';
import { collect, errorOf, HOST, KEY, listOf, makeCtx, onGet } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const customers = (client: Client) => client.list('customers.list', (sdk) => sdk.customers.list({ limit: 2 }));
const failing = (status: number, error: Record<string, unknown>, headers: Record<string, string> = {}) =>
  onGet('customers').reply(status, errorOf(error), headers);

/** A server on loopback that treats each call as told. */
async function loopback(answer: (nth: number, response: ServerResponse) => void) {
  let calls = 0;
  const server = createServer((_request, response) => answer(++calls, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  nock.enableNetConnect('127.0.0.1');
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    calls: () => calls,
    close: async () => {
      nock.disableNetConnect();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describe('a call', () => {
  it('carries the key, the pinned version and the connected account', async () => {
    nock(HOST, {
      reqheaders: {
        authorization: `Bearer ${KEY}`,
        'stripe-version': API_VERSION,
        'stripe-account': 'acct_42',
      },
      badheaders: ['x-stripe-client-telemetry'],
    })
      .get('/v1/customers')
      .query({ limit: 2 })
      .reply(200, listOf([{ id: 'cus_1' }], true), { 'stripe-version': API_VERSION });
    const client = new Client(makeCtx({ account: 'acct_42' }).ctx);
    expect(await customers(client)).toEqual({ rows: [{ id: 'cus_1' }], more: true });
    expect(client.apiVersion).toBe(API_VERSION);
  });

  it('goes to loopback where baseUrl says so', async () => {
    const server = await loopback((_n, response) => response.end(JSON.stringify(listOf([]))));
    expect((await customers(new Client(makeCtx({ baseUrl: server.baseUrl }).ctx))).rows).toEqual([]);
    await server.close();
  });

  it('says which variable is missing', () => {
    expect(() => new Client(makeCtx({}, { secrets: {} }).ctx)).toThrow(/no API key/);
  });
});

describe('a failed call is tried again by us alone', () => {
  it.each([
    ['a rate limit, though the vendor advises nothing', 429, { code: 'rate_limit' }, {}],
    ['a rate limit, though the vendor advises against', 429, {}, { 'stripe-should-retry': 'false' }],
    ['a lock', 429, { code: 'lock_timeout' }, {}],
    ['a conflict', 409, {}, {}],
    ['a failure of the vendor', 500, { type: 'api_error' }, {}],
    ['what the vendor advises to repeat', 400, {}, { 'stripe-should-retry': 'true' }],
  ])('%s', async (_what, status, error, headers) => {
    failing(status, { message: 'no', ...error }, headers as Record<string, string>);
    onGet('customers').reply(200, listOf([]));
    const { ctx, calls } = makeCtx();
    await customers(new Client(ctx));
    expect(calls).toHaveLength(2);
  });

  it('a page in place of data', async () => {
    onGet('customers').reply(503, '<html>maintenance</html>');
    onGet('customers').reply(502, { message: 'bad gateway' });
    onGet('customers').reply(200, listOf([]));
    const { ctx, calls } = makeCtx();
    await customers(new Client(ctx));
    expect(calls).toHaveLength(3);
  });

  it('a lost connection: one request for each try, none by the SDK itself', async () => {
    const server = await loopback((nth, response) =>
      nth < 3 ? response.socket?.destroy() : response.end(JSON.stringify(listOf([]))),
    );
    const { ctx, calls } = makeCtx({ baseUrl: server.baseUrl });
    await customers(new Client(ctx));
    expect([calls.length, server.calls()]).toEqual([3, 3]);
    await server.close();
  });

  it('but not what the vendor advises against', async () => {
    failing(500, { message: 'broken' }, { 'stripe-should-retry': 'false' });
    await expect(customers(new Client(makeCtx().ctx))).rejects.toMatchObject({ action: 'fail', code: '500' });
  });

  it('ends at its deadline, and at an abort', async () => {
    const server = await loopback(() => {});
    const slow = makeCtx({ baseUrl: server.baseUrl, timeoutSeconds: 1 });
    await expect(customers(new Client(slow.ctx))).rejects.toMatchObject({ code: 'DEADLINE' });
    const stop = new AbortController();
    const { ctx } = makeCtx({ baseUrl: server.baseUrl }, { signal: stop.signal });
    const waiting = customers(new Client(ctx));
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await server.close();
  });
});

describe('what a person must do is said', () => {
  it('a refused key', async () => {
    failing(401, { message: `Invalid API Key provided: ${KEY}` });
    const error = await customers(new Client(makeCtx().ctx)).catch((e: unknown) => e);
    expect(error).toMatchObject({ action: 'fail', hint: expect.stringContaining('STRIPE_API_KEY') });
    expect(String(error)).not.toContain(KEY);
  });

  it('a missing permission, by its name', async () => {
    const message =
      "The provided key 'rk_test_*****' does not have the required permissions for this endpoint. Having the 'rak_customer_read' permission would allow this request to continue.";
    failing(403, { message });
    await expect(customers(new Client(makeCtx().ctx))).rejects.toMatchObject({
      action: 'fail',
      hint: expect.stringContaining('permission rak_customer_read'),
    });
  });

  it('an answer of another kind', async () => {
    onGet('customers').reply(200, { object: 'customer' });
    await expect(customers(new Client(makeCtx().ctx))).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' });
  });

  it('an object that does not exist is none', async () => {
    onGet('customers/cus_9').reply(404, errorOf({ code: 'resource_missing', message: 'No such customer' }));
    const client = new Client(makeCtx().ctx);
    expect(await client.retrieve('customers.retrieve', (sdk) => sdk.customers.retrieve('cus_9'))).toBeNull();
  });
});

describe('check', () => {
  const answer = (path: string, rows: unknown[] = []) => onGet(path).reply(200, listOf(rows));
  const customer = (n: number, rest: object = {}) => ({
    id: `cus_${n}`,
    livemode: false,
    created: 1,
    email: `a@b${n}.com`,
    metadata: {},
    ...rest,
  });

  it('tells the share of customers that say who they are, and each missing permission', async () => {
    onGet('customers').reply(
      200,
      listOf([customer(1, { metadata: { crm_id: ' 001A ' } }), customer(2), customer(3, { metadata: { crm_id: '' } })]),
      { 'stripe-version': '2024-06-20' },
    );
    for (const path of [
      'subscriptions',
      'invoices',
      'events',
      'products',
      'coupons',
      'prices',
      'credit_notes',
      'charges',
    ])
      answer(path);
    onGet('disputes').reply(403, errorOf({ message: "Having the 'rak_dispute_read' permission would help" }));
    const { items } = await stripe.check(makeCtx().ctx);
    const wrong = items.filter((i) => !i.ok).map((i) => `${i.level}: ${i.what} → ${i.fix}`);
    expect(wrong).toEqual([
      expect.stringMatching(/^warning: 1 of the 3 newest customers have one of the metadata keys/),
      expect.stringMatching(/^error: asked for API version 2026-10-28.endive, answered in 2024-06-20/),
      expect.stringMatching(/^error: disputes: .*→ Give the restricted key the permission rak_dispute_read/),
    ]);
    expect(items.at(-1)?.what).toMatch(/^readable: customers, subscriptions, .*creditNotes, charges$/);
  });

  it('refuses a key of the other mode before it calls, and objects of the other mode', async () => {
    const live = await stripe.check(makeCtx({ mode: 'live' }).ctx);
    expect(live.items).toMatchObject([{ ok: false, what: 'the key is of test mode, and live is configured' }]);
    onGet('customers').reply(200, listOf([customer(1, { livemode: true })]));
    const { items } = await stripe.check(makeCtx().ctx);
    expect(items.at(-1)).toMatchObject({ ok: false, what: expect.stringContaining('cus_1 is of live mode') });
  });

  it('warns of a key that may do everything', async () => {
    onGet('customers').reply(401, errorOf({ message: 'no' }));
    const { items } = await stripe.check(makeCtx({}, { secrets: { apiKey: 'sk_test_123456' } }).ctx);
    expect(items[0]).toMatchObject({ ok: false, level: 'warning' });
  });
});

it('lists customers for the reconciliation, and no other stream', async () => {
  onGet('customers', { limit: '100' }).reply(200, listOf([{ id: 'cus_2' }], true));
  onGet('customers', { limit: '100', starting_after: 'cus_2' }).reply(200, listOf([{ id: 'cus_1', test_clock: 'c' }]));
  const { ctx } = makeCtx();
  const listed = async function* (stream: string) {
    yield* stripe.ids?.(ctx, stream) ?? [];
  };
  expect(await collect(listed('customers'))).toEqual([{ kind: 'account', ids: ['cus_2'] }]);
  expect(await collect(listed('invoices'))).toEqual([]);
});
