import { valueAt } from '../../../src/sandbox/asof.ts';
import { failuresOf, writtenOffAt } from '../../../src/sandbox/world/billing-status.ts';
import type { WorldSubscription } from '../../../src/sandbox/world.types.ts';
import { type Billed, type Book, nth, seconds, secondsOrNull } from './book.ts';
import { eventsOf } from './events.ts';
import {
  chargeId,
  customerId,
  discountId,
  disputeId,
  idOf,
  intentId,
  invoiceId,
  invoicePaymentId,
  priceId,
  productId,
  subscriptionId,
} from './ids.ts';
import type { Shelf } from './shelf.ts';
import { attemptsOf } from './show-charge.ts';
import { invoiceState, subscriptionOf } from './show-invoice.ts';
import { CATALOGUE_SINCE, couponId } from './show-price.ts';

const ACCOUNTS_PER_TRANSACTION = 500;
/** A charge's position: the invoice's, and which attempt. */
export const ATTEMPTS = 100;
/** A price's position: the subscription's, the state of its terms, the item. */
export const TERMS = 10_000;
export const ITEMS = 100;

/** Puts on the shelf whatever the world has or will have, account by account. */
export function loadShelf(shelf: Shelf, book: Book): void {
  const accounts = book.world.accounts()[Symbol.iterator]();
  for (let done = false; !done; ) {
    shelf.tables.transaction(() => {
      for (let n = 0; n < ACCOUNTS_PER_TRANSACTION && !done; n++) {
        const { value, done: over } = accounts.next();
        done = over === true;
        if (!over && value.payers.length > 0) loadAccount(shelf, book.keep(value), book);
      }
    });
  }
  shelf.ready();
}

function loadAccount(shelf: Shelf, account: Billed, book: Book): void {
  const now = book.world.now();
  for (const [pos, payer] of account.payers.entries()) {
    shelf.put({
      id: customerId(payer.key),
      object: 'customer',
      created: seconds(payer.createdAt),
      account: account.index,
      pos,
      email: payer.email,
      external: payer.externalKey,
      gone: secondsOrNull(payer.deletedAt),
    });
  }
  for (const [pos, subscription] of account.subscriptions.entries())
    loadSubscription(shelf, account, subscription, pos, now);
  loadInvoices(shelf, account, now);
  for (const { key, source, pos, at, type } of eventsOf(account, book)) {
    shelf.put({
      id: idOf('evt', key),
      object: 'event',
      created: seconds(at),
      account: account.index,
      pos,
      sort: source,
      state: type,
    });
  }
}

function loadSubscription(
  shelf: Shelf,
  account: Billed,
  subscription: WorldSubscription,
  pos: number,
  now: number,
): void {
  const base = { account: account.index, customer: customerId(subscription.payerKey) };
  shelf.put({
    ...base,
    id: subscriptionId(subscription.key),
    object: 'subscription',
    created: seconds(subscription.createdAt),
    pos,
    sort: subscription.collection === 'automatic' ? 'charge_automatically' : 'send_invoice',
    ...subscriptionState(subscription, now),
  });
  for (const [state, { at, value }] of subscription.terms.entries()) {
    for (const [n, item] of value.items.entries()) {
      shelf.put({
        id: priceId(item.key, item.unit),
        object: 'price',
        created: seconds(at),
        account: account.index,
        pos: (pos * TERMS + state) * ITEMS + n,
        owner: productId(item.product),
        sort: item.product,
      });
      // Products of the catalogue are the same for all: the first who buys puts it there.
      shelf.put({
        id: productId(item.product),
        object: 'product',
        created: CATALOGUE_SINCE,
        account: account.index,
        pos: 0,
        sort: item.product,
      });
    }
    if (value.discount) {
      const created = CATALOGUE_SINCE;
      const id = couponId(value.discount);
      shelf.put({ id, object: 'coupon', created, account: account.index, pos: pos * TERMS + state });
      const start = seconds(value.discount.from);
      shelf.put({
        id: discountId(value.discount.key),
        object: 'discount',
        created: start,
        account: account.index,
        pos,
      });
    }
  }
  for (const [n, dispute] of subscription.disputes.entries()) {
    const invoice = account.invoices.find((i) => i.key === dispute.invoiceKey);
    shelf.put({
      id: disputeId(dispute.key),
      object: 'dispute',
      created: seconds(dispute.at),
      account: account.index,
      pos: n,
      owner: invoice ? chargeId(invoice.key, invoice.failedPayments) : null,
      sort: invoice ? intentId(invoice.key) : null,
    });
  }
}

function loadInvoices(shelf: Shelf, account: Billed, now: number): void {
  for (const [pos, invoice] of account.invoices.entries()) {
    const subscription = subscriptionOf({ account }, invoice);
    const automatic = subscription.collection === 'automatic';
    const base = { account: account.index, customer: customerId(subscription.payerKey) };
    const created = seconds(invoice.issuedAt);
    shelf.put({
      ...base,
      id: invoiceId(invoice.key),
      object: 'invoice',
      created,
      pos,
      owner: subscriptionId(subscription.key),
      sort: automatic ? 'charge_automatically' : 'send_invoice',
      due: automatic ? null : seconds(invoice.dueAt),
      ...stateOfInvoice(account, pos, now),
    });
    shelf.put({
      account: account.index,
      id: invoicePaymentId(invoice.key),
      object: 'invoice_payment',
      created,
      pos,
      owner: invoiceId(invoice.key),
      sort: intentId(invoice.key),
      ...stateOfInvoice(account, pos, now),
    });
    for (const [n, at] of attemptsOf(invoice).entries()) {
      const [id, place] = [chargeId(invoice.key, n), pos * ATTEMPTS + n];
      shelf.put({ ...base, id, object: 'charge', created: seconds(at), pos: place, owner: intentId(invoice.key) });
    }
  }
}

interface Changing {
  state: string;
  next: number | null;
}
function subscriptionState(subscription: WorldSubscription, now: number): Changing {
  const state = valueAt(subscription.status, now) ?? 'incomplete';
  return { state, next: secondsOrNull(subscription.status.find((s) => s.at > now)?.at ?? null) };
}
function stateOfInvoice(account: Billed, pos: number, now: number): Changing {
  const invoice = nth(account.invoices, pos, 'invoice');
  const changes = [invoice.paidAt, writtenOffAt(invoice), ...failuresOf(invoice)].filter((t) => t !== null && t > now);
  return {
    state: invoiceState(invoice, now).status,
    next: changes.length === 0 ? null : seconds(Math.min(...(changes as number[]))),
  };
}

/** Brings the states up to now. */
export function catchUp(shelf: Shelf, book: Book): void {
  const now = book.world.now();
  const due = shelf.tables.all('SELECT id, object, account, pos FROM shelf WHERE next <= ?', [seconds(now)]);
  if (due.length === 0) return;
  shelf.tables.transaction(() => {
    for (const row of due) {
      const account = book.account(Number(row.account));
      const pos = Number(row.pos);
      const { state, next } =
        row.object === 'subscription'
          ? subscriptionState(nth(account.subscriptions, pos, 'subscription'), now)
          : stateOfInvoice(account, pos, now);
      shelf.tables.run('UPDATE shelf SET state = ?, next = ? WHERE id = ?', [state, next, row.id ?? null]);
    }
  });
}
