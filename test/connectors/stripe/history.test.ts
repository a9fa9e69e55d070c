import { describe, expect, it } from 'vitest';
import { historyOf } from '../../../connectors/stripe/history.ts';
import { type Event, Event as EventSchema } from '../../../connectors/stripe/wire.ts';
import { discount, event, item, reading, sec, subscription } from './support.ts';

const NOW = sec('2026-11-25T09:00:00Z');
const timing = { first: true, since: 0, now: NOW };
const later = { first: false, since: NOW - 7 * 86_400, now: NOW };
const parse = (events: unknown[]): Event[] => events.map((e) => EventSchema.parse(e));
const yearly = { unit: 12_000, interval: 'year' };

const told = (raw: Record<string, unknown>, events: unknown[] = [], when = timing, config = {}) =>
  historyOf(raw, parse(events), when, reading({}, config)).map(
    ({ at, data }) =>
      `${new Date(at).toISOString().slice(0, 10)} ${data.mrr ? data.mrr.minor : 'unknown'}${data.trial ? ' trial' : ''} ends ${data.endOn}`,
  );

describe('from its own dates', () => {
  it('a contract has a version for each term, with the day of its renewal', () => {
    expect(told(subscription([item(1, yearly)]))).toEqual([
      '2024-06-01 1000 ends 2025-06-01',
      '2025-06-01 1000 ends 2026-06-01',
      '2026-06-01 1000 ends 2027-06-01',
    ]);
  });

  it('a shorter rhythm runs on, unless it is said to be a contract', () => {
    expect(told(subscription([item(1)]))).toEqual(['2024-06-01 1000 ends null']);
    const quarter = item(
      1,
      { count: 3 },
      { current_period_start: sec('2026-11-01'), current_period_end: sec('2027-02-01') },
    );
    const fresh = subscription([quarter], { created: sec('2026-08-01'), start_date: sec('2026-08-01') });
    expect(told(fresh, [], timing, { termMonths: 3 })).toEqual([
      '2026-08-01 333 ends 2026-11-01',
      '2026-11-01 333 ends 2027-02-01',
    ]);
  });

  it('a trial pays nothing until it ends, unless trials count', () => {
    const trial = subscription([item(1)], { trial_start: sec('2024-06-01'), trial_end: sec('2024-06-15') });
    expect(told(trial)).toEqual(['2024-06-01 0 trial ends null', '2024-06-15 1000 ends null']);
    expect(told(trial, [], timing, { countTrials: true })[0]).toBe('2024-06-01 1000 ends null');
  });

  it('an announced end is known from when it was announced, the real one from when it came', () => {
    const announced = { canceled_at: sec('2026-09-01'), cancel_at_period_end: true };
    expect(told(subscription([item(1)], announced)).at(-1)).toBe('2026-09-01 1000 ends 2027-06-01');
    const ended = { ...announced, status: 'canceled', ended_at: sec('2026-10-01'), cancel_at: sec('2026-10-01') };
    expect(told(subscription([item(1)], ended))).toEqual([
      '2024-06-01 1000 ends null',
      '2026-09-01 1000 ends 2026-10-01',
      '2026-10-01 1000 ends 2026-10-01',
    ]);
  });

  it('a discount changes it when it begins and ends; one for a single invoice does not', () => {
    const months = { start: sec('2025-01-01'), end: sec('2025-07-01') };
    const some = discount('di_1', { id: 'C', percent_off: 25, duration: 'repeating' }, months);
    expect(told(subscription([item(1)], { discounts: [some] }))).toEqual([
      '2024-06-01 1000 ends null',
      '2025-01-01 750 ends null',
      '2025-07-01 1000 ends null',
    ]);
    const once = discount('di_1', { id: 'C', percent_off: 25, duration: 'once' }, months);
    expect(told(subscription([item(1)], { discounts: [once] })).every((v) => v.includes('1000'))).toBe(true);
  });

  it('a customer’s discount holds where the subscription has none of its own', () => {
    const customer = { id: 'cus_1', discount: discount('di_1', { id: 'C', percent_off: 10 }) };
    const own = discount('di_2', { id: 'D', percent_off: 50 });
    expect(told(subscription([item(1)], { customer }))).toEqual(['2024-06-01 900 ends null']);
    expect(told(subscription([item(1)], { customer, discounts: [own] }))).toEqual(['2024-06-01 500 ends null']);
  });

  it('unpaid, paused or waived brings nothing, from when that is first seen', () => {
    for (const now of [{ status: 'unpaid' }, { status: 'paused' }, { pause_collection: { behavior: 'void' } }])
      expect(told(subscription([item(1)], now))).toEqual(['2024-06-01 1000 ends null', '2026-11-25 0 ends null']);
    const since = { status: 'paused', status_details: { paused: { transitioned_at: sec('2026-08-08') } } };
    expect(told(subscription([item(1)], since)).at(-1)).toBe('2026-08-08 0 ends null');
    expect(told(subscription([item(1)], { pause_collection: { behavior: 'keep_as_draft' } }))).toHaveLength(1);
    expect(told(subscription([item(1)], { status: 'past_due' }))).toEqual(['2024-06-01 1000 ends null']);
  });

  it('never came into being where the first payment failed', () => {
    for (const status of ['incomplete', 'incomplete_expired'])
      expect(told(subscription([item(1)], { status }))).toEqual([]);
  });
});

