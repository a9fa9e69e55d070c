import { expect, test } from 'vitest';
import { chargeId, customerId, disputeId, invoiceId, subscriptionId } from '../../../connectors/stripe/sandbox/ids.ts';
import { invoiceAt, valueAt } from '../../../src/sandbox/asof.ts';
import { DAY, type Row, type Running, start } from './support.ts';

/** What the API tells, in the reader's own words. */
interface Told {
  customers: Map<string, Row>;
  subscriptions: Map<string, Row>;
  invoices: Map<string, Row>;
  charges: Map<string, Row>;
  disputes: Map<string, Row>;
}
const byId = (rows: Row[]): Map<string, Row> => new Map(rows.map((r) => [r.id, r]));

async function read({ all }: Running): Promise<Told> {
  const source = 'expand[]=data.discounts.source.coupon&expand[]=data.items.data.discounts.source.coupon';
  const subscriptions = await all(`subscriptions?status=all&${source}`);
  for (const s of subscriptions) {
    const items = s.items as { has_more: boolean; data: Row[] };
    if (items.has_more) items.data = await all(`subscription_items?subscription=${s.id}`);
  }
  const customers = await all('customers?expand[]=data.discount.source.coupon');
  return {
    customers: byId(customers),
    subscriptions: byId(subscriptions),
    invoices: byId(await all('invoices')),
    charges: byId(await all('charges')),
    disputes: byId(await all('disputes')),
  };
}

interface Coupon {
  percent_off: number | null;
  amount_off: number | null;
  duration: string;
}
interface Item {
  price: {
    unit_amount: number | null;
    unit_amount_decimal: string;
    recurring: { interval: string; interval_count: number; usage_type: string };
  };
  quantity?: number;
  discounts: { source: { coupon: Coupon } }[];
}
const recurring = (discounts: unknown): Coupon[] =>
  ((discounts as { source: { coupon: Coupon } }[] | null) ?? [])
    .map((d) => d.source.coupon)
    .filter((c) => c.duration !== 'once');

/** Minor units a year as a fraction with a fixed denominator: no rounding before the end. */
const SCALE = 10n ** 12n;
const TIMES: Record<string, bigint> = { day: 365n, week: 52n, month: 12n, year: 1n };
function yearly(subscription: Row, customer: Row | undefined): { fine: bigint; arr: number } {
  const whole = [...recurring(subscription.discounts), ...recurring(customer?.discount ? [customer.discount] : [])];
  let fine = 0n;
  let times = 1n;
  let over = 1n;
  for (const item of (subscription.items as { data: Item[] }).data) {
    const { recurring: rhythm, unit_amount, unit_amount_decimal } = item.price;
    if (unit_amount !== null) expect(String(unit_amount)).toBe(unit_amount_decimal);
    if (rhythm.usage_type === 'metered') continue;
    [times, over] = [TIMES[rhythm.interval] ?? 0n, BigInt(rhythm.interval_count)];
    const [units = '0', part = ''] = unit_amount_decimal.split('.');
    let cost = BigInt(units + part.padEnd(12, '0')) * BigInt(item.quantity ?? 0);
    for (const { percent_off } of [...recurring(item.discounts), ...whole])
      if (percent_off !== null) cost = (cost * (100n - BigInt(percent_off))) / 100n;
    fine += cost;
  }
  for (const { amount_off } of whole) if (amount_off !== null) fine -= BigInt(amount_off) * SCALE;
  fine = (fine * times) / over;
  return { fine, arr: Number((fine + SCALE / 2n) / SCALE) };
}

async function expectRevenue(running: Running, told: Told): Promise<number> {
  const now = running.world.now();
  let earning = 0;
  const listed = new Set<string>();
  for (const account of running.world.accounts()) {
    const sums = new Map<string, { arr: number; fine: bigint }>();
    for (const s of account.subscriptions) {
      const row = told.subscriptions.get(subscriptionId(s.key));
      if (s.createdAt > now) {
        expect(row, s.key).toBeUndefined();
        continue;
      }
      if (!row) throw new Error(`${s.key} is not listed`);
      listed.add(row.id);
      expect(row, s.key).toMatchObject({
        customer: customerId(s.payerKey),
        status: valueAt(s.status, now),
        created: s.createdAt / 1000,
        currency: account.currency.toLowerCase(),
        ended_at: s.endedAt !== null && s.endedAt <= now ? s.endedAt / 1000 : null,
      });
      if (row.status !== 'active' && row.status !== 'past_due') continue;
      const { arr, fine } = yearly(row, told.customers.get(String(row.customer)));
      const sum = sums.get(String(row.currency)) ?? { arr: 0, fine: 0n };
      sums.set(String(row.currency), { arr: sum.arr + arr, fine: sum.fine + fine });
    }
    const truth = valueAt(account.arr, now) ?? 0;
    const [currency = account.currency.toLowerCase(), { arr, fine } = { arr: 0, fine: 0n }] = [...sums][0] ?? [];
    expect(sums.size, account.key).toBeLessThan(2);
    expect([arr, currency], account.key).toEqual([truth, account.currency.toLowerCase()]);
    expect(Number((fine / 12n + SCALE / 2n) / SCALE), account.key).toBe(Math.round(truth / 12));
    if (truth > 0) earning += 1;
  }
  expect(listed.size).toBe(told.subscriptions.size);
  return earning;
}

