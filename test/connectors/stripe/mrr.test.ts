import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Charged, revenueOf } from '../../../connectors/stripe/mrr.ts';
import { Coupon, Price } from '../../../connectors/stripe/wire.ts';
import { type PriceOptions, price } from './support.ts';

const charged = (quantity: number, options: PriceOptions = {}, coupons: unknown[] = []): Charged => ({
  price: Price.parse(price(options)),
  quantity,
  coupons: coupons.map((c) => Coupon.parse(c)),
});
const coupon = (rest: Record<string, unknown>) => ({ id: 'c', duration: 'forever', ...rest });
const revenue = (items: Charged[], coupons: unknown[] = [], currency = 'GBP') => {
  const all = coupons.map((c) => Coupon.parse(c));
  const result = revenueOf(items, all, currency);
  return result && [result.mrr.minor, result.arr.minor];
};

describe('every interval', () => {
  it.each([
    ['month', 1, 1000, 12_000],
    ['month', 3, 333, 4000], // 333.33
    ['month', 6, 167, 2000], // 166.67
    ['year', 1, 83, 1000], // 83.33
    ['year', 3, 28, 333],
    ['week', 1, 4333, 52_000],
    ['week', 2, 2167, 26_000],
    ['day', 1, 30_417, 365_000],
    ['day', 30, 1014, 12_167],
  ])('%s × %i', (interval, count, mrr, arr) => {
    expect(revenue([charged(1, { interval, count })])).toEqual([mrr, arr]);
  });

  it('is rounded once, at the end: seven thirds of a penny, three times', () => {
    const third = charged(1, { unit: '2.333333333333', interval: 'month' });
    expect(revenue([third, third, third])).toEqual([7, 84]);
    expect(revenue([charged(3, { interval: 'month', count: 12, unit: 2 })])).toEqual([1, 6]); // half a penny a month
  });

  it('does not lose a penny of a price with twelve decimals', () => {
    expect(revenue([charged(1200, { unit: '83.333333333333', interval: 'month' })])).toEqual([100_000, 1_200_000]);
  });
});

describe('what counts', () => {
  it('adds items of different intervals, and leaves out metered use and one-off prices', () => {
    const items = [
      charged(10, { unit: 500 }),
      charged(1, { unit: 12_000, interval: 'year' }),
      charged(1, { usage: 'metered', unit: 9 }),
      charged(1, { unit: 7777, recurring: null }),
    ];
    expect(revenue(items)).toEqual([6000, 72_000]);
  });

  it('reads packs of units', () => {
    expect(revenue([charged(11, { unit: 100, transform_quantity: { divide_by: 5, round: 'up' } })])).toEqual([
      300, 3600,
    ]);
    expect(revenue([charged(11, { unit: 100, transform_quantity: { divide_by: 5, round: 'down' } })])).toEqual([
      200, 2400,
    ]);
  });

  const tiers = [
    { up_to: 10, unit_amount: 100, flat_amount: 50 },
    { up_to: null, unit_amount_decimal: '80.5', flat_amount: null },
  ];
  it('reads tiers: all at the price reached, or each at its own', () => {
    const tiered = { unit: null, billing_scheme: 'tiered', tiers };
    expect(revenue([charged(20, { ...tiered, tiers_mode: 'volume' })])).toEqual([1610, 19_320]);
    expect(revenue([charged(20, { ...tiered, tiers_mode: 'graduated' })])).toEqual([1855, 22_260]);
    expect(revenue([charged(4, { ...tiered, tiers_mode: 'graduated' })])).toEqual([450, 5400]);
  });

  it('is unknown where a price or a coupon is, never zero', () => {
    expect(revenue([charged(1, { unit: null })])).toBeNull();
    expect(revenue([charged(1, { unit: null, billing_scheme: 'tiered', tiers_mode: 'volume' })])).toBeNull();
    expect(revenueOf([charged(1)], null, 'GBP')).toBeNull();
    expect(revenueOf([{ ...charged(1), coupons: null }], [], 'GBP')).toBeNull();
  });

  it('brings amounts into the smallest unit of the currency', () => {
    expect(revenueOf([charged(1, { unit: 5000 })], [], 'JPY')?.mrr).toEqual({ minor: 5000, currency: 'JPY' });
    expect(revenueOf([charged(1, { unit: 5000 })], [], 'KWD')?.mrr).toEqual({ minor: 5000, currency: 'KWD' });
    expect(revenueOf([charged(1, { unit: 500 })], [], 'ISK')?.mrr).toEqual({ minor: 5, currency: 'ISK' });
  });
});

