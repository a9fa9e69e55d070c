import type { WorldDiscount, WorldSubscription, WorldSubscriptionItem } from '../../../src/sandbox/world.types.ts';
import { type Json, seconds, secondsOrNull, type View } from './book.ts';
import { customerId, discountId, idOf, itemId, priceId, productId, subscriptionId } from './ids.ts';

export const METER = idOf('mtr', 'use beyond the plan');
/** When the catalogue was set up: 1 January 2020. */
export const CATALOGUE_SINCE = 1_577_836_800;

interface Sold {
  subscription: WorldSubscription;
  item: WorldSubscriptionItem;
  /** Seconds. */
  created: number;
}

/** Sub-unit prices have no whole `unit_amount`. */
const wholeAmount = (unit: string): number | null => (/^\d+$/.test(unit) ? Number(unit) : null);

export function showPrice(view: View, { subscription, item, created }: Sold): Json {
  return {
    id: priceId(item.key, item.unit),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created,
    currency: view.account.currency,
    custom_unit_amount: null,
    livemode: view.livemode,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: productId(item.product),
    recurring: {
      interval: subscription.interval,
      interval_count: subscription.intervalCount,
      meter: item.quantity === null ? METER : null,
      trial_period_days: null,
      usage_type: item.quantity === null ? 'metered' : 'licensed',
    },
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'recurring',
    unit_amount: wholeAmount(item.unit),
    unit_amount_decimal: item.unit,
  };
}

/** The same price in the older words of a plan. */
export function showPlan(view: View, sold: Sold): Json {
  const { id, active, billing_scheme, created, currency, livemode, nickname, product } = showPrice(view, sold);
  const { subscription, item } = sold;
  return {
    id,
    object: 'plan',
    active,
    amount: wholeAmount(item.unit),
    amount_decimal: item.unit,
    billing_scheme,
    created,
    currency,
    interval: subscription.interval,
    interval_count: subscription.intervalCount,
    livemode,
    metadata: {},
    meter: item.quantity === null ? METER : null,
    nickname,
    product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: item.quantity === null ? 'metered' : 'licensed',
  };
}

export function showProduct(name: string, livemode: boolean): Json {
  return {
    id: productId(name),
    object: 'product',
    active: true,
    created: CATALOGUE_SINCE,
    default_price: null,
    description: null,
    images: [],
    livemode,
    marketing_features: [],
    metadata: {},
    name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: name === 'Seats' ? 'seat' : null,
    updated: CATALOGUE_SINCE,
    url: null,
  };
}

/** One coupon for every way a percentage is given; amounts are agreed one by one. */
export function couponId({ key, percent, duration, months }: WorldDiscount): string {
  if (percent === null) return `OFF-${discountId(key).slice(4, 12)}`;
  return `PCT${percent}-${duration === 'repeating' ? `${months}M` : duration.toUpperCase()}`;
}

export function showCoupon(discount: WorldDiscount, currency: string, livemode: boolean): Json {
  const { percent, amount, duration, months } = discount;
  return {
    id: couponId(discount),
    object: 'coupon',
    amount_off: amount,
    created: CATALOGUE_SINCE,
    currency: amount === null ? null : currency,
    duration,
    duration_in_months: months,
    livemode,
    max_redemptions: null,
    metadata: {},
    name: percent === null ? 'Agreed discount' : `${percent} % off`,
    percent_off: percent,
    redeem_by: null,
    times_redeemed: 1,
    valid: true,
  };
}

export function showDiscount(subscription: WorldSubscription, discount: WorldDiscount): Json {
  const first = subscription.terms.find((t) => t.value.discount?.key === discount.key)?.value.items[0];
  return {
    id: discountId(discount.key),
    object: 'discount',
    checkout_session: null,
    customer: customerId(subscription.payerKey),
    customer_account: null,
    // A discount for one invoice ends with that invoice: no date is told.
    end: discount.duration === 'once' ? null : secondsOrNull(discount.until),
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon: couponId(discount), type: 'coupon' },
    start: seconds(discount.from),
    subscription: discount.on === 'payer' ? null : subscriptionId(subscription.key),
    subscription_item: discount.on === 'item' && first ? itemId(first.key) : null,
  };
}
