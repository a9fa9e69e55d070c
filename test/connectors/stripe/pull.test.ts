import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stripe } from '../../../connectors/stripe/index.ts';
import type { Cursor, Page } from '../../../src/contract/index.ts';
import { collect, discount, errorOf, event, item, listOf, makeCtx, NOW, onGet, sec, subscription } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const DAY = 86_400_000;
const now = NOW / 1000;
const customer = (n: number, rest: object = {}) => ({
  id: `cus_${n}`,
  object: 'customer',
  livemode: false,
  created: now - n * 1000,
  name: `Customer ${n}`,
  email: `a@c${n}.example`,
  metadata: { crm_id: `K${n}` },
  ...rest,
});
const cursor = (rest: Record<string, unknown> = {}): Cursor => ({
  readAt: NOW - DAY,
  sweptAt: NOW - DAY,
  mark: { created: now - 86_400, seen: ['evt_old'] },
  due: {},
  sweep: null,
  ...rest,
});
const pull = (stream: string, from: Cursor | null, config: object = {}): Promise<Page[]> =>
  collect(stripe.pull(makeCtx({ ...config }).ctx, stream, from));
const told = (pages: Page[]) =>
  pages.flatMap((p) => p.facts.map((f) => `${f.id} @${f.at / 1000}${f.deleted ? ' gone' : ''}`));
const events = (rows: unknown[]) => onGet('events').reply(200, listOf(rows));

describe('a full pass', () => {
  it('takes the mark first, goes page by page, and can go on behind any page', async () => {
    events([]);
    onGet('customers', { limit: '100' }).reply(200, listOf([customer(1), customer(2)], true));
    onGet('customers', { limit: '100', starting_after: 'cus_2' }).reply(200, listOf([customer(3)]));
    const pages = await pull('customers', null);
    expect(told(pages)).toEqual([1, 2, 3].map((n) => `cus_${n} @${now - n * 1000}`));
    expect(pages[0]?.facts[0]?.data).toEqual({
      name: 'Customer 1',
      domains: ['c1.example'],
      keys: ['K1'],
      createdOn: '2026-11-25',
    });
    expect(pages[0]?.cursor).toMatchObject({ sweptAt: null, sweep: { after: 'cus_2', startedAt: NOW } });
    expect(pages[1]?.cursor).toMatchObject({ sweptAt: NOW, sweep: null });

    onGet('customers', { limit: '100', starting_after: 'cus_2' }).reply(200, listOf([customer(3)]));
    expect(told(await pull('customers', pages[0]?.cursor ?? {}))).toEqual([`cus_3 @${now - 3000}`]);
  });

  it('begins anew where the object it should follow has been deleted', async () => {
    const sweep = { startedAt: NOW, after: 'cus_2', mark: { created: 0, seen: [] } };
    onGet('customers', { limit: '100', starting_after: 'cus_2' }).reply(
      400,
      errorOf({ code: 'resource_missing', param: 'starting_after', message: 'No such customer: cus_2' }),
    );
    onGet('customers', { limit: '100' }).reply(200, listOf([customer(1)]));
    expect(told(await pull('customers', cursor({ readAt: null, sweptAt: null, mark: null, sweep })))).toEqual([
      `cus_1 @${now - 1000}`,
    ]);
  });

  it.each([
    ['after a week', { sweptAt: NOW - 7 * DAY }],
    ['after a silence that outlives events', { readAt: NOW - 29 * DAY, sweptAt: NOW - 6 * DAY }],
  ])('is made %s, and states what it sees as of now', async (_when, rest) => {
    events([]);
    onGet('customers', { limit: '100' }).reply(200, listOf([customer(1)]));
    const pages = await pull('customers', cursor(rest));
    expect(told(pages)).toEqual([`cus_1 @${now}`]);
    expect(pages.at(-1)?.cursor).toMatchObject({ readAt: NOW, sweptAt: NOW });
  });

  it('leaves out objects under a test clock, refuses the other mode, and tells what it cannot read', async () => {
    events([]);
    onGet('customers').reply(
      200,
      listOf([customer(1, { test_clock: 'clock_1' }), customer(2, { email: 7 }), customer(3)]),
    );
    const [page] = await pull('customers', null);
    expect(page?.facts.map((f) => f.id)).toEqual(['cus_3']);
    expect(page?.rejects).toEqual([{ where: 'customer cus_2', reason: expect.stringMatching(/^email: /) }]);
    events([]);
    onGet('customers').reply(200, listOf([customer(1, { livemode: true })]));
    await expect(pull('customers', null)).rejects.toMatchObject({ code: 'OTHER_MODE', action: 'fail' });
  });
});

