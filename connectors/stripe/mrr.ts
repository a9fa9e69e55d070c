import type { Money } from '../../src/core/fact.ts';
import { decimal, type Fraction, minus, over, plus, smaller, sum, times, whole, ZERO } from './fraction.ts';
import { toMoney } from './money.ts';
import type { Coupon, Price, Tier } from './wire.ts';

/** One item of a subscription, with what is off its own price. */
export interface Charged {
  price: Price;
  quantity: number;
  /** Recurring coupons in force; null = one of them is not known. */
  coupons: Coupon[] | null;
}

export interface Revenue {
  mrr: Money;
  arr: Money;
}

/** A year has 12 months, 52 weeks and 365 days. */
const PER_YEAR = { year: 1, month: 12, week: 52, day: 365 } as const;

/** How often a price is charged in a month. */
const perMonth = ({ interval, interval_count }: NonNullable<Price['recurring']>): Fraction =>
  whole(PER_YEAR[interval], 12 * interval_count);

/** Metered use and one-off prices are no part of what recurs. */
export const isLicensed = (price: Price): boolean => price.recurring?.usage_type === 'licensed';

/**
 * What a subscription brings in a month and a year, exact until it is rounded once. Items' own coupons come off first, then the
 * subscription's, each from what the ones before it left. null = a price or coupon is not known.
 */
export function revenueOf(items: readonly Charged[], coupons: Coupon[] | null, currency: string): Revenue | null {
  const licensed = items.filter((item) => isLicensed(item.price));
  if (coupons === null && licensed.length > 0) return null;
  let amounts: Fraction[] = [];
  for (const item of licensed) {
    const amount = monthly(item, currency);
    if (amount === null) return null;
    amounts.push(amount);
  }
  const prices = licensed.map((item) => item.price);
  for (const coupon of coupons ?? []) amounts = discounted(amounts, prices, coupon, currency);
  const total = sum(amounts);
  return { mrr: toMoney(total, currency), arr: toMoney(times(total, whole(12)), currency) };
}

function monthly({ price, quantity, coupons }: Charged, currency: string): Fraction | null {
  const { recurring } = price;
  const charge = chargeOf(price, quantity);
  if (!recurring || charge === null || coupons === null) return null;
  let amounts = [times(charge, perMonth(recurring))];
  for (const coupon of coupons) amounts = discounted(amounts, [price], coupon, currency);
  return amounts[0] ?? null;
}

/** One coupon off the amounts of items: a percentage of each, or one amount a charge, shared among them. */
function discounted(amounts: Fraction[], prices: Price[], coupon: Coupon, currency: string): Fraction[] {
  const products = coupon.applies_to?.products;
  const fits = prices.map((price) => products === undefined || products.includes(price.product));
  const base = sum(amounts.filter((_, i) => fits[i]));
  if (base.n <= 0n) return amounts;
  const kept = over(
    minus(
      base,
      smaller(
        base,
        off(
          base,
          prices.filter((_, i) => fits[i]),
          coupon,
          currency,
        ),
      ),
    ),
    base,
  );
  return amounts.map((amount, i) => (fits[i] ? times(amount, kept) : amount));
}

/** A month's worth of a coupon. An amount comes off every charge, of which there are as many as the shortest interval makes. */
function off(base: Fraction, prices: Price[], coupon: Coupon, currency: string): Fraction {
  if (typeof coupon.percent_off === 'number') return times(base, over(decimal(coupon.percent_off), whole(100)));
  const amount =
    coupon.currency === currency ? coupon.amount_off : coupon.currency_options?.[currency.toLowerCase()]?.amount_off;
  if (typeof amount !== 'number') return ZERO;
  const often = prices.flatMap((price) => (price.recurring ? [perMonth(price.recurring)] : []));
  return times(
    whole(amount),
    often.reduce((a, b) => (smaller(a, b) === a ? b : a), ZERO),
  );
}

/** What one interval of an item costs; null = the price does not say. */
function chargeOf(price: Price, quantity: number): Fraction | null {
  if (price.billing_scheme === 'tiered') return tieredCharge(price, quantity);
  const unit = amountOf(price.unit_amount_decimal, price.unit_amount);
  return unit && times(unit, packs(price, quantity));
}

const amountOf = (text: string | null | undefined, minor: number | null | undefined): Fraction | null =>
  typeof text === 'string' ? decimal(text) : typeof minor === 'number' ? decimal(minor) : null;

function packs({ transform_quantity }: Price, quantity: number): Fraction {
  if (!transform_quantity) return decimal(quantity);
  const { divide_by, round } = transform_quantity;
  return whole(round === 'up' ? Math.ceil(quantity / divide_by) : Math.floor(quantity / divide_by));
}

/** volume: all units at the price of the tier that the quantity reaches; graduated: each tier's units at its own price. */
function tieredCharge({ tiers, tiers_mode }: Price, quantity: number): Fraction | null {
  if (!tiers || !tiers_mode) return null;
  const cost = ({ unit_amount, unit_amount_decimal, flat_amount, flat_amount_decimal }: Tier, units: number) =>
    plus(
      times(amountOf(unit_amount_decimal, unit_amount) ?? ZERO, decimal(units)),
      amountOf(flat_amount_decimal, flat_amount) ?? ZERO,
    );
  if (tiers_mode === 'volume') {
    const tier = tiers.find(({ up_to }) => up_to === null || quantity <= up_to);
    return tier ? cost(tier, quantity) : null;
  }
  let total = ZERO;
  let from = 0;
  for (const tier of tiers) {
    const to = Math.min(tier.up_to ?? quantity, quantity);
    // The first tier's flat fee is due even for nothing.
    if (to > from || from === 0) total = plus(total, cost(tier, to - from));
    from = Math.max(from, to);
    if (from >= quantity) return total;
  }
  return null;
}