describe('from events', () => {
  const at = sec('2026-11-10T12:00:00Z');
  const updated = (when: number, previous: object, object: object = { id: 'sub_1' }) =>
    event(
      'customer.subscription.updated',
      when,
      object as Record<string, unknown>,
      previous as Record<string, unknown>,
    );
  const items = (quantity: number, rest: object = {}) => ({ data: [{ ...item(quantity), ...rest }] });

  it('a change of plan has its second, and the form before it', () => {
    const raw = subscription([item(5)]);
    expect(told(raw, [updated(at, { items: items(2), quantity: 2 })])).toEqual([
      '2024-06-01 2000 ends null',
      '2026-11-10 5000 ends null',
    ]);
  });

  it('several changes come in their order, whatever the order they are told in', () => {
    const raw = subscription([item(5)]);
    const two = [updated(at + 60, { items: items(3) }), updated(at, { items: items(2) })];
    expect(historyOf(raw, parse(two), later, reading()).map((v) => [v.at / 1000 - at, v.data.seats])).toEqual([
      [0, 3],
      [60, 5],
    ]);
  });

  it('one that began within the events has nothing before', () => {
    const born = { created: at, start_date: at };
    const raw = subscription([item(5)], born);
    const begun = event('customer.subscription.created', at, { id: 'sub_1' });
    expect(told(raw, [begun, updated(at + 86_400, { items: items(2) })])).toEqual([
      '2026-11-10 2000 ends null',
      '2026-11-11 5000 ends null',
    ]);
  });

  it('withdrawing a cancellation, and older words for the period, are understood', () => {
    const raw = subscription([item(1, yearly)]);
    const withdrawn = updated(at, { cancel_at_period_end: true, canceled_at: sec('2026-11-02') });
    expect(told(raw, [withdrawn]).slice(-2)).toEqual([
      '2026-11-02 1000 ends 2027-06-01',
      '2026-11-10 1000 ends 2027-06-01',
    ]);
    const rolled = updated(at, { current_period_start: sec('2025-06-01'), current_period_end: sec('2026-06-01') });
    expect(told(raw, [rolled], later)).toEqual(['2026-11-10 1000 ends 2027-06-01']);
    expect(told(raw, [rolled]).at(-2)).toBe('2025-06-01 1000 ends 2026-06-01');
  });

  it('a discount that is gone, or an eleventh item, leaves the form before unknown', () => {
    const raw = subscription([item(1)]);
    expect(told(raw, [updated(at, { discounts: ['di_gone'] })])).toEqual([
      '2024-06-01 unknown ends null',
      '2026-11-10 1000 ends null',
    ]);
    const more = { id: 'sub_1', items: { has_more: true, data: [] } };
    const eleven = subscription([item(5), item(1, { id: 'price_2' }, { id: 'si_2' })]);
    expect(told(eleven, [updated(at, { items: items(2) }, more)])[0]).toBe('2024-06-01 unknown ends null');
    const period = { current_period_end: sec('2026-12-01') };
    expect(told(eleven, [updated(at, { items: items(5, period) }, more)])[0]).toBe('2024-06-01 6000 ends null');
  });

  it('a customer’s discount that came or went is undone too', () => {
    const half = discount('di_1', { id: 'C', percent_off: 50 }, { start: at, customer: 'cus_1', subscription: null });
    const raw = subscription([item(1)], { customer: { id: 'cus_1', discount: half } });
    expect(told(raw, [event('customer.discount.created', at, half)])).toEqual([
      '2024-06-01 1000 ends null',
      '2026-11-10 500 ends null',
    ]);
    const old = { ...half, start: sec('2024-06-01') };
    expect(told(subscription([item(1)]), [event('customer.discount.deleted', at, old)])).toEqual([
      '2024-06-01 500 ends null',
      '2026-11-10 1000 ends null',
    ]);
  });
});

it('a later look without events states what is new since, and the present as of now', () => {
  const raw = subscription([item(1)], { canceled_at: NOW - 86_400, cancel_at: sec('2027-01-01') });
  expect(told(raw, [], later)).toEqual(['2026-11-24 1000 ends 2027-01-01', '2026-11-25 1000 ends 2027-01-01']);
});

it('seats may be counted from named prices only', () => {
  const raw = subscription([item(40), item(40, { id: 'price_2', nickname: 'Analytics' }, { id: 'si_2' })]);
  const seats = (config: object) =>
    historyOf(raw, [], timing, reading({}, config as Record<string, unknown>))[0]?.data.seats;
  expect(seats({})).toBe(80);
  expect(seats({ seatsFrom: ['Seats'] })).toBe(40);
  expect(seats({ seatsFrom: ['nothing'] })).toBeNull();
});
