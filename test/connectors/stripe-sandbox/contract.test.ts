import { expect, test } from 'vitest';
import { hasStripeContract, judgeStripe } from '../../contract/stripe.ts';
import { DAY, start } from './support.ts';

const LISTS = [
  'customers?expand[]=data.subscriptions',
  'subscriptions?status=all&expand[]=data.discounts.source.coupon&expand[]=data.customer&expand[]=data.latest_invoice.payments',
  'subscriptions?expand[]=data.items.data.discounts&expand[]=data.items.data.price.product',
  'invoices?expand[]=data.payments&expand[]=data.customer&expand[]=data.parent.subscription_details.subscription',
  'invoice_payments?expand[]=data.invoice',
  'charges?expand[]=data.customer',
  'disputes?expand[]=data.charge',
  'events',
  'prices?expand[]=data.product',
  'products',
  'coupons',
];

// Skipped only where ../shared/contracts is not at hand.
test.skipIf(!hasStripeContract)('every object, envelope, path and parameter is as the contract has it', async () => {
  const judge = judgeStripe();
  const { world, call, all } = await start({ customers: 120, onExchange: judge.onExchange });
  for (const step of [0, 9 * DAY]) {
    world.advance(step);
    for (const path of LISTS) {
      const found = await all(path);
      expect(found.length, path).toBeGreaterThan(0);
      const [first] = found;
      const name = path.split('?')[0];
      expect((await call(`${name}/${first?.id}`)).status, path).toBe(200);
    }
    const many = (await all('subscriptions?status=all')).find((s) => (s.items as { has_more: boolean }).has_more);
    await all(`subscription_items?subscription=${many?.id}`);
    const [invoice] = await all('invoices');
    await all(`invoices/${invoice?.id}/lines`);
    await call(`customers/search?query=${encodeURIComponent("metadata['external_key']:'nobody'")}`);
  }
  const verdict = judge.verdict();
  console.info(
    `stripe contract: ${JSON.stringify({ ...verdict, problems: verdict.problems.length, paths: verdict.paths.length })}`,
  );
  expect(verdict.problems).toEqual([]);
  expect(verdict.valid).toBe(verdict.answers);
  expect(verdict.objects).toBeGreaterThan(5_000);
});

test.skipIf(!hasStripeContract)('every refusal has the shape of the contract', async () => {
  const judge = judgeStripe();
  const { sandbox, call } = await start({ customers: 4, onExchange: judge.onExchange });
  const faults = ['429', '503-before', 'lock_timeout', 'stripe-should-retry', 'conflict'];
  for (const name of faults) {
    sandbox.faults.add({ name });
    expect((await call('customers')).status, name).toBeGreaterThanOrEqual(400);
  }
  for (const path of ['customers/cus_none', 'invoices?starting_after=in_none', 'customers?expand[]=data.nothing'])
    expect((await call(path)).status, path).toBeGreaterThanOrEqual(400);
  const verdict = judge.verdict();
  expect(verdict.errors).toBe(faults.length + 3);
  expect(verdict.problems).toEqual([]);
});

test.skipIf(!hasStripeContract)('the judge sees a wrong request and a wrong answer', async () => {
  const judge = judgeStripe();
  const { call, all } = await start({ customers: 4, onExchange: judge.onExchange });
  await call('customers?limit=ten', { 'stripe-version': '2020-08-27' });
  await call('subscriptions?status=gone&colour=red');
  await call('customers/search?limit=1');
  await call('nonsense');
  const told = judge.verdict().problems.join('\n');
  for (const problem of [
    'Stripe-Version is 2020-08-27',
    'parameter limit: /value must be integer',
    'parameter status: /value must be equal to one of the allowed values',
    'query parameter colour is unknown',
    'parameter query is missing',
    'nonsense is not in the contract',
  ])
    expect(told).toContain(problem);
  const [subscription] = await all('subscriptions');
  expect(judge.object(subscription ?? {})).toEqual([]);
  expect(judge.object({ ...subscription, current_period_end: 1 }).join()).toMatch(
    /additional properties \(current_period_end\)/,
  );
  expect(judge.object({ ...subscription, status: null }).join()).toMatch(/status must be string/);
  expect(judge.object({ ...subscription, customer: { object: 'customer', id: 'cus_1' } }).join()).toMatch(
    /Customer .*required/,
  );
});