describe('coupons', () => {
  it('take off a share, or an amount of every charge', () => {
    const yearly = [charged(1, { unit: 120_000, interval: 'year' })];
    expect(revenue(yearly, [coupon({ percent_off: 12.5 })])).toEqual([8750, 105_000]);
    expect(revenue(yearly, [coupon({ amount_off: 12_000, currency: 'gbp' })])).toEqual([9000, 108_000]);
    expect(revenue(yearly, [coupon({ percent_off: 100 })])).toEqual([0, 0]);
    expect(revenue(yearly, [coupon({ amount_off: 999_999, currency: 'gbp' })])).toEqual([0, 0]);
  });

  it('of another currency take off nothing, unless they name this one', () => {
    const monthly = [charged(1)];
    expect(revenue(monthly, [coupon({ amount_off: 100, currency: 'usd' })])).toEqual([1000, 12_000]);
    const both = coupon({ amount_off: 100, currency: 'usd', currency_options: { gbp: { amount_off: 80 } } });
    expect(revenue(monthly, [both])).toEqual([920, 11_040]);
  });

  it('come off one after the other, an item’s own first', () => {
    const items = [
      charged(1, { unit: 10_000 }, [coupon({ percent_off: 50 })]),
      charged(1, { unit: 2000, id: 'price_2' }, [coupon({ amount_off: 500, currency: 'gbp' })]),
    ];
    const whole = [coupon({ percent_off: 10 }), coupon({ amount_off: 850, currency: 'gbp' })];
    expect(revenue(items, whole)).toEqual([5000, 60_000]); // (5000 + 1500) × 0.9 − 850
  });

  it('may be for some products only', () => {
    const items = [charged(1, { unit: 1000 }), charged(1, { unit: 4000, product: 'prod_2' })];
    const some = coupon({ percent_off: 50, applies_to: { products: ['prod_2'] } });
    expect(revenue(items, [some])).toEqual([3000, 36_000]);
    expect(
      revenue(items, [coupon({ amount_off: 9999, currency: 'gbp', applies_to: { products: ['prod_2'] } })]),
    ).toEqual([1000, 12_000]);
  });
});

const arbitraryItem = fc.record({
  unit: fc.integer({ min: 0, max: 1_000_000 }),
  places: fc.integer({ min: 0, max: 10 ** 12 - 1 }),
  quantity: fc.integer({ min: 0, max: 5000 }),
  interval: fc.constantFrom('day', 'week', 'month', 'year'),
  count: fc.integer({ min: 1, max: 24 }),
  percent: fc.option(fc.integer({ min: 0, max: 10_000 })),
});
type Arbitrary = typeof arbitraryItem extends fc.Arbitrary<infer T> ? T : never;
const build = (a: Arbitrary): Charged =>
  charged(
    a.quantity,
    { unit: `${a.unit}.${String(a.places).padStart(12, '0')}`, interval: a.interval, count: a.count },
    a.percent === null ? [] : [coupon({ percent_off: a.percent / 100 })],
  );

describe('whatever the subscription', () => {
  const PER_YEAR: Record<string, bigint> = { day: 365n, week: 52n, month: 12n, year: 1n };

  it('equals the sum of its items over a common denominator', () => {
    fc.assert(
      fc.property(fc.array(arbitraryItem, { maxLength: 15 }), (all) => {
        // Every denominator that can occur divides this one: 24! would do, the product of all counts is simpler.
        const counts = all.reduce((product, a) => product * BigInt(a.count), 1n);
        const denominator = counts * 10n ** 12n * 10n ** 4n;
        const yearly = all.reduce((total, a) => {
          const unit = BigInt(a.unit) * 10n ** 12n + BigInt(a.places);
          const kept = 10_000n - BigInt(a.percent ?? 0);
          return total + (unit * BigInt(a.quantity) * (PER_YEAR[a.interval] ?? 0n) * kept * counts) / BigInt(a.count);
        }, 0n);
        const nearest = (n: bigint, d: bigint): number => Number((2n * n + d) / (2n * d));
        expect(revenue(all.map(build))).toEqual([nearest(yearly, denominator * 12n), nearest(yearly, denominator)]);
      }),
    );
  });

  it('does not depend on the order of items, and a coupon never makes it dearer or negative', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryItem, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (all, percent, amount) => {
          const items = all.map(build);
          const off = [coupon({ percent_off: percent }), coupon({ amount_off: amount, currency: 'gbp' })];
          const full = revenue(items) ?? [-1, -1];
          const less = revenue(items, off) ?? [-1, -1];
          expect(revenue(items.toReversed(), off)).toEqual(less);
          expect(less[0]).toBeGreaterThanOrEqual(0);
          expect(less[0]).toBeLessThanOrEqual(full[0] ?? 0);
          expect(Math.abs((less[1] ?? 0) - 12 * (less[0] ?? 0))).toBeLessThanOrEqual(6);
        },
      ),
    );
  });
});
