import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { customerId } from '../../../connectors/stripe/sandbox/ids.ts';
import { DAY, type Row, sdk, start } from './support.ts';

test('the official SDK lists by itself, expands and reads one by one', async () => {
  const { stripe, world } = await start({ customers: 60 });
  const subscriptions: Stripe.Subscription[] = [];
  for await (const s of stripe.subscriptions.list({
    status: 'all',
    limit: 20,
    expand: ['data.customer', 'data.discounts'],
  }))
    subscriptions.push(s);
  const live = [...world.accounts()].flatMap((a) => a.subscriptions).filter((s) => s.createdAt <= world.now());
  expect(subscriptions).toHaveLength(live.length);
  for (const s of subscriptions)
    expect(typeof s.customer === 'string' ? s.customer : s.customer.object).toBe('customer');
  const events = await stripe.events.list({
    types: ['invoice.paid'],
    created: { gte: world.now() / 1000 - 86_400 * 20 },
    limit: 100,
  });
  expect(events.data.every((e) => e.type === 'invoice.paid')).toBe(true);
  const invoices = await stripe.invoices
    .list({ status: 'paid', expand: ['data.payments'], limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  expect(invoices.every((i) => i.payments?.data[0]?.status === 'paid')).toBe(true);
  const [invoice] = invoices;
  expect((await stripe.invoices.retrieve(invoice?.id ?? '')).id).toBe(invoice?.id);
  const payments = await stripe.invoicePayments.list({ invoice: invoice?.id ?? '' });
  const intent = payments.data[0]?.payment.payment_intent;
  const charges = await stripe.charges.list({ payment_intent: String(intent) });
  expect(charges.data.filter((c) => c.status === 'succeeded')).toHaveLength(1);
  const payer = [...world.accounts()]
    .flatMap((a) => a.payers)
    .find((p) => p.externalKey !== null && p.deletedAt === null);
  const found = await stripe.customers.search({ query: `metadata['external_key']:'${payer?.externalKey}'` });
  expect(found.data.map((c) => c.id)).toContain(customerId(payer?.key ?? ''));
  expect((await stripe.accounts.retrieveCurrent()).id).toMatch(/^acct_/);
});

test('pages have 10 rows unless told, 1 to 100, go both ways, and miss or double nothing', async () => {
  const { call, all, refused } = await start({ customers: 60 });
  const ids = (await all('invoices')).map((i) => i.id);
  expect(new Set(ids).size).toBe(ids.length);
  const page = async (query: string) => {
    const { data, has_more, url, object } = (await call(`invoices?${query}`)).body as unknown as {
      data: Row[];
      has_more: boolean;
      url: string;
      object: string;
    };
    expect([object, url]).toEqual(['list', '/v1/invoices']);
    return { ids: data.map((r) => r.id), more: has_more };
  };
  expect(await page('')).toEqual({ ids: ids.slice(0, 10), more: true });
  expect(await page(`limit=7&starting_after=${ids[9]}`)).toEqual({ ids: ids.slice(10, 17), more: true });
  expect(await page(`limit=7&ending_before=${ids[17]}`)).toEqual({ ids: ids.slice(10, 17), more: true });
  expect(await page(`limit=100&ending_before=${ids[5]}`)).toEqual({ ids: ids.slice(0, 5), more: false });
  expect(await page(`starting_after=${ids.at(-1)}`)).toEqual({ ids: [], more: false });
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=x',
    `starting_after=${ids[0]}&ending_before=${ids[1]}`,
    'colour=red',
    'status=gone',
    'created[gte]=soon',
    'customer=',
  ])
    expect(await refused(`invoices?${query}`), query).toMatchObject({ status: 400, type: 'invalid_request_error' });
  expect(await refused('invoices?starting_after=in_none')).toMatchObject({
    status: 400,
    code: 'resource_missing',
    param: 'starting_after',
  });
  expect(await refused('invoices/in_none')).toMatchObject({
    status: 404,
    code: 'resource_missing',
    message: "No such invoice: 'in_none'",
  });
  expect(await refused('invoices?expand[]=data.nothing')).toMatchObject({ status: 400 });
  expect(await refused('invoices?expand[]=data.a.b.c.d.e')).toMatchObject({ status: 400 });
});