function expectInvoices({ world }: Running, told: Told): number {
  const now = world.now();
  let [seen, attempts] = [0, 0];
  for (const account of world.accounts()) {
    for (const invoice of account.invoices) {
      const row = told.invoices.get(invoiceId(invoice.key));
      const view = invoiceAt(invoice, now);
      if (!view) {
        expect(row, invoice.key).toBeUndefined();
        continue;
      }
      seen += 1;
      const subscription = account.subscriptions.find((s) => s.invoiceKeys.includes(invoice.key));
      const automatic = subscription?.collection === 'automatic';
      const paid = view.paidAt !== null;
      expect(row, invoice.key).toMatchObject({
        customer: customerId(subscription?.payerKey ?? ''),
        parent: { subscription_details: { subscription: subscriptionId(subscription?.key ?? '') } },
        currency: account.currency.toLowerCase(),
        total: view.amount,
        amount_due: view.amount,
        amount_paid: paid ? view.amount : 0,
        amount_remaining: paid ? 0 : view.amount,
        created: view.issuedAt / 1000,
        due_date: automatic ? null : view.dueAt / 1000,
        status_transitions: { paid_at: paid ? Number(view.paidAt) / 1000 : null },
        attempt_count: view.failedPayments + (paid ? 1 : 0),
      });
      expect(row?.status === 'paid', invoice.key).toBe(paid);
      for (let n = 0; n < view.failedPayments + (paid ? 1 : 0); n++) {
        attempts += 1;
        const status = n < view.failedPayments ? 'failed' : 'succeeded';
        expect(told.charges.get(chargeId(invoice.key, n)), invoice.key).toMatchObject({ status, amount: view.amount });
      }
    }
    for (const { key, at, closedAt, won } of account.subscriptions.flatMap((s) => s.disputes)) {
      const status = closedAt <= now ? (won ? 'won' : 'lost') : 'needs_response';
      if (at > now) expect(told.disputes.get(disputeId(key))).toBeUndefined();
      else expect(told.disputes.get(disputeId(key)), key).toMatchObject({ status, created: at / 1000 });
    }
  }
  expect(told.invoices.size).toBe(seen);
  expect(told.charges.size).toBe(attempts);
  return seen;
}

function expectCustomers({ world }: Running, told: Told): void {
  const now = world.now();
  let seen = 0;
  for (const account of world.accounts())
    for (const payer of account.payers) {
      const row = told.customers.get(customerId(payer.key));
      if (payer.createdAt > now || (payer.deletedAt ?? now + 1) <= now) {
        expect(row, payer.key).toBeUndefined();
        continue;
      }
      seen += 1;
      const metadata = payer.externalKey === null ? {} : { external_key: payer.externalKey };
      const { name, email } = payer;
      expect(row, payer.key).toMatchObject({ name, email, created: payer.createdAt / 1000 });
      expect(row?.metadata).toEqual(metadata);
    }
  expect(told.customers.size).toBe(seen);
}

test.each([7, 20261125])(
  'what the API tells is what the world knows, to the minor unit and the second (seed %i)',
  async (seed) => {
    const { makeWorld } = await import('../../../src/sandbox/world.ts');
    const world = makeWorld({ seed, customers: 130, now: Date.parse('2026-11-25T08:00:00Z') });
    const running = await start({ world });
    for (const step of [0, DAY, 25 * DAY]) {
      world.advance(step);
      const told = await read(running);
      expect(await expectRevenue(running, told)).toBeGreaterThan(100);
      expect(expectInvoices(running, told)).toBeGreaterThan(500);
      expectCustomers(running, told);
    }
  },
);

test('after time went on, the server equals one that was loaded later, events included', async () => {
  const { makeWorld } = await import('../../../src/sandbox/world.ts');
  const world = () => makeWorld({ seed: 7, customers: 60, now: Date.parse('2026-11-25T08:00:00Z') });
  const [early, late] = [world(), world()];
  const first = await start({ world: early });
  early.advance(12 * DAY);
  late.advance(12 * DAY);
  const second = await start({ world: late });
  for (const object of ['customer', 'subscription', 'invoice', 'invoice_payment', 'charge', 'dispute'])
    expect([object, first.sandbox.rows(object)]).toEqual([object, second.sandbox.rows(object)]);
  expect(await first.all('events')).toEqual(await second.all('events'));
});
