import { describe, expect, it } from 'vitest';
import { creditFacts, invoiceFacts } from '../../../connectors/stripe/invoice.ts';
import { CreditNote, Dispute, Event, Invoice } from '../../../connectors/stripe/wire.ts';
import { event, sec } from './support.ts';

const NOW = sec('2026-11-25T09:00:00Z');
const FINAL = sec('2026-10-01T10:00:00Z');
const PAID = sec('2026-10-20T10:00:00Z');

function invoice(rest: Record<string, unknown> = {}, transitions: Record<string, unknown> = {}) {
  return Invoice.parse({
    id: 'in_1',
    customer: 'cus_1',
    currency: 'gbp',
    total: 12_345,
    status: 'open',
    collection_method: 'send_invoice',
    attempt_count: 0,
    due_date: sec('2026-10-15T10:00:00Z'),
    status_transitions: { finalized_at: FINAL, paid_at: null, voided_at: null, ...transitions },
    ...rest,
  });
}
const dispute = (status: string, created = PAID + 86_400) =>
  Dispute.parse({ id: 'du_1', created, status, payment_intent: 'pi_1', charge: 'ch_1' });

interface Given {
  disputes?: Dispute[];
  events?: unknown[];
}
const told = (of: Invoice, { disputes = [], events = [] }: Given = {}) =>
  invoiceFacts(of, { timezone: 'Europe/London', disputes, events: events.map((e) => Event.parse(e)), now: NOW }).map(
    ({ at, deleted, data }) =>
      `${new Date(at).toISOString().slice(0, 10)} ${deleted ? 'gone' : `due ${data.dueOn} paid ${data.paidOn} failed ${data.failedPayments}`}`,
  );
const failed = (at: number, attempt_count: number) =>
  event('invoice.payment_failed', at, { id: 'in_1', attempt_count });

describe('an invoice', () => {
  it('holds from when it was issued, and again from when it was paid', () => {
    const paid = invoice({ status: 'paid', attempt_count: 1 }, { paid_at: PAID });
    expect(told(paid)).toEqual([
      '2026-10-01 due 2026-10-15 paid null failed 0',
      '2026-10-20 due 2026-10-15 paid 2026-10-20 failed 0',
    ]);
    expect(invoiceFacts(paid, { timezone: 'UTC', disputes: [], events: [], now: NOW })[0]).toMatchObject({
      kind: 'invoice',
      id: 'in_1',
      account: 'cus_1',
      at: FINAL * 1000,
      data: { kind: 'invoice', amount: { minor: 12_345, currency: 'GBP' }, issuedOn: '2026-10-01' },
    });
  });

  it('charged automatically is due at once; the first try is on time however long the bank took', () => {
    const automatic = { status: 'paid', due_date: null, collection_method: 'charge_automatically' };
    expect(told(invoice({ ...automatic, attempt_count: 1 }, { paid_at: FINAL + 4 * 86_400 }))).toEqual([
      '2026-10-01 due 2026-10-01 paid null failed 0',
      '2026-10-05 due 2026-10-05 paid 2026-10-05 failed 0',
    ]);
    expect(told(invoice({ ...automatic, attempt_count: 3 }, { paid_at: PAID })).at(-1)).toBe(
      '2026-10-20 due 2026-10-01 paid 2026-10-20 failed 2',
    );
  });

  it('counts failed payments from when events tell them, else from when they are seen', () => {
    const open = invoice({ attempt_count: 2 });
    expect(told(open, { events: [failed(FINAL + 86_400, 1), failed(FINAL + 4 * 86_400, 2)] })).toEqual([
      '2026-10-01 due 2026-10-15 paid null failed 0',
      '2026-10-02 due 2026-10-15 paid null failed 1',
      '2026-10-05 due 2026-10-15 paid null failed 2',
    ]);
    expect(told(open).at(-1)).toBe('2026-11-25 due 2026-10-15 paid null failed 2');
  });

  it('is taken back when it is void, and stays unpaid when it is uncollectible', () => {
    const voided = invoice({ status: 'void' }, { voided_at: sec('2026-11-01') });
    expect(told(voided)).toEqual(['2026-10-01 due 2026-10-15 paid null failed 0', '2026-11-01 gone']);
    expect(told(invoice({ status: 'uncollectible' }))).toEqual(['2026-10-01 due 2026-10-15 paid null failed 0']);
  });

  it('is none as a draft or over nothing, and a credit below nothing', () => {
    expect(told(invoice({ status: 'draft' }, { finalized_at: null }))).toEqual([]);
    expect(told(invoice({ total: 0 }))).toEqual([]);
    const [credit] = invoiceFacts(invoice({ total: -500 }), { timezone: 'UTC', disputes: [], events: [], now: NOW });
    expect(credit?.data).toMatchObject({ kind: 'credit', amount: { minor: 500, currency: 'GBP' } });
  });

  it('without a customer is a bad row', () => {
    expect(() => told(invoice({ customer: null }))).toThrow('customer: missing');
    expect(told(invoice({ customer: null, customer_account: 'acct_9' }))).toHaveLength(1);
  });
});

describe('a dispute', () => {
  const paid = invoice({ status: 'paid', attempt_count: 1 }, { paid_at: PAID });
  const closed = event('charge.dispute.closed', sec('2026-11-05'), { id: 'du_1' });

  it.each(['needs_response', 'under_review', 'lost'])('that is %s is a failed payment', (status) => {
    expect(told(paid, { disputes: [dispute(status)] }).at(-1)).toBe(
      '2026-10-21 due 2026-10-15 paid 2026-10-20 failed 1',
    );
  });

  it('that was won is one until then', () => {
    expect(told(paid, { disputes: [dispute('won')], events: [closed] }).slice(-2)).toEqual([
      '2026-10-21 due 2026-10-15 paid 2026-10-20 failed 1',
      '2026-11-05 due 2026-10-15 paid 2026-10-20 failed 0',
    ]);
    expect(told(paid, { disputes: [dispute('won')] }).every((v) => v.endsWith('failed 0'))).toBe(true);
  });

  it('that is a mere inquiry is none', () => {
    expect(told(paid, { disputes: [dispute('warning_needs_response')] }).every((v) => v.endsWith('failed 0'))).toBe(
      true,
    );
  });
});

it('a credit note is a credit, taken back when it is void', () => {
  const note = CreditNote.parse({
    id: 'cn_1',
    customer: 'cus_1',
    currency: 'jpy',
    total: 900,
    created: FINAL,
    status: 'void',
    voided_at: PAID,
  });
  expect(creditFacts(note, 'UTC')).toMatchObject([
    { id: 'cn_1', at: FINAL * 1000, data: { kind: 'credit', amount: { minor: 900, currency: 'JPY' }, dueOn: null } },
    { at: PAID * 1000, deleted: true },
  ]);
});