test('lists are narrowed by what they say', async () => {
  const { all, call } = await start({ customers: 120 });
  const every = await all('subscriptions?status=all');
  const of = (status: string) => every.filter((s) => s.status === status).map((s) => s.id);
  const ids = async (path: string) => (await all(path)).map((s) => s.id);
  expect(await ids('subscriptions')).toEqual(every.filter((s) => s.status !== 'canceled').map((s) => s.id));
  for (const status of ['active', 'canceled', 'past_due', 'paused']) {
    expect(await ids(`subscriptions?status=${status}`), status).toEqual(of(status));
    expect(of(status).length, status).toBeGreaterThan(0);
  }
  const customer = every[0]?.customer;
  expect(await ids(`subscriptions?status=all&customer=${customer}`)).toEqual(
    every.filter((s) => s.customer === customer).map((s) => s.id),
  );
  const invoices = await all('invoices');
  expect(await ids('invoices?status=open')).toEqual(invoices.filter((i) => i.status === 'open').map((i) => i.id));
  expect(await ids('invoices?collection_method=send_invoice&due_date[lt]=1780000000')).toEqual(
    invoices.filter((i) => i.due_date !== null && Number(i.due_date) < 1_780_000_000).map((i) => i.id),
  );
  const [one] = invoices;
  expect(await ids(`invoices?created=${one?.created}`)).toContain(one?.id);
  const { body } = await call(
    `customers?email=${encodeURIComponent(String((await all('customers')).find((c) => c.email)?.email))}`,
  );
  expect((body as unknown as { data: Row[] }).data).not.toEqual([]);
});

test('a deleted customer leaves the lists, answers as deleted, and leaves its subscriptions behind', async () => {
  const { world, all, call } = await start({ customers: 150 });
  const now = world.now();
  const payers = [...world.accounts()].flatMap((a) =>
    a.payers.map((p) => ({ p, s: a.subscriptions.find((x) => x.payerKey === p.key) })),
  );
  const gone = payers.filter(({ p }) => p.deletedAt !== null && p.deletedAt <= now);
  expect(gone.length).toBeGreaterThan(1);
  const listed = new Set((await all('customers')).map((c) => c.id));
  for (const { p } of gone) {
    const id = customerId(p.key);
    expect(listed.has(id)).toBe(false);
    expect((await call(`customers/${id}`)).body).toEqual({ id, object: 'customer', deleted: true });
  }
  const left = gone.find(({ s }) => s);
  const rows = await all(`subscriptions?status=all&customer=${customerId(left?.p.key ?? '')}`);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row.status).toBe('canceled');
  const next = payers.filter(({ p }) => p.deletedAt !== null && p.deletedAt > now && p.deletedAt < now + 40 * DAY);
  world.advance(40 * DAY);
  const later = new Set((await all('customers')).map((c) => c.id));
  for (const { p } of next) expect(listed.has(customerId(p.key)) && later.has(customerId(p.key))).toBe(false);
});

test('search is by metadata and address, page by page, and finds what is new a minute late', async () => {
  const { world, call, refused } = await start({ customers: 200 });
  const search = async (query: string, more = '') =>
    (await call(`customers/search?query=${encodeURIComponent(query)}${more}`)).body as unknown as {
      data: Row[];
      has_more: boolean;
      next_page: string | null;
      object: string;
    };
  const account = [...world.accounts()].find(
    (a) => a.payers.length > 1 && a.payers.every((p) => p.externalKey !== null && p.deletedAt === null),
  );
  const both = await search(`metadata['external_key']:'${account?.externalKey}'`);
  expect(both.object).toBe('search_result');
  expect(both.data.map((c) => c.id).sort()).toEqual(account?.payers.map((p) => customerId(p.key)).sort());
  expect((await search(`metadata["external_key"]:"${account?.externalKey}" AND email~"accounts@"`)).data).toHaveLength(
    1,
  );
  expect((await search("metadata['external_key']:'none' OR metadata['other']:'x'")).data).toEqual([]);
  const first = await search("email~'billing@'", '&limit=30');
  const second = await search("email~'billing@'", `&limit=30&page=${first.next_page}`);
  expect([first.has_more, first.data.length]).toEqual([true, 30]);
  expect(new Set([...first.data, ...second.data].map((c) => c.id)).size).toBe(60);
  expect(await refused('customers/search?query=nonsense')).toMatchObject({ status: 400, param: 'query' });
  const payers = [...world.accounts()]
    .flatMap((a) => a.payers)
    .filter((p) => p.createdAt > world.now() && p.externalKey !== null);
  const [fresh] = payers.sort((a, b) => a.createdAt - b.createdAt);
  if (!fresh) throw new Error('nobody becomes a customer in this world');
  world.advance(fresh.createdAt - world.now() + 30_000);
  expect((await call(`customers/${customerId(fresh.key)}`)).status).toBe(200);
  expect((await search(`metadata['external_key']:'${fresh.externalKey}'`)).data).toEqual([]);
  world.advance(31_000);
  expect((await search(`metadata['external_key']:'${fresh.externalKey}'`)).data).toHaveLength(1);
});

