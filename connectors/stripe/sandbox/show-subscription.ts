import { valueAt } from '../../../src/sandbox/asof.ts';
import { DAY, dayOf } from '../../../src/sandbox/world/time.ts';
import type { SubscriptionTerms, WorldSubscription } from '../../../src/sandbox/world.types.ts';
import { type Json, seconds, secondsOrNull, type View } from './book.ts';
import { customerId, discountId, invoiceId, itemId, subscriptionId } from './ids.ts';
import { periodAt } from './periods.ts';
import { showPlan, showPrice } from './show-price.ts';

/** Items that a subscription tells of itself; more must be listed. */
const INLINE_ITEMS = 10;

export const termsAt = (subscription: WorldSubscription, at: number): SubscriptionTerms => {
  const terms = valueAt(subscription.terms, at) ?? subscription.terms[0]?.value;
  if (!terms) throw new Error(`${subscription.key} is never sold`);
  return terms;
};
/** Since when an item has had its price, and when it was first sold, in ms. */
function soldSince({ terms }: WorldSubscription, key: string, unit: string): { priced: number; sold: number } {
  const has = (t: (typeof terms)[number], price: boolean) =>
    t.value.items.some((i) => i.key === key && (!price || i.unit === unit));
  const first = terms[0]?.at ?? 0;
  return { priced: terms.find((t) => has(t, true))?.at ?? first, sold: terms.find((t) => has(t, false))?.at ?? first };
}

export function showItems(view: View, subscription: WorldSubscription): Json[] {
  const { items, discount } = termsAt(subscription, view.at);
  const period = periodAt(subscription, view.at);
  return items.map((item, n) => {
    const since = soldSince(subscription, item.key, item.unit);
    const sold = { subscription, item, created: seconds(since.priced) };
    return {
      id: itemId(item.key),
      object: 'subscription_item',
      billing_thresholds: null,
      created: seconds(since.sold),
      current_period_end: seconds(period.end),
      current_period_start: seconds(period.start),
      current_trial: null,
      discounts: discount?.on === 'item' && n === 0 ? [discountId(discount.key)] : [],
      metadata: {},
      plan: showPlan(view, sold),
      price: showPrice(view, sold),
      ...(item.quantity === null ? {} : { quantity: item.quantity }),
      subscription: subscriptionId(subscription.key),
      tax_rates: [],
    };
  });
}

export function showSubscription(view: View, subscription: WorldSubscription): Json {
  const { at, account, livemode } = view;
  const id = subscriptionId(subscription.key);
  const { createdAt, trialEndsAt, collection } = subscription;
  const { discount } = termsAt(subscription, at);
  const status = valueAt(subscription.status, at) ?? 'incomplete';
  const items = showItems(view, subscription);
  const invoices = new Set(subscription.invoiceKeys);
  const latest = account.invoices.findLast((i) => invoices.has(i.key) && i.issuedAt <= at);
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: seconds(subscription.anchorAt),
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    ...cancellation(subscription, at),
    collection_method: collection === 'automatic' ? 'charge_automatically' : 'send_invoice',
    created: seconds(createdAt),
    currency: account.currency,
    customer: customerId(subscription.payerKey),
    customer_account: null,
    days_until_due: collection === 'automatic' ? null : daysUntilDue(account.invoices[0]),
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: discount?.on === 'subscription' ? [discountId(discount.key)] : [],
    ended_at: subscription.endedAt !== null && subscription.endedAt <= at ? seconds(subscription.endedAt) : null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: {
      object: 'list',
      data: items.slice(0, INLINE_ITEMS),
      has_more: items.length > INLINE_ITEMS,
      url: `/v1/subscription_items?subscription=${id}`,
    },
    latest_invoice: latest ? invoiceId(latest.key) : null,
    livemode,
    managed_payments: null,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: seconds(createdAt),
    status,
    test_clock: null,
    transfer_data: null,
    trial_end: secondsOrNull(trialEndsAt),
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: trialEndsAt === null ? 'create_invoice' : 'pause',
      },
    },
    trial_start: trialEndsAt === null ? null : seconds(createdAt),
  };
}

const daysUntilDue = (invoice: View['account']['invoices'][number] | undefined): number =>
  invoice ? Math.round((invoice.dueAt - dayOf(invoice.issuedAt)) / DAY) : 30;

/** At the end of the current period, at a date of its own, or at once. */
function cancellation(subscription: WorldSubscription, at: number): Json {
  const { endedAt } = subscription;
  const held = subscription.cancellations.findLast((c) => c.at <= at && (c.withdrawnAt ?? at + 1) > at);
  const details = { comment: null, feedback: held?.feedback ?? null, feedback_option: null };
  if (!held) {
    const ended = endedAt !== null && endedAt <= at;
    return {
      cancel_at: null,
      cancel_at_period_end: false,
      canceled_at: ended ? seconds(endedAt) : null,
      cancellation_details: { ...details, reason: null },
    };
  }
  const announced = held.at < held.endsAt;
  return {
    cancel_at: announced ? seconds(held.endsAt) : null,
    cancel_at_period_end: announced && periodAt(subscription, held.at).end === held.endsAt,
    canceled_at: seconds(held.at),
    cancellation_details: {
      ...details,
      reason: held.reason === 'requested' ? 'cancellation_requested' : 'payment_failed',
    },
  };
}
