import { valueAt } from '../../../src/sandbox/asof.ts';
import type { WorldPayer } from '../../../src/sandbox/world.types.ts';
import { type Json, seconds, type View } from './book.ts';
import { customerId } from './ids.ts';
import { showDiscount } from './show-price.ts';
import { termsAt } from './show-subscription.ts';

/** By what name the account's key stands in the metadata. */
export const METADATA_KEY = 'external_key';

export const deletedCustomer = (payer: WorldPayer): Json => ({
  id: customerId(payer.key),
  object: 'customer',
  deleted: true,
});
export const isDeleted = ({ deletedAt }: WorldPayer, at: number): boolean => deletedAt !== null && deletedAt <= at;

export function showCustomer({ account, at, livemode }: View, payer: WorldPayer): Json {
  const own = account.subscriptions.filter((s) => s.payerKey === payer.key && s.createdAt <= at);
  const discounted = own.find((s) => termsAt(s, at).discount?.on === 'payer');
  const discount = discounted ? termsAt(discounted, at).discount : null;
  const invoices = account.invoices.filter((i) => i.issuedAt <= at && own.some((s) => s.invoiceKeys.includes(i.key)));
  const blank = null;
  return {
    id: customerId(payer.key),
    object: 'customer',
    address: { city: blank, country: account.country, line1: blank, line2: blank, postal_code: blank, state: blank },
    balance: 0,
    created: seconds(payer.createdAt),
    currency: own.length > 0 ? account.currency : null,
    customer_account: null,
    default_source: null,
    delinquent: own.some((s) => valueAt(s.status, at) === 'past_due'),
    description: null,
    discount: discounted && discount ? showDiscount(discounted, discount) : null,
    email: payer.email,
    invoice_prefix: customerId(payer.key).slice(4, 12).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode,
    metadata: payer.externalKey === null ? {} : { [METADATA_KEY]: payer.externalKey },
    name: payer.name,
    next_invoice_sequence: invoices.length + 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}