test('a list is cut into as many pages as a test wants', async () => {
  const { all, call } = await start({ customers: 30, minPages: 5 });
  const body = (await call('customers?limit=100')).body as unknown as { data: Row[]; has_more: boolean };
  expect(body.has_more).toBe(true);
  expect(Math.ceil((await all('customers')).length / body.data.length)).toBe(5);
});

test('keys, versions, scopes and methods are checked', async () => {
  const { sandbox, call, refused } = await start({ customers: 4, scopes: ['rak_customer_read'] });
  const basic = `Basic ${Buffer.from(`${sandbox.env.STRIPE_API_KEY}:`).toString('base64')}`;
  const ok = await call('customers', { authorization: basic });
  expect([ok.status, ok.headers.get('request-id')?.slice(0, 4), ok.headers.get('stripe-version')]).toEqual([
    200,
    'req_',
    '2026-10-28.endive',
  ]);
  expect(await refused('customers', { authorization: '' })).toMatchObject({
    status: 401,
    type: 'invalid_request_error',
  });
  expect(await refused('customers', { authorization: 'Bearer rk_live_wrong' })).toMatchObject({ status: 401 });
  expect(await refused('customers', { 'stripe-version': '2024-06-20' })).toMatchObject({ status: 400 });
  const denied = await refused('invoices');
  expect(denied).toMatchObject({ status: 403, type: 'invalid_request_error' });
  expect(denied.message).toContain("'rak_invoice_read'");
  const stripe = sdk(sandbox);
  await expect(stripe.invoices.list()).rejects.toBeInstanceOf(Stripe.errors.StripePermissionError);
  await expect(stripe.customers.create({ name: 'x' })).rejects.toMatchObject({ statusCode: 404 });
  expect(await refused('nothing')).toMatchObject({ status: 404 });
});

test('faults speak the vendor’s dialect, and the SDK retries what it should', async () => {
  const { sandbox, call, refused } = await start({ customers: 4 });
  const { faults, calls } = sandbox;
  faults.add({ name: '429' });
  const limited = await call('customers');
  expect([
    limited.status,
    limited.headers.get('retry-after'),
    limited.headers.get('stripe-rate-limited-reason'),
  ]).toEqual([429, null, 'global-rate']);
  expect(limited.body).toMatchObject({ error: { code: 'rate_limit', type: 'invalid_request_error' } });
  faults.add({ name: 'lock_timeout', on: 'invoices.list' });
  expect(await refused('invoices')).toMatchObject({ status: 429, code: 'lock_timeout' });
  faults.add({ name: 'expired-key', times: 1 });
  expect(await refused('customers')).toMatchObject({ status: 401, code: 'api_key_expired' });
  faults.add({ name: 'missing-scope', times: 1, with: { scope: 'rak_charge_read' } });
  expect((await call('customers')).status).toBe(200);
  expect((await call('charges')).status).toBe(403);
  faults.add({ name: 'stripe-should-retry', with: { retry: false } });
  const firm = await call('customers');
  expect([firm.status, firm.headers.get('stripe-should-retry')]).toEqual([503, 'false']);
  const retrying = sdk(sandbox, 2);
  for (const name of ['503-before', 'reset-before', 'conflict', 'stripe-should-retry']) {
    calls.reset();
    faults.add({ name });
    expect((await retrying.customers.list()).data.length, name).toBeGreaterThan(0);
    expect(calls.byKind(), name).toEqual({ 'customers.list': 2 });
  }
  faults.add({ name: '429' });
  await expect(retrying.customers.list()).rejects.toBeInstanceOf(Stripe.errors.StripeRateLimitError);
});

test('more requests a second than allowed are refused', async () => {
  const { call } = await start({ customers: 4, requestsPerSecond: 5 });
  const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await call('coupons')).status));
  expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
  expect(statuses.filter((s) => s === 429).length).toBeGreaterThan(0);
});
