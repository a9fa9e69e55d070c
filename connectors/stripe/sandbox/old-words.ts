import { type Json, nth, type View } from './book.ts';
import { chargeId, intentId, invoiceId } from './ids.ts';
import type { Source } from './show.ts';
import { invoiceState, subscriptionOf } from './show-invoice.ts';
import { showCoupon, showDiscount } from './show-price.ts';
import { termsAt } from './show-subscription.ts';

/**
 * An object in the words of version 2024-06-20: periods, plan and quantity on the subscription itself, the subscription on the
 * invoice, the invoice on the charge. Whoever reads events as if they were today's objects finds nothing.
 */
export function inOldWords(view: View, source: Source, pos: number, object: Json): Json {
  if (source === 'subscription') return oldSubscription(view, pos, object);
  if (source === 'invoice') return oldInvoice(view, pos, object);
  if (source === 'charge') {
    const invoice = nth(view.account.invoices, Math.floor(pos / 100), 'invoice');
    return { ...object, invoice: invoiceId(invoice.key) };
  }
  return object;
}

function oldSubscription(view: View, pos: number, object: Json): Json {
  const {
    billing_mode: _mode,
    billing_schedules: _schedules,
    managed_payments: _managed,
    customer_account: _account,
    ...rest
  } = object;
  const list = object.items as { data: Json[] };
  const items = list.data.map(
    ({ current_period_end: _end, current_period_start: _start, current_trial: _trial, ...item }) => item,
  );
  const [first] = list.data;
  const subscription = nth(view.account.subscriptions, pos, 'subscription');
  const { discount } = termsAt(subscription, view.at);
  const single = items.length === 1 ? items[0] : undefined;
  const whole = discount?.on === 'subscription' ? discount : null;
  const coupon = whole && showCoupon(whole, view.account.currency, view.livemode);
  const { source: _source, ...shown } = whole ? showDiscount(subscription, whole) : {};
  return {
    ...rest,
    current_period_end: first?.current_period_end,
    current_period_start: first?.current_period_start,
    discount: whole ? { ...shown, coupon } : null,
    items: { ...list, data: items },
    plan: single?.plan ?? null,
    quantity: single?.quantity ?? null,
  };
}

function oldInvoice(view: View, pos: number, object: Json): Json {
  const { parent: _parent, amount_overpaid: _over, total_taxes: _taxes, customer_account: _account, ...rest } = object;
  const invoice = nth(view.account.invoices, pos, 'invoice');
  const { status } = invoiceState(invoice, view.at);
  const details = object.parent as { subscription_details: { subscription: string } };
  return {
    ...rest,
    charge: status === 'paid' ? chargeId(invoice.key, invoice.failedPayments) : null,
    paid: status === 'paid',
    paid_out_of_band: false,
    payment_intent: intentId(invoice.key),
    subscription: details.subscription_details.subscription,
    subscription_details: { metadata: {} },
    tax: null,
    lines: object.lines,
    discount: null,
    status: object.status,
    collection_method:
      subscriptionOf(view, invoice).collection === 'automatic' ? 'charge_automatically' : 'send_invoice',
  };
}
