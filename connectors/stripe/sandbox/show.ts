import { type Json, nth, type View } from './book.ts';
import { showCharge, showDispute } from './show-charge.ts';
import { showCustomer } from './show-customer.ts';
import { showInvoice, showInvoicePayment } from './show-invoice.ts';
import { showSubscription } from './show-subscription.ts';

/** Objects that the world tells a story of. */
export type Source = 'charge' | 'customer' | 'dispute' | 'invoice' | 'invoice_payment' | 'subscription';

/** Attempts of an invoice that a charge's position has room for. */
const ATTEMPTS = 100;

/** An object by its place in the account, as it is at the view's instant. */
export function showSource(view: View, source: Source, pos: number): Json {
  const { account } = view;
  const invoice = (n: number) => nth(account.invoices, n, 'invoice');
  switch (source) {
    case 'customer':
      return showCustomer(view, nth(account.payers, pos, 'payer'));
    case 'subscription':
      return showSubscription(view, nth(account.subscriptions, pos, 'subscription'));
    case 'invoice':
      return showInvoice(view, invoice(pos));
    case 'invoice_payment':
      return showInvoicePayment(view, invoice(pos));
    case 'charge':
      return showCharge(view, invoice(Math.floor(pos / ATTEMPTS)), pos % ATTEMPTS);
    case 'dispute': {
      const dispute = nth(nth(account.subscriptions, 0, 'subscription').disputes, pos, 'dispute');
      const disputed = account.invoices.find((i) => i.key === dispute.invoiceKey);
      if (!disputed) throw new Error(`${dispute.key} disputes nothing`);
      return showDispute(view, disputed, dispute);
    }
  }
}
