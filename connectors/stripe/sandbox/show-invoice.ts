import { failuresOf, writtenOffAt } from '../../../src/sandbox/world/billing-status.ts';
import { addMonths, DAY, dayOf } from '../../../src/sandbox/world/time.ts';
import type { WorldInvoice, WorldSubscription } from '../../../src/sandbox/world.types.ts';
import { type Json, nth, seconds, secondsOrNull, type View } from './book.ts';
import {
  customerId,
  idOf,
  intentId,
  invoiceId,
  invoicePaymentId,
  itemId,
  priceId,
  productId,
  subscriptionId,
} from './ids.ts';
import { termsAt } from './show-subscription.ts';

export const subscriptionOf = ({ account }: Pick<View, 'account'>, invoice: WorldInvoice): WorldSubscription => {
  const found = account.subscriptions.find((s) => s.invoiceKeys.includes(invoice.key));
  if (!found) throw new Error(`${invoice.key} belongs to no subscription`);
  return found;
};

export interface InvoiceState {
  status: 'open' | 'paid' | 'uncollectible';
  paidAt: number | null;
  writtenOffAt: number | null;
  failures: number[];
}
export function invoiceState(invoice: WorldInvoice, at: number): InvoiceState {
  const paidAt = invoice.paidAt !== null && invoice.paidAt <= at ? invoice.paidAt : null;
  const off = writtenOffAt(invoice);
  const failures = failuresOf(invoice).filter((t) => t <= at);
  const gone = off !== null && off <= at ? off : null;
  return {
    status: paidAt !== null ? 'paid' : gone !== null ? 'uncollectible' : 'open',
    paidAt,
    writtenOffAt: gone,
    failures,
  };
}

const RETRY_EVERY = 3 * DAY;
const RETRY_FOR = 21 * DAY;
/** The card is charged on the due date, then again every three days for three weeks. */
function nextAttempt(invoice: WorldInvoice, { status, failures }: InvoiceState, at: number): number | null {
  if (status !== 'open') return null;
  if (at < invoice.dueAt) return seconds(invoice.dueAt);
  if (failures.length === 0) return null;
  const next = invoice.dueAt + (Math.floor((at - invoice.dueAt) / RETRY_EVERY) + 1) * RETRY_EVERY;
  return next > invoice.dueAt + RETRY_FOR ? null : seconds(next);
}

export function showInvoice(view: View, invoice: WorldInvoice): Json {
  const { account, at, livemode } = view;
  const subscription = subscriptionOf(view, invoice);
  const payer = account.payers.find((p) => p.key === subscription.payerKey);
  const state = invoiceState(invoice, at);
  const automatic = subscription.collection === 'automatic';
  const id = invoiceId(invoice.key);
  const { amount } = invoice;
  const paid = state.paidAt === null ? 0 : amount;
  const attempts = state.failures.length + (state.paidAt === null ? 0 : 1);
  const position = account.invoices.indexOf(invoice);
  const customer = customerId(subscription.payerKey);
  const lines = showLines(view, invoice);
  return {
    id,
    object: 'invoice',
    account_country: 'GB',
    account_name: 'Pulse Software Ltd',
    account_tax_ids: null,
    amount_due: amount,
    amount_overpaid: 0,
    amount_paid: paid,
    amount_remaining: amount - paid,
    amount_shipping: 0,
    application: null,
    attempt_count: attempts,
    attempted: attempts > 0,
    auto_advance: automatic && state.status === 'open',
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: invoice.issuedAt < subscription.anchorAt + DAY ? 'subscription_create' : 'subscription_cycle',
    collection_method: automatic ? 'charge_automatically' : 'send_invoice',
    created: seconds(invoice.issuedAt),
    currency: account.currency,
    custom_fields: null,
    customer,
    customer_account: null,
    customer_address: null,
    customer_email: payer?.email ?? null,
    customer_name: payer?.name ?? null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: automatic ? null : seconds(invoice.dueAt),
    effective_at: seconds(invoice.issuedAt),
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    livemode,
    metadata: {},
    next_payment_attempt: automatic ? nextAttempt(invoice, state, at) : null,
    number: `${customer.slice(4, 12).toUpperCase()}-${String(position + 1).padStart(4, '0')}`,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: {}, subscription: subscriptionId(subscription.key) },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: seconds(invoice.issuedAt),
    period_start: seconds(invoice.issuedAt),
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: state.status,
    status_transitions: {
      finalized_at: seconds(invoice.issuedAt),
      marked_uncollectible_at: secondsOrNull(state.writtenOffAt),
      paid_at: secondsOrNull(state.paidAt),
      voided_at: null,
    },
    subtotal: amount,
    subtotal_excluding_tax: amount,
    test_clock: null,
    total: amount,
    total_discount_amounts: [],
    total_excluding_tax: amount,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: seconds(invoice.issuedAt),
  };
}

/** One line: the stretch that the invoice pays for in advance, at what the terms cost then. */
export function showLines(view: View, invoice: WorldInvoice): Json[] {
  const subscription = subscriptionOf(view, invoice);
  const item = nth(termsAt(subscription, invoice.issuedAt).items, 0, 'item');
  const start = dayOf(invoice.issuedAt);
  const monthly = invoice.dueAt - start <= 14 * DAY;
  return [
    {
      id: idOf('il', invoice.key),
      object: 'line_item',
      amount: invoice.amount,
      currency: view.account.currency,
      description: `${item.quantity ?? 1} × ${item.product}`,
      discount_amounts: [],
      discountable: true,
      discounts: [],
      invoice: invoiceId(invoice.key),
      livemode: view.livemode,
      metadata: {},
      parent: {
        invoice_item_details: null,
        subscription_item_details: {
          invoice_item: null,
          proration: false,
          proration_details: null,
          subscription: subscriptionId(subscription.key),
          subscription_item: itemId(item.key),
        },
        type: 'subscription_item_details',
      },
      period: { end: seconds(addMonths(start, monthly ? 1 : 12)), start: seconds(start) },
      pretax_credit_amounts: [],
      pricing: {
        price_details: { price: priceId(item.key, item.unit), product: productId(item.product) },
        type: 'price_details',
        unit_amount_decimal: item.unit,
      },
      quantity: item.quantity,
      quantity_decimal: item.quantity === null ? null : String(item.quantity),
      subscription: subscriptionId(subscription.key),
      subtotal: invoice.amount,
      taxes: [],
    },
  ];
}

export function showInvoicePayment(view: View, invoice: WorldInvoice): Json {
  const { status, paidAt } = invoiceState(invoice, view.at);
  return {
    id: invoicePaymentId(invoice.key),
    object: 'invoice_payment',
    amount_paid: paidAt === null ? null : invoice.amount,
    amount_requested: invoice.amount,
    created: seconds(invoice.issuedAt),
    currency: view.account.currency,
    invoice: invoiceId(invoice.key),
    is_default: true,
    livemode: view.livemode,
    payment: { payment_intent: intentId(invoice.key), type: 'payment_intent' },
    status: status === 'paid' ? 'paid' : 'open',
    status_transitions: { canceled_at: null, paid_at: secondsOrNull(paidAt) },
  };
}
