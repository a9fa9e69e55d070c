import { expect, test } from 'vitest';
import { valueAt } from '../../src/sandbox/asof.ts';
import type { SubscriptionTerms, WorldAccount, WorldSubscription } from '../../src/sandbox/world.types.ts';
import { DAY, NOW, told, worldOf } from './world-support.ts';

const world = worldOf({ customers: 600 });
const accounts = [...world.accounts()];
const earning = new Set(['active', 'past_due']);

/** Minor units a year by arithmetic of its own: whole numbers of 10⁻¹² until the end. */
function yearly({ items, discount }: SubscriptionTerms, { interval, intervalCount }: WorldSubscription): number {
  const fine = (text: string): bigint => {
    const [whole = '0', part = ''] = text.split('.');
    return BigInt(whole + part.padEnd(12, '0'));
  };
  const percent = discount === null || discount.duration === 'once' ? 0n : BigInt(discount.percent ?? 0);
  const off = discount === null || discount.duration === 'once' ? 0n : BigInt(discount.amount ?? 0) * 10n ** 12n;
  let sum = 0n;
  for (const [n, item] of items.entries()) {
    if (item.quantity === null) continue;
    const cost = fine(item.unit) * BigInt(item.quantity);
    sum += discount?.on === 'item' && n > 0 ? cost * 100n : cost * (100n - percent);
  }
  const times = { week: 52, month: 12, year: 1 }[interval];
  return ((Number(sum) / 100 - Number(off)) * times) / intervalCount / 1e12;
}

const moments = (a: WorldAccount): number[] => [
  ...a.arr.map((e) => e.at),
  ...a.subscriptions.flatMap((s) => [s.createdAt, ...s.terms.map((t) => t.at), ...s.status.map((t) => t.at)]),
  NOW,
  NOW + 45 * DAY,
];

test('what the subscriptions cost a year is the ARR of the account, at every instant, to the minor unit', () => {
  let checked = 0;
  for (const a of accounts) {
    for (const t of moments(a)) {
      if (t < a.createdAt) continue;
      let sum = 0;
      for (const s of a.subscriptions) {
        const terms = valueAt(s.terms, t);
        if (!terms || !earning.has(valueAt(s.status, t) ?? '')) continue;
        expect(yearly(terms, s), s.key).toBeCloseTo(terms.arr, 2);
        sum += terms.arr;
      }
      expect(sum, `${a.key} at ${new Date(t).toISOString()}`).toBe(valueAt(a.arr, t));
      checked++;
    }
  }
  expect(checked).toBeGreaterThan(3000);
});

test('seats are sold as they are counted', () => {
  for (const a of accounts.slice(0, 600)) {
    if (a.dirt.includes('zero seats') || a.subscriptions.length === 0 || (a.churnedAt ?? NOW + 1) <= NOW) continue;
    const seats = a.subscriptions.map((s) => valueAt(s.terms, NOW)?.items[0]?.quantity ?? 0);
    const whole = valueAt(a.seats, NOW) ?? 0;
    expect(
      seats.reduce((x, y) => x + y, 0),
      a.key,
    ).toBe(Math.max(whole, seats.length));
  }
});

