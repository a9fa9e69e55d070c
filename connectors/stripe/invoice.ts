import type { FactData, FactOf } from '../../src/core/fact.ts';
import { todayIn } from '../../src/kit/dates.ts';
import { whole } from './fraction.ts';
import { toMoney } from './money.ts';
import type { CreditNote, Dispute, Event, Invoice } from './wire.ts';

type InvoiceFact = FactOf<'invoice'>;
const ms = (seconds: number): number => seconds * 1000;

/** A bank's mere question, or money that came back, is no failed payment. */
const SETTLED = new Set(['won', 'prevented', 'warning_needs_response', 'warning_under_review', 'warning_closed']);
const standing = (dispute: Dispute): boolean => !SETTLED.has(dispute.status);

export interface InvoiceReading {
  timezone: string;
  /** Of this invoice's payments. */
  disputes: Dispute[];
  /** Of this invoice and its disputes. */
  events: Event[];
  /** When it was read, in seconds: since when holds what has no date of its own. */
  now: number;
}

/**
 * An invoice's versions: issued, each failed payment that an event tells, paid, each dispute. A void one is taken back: nothing is
 * owed. An uncollectible one stays unpaid. Drafts and invoices over nothing are none.
 * @throws RangeError where it belongs to no customer
 */
export function invoiceFacts(invoice: Invoice, reading: InvoiceReading): InvoiceFact[] {
  const { finalized_at, paid_at, voided_at } = invoice.status_transitions;
  if (invoice.status === 'draft' || finalized_at === null || invoice.total === 0) return [];
  const account = payerOf(invoice);
  const fact = (at: number, data: FactData<'invoice'>, deleted = false): InvoiceFact => ({
    kind: 'invoice',
    id: invoice.id,
    account,
    at: ms(at),
    knownAt: ms(at),
    ...(deleted ? { deleted } : {}),
    data,
  });
  const closed = closings(reading.events);
  const disputed = (at: number): number =>
    reading.disputes.filter((d) => d.created <= at && (standing(d) || (closed.get(d.id) ?? 0) > at)).length;
  const failed = failures(invoice, reading.events, reading.now);
  const tries = (at: number): number => failed.findLast((f) => f.at <= at)?.count ?? 0;
  const cuts = [
    finalized_at,
    ...failed.map((f) => f.at),
    ...(paid_at === null ? [] : [paid_at]),
    ...reading.disputes.flatMap((d) => (standing(d) || closed.has(d.id) ? [d.created] : [])),
    ...reading.disputes.flatMap((d) => (standing(d) ? [] : [closed.get(d.id) ?? reading.now])),
  ].filter((at) => at >= finalized_at);
  const versions = [...new Set(cuts)]
    .sort((a, b) => a - b)
    .map((at) => fact(at, dataAt(invoice, finalized_at, at, tries(at) + disputed(at), reading.timezone)));
  if (voided_at === null) return versions;
  return [...versions.filter((v) => v.at < ms(voided_at)), fact(voided_at, {}, true)];
}

function dataAt(
  invoice: Invoice,
  finalized: number,
  at: number,
  failedPayments: number,
  timezone: string,
): FactData<'invoice'> {
  const day = (seconds: number): string => todayIn(timezone, ms(seconds));
  const { paid_at } = invoice.status_transitions;
  const paidOn = paid_at !== null && paid_at <= at ? day(paid_at) : null;
  const issuedOn = day(finalized);
  // Charged at once: due at once. A bank debit that succeeds at the first try is on time, however long the bank took.
  const atOnce = paidOn !== null && invoice.attempt_count <= 1 && paidOn > issuedOn ? paidOn : issuedOn;
  return {
    kind: invoice.total < 0 ? 'credit' : 'invoice',
    amount: toMoney(whole(Math.abs(invoice.total)), invoice.currency),
    issuedOn,
    dueOn: invoice.due_date === null ? atOnce : day(invoice.due_date),
    paidOn,
    failedPayments,
  };
}

/** Failed payments so far, at the instants from which they are known. Of a paid invoice's attempts one succeeded. */
function failures(invoice: Invoice, events: Event[], now: number): { at: number; count: number }[] {
  const { finalized_at, paid_at } = invoice.status_transitions;
  const told = events
    .filter((e) => e.type === 'invoice.payment_failed')
    .map((e) => ({ at: Math.max(e.created, finalized_at ?? 0), count: Number(e.data.object.attempt_count ?? 0) }))
    .sort((a, b) => a.at - b.at);
  const all = paid_at === null ? invoice.attempt_count : Math.max(0, invoice.attempt_count - 1);
  const known = told.at(-1)?.count ?? 0;
  if (paid_at !== null) return [...told.filter((f) => f.at < paid_at), { at: paid_at, count: all }];
  return all > known ? [...told, { at: now, count: all }] : told;
}

/** When disputes were decided, by their events. */
function closings(events: Event[]): Map<string, number> {
  const closed = events.filter((e) => e.type === 'charge.dispute.closed');
  return new Map(closed.map((e) => [String(e.data.object.id), e.created]));
}

export function creditFacts(note: CreditNote, timezone: string): InvoiceFact[] {
  const base = { kind: 'invoice', id: note.id, account: payerOf(note) } as const;
  const issued = ms(note.created);
  const versions: InvoiceFact[] = [
    {
      ...base,
      at: issued,
      knownAt: issued,
      data: {
        kind: 'credit',
        amount: toMoney(whole(note.total), note.currency),
        issuedOn: todayIn(timezone, issued),
        dueOn: null,
        paidOn: null,
        failedPayments: 0,
      },
    },
  ];
  if (!note.voided_at) return versions;
  const at = ms(note.voided_at);
  return [...versions, { ...base, at, knownAt: at, deleted: true, data: {} }];
}

function payerOf({ customer, customer_account }: Pick<Invoice, 'customer' | 'customer_account'>): string {
  const payer = customer ?? customer_account;
  if (!payer) throw new RangeError('customer: missing');
  return payer;
}
