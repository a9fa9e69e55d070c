import type { SubscriptionStatus, Timeline, WorldInvoice, WorldSubscription } from '../world.types.ts';
import type { Life } from './billing-life.ts';
import { DAY } from './time.ts';

/** After so long an unpaid invoice is written off. */
export const WRITTEN_OFF_AFTER = 90 * DAY;

/** When payments of an invoice failed: all in the seconds up to when it was due or paid, as `invoiceAt` tells it. Sorted. */
export function failuresOf({ failedPayments, dueAt, paidAt }: WorldInvoice): number[] {
  const last = paidAt !== null && paidAt <= dueAt ? paidAt - 1000 : dueAt;
  return Array.from({ length: failedPayments }, (_, n) => last - (failedPayments - 1 - n) * 1000);
}

/** When an invoice that nobody pays is written off; null where it is paid. */
export const writtenOffAt = ({ paidAt, dueAt }: WorldInvoice): number | null =>
  paidAt === null ? dueAt + WRITTEN_OFF_AFTER : null;

/** Past due is decided by the latest invoice alone: from its due date (a failed charge, where a card is charged) until it is paid. */
export function statusOf(
  life: Life,
  collection: WorldSubscription['collection'],
  invoices: WorldInvoice[],
): Timeline<SubscriptionStatus> {
  const begin = life.trialEndsAt === null ? 'active' : 'trialing';
  const status: Timeline<SubscriptionStatus> = [{ at: life.createdAt, value: begin }];
  const end = life.endedAt ?? Number.POSITIVE_INFINITY;
  if (life.outcome === 'never paid')
    return [
      { at: life.createdAt, value: 'incomplete' },
      { at: end, value: 'incomplete_expired' },
    ];
  if (life.outcome === 'trial paused') status.push({ at: life.trialEndsAt ?? life.createdAt, value: 'paused' });
  if (life.outcome === 'customer' && life.trialEndsAt !== null) status.push({ at: life.trialEndsAt, value: 'active' });
  for (const [n, invoice] of invoices.entries()) {
    const { dueAt, paidAt, failedPayments } = invoice;
    const over = Math.min(
      paidAt ?? Number.POSITIVE_INFINITY,
      writtenOffAt(invoice) ?? end,
      invoices[n + 1]?.issuedAt ?? end,
      end,
    );
    const missed = collection === 'invoice' || failedPayments > 0;
    if (!missed || dueAt >= over) continue;
    status.push({ at: dueAt, value: 'past_due' });
    if (over < end) status.push({ at: over, value: 'active' });
  }
  if (life.endedAt !== null) status.push({ at: life.endedAt, value: 'canceled' });
  return status;
}