test('life has every form of subscription', () => {
  const all = accounts.flatMap((a) => a.subscriptions);
  const terms = all.flatMap((s) => s.terms.map((t) => t.value));
  const discounts = terms.flatMap((t) => t.discount ?? []);
  const kinds = (values: (string | number)[]): string[] => [...new Set(values.map(String))].sort();
  expect(kinds(all.map((s) => s.interval + s.intervalCount))).toEqual(['month1', 'month3', 'week1', 'year1']);
  expect(kinds(all.map((s) => valueAt(s.status, NOW) ?? 'later'))).toEqual(
    expect.arrayContaining(['active', 'canceled', 'past_due', 'paused', 'incomplete_expired']),
  );
  expect(kinds(discounts.map((d) => d.duration))).toEqual(['forever', 'once', 'repeating']);
  expect(kinds(discounts.map((d) => d.on))).toEqual(['item', 'payer', 'subscription']);
  expect(discounts.some((d) => d.amount !== null) && discounts.some((d) => d.percent === 100)).toBe(true);
  expect(terms.some((t) => t.items.length > 10)).toBe(true);
  expect(terms.some((t) => t.items.some((i) => i.quantity === null))).toBe(true);
  expect(terms.some((t) => t.items.some((i) => /\.\d{12}$/.test(i.unit)))).toBe(true);
  expect(all.some((s) => s.trialEndsAt !== null && s.terms.length > 1)).toBe(true);
  expect(accounts.some((a) => a.subscriptions.length > 1 && a.payers.length === 1)).toBe(true);
  expect(accounts.some((a) => a.subscriptions.length > 1 && a.payers.length > 1)).toBe(true);
  expect(accounts.some((a) => a.payers.some((p) => p.deletedAt !== null && p.deletedAt < NOW))).toBe(true);
  const now = accounts.flatMap((a) => a.payers);
  const keyed = now.filter((p) => p.externalKey !== null).length;
  expect(keyed / now.length).toBeGreaterThan(0.7);
  expect(now.some((p) => p.externalKey === null && p.email?.endsWith('.example'))).toBe(true);
  expect(now.some((p) => p.email === null) && now.some((p) => p.email?.endsWith('@gmail.com'))).toBe(true);
  expect(accounts.some((a) => a.currency === 'JPY' && a.subscriptions.length > 0)).toBe(true);
  expect(all.some((s) => s.disputes.length > 0)).toBe(true);
});

test('an end is announced before it comes, and some are withdrawn', () => {
  const ends = accounts.flatMap((a) => a.subscriptions.flatMap((s) => s.cancellations.map((c) => ({ s, c }))));
  for (const { s, c } of ends) {
    expect(c.at, s.key).toBeLessThanOrEqual(c.endsAt);
    if (c.withdrawnAt === null) expect(s.endedAt, s.key).toBe(c.endsAt);
    else expect(c.withdrawnAt > c.at && c.withdrawnAt < c.endsAt, s.key).toBe(true);
  }
  expect(ends.filter(({ c }) => c.withdrawnAt !== null).length).toBeGreaterThan(5);
  expect(ends.filter(({ c }) => c.withdrawnAt === null && c.endsAt - c.at > 3 * DAY).length).toBeGreaterThan(50);
  expect(ends.filter(({ c }) => c.at <= NOW && c.endsAt > NOW && c.withdrawnAt === null).length).toBeGreaterThan(0);
});

test('timelines go forward in whole seconds; keys are unique; every invoice has one subscription', () => {
  const keys: string[] = [];
  for (const a of accounts) {
    const payers = new Set(a.payers.map((p) => p.key));
    keys.push(...payers);
    for (const s of a.subscriptions) {
      keys.push(s.key, ...s.disputes.map((d) => d.key));
      expect(payers.has(s.payerKey), s.key).toBe(true);
      expect(s.terms[0]?.at).toBe(s.createdAt);
      expect(s.status[0]?.at).toBe(s.createdAt);
      for (const line of [s.terms, s.status])
        for (const [n, e] of line.entries()) {
          expect(e.at % 1000, s.key).toBe(0);
          if (n > 0) expect(e.at, s.key).toBeGreaterThan(line[n - 1]?.at ?? 0);
        }
      for (const t of s.terms) for (const i of t.value.items) expect(i.unit, s.key).toMatch(/^\d+(\.\d{1,12})?$/);
    }
    for (const p of a.payers) expect(p.createdAt >= a.createdAt && p.createdAt % 1000 === 0, p.key).toBe(true);
    expect(a.subscriptions.flatMap((s) => s.invoiceKeys)).toEqual(a.invoices.map((i) => i.key));
  }
  expect(new Set(keys).size).toBe(keys.length);
});

test('the same seed bills the same, in any order of asking, whatever was asked before', () => {
  const again = worldOf({ customers: 600 });
  again.advance(20 * DAY);
  for (const i of [700, 3, 599]) {
    const a = accounts[i] as WorldAccount;
    const b = again.account(i);
    expect(JSON.stringify([b.subscriptions, b.payers])).toBe(JSON.stringify([a.subscriptions, a.payers]));
    expect(told(b)).toBe(told(a));
  }
});
