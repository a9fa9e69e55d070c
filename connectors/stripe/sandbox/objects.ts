import { type Book, type Json, nth, seconds, type View } from './book.ts';
import { StripeError } from './errors.ts';
import { EVENT_DAYS, showEvent } from './events.ts';
import { equal, oneOf, type Params, range, type Where, within } from './params.ts';
import type { Listed, Row } from './shelf.ts';
import { type Source, showSource } from './show.ts';
import { showCoupon, showDiscount, showPrice, showProduct } from './show-price.ts';

/** How one kind of object is listed. */
export interface ListSpec {
  /** Name in paths: /v1/NAME. */
  path: string;
  /** What a restricted key needs. */
  scope: string;
  params: string[];
  narrow(params: Params, where: Where, now: number): void;
}

const INVOICE_STATES = ['draft', 'open', 'paid', 'uncollectible', 'void'] as const;
const SUBSCRIPTION_STATES =
  'active all canceled ended incomplete incomplete_expired past_due paused trialing unpaid'.split(' ');
const COLLECTIONS = ['charge_automatically', 'send_invoice'] as const;
const MAX_TYPES = 20;

export const LISTS: Record<Listed, ListSpec> = {
  customer: {
    path: 'customers',
    scope: 'rak_customer_read',
    params: [...range('created'), 'email', 'test_clock'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      equal(params, { email: 'email' }, where);
      noTestClock(params, where);
    },
  },
  subscription: {
    path: 'subscriptions',
    scope: 'rak_subscription_read',
    params: [...range('created'), 'customer', 'collection_method', 'status', 'test_clock'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      equal(params, { customer: 'customer' }, where);
      byCollection(params, where);
      noTestClock(params, where);
      const status = oneOf(params, 'status', SUBSCRIPTION_STATES);
      if (status === 'all') return;
      if (status === 'ended') where.sql.push("state IN ('canceled', 'incomplete_expired')");
      else if (status === null) where.sql.push("state <> 'canceled'");
      else is(where, 'state', status);
    },
  },
  invoice: {
    path: 'invoices',
    scope: 'rak_invoice_read',
    params: [...range('created'), ...range('due_date'), 'customer', 'subscription', 'collection_method', 'status'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      within(params, 'due_date', 'due', where);
      equal(params, { customer: 'customer', subscription: 'owner' }, where);
      byCollection(params, where);
      const status = oneOf(params, 'status', INVOICE_STATES);
      if (status !== null) is(where, 'state', status);
    },
  },
  invoice_payment: {
    path: 'invoice_payments',
    scope: 'rak_invoice_read',
    params: [...range('created'), 'invoice', 'status', 'payment[type]', 'payment[payment_intent]'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      equal(params, { invoice: 'owner', 'payment[payment_intent]': 'sort' }, where);
      oneOf(params, 'payment[type]', ['payment_intent']);
      const status = oneOf(params, 'status', ['canceled', 'open', 'paid']);
      if (status === 'canceled') where.sql.push('FALSE');
      else if (status !== null) where.sql.push(`state ${status === 'paid' ? '=' : '<>'} 'paid'`);
    },
  },
  charge: {
    path: 'charges',
    scope: 'rak_charge_read',
    params: [...range('created'), 'customer', 'payment_intent'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      equal(params, { customer: 'customer', payment_intent: 'owner' }, where);
    },
  },
  dispute: {
    path: 'disputes',
    scope: 'rak_dispute_read',
    params: [...range('created'), 'charge', 'payment_intent'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      equal(params, { charge: 'owner', payment_intent: 'sort' }, where);
    },
  },
  event: {
    path: 'events',
    scope: 'rak_event_read',
    params: [...range('created'), 'type', 'types[]', 'delivery_success'],
    narrow: (params, where, now) => {
      within(params, 'created', 'created', where);
      where.sql.push('created >= ?');
      where.values.push(seconds(now - EVENT_DAYS));
      if (oneOf(params, 'delivery_success', ['true', 'false']) === 'false') where.sql.push('FALSE');
      byType(params, where);
    },
  },
  price: {
    path: 'prices',
    scope: 'rak_plan_read',
    params: [...range('created'), 'product', 'active'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      equal(params, { product: 'owner' }, where);
      allActive(params, where);
    },
  },
  product: {
    path: 'products',
    scope: 'rak_product_read',
    params: [...range('created'), 'active', 'ids[]'],
    narrow: (params, where) => {
      within(params, 'created', 'created', where);
      allActive(params, where);
      among(where, 'id', params.get('ids[]') ?? []);
    },
  },
  coupon: {
    path: 'coupons',
    scope: 'rak_coupon_read',
    params: range('created'),
    narrow: (params, where) => within(params, 'created', 'created', where),
  },
};

function is(where: Where, column: string, value: string): void {
  where.sql.push(`${column} = ?`);
  where.values.push(value);
}
function among(where: Where, column: string, values: string[]): void {
  if (values.length === 0) return;
  where.sql.push(`${column} IN (${values.map(() => '?').join(', ')})`);
  where.values.push(...values);
}
function byCollection(params: Params, where: Where): void {
  const method = oneOf(params, 'collection_method', COLLECTIONS);
  if (method !== null) is(where, 'sort', method);
}
/** Nothing here is tied to a test clock. */
function noTestClock(params: Params, where: Where): void {
  if (params.has('test_clock')) where.sql.push('FALSE');
}
function allActive(params: Params, where: Where): void {
  if (oneOf(params, 'active', ['true', 'false']) === 'false') where.sql.push('FALSE');
}
function byType(params: Params, where: Where): void {
  const [types, single] = [params.get('types[]') ?? [], params.get('type')?.[0]];
  if (types.length > 0 && single !== undefined)
    throw new StripeError(400, 'You may only specify one of these parameters: type, types.', { param: 'type' });
  if (types.length > MAX_TYPES)
    throw new StripeError(400, `You can specify up to ${MAX_TYPES} event types.`, { param: 'types' });
  among(where, 'state', types);
  if (single?.includes('*')) {
    where.sql.push('state GLOB ?');
    where.values.push(single.replace(/[[?]/g, '[$&]'));
  } else if (single !== undefined) is(where, 'state', single);
}

/** The object that a row stands for, as it is now. */
export function showRow(book: Book, row: Row): Json {
  const account = book.account(row.account);
  const view: View = { account, at: book.world.now(), livemode: book.livemode };
  switch (row.object) {
    case 'event':
      return showEvent(book, account, { ...row, type: row.state ?? '', source: row.sort as Source });
    case 'discount': {
      const holder = nth(account.subscriptions, row.pos, 'subscription');
      const held = holder.terms.find((t) => t.value.discount !== null)?.value.discount;
      if (!held) throw new Error(`${row.id} is held by nobody`);
      return showDiscount(holder, held);
    }
    case 'product':
      return showProduct(row.sort ?? '', book.livemode);
    case 'price':
    case 'coupon': {
      const item = row.object === 'price' ? row.pos % 100 : 0;
      const place = row.object === 'price' ? Math.floor(row.pos / 100) : row.pos;
      const subscription = nth(account.subscriptions, Math.floor(place / 10_000), 'subscription');
      const { value } = nth(subscription.terms, place % 10_000, 'terms');
      if (row.object === 'price')
        return showPrice(view, { subscription, item: nth(value.items, item, 'item'), created: row.created });
      if (!value.discount) throw new Error(`${row.id} stands for no discount`);
      return showCoupon(value.discount, account.currency, book.livemode);
    }
    default:
      return showSource(view, row.object, row.pos);
  }
}
