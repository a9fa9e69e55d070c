import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateOf, dayOf } from '../../src/core/days.ts';
import type { StoredFact } from '../../src/core/fact.ts';
import type { Ramp } from '../../src/core/model.ts';
import { ramped } from '../../src/core/ramp.ts';
import { POINT } from '../../src/core/result.ts';
import { type ScoringInput, scoreAccount, scoreWithTrend } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, signal, TODAY } from './helpers.ts';

const RAMP: Ramp = [
  [0, 5],
  [30, 30],
  [90, 60],
];
const dateBefore = (days: number): string => dateOf(dayOf(TODAY) - days);
const daily = (first: number, last: number, activeUsers: number): StoredFact[] =>
  Array.from({ length: first - last + 1 }, (_, i) =>
    fact('usage', daysAgo(first - i), { feature: null, metrics: { activeUsers } }, { id: 'use' }),
  );
const calls = (...ago: number[]): StoredFact[] => ago.map((n) => fact('activity', daysAgo(n), { type: 'call' }));
const one = (more: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [signal('s', more)] }], ...rest });
const share = {
  from: { kind: 'usage', metric: 'activeUsers' },
  aggregation: 'ratio',
  using: 'average',
  windowDays: 28,
  to: [{ kind: 'account', metric: 'seats' }],
  ceiling: 100,
  ramp: RAMP,
  text: 'Active users {top} of {bottom} seats',
};
const line = (model: ReturnType<typeof one>, facts: StoredFact[], more: Partial<ScoringInput> = {}) =>
  scoreAccount(model, inputOf(facts, more)).contributions[0];

describe('a ramp', () => {
  test('judges day N against what is normal on day N', () => {
    const young = account({ seats: 50, createdOn: dateBefore(18) }, daysAgo(18));
    // Day 18: 20 % is normal, so 12 of 50 (24 %) is worth 24 × 60 ÷ 20 = 72 % of a mature account.
    expect(line(one(share), [young, ...daily(18, 1, 12)])).toMatchObject({
      raw: 24,
      value: 72 * POINT,
      text: 'Active users 12 of 50 seats; day 18 of onboarding, 10 is usual by then',
    });
  });

  test('of what is better low, says that much is usual at first', () => {
    const tickets = {
      from: { kind: 'ticket' },
      aggregation: 'count',
      windowDays: 90,
      direction: 'lower is better',
      curve: {
        linear: [
          [0, 100],
          [10, 0],
        ],
      },
      ramp: [
        [0, 8],
        [60, 2],
      ],
      text: '{value} tickets in {window} days',
    };
    const facts = Array.from({ length: 4 }, (_, i) =>
      fact('ticket', daysAgo(3), { openedAt: daysAgo(3) }, { id: `${i}` }),
    );
    // Day 20: 6 are usual; 4 count as 4 × 2 ÷ 6.
    expect(line(one(tickets), [account({ createdOn: dateBefore(20) }), ...facts])).toMatchObject({
      raw: 4,
      value: Math.round((100 - (4 * 2 * 10) / 6) * POINT),
      text: '4 tickets in 20 days; day 20 of onboarding, 6 is usual by then',
    });
  });

  test('ends with onboarding, without a leap', () => {
    // Day 89: 59.5 is normal, so 40 × 60 ÷ 59.5.
    const on = (day: number) =>
      line(one(share), [account({ seats: 50, createdOn: dateBefore(day) }), ...daily(28, 1, 20)]);
    expect([on(89)?.value, on(90)?.value, on(400)?.value]).toEqual([403_361, 40 * POINT, 40 * POINT]);
    expect(on(90)?.text).toBe('Active users 20 of 50 seats');
  });

  test('begins where the model says: by the first date that is known', () => {
    const record = account({ seats: 50, createdOn: null });
    const started = fact('subscription', daysAgo(18), { startOn: dateBefore(18), seats: 50 });
    const facts = [record, started, ...daily(18, 1, 12)];
    expect(line(one(share), facts)?.value).toBe(72 * POINT);
    expect(line(one(share, { onboarding: { from: ['createdOn'] } }), facts)?.value).toBe(24 * POINT);
    expect(
      line(one(share, { onboarding: { days: 100, from: ['subscription start'] } }), [
        account({ seats: 50 }),
        ...facts.slice(1),
      ])?.value,
    ).toBe(72 * POINT);
  });

  test('makes nothing of what `empty` says, and clips at the ceiling', () => {
    const young = account({ seats: 50, createdOn: dateBefore(18) });
    expect(line(one({ ...share, empty: 10 }), [young])).toMatchObject({ raw: 10, value: 10 * POINT });
    expect(line(one(share), [young, ...daily(18, 1, 45)])?.value).toBe(100 * POINT);
  });

  test('is monotone, never for less than the figure itself, and the figure itself at the end', () => {
    const value = fc.double({ min: -1000, max: 1000, noNaN: true });
    const day = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(value, value, day, (x, y, n) => {
        const [low, high] = [Math.min(x, y), Math.max(x, y)];
        for (const direction of ['higher is better', 'lower is better'] as const)
          expect(ramped(RAMP, direction, n, low)).toBeLessThanOrEqual(ramped(RAMP, direction, n, high));
        expect(ramped(RAMP, 'higher is better', n, x)).toBeGreaterThanOrEqual(x);
        expect(ramped(RAMP, 'lower is better', n, x)).toBeLessThanOrEqual(x);
        expect(ramped(RAMP, 'higher is better', 90, x)).toBeCloseTo(x, 9);
      }),
    );
  });
});

