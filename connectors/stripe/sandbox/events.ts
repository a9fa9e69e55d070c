import { failuresOf, writtenOffAt } from '../../../src/sandbox/world/billing-status.ts';
import { DAY } from '../../../src/sandbox/world/time.ts';
import type { Timeline, WorldSubscription } from '../../../src/sandbox/world.types.ts';
import { type Billed, type Book, type Json, seconds, type View } from './book.ts';
import { difference } from './difference.ts';
import { idOf } from './ids.ts';
import { inOldWords } from './old-words.ts';
import { boundariesWithin } from './periods.ts';
import { type Source, showSource } from './show.ts';
import { attemptsOf } from './show-charge.ts';

export const API_VERSION = '2026-10-28.endive';
/** Events from before the account's upgrade keep the words of the version that was in force. */
export const OLD_API_VERSION = '2024-06-20';
const UPGRADED_BEFORE = 10 * DAY;
/** How long events can be read. */
export const EVENT_DAYS = 30 * DAY;

export interface EventSpec {
  key: string;
  type: string;
  source: Source;
  pos: number;
  at: number;
}

/** All events of an account from the oldest that can still be read to the end of the world. Sorted. */
export function eventsOf(account: Billed, { world }: Pick<Book, 'world'>): EventSpec[] {
  const from = world.now() - EVENT_DAYS;
  const to = world.options.now + (world.options.futureDays + 1) * DAY;
  const found: EventSpec[] = [];
  const add = (source: Source, pos: number, key: string, type: string, at: number | null): void => {
    if (at === null || at < from || at > to) return;
    found.push({ key: `${key} ${type} ${at}`, type, source, pos, at });
  };
  for (const [pos, payer] of account.payers.entries()) {
    add('customer', pos, payer.key, 'customer.created', payer.createdAt);
    add('customer', pos, payer.key, 'customer.deleted', payer.deletedAt);
    for (const s of account.subscriptions.filter((own) => own.payerKey === payer.key)) {
      const discounted = changesOf(s.terms, ({ discount }) => (discount?.on === 'payer' ? discount.key : null));
      const delinquent = changesOf(s.status, (status) => status === 'past_due');
      for (const at of [...discounted, ...delinquent]) add('customer', pos, payer.key, 'customer.updated', at);
    }
  }
  for (const [pos, subscription] of account.subscriptions.entries()) {
    const type = (name: string) => `customer.subscription.${name}`;
    const { key, createdAt, trialEndsAt, endedAt, status } = subscription;
    add('subscription', pos, key, type('created'), createdAt);
    if (trialEndsAt !== null && trialEndsAt - 3 * DAY > createdAt)
      add('subscription', pos, key, type('trial_will_end'), trialEndsAt - 3 * DAY);
    for (const at of updatesOf(account, subscription, from, to)) add('subscription', pos, key, type('updated'), at);
    for (const { at, value } of status) if (value === 'paused') add('subscription', pos, key, type('paused'), at);
    const expired = status.at(-1)?.value === 'incomplete_expired';
    add('subscription', pos, key, type(expired ? 'updated' : 'deleted'), endedAt);
    for (const [n, dispute] of subscription.disputes.entries()) {
      add('dispute', n, dispute.key, 'charge.dispute.created', dispute.at);
      add('dispute', n, dispute.key, 'charge.dispute.closed', dispute.closedAt);
    }
  }
  for (const [pos, invoice] of account.invoices.entries()) {
    const subscription = account.subscriptions.find((s) => s.invoiceKeys.includes(invoice.key));
    const { key, issuedAt, dueAt, paidAt } = invoice;
    for (const name of ['created', 'finalized']) add('invoice', pos, key, `invoice.${name}`, issuedAt);
    for (const at of failuresOf(invoice)) add('invoice', pos, key, 'invoice.payment_failed', at);
    const late = (paidAt ?? dueAt + 1) > dueAt;
    if (late && subscription?.collection === 'invoice') add('invoice', pos, key, 'invoice.overdue', dueAt);
    for (const name of ['paid', 'payment_succeeded']) add('invoice', pos, key, `invoice.${name}`, paidAt);
    add('invoice_payment', pos, key, 'invoice_payment.paid', paidAt);
    add('invoice', pos, key, 'invoice.marked_uncollectible', writtenOffAt(invoice));
    for (const [n, at] of attemptsOf(invoice).entries())
      add(
        'charge',
        pos * 100 + n,
        `${key} ${n}`,
        n < invoice.failedPayments ? 'charge.failed' : 'charge.succeeded',
        at,
      );
  }
  // Two reasons for one update make one event.
  const keys = new Set<string>();
  return found.filter(({ key }) => !keys.has(key) && keys.add(key)).sort((a, b) => a.at - b.at);
}

/** When what is looked at of a timeline changes. */
function changesOf<T>(line: Timeline<T>, look: (value: T) => unknown): number[] {
  const seen = line.map(({ value }) => JSON.stringify(look(value)));
  return line.filter((_, n) => n > 0 && seen[n] !== seen[n - 1]).map(({ at }) => at);
}

/** When anything that a subscription says of itself may change; its beginning and end apart. */
function updatesOf(account: Billed, subscription: WorldSubscription, from: number, to: number): number[] {
  const invoices = new Set(subscription.invoiceKeys);
  const times = [
    ...changesOf(subscription.terms, ({ items, discount }) => [items, discount?.on === 'payer' ? null : discount]),
    ...subscription.status.map((s) => s.at),
    ...subscription.cancellations.flatMap((c) => [c.at, c.withdrawnAt]),
    ...account.invoices.filter((i) => invoices.has(i.key)).map((i) => i.issuedAt),
    ...boundariesWithin(subscription, Math.max(from, subscription.createdAt), to),
  ];
  const { createdAt, endedAt } = subscription;
  const real = times.filter((t) => t !== null && t > createdAt && t < (endedAt ?? t + 1));
  return [...new Set(real as number[])];
}

/** An event as it was recorded: the object as it was then, in the words of the API version that was in force. */
export function showEvent(
  book: Book,
  account: Billed,
  row: { id: string; created: number; type: string; source: Source; pos: number },
): Json {
  const at = row.created * 1000;
  const old = at < book.world.options.now - UPGRADED_BEFORE;
  const shown = (when: number): Json => {
    const view: View = { account, at: when, livemode: book.livemode };
    const object = showSource(view, row.source, row.pos);
    return old ? inOldWords(view, row.source, row.pos, object) : object;
  };
  const object = shown(at);
  const updated = row.type.endsWith('.updated');
  return {
    id: row.id,
    object: 'event',
    api_version: old ? OLD_API_VERSION : API_VERSION,
    created: seconds(at),
    data: updated ? { object, previous_attributes: difference(shown(at - 1000), object) } : { object },
    livemode: book.livemode,
    pending_webhooks: 0,
    request: { id: updated ? idOf('req', row.id) : null, idempotency_key: null },
    type: row.type,
  };
}
