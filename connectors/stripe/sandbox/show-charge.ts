import { failuresOf } from '../../../src/sandbox/world/billing-status.ts';
import { DAY } from '../../../src/sandbox/world/time.ts';
import type { WorldDispute, WorldInvoice } from '../../../src/sandbox/world.types.ts';
import { type Json, seconds, type View } from './book.ts';
import { chargeId, customerId, disputeId, intentId } from './ids.ts';
import { subscriptionOf } from './show-invoice.ts';

const FAILURES = [
  ['card_declined', 'Your card was declined.'],
  ['expired_card', 'Your card has expired.'],
  ['processing_error', 'An error occurred while processing your card. Try again in a little bit.'],
  ['card_declined', 'Your card has insufficient funds.'],
] as const;

/** When each attempt on an invoice is made: the failures, then the payment. */
export const attemptsOf = (invoice: WorldInvoice): number[] => [
  ...failuresOf(invoice),
  ...(invoice.paidAt === null ? [] : [invoice.paidAt]),
];

export function showCharge(view: View, invoice: WorldInvoice, nth: number): Json {
  const { account, at, livemode } = view;
  const subscription = subscriptionOf(view, invoice);
  const payer = account.payers.find((p) => p.key === subscription.payerKey);
  const failed = nth < invoice.failedPayments;
  const [code, message] = FAILURES[(account.index + nth) % FAILURES.length] ?? FAILURES[0];
  const disputed = !failed && subscription.disputes.some((d) => d.invoiceKey === invoice.key && d.at <= at);
  return {
    id: chargeId(invoice.key, nth),
    object: 'charge',
    amount: invoice.amount,
    amount_captured: failed ? 0 : invoice.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      address: null,
      email: payer?.email ?? null,
      name: payer?.name ?? null,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: 'PULSE SOFTWARE',
    captured: !failed,
    created: seconds(attemptsOf(invoice)[nth] ?? invoice.dueAt),
    currency: account.currency,
    customer: customerId(subscription.payerKey),
    description: 'Subscription update',
    disputed,
    failure_balance_transaction: null,
    failure_code: failed ? code : null,
    failure_message: failed ? message : null,
    fraud_details: {},
    livemode,
    metadata: {},
    on_behalf_of: null,
    outcome: {
      advice_code: failed ? 'try_again_later' : null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: failed ? 'declined_by_network' : 'approved_by_network',
      reason: failed ? 'generic_decline' : null,
      risk_level: 'normal',
      seller_message: failed ? 'The bank did not return any further details with this decline.' : 'Payment complete.',
      type: failed ? 'issuer_declined' : 'authorized',
    },
    paid: !failed,
    payment_intent: intentId(invoice.key),
    payment_method: null,
    payment_method_details:
      subscription.collection === 'automatic' || failed
        ? { card: card(account.index, invoice.amount, account.country), type: 'card' }
        : { customer_balance: {}, type: 'customer_balance' },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: failed ? 'failed' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}

const card = (index: number, amount: number, country: string): Json => ({
  amount_authorized: amount,
  authorization_code: null,
  brand: index % 3 === 0 ? 'mastercard' : 'visa',
  checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
  country,
  electronic_commerce_indicator: null,
  exp_month: (index % 12) + 1,
  exp_year: 2027 + (index % 4),
  funding: 'credit',
  installments: null,
  last4: String(1000 + (index % 9000)),
  mandate: null,
  network: index % 3 === 0 ? 'mastercard' : 'visa',
  network_transaction_id: null,
  regulated_status: 'unregulated',
  three_d_secure: null,
  transaction_link_id: null,
  wallet: null,
});

const NO_EVIDENCE = Object.fromEntries(
  'access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text'
    .split(' ')
    .map((name) => [name, null]),
);

export function showDispute(view: View, invoice: WorldInvoice, dispute: WorldDispute): Json {
  const closed = dispute.closedAt <= view.at;
  return {
    id: disputeId(dispute.key),
    object: 'dispute',
    amount: invoice.amount,
    balance_transactions: [],
    charge: chargeId(invoice.key, invoice.failedPayments),
    created: seconds(dispute.at),
    currency: view.account.currency,
    enhanced_eligibility_types: [],
    evidence: { ...NO_EVIDENCE, enhanced_evidence: {} },
    evidence_details: {
      due_by: seconds(dispute.at + 14 * DAY),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: dispute.at + 14 * DAY <= view.at,
      submission_count: closed && dispute.won ? 1 : 0,
      submission_method: closed && dispute.won ? 'manual' : 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: view.livemode,
    metadata: {},
    payment_intent: intentId(invoice.key),
    reason: dispute.reason,
    status: closed ? (dispute.won ? 'won' : 'lost') : 'needs_response',
  };
}