describe('an account in onboarding', () => {
  const young = account({ seats: 50, createdOn: dateBefore(20) }, daysAgo(20));

  test('has its counts taken over the days since it began', () => {
    const monthly = { from: { kind: 'activity' }, aggregation: 'count', windowDays: 90, perDays: 30 };
    expect(line(one(monthly), [young, ...calls(2, 10)])?.raw).toBe(3); // 2 in 20 days
    expect(line(one(monthly), [account({ createdOn: dateBefore(95) }), ...calls(2, 10)])?.raw).toBe(0.666667);
    expect(line(one(monthly), [account({ createdOn: TODAY })])?.raw).toBe(0);
  });

  test('is not compared with days before it began', () => {
    const trend = { aggregation: 'trend', using: 'sum', windowDays: 14, text: '{value}' };
    const uses = { ...trend, from: { kind: 'usage', metric: 'activeUsers' } };
    // Rows from before it began (a trial) do not make it comparable.
    expect(line(one(uses), [young, ...daily(60, 1, 5)])?.missing).toBe('the account began 20 days ago');
    const stock = { ...trend, from: { kind: 'subscription', metric: 'seats' } };
    const started = fact('subscription', daysAgo(20), { startOn: dateBefore(20), seats: 10 });
    expect(line(one(stock), [young, started])?.missing).toBe('the account began 20 days ago');
    expect(line(one(uses), [account({ createdOn: dateBefore(27) }), ...daily(27, 1, 5)])?.raw).toBeCloseTo(7.692308, 5);
  });

  test('that held nothing yet has not grown from nothing, nor has one that was known longer', () => {
    const growth = {
      from: { kind: 'subscription', metric: 'seats' },
      aggregation: 'trend',
      using: 'sum',
      windowDays: 365,
    };
    const started = (days: number) => fact('subscription', daysAgo(days), { startOn: dateBefore(days), seats: 10 });
    const facts = [account(), started(200)];
    expect(line(one(growth), facts)?.missing).toBe('no earlier figure to compare with');
    expect(line(one(growth), [account(), started(400), started(200)])?.raw).toBe(100);
  });

  test('has been silent for no longer than it exists', () => {
    const silence = {
      from: { kind: 'activity' },
      aggregation: 'daysSince',
      windowDays: 270,
      empty: 270,
      direction: 'lower is better',
      curve: {
        linear: [
          [0, 100],
          [100, 0],
        ],
      },
      emptyText: 'No contact in {window} days',
    };
    expect(line(one(silence), [young])).toMatchObject({ raw: 20, value: 80 * POINT, text: 'No contact in 20 days' });
    expect(line(one(silence), [account()])).toMatchObject({ raw: 270, value: 0, text: 'No contact in 270 days' });
  });

  test('is said to be in onboarding, as the model counts it', () => {
    const of = (createdOn: string | null, onboarding = {}) =>
      scoreWithTrend(
        one({ ...share, ramp: undefined }, { onboarding }),
        inputOf([account({ createdOn }), ...daily(5, 1, 1)]),
        null,
      ).lifecycle;
    expect([of(dateBefore(89)), of(dateBefore(90)), of(null), of(dateBefore(50), { days: 50 })]).toEqual([
      'onboarding',
      'mature',
      null,
      'mature',
    ]);
  });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'after onboarding',
    {
      ramp: [
        [0, 1],
        [91, 2],
      ],
    },
    /the ramp ends on day 91, and onboarding on day 90/,
  ],
  ['without a direction', { ramp: RAMP, direction: 'middle is best' }, /a ramp needs a direction/],
  ['of categories', { ramp: RAMP, curve: { lookup: { good: 1 } } }, /a ramp is for numbers/],
  [
    'that turns back',
    {
      ramp: [
        [5, 1],
        [5, 2],
      ],
    },
    /days must rise/,
  ],
  [
    'that begins at nothing',
    {
      ramp: [
        [0, 0],
        [5, 2],
      ],
    },
    /expected number to be >0/,
  ],
])('a ramp %s is refused', (_, more, message) => {
  expect(() => one({ ...share, ...more })).toThrow(message);
});