describe('between passes', () => {
  it('re-reads once what unseen events are about, and moves the mark with the last page', async () => {
    const at = now - 5000;
    const old = { ...event('customer.updated', now - 86_400, { id: 'cus_9' }), id: 'evt_old' };
    events([
      event('customer.deleted', at + 30, { id: 'cus_2' }),
      event('customer.updated', at + 20, { id: 'cus_1' }),
      event('customer.updated', at, { id: 'cus_1' }),
      event('customer.updated', at, { id: 'cus_1' }), // told twice
      old,
    ]);
    onGet('customers/cus_1').reply(200, customer(1));
    onGet('customers/cus_2').reply(200, { id: 'cus_2', object: 'customer', deleted: true });
    const pages = await pull('customers', cursor());
    expect(told(pages)).toEqual([`cus_1 @${at + 20}`, `cus_2 @${at + 30} gone`]);
    expect(pages.at(-1)?.cursor).toMatchObject({
      readAt: NOW,
      sweptAt: NOW - DAY,
      mark: { created: at + 30, seen: expect.arrayContaining([`evt_customer.deleted_${at + 30}`]) },
    });
  });

  it('asks for events from the mark on, less the overlap', async () => {
    onGet('events', (query: Record<string, unknown>) => {
      expect(query).toMatchObject({ limit: '100', 'created[gte]': String(now - 86_400 - 600) });
      return true;
    }).reply(200, listOf([]));
    const pages = await pull('customers', cursor());
    expect(pages).toHaveLength(1);
    expect(pages[0]?.facts).toEqual([]);
    expect(pages[0]?.cursor).toMatchObject({ mark: { created: now - 86_400 } });
  });

  it('keeps the mark on pages before the last, so that a crash loses nothing', async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      event('customer.updated', now - 4000 + n, { id: `cus_${n + 1}` }),
    );
    events(many.toReversed());
    for (let n = 1; n <= 60; n++) onGet(`customers/cus_${n}`).reply(200, customer(n));
    const from = cursor();
    const pages = await pull('customers', from);
    expect(pages.map((p) => p.facts.length)).toEqual([50, 10]);
    expect(pages[0]?.cursor).toEqual(from);
  });

  it('looks again at a subscription when its discount has ended, which no event tells', async () => {
    const end = now - 3600;
    events([]);
    onGet('subscriptions/sub_1').reply(200, subscription([item(2)], { created: now - 90 * 86_400 }));
    const pages = await pull('subscriptions', cursor({ due: { sub_1: end, sub_2: now + 60 } }));
    expect(told(pages)).toEqual([`sub_1 @${end}`]);
    expect(pages[0]?.facts[0]?.data).toMatchObject({ mrr: { minor: 2000, currency: 'GBP' } });
    expect(pages[0]?.cursor.due).toEqual({ sub_2: now + 60 });
  });

  it('reads all subscriptions of a customer whose discount changed', async () => {
    const at = now - 100;
    events([event('customer.discount.created', at, { id: 'di_1', object: 'discount', customer: 'cus_1' })]);
    onGet('subscriptions', (q: Record<string, unknown>) => q.customer === 'cus_1' && q.status === 'all').reply(
      200,
      listOf([{ id: 'sub_1' }]),
    );
    const half = discount('di_1', { id: 'HALF', percent_off: 50 }, { start: at, customer: 'cus_1' });
    onGet('subscriptions/sub_1').reply(
      200,
      subscription([item(1)], { customer: { id: 'cus_1', object: 'customer', discount: half } }),
    );
    const pages = await pull('subscriptions', cursor());
    expect(pages[0]?.facts.at(-1)).toMatchObject({ at: at * 1000, data: { mrr: { minor: 500, currency: 'GBP' } } });
  });
});

describe('what a subscription names only', () => {
  it('is asked for: coupons with their products, items beyond the tenth, names of products', async () => {
    const coupon = { id: 'C', duration: 'forever' as const, percent_off: 50 };
    const named = { ...discount('di_1', coupon), source: { type: 'coupon', coupon: 'C' } };
    events([]);
    onGet(
      'subscriptions',
      (q: Record<string, unknown>) => q.status === 'all' && q['expand[2]'] === 'data.customer',
    ).reply(
      200,
      listOf([
        subscription([item(1, { nickname: null })], {
          discounts: [named],
          items: { object: 'list', has_more: true, data: [item(1, { nickname: null })] },
        }),
      ]),
    );
    onGet('subscription_items', (q: Record<string, unknown>) => q.subscription === 'sub_1').reply(
      200,
      listOf([item(1, { nickname: null }), item(3, { nickname: null, product: 'prod_2' }, { id: 'si_2' })]),
    );
    onGet('subscriptions/sub_1', (q: Record<string, unknown>) =>
      JSON.stringify(q).includes('discounts.source.coupon.applies_to'),
    ).reply(
      200,
      subscription([], {
        discounts: [{ ...named, source: { coupon: { ...coupon, applies_to: { products: ['prod_2'] } } } }],
      }),
    );
    onGet('products').reply(
      200,
      listOf([
        { id: 'prod_1', name: 'Seats' },
        { id: 'prod_2', name: 'Extra' },
      ]),
    );
    const pages = await pull('subscriptions', null);
    expect(pages[0]?.facts.at(-1)?.data).toEqual({
      plan: 'Seats + Extra',
      seats: 4,
      mrr: { minor: 2500, currency: 'GBP' },
      arr: { minor: 30_000, currency: 'GBP' },
      startOn: '2024-06-01',
      endOn: null,
      trial: false,
    });
    expect(pages[0]?.facts[0]?.at).toBe(sec('2024-06-01') * 1000);
  });
});
