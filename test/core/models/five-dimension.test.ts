import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../src/core/days.ts';
import type { StoredFact } from '../../../src/core/fact.ts';
import { account, daysAgo, fact } from '../helpers.ts';
import {
  arr,
  broughtBy,
  calls,
  daily,
  executive,
  invoices,
  iso,
  nps,
  pointsOf,
  rated,
  scored,
  seats,
  severe,
  shipped,
  ticket,
  worth,
  worths,
} from './raw.ts';

const model = shipped('five-dimension');

/** One account, noted by hand. */
const ACME: StoredFact[] = [
  seats(100),
  ...daily({ activeUsers: 30 }),
  ...severe(5),
  rated(75),
  ...invoices(3, 1),
  ...calls(8),
  ...executive(120),
  ...nps([10, 8]),
];

describe('five-dimension', () => {
  test('every signal of one account by hand', () => {
    expect(worths(scored(model, ACME))).toEqual({
      'active-share': 50, // 30 %
      'usage-trend': 90, // as before
      'severe-tickets': 40,
      'ticket-satisfaction': 80, // 75: half way from 60 (60) to 90 (100)
      'on-time-payments': 60, // 75 %
      touchpoints: 80,
      'executive-contact': 80, // 120 days: half way from 90 (100) to 150 (60)
      nps: 90, // 50
    });
  });

  test('and its score', () => {
    const part = scored(model, ACME);
    expect(broughtBy(part)).toEqual({
      usage: 18.6, // 30 × (0.7 × 50 + 0.3 × 90 = 62) ÷ 100
      support: 11.2, // 20 × (0.6 × 40 + 0.4 × 80 = 56) ÷ 100
      billing: 9, // 15 × 60 ÷ 100
      engagement: 12, // 15 × 80 ÷ 100
      relationship: 17, // 20 × (0.5 × 80 + 0.5 × 90 = 85) ÷ 100
    });
    expect(part).toMatchObject({ points: 678_000, score: 68, band: 'yellow', confidence: 1 });
  });

  test.each([
    // In a larger company 5 severe tickets are worth 80, and 8 touchpoints 45 + 2 ÷ 6 × 35 = 56.6667
    ['enterprise', 22 * 62 + 18 * (0.6 * 80 + 0.4 * 80) + 15 * 60 + 15 * (45 + 35 / 3) + 30 * 85],
    ['mid-market', 6780],
    // In a small one 8 touchpoints are worth 80 + 3 ÷ 4 × 20 = 95
    ['smb', 40 * 62 + 20 * 56 + 15 * 60 + 15 * 95 + 10 * 85],
  ])('in segment %s', (segment, hundredfold) => {
    expect(pointsOf(scored(model, ACME, segment))).toBe(hundredfold / 100);
  });

  test('without support data its weight goes to the others, and confidence falls by 20 %', () => {
    const part = scored(model, ACME, null, ['tickets']);
    // (18.6 + 9 + 12 + 17) ÷ 80 × 100 = 70.75
    expect(part).toMatchObject({ points: 707_500, confidence: 0.8, coverage: 'no support data' });
  });
});

describe('bands', () => {
  // ratings weigh 20 × 40 = 8 %; from 60 to 90 each 0.9375 of them is 0.1 of the score
  const base: StoredFact[] = [
    ...ACME.filter((f) => f.kind !== 'survey' && f.kind !== 'contact' && f.kind !== 'activity'),
    ...calls(8),
    ...executive(90), // 100
    ...nps([0]), // 0
  ];
  const withRating = (rating: number) =>
    base.map((f) => (f.kind === 'ticket' && f.data.satisfaction ? rated(rating) : f));
  test.each([
    // 0.21 × 50 + 0.09 × 90 + 0.12 × 40 + 0.15 × 60 + 0.15 × 80 + 0.1 × 100 + 0 = 54.4, and 4.8 for a rating of 60
    [60 + 2 * 0.9375, 59.4, 59, 'red'],
    [60 + 3 * 0.9375, 59.5, 60, 'yellow'],
  ])('a rating of %s: %s shows as %s, %s', (rating, points, score, band) => {
    const part = scored(model, withRating(rating));
    expect(pointsOf(part)).toBe(points);
    expect(part).toMatchObject({ score, band });
  });

  test.each([
    // 10.5 + 8.1 + 4.8 + 0.15 × 100 + 0.15 × 100 + 10 + 0.1 × 90 = 72.4, and 4.8
    [60 + 22 * 0.9375, 79.4, 79, 'yellow'],
    [60 + 23 * 0.9375, 79.5, 80, 'green'],
  ])('a rating of %s: %s shows as %s, %s', (rating, points, score, band) => {
    const others = withRating(rating).filter((f) => !['invoice', 'activity', 'contact', 'survey'].includes(f.kind));
    const facts = [...others, ...invoices(19, 1), ...calls(13), ...executive(90), ...nps([10, 8])];
    const part = scored(model, facts);
    expect(pointsOf(part)).toBe(points);
    expect(part).toMatchObject({ score, band });
  });
});

describe('signals that are on', () => {
  const of = (key: string, facts: StoredFact[]) => worth(model, facts, key);

  test.each([
    [5, 0],
    [17.5, 25],
    [30, 50],
    [45, 67.5],
    [60, 85],
    [80, 100],
    [100, 100],
    [140, 100], // more than seats is clipped
  ])('%s %% of seats in use', (users, value) =>
    expect(of('active-share', [seats(100), ...daily({ activeUsers: users })])).toBe(value),
  );

  test.each([
    [30, 0], // −70 %
    [60, 30], // −40 %
    [80, 60],
    [90, 75],
    [100, 90],
    [110, 95],
    [120, 100],
    [500, 100],
  ])('from 100 users to %s in 28 days', (now, value) =>
    expect(of('usage-trend', [...daily({ activeUsers: 100 }, 100, 29), ...daily({ activeUsers: now }, 28)])).toBe(
      value,
    ),
  );

  test.each([
    [20, 0],
    [40, 30],
    [60, 60],
    [90, 100],
    [100, 100],
  ])('tickets rated %s', (rating, value) => expect(of('ticket-satisfaction', [rated(rating)])).toBe(value));

  test.each([
    [4, 6, 0], // 40 %
    [6, 4, 34.2857], // 20 ÷ 35 × 60
    [3, 1, 60],
    [9, 1, 90], // 75 % + three quarters of the way to 95 %
    [1, 0, 100],
  ])('%s invoices on time and %s late', (onTime, late, value) =>
    expect(of('on-time-payments', invoices(onTime, late))).toBe(value),
  );

  test.each([
    [[0], 0],
    [[0, 8], 27.5], // −50
    [[8], 55],
    [[10, 8, 8, 8], 72.5], // 25
    [[10], 100],
  ])('NPS of %j', (answers, value) => expect(of('nps', nps(answers))).toBe(value));
});

describe('signals that are offered', () => {
  const of = (key: string, facts: StoredFact[]) => worth(model, facts, key);
  const feature = (name: string, metrics: Record<string, number>) =>
    fact('usage', daysAgo(3), { feature: name, metrics }, { id: `use ${name}` });
  const met = (ids: string[], more: Record<string, unknown> = {}, ago = 10) =>
    fact('activity', daysAgo(ago), { type: 'meeting', userId: 'U1', contactIds: ids, ...more });
  const overdue = (failedPayments: number) =>
    fact('invoice', daysAgo(40), { issuedOn: iso(40), dueOn: iso(20), failedPayments });

  test.each<[string, StoredFact[], number | null]>([
    ['days-since-use', daily({ activeUsers: 1 }, 60, 14), 60],
    ['days-since-use', daily({ activeUsers: 1 }, 60, 2), 100],
    ['days-since-use', [], 0], // not used in 180 days
    ['breadth', [feature('a', { uses: 1 }), feature('b', { uses: 1 }), feature('c', { uses: 1 })], 50], // 3 of 12: 25 %
    ['depth', daily({ uses: 100, advancedUses: 35 }), 85], // half way from 20 % (70) to 50 % (100)
    ['depth', daily({ uses: 100, advancedUses: 0 }), 20],
    ['login-frequency', daily({ activeUsers: 28, logins: 9 }), 50], // 2.25 of 4.5 a week
    ['usage-drop', [...daily({ uses: 100 }, 200, 15), ...daily({ uses: 40 }, 14)], 0], // −60 %
    ['usage-drop', daily({ uses: 100 }, 200), 100],
    ['open-ticket-age', [ticket({ solvedAt: null, status: 'open' }, 20)], 30], // 20 days: half way from 10 (60) to 30 (0)
    ['open-ticket-age', [], 100],
    ['reopen-share', [ticket({ reopens: 1 }), ticket({ reopens: 0 })], 0], // 50 %
    ['reopen-share', [ticket({ reopens: 0 })], 100],
    ['ticket-trend', [ticket({}, 170), ticket({}, 20), ticket({}, 30)], 40], // +100 %: a third of the way from 50 (60) to 200 (0)
    ['ticket-trend', [ticket({}, 170), ticket({}, 20)], 100],
    ['resolution-time', [ticket({ resolutionHours: 28 })], 80], // half way from 8 (100) to 48 (60)
    ['resolution-time', [ticket({ resolutionHours: 108 })], 30],
    ['arr-growth', arr(100, 90), 35], // half way from −20 % (0) to 0 (70)
    ['arr-growth', arr(100, 110), 85],
    ['failed-payments', [overdue(1)], 70],
    ['failed-payments', [overdue(2), overdue(2)], 0],
    ['people-met', [met(['a']), met(['a', 'b'])], 60], // two: a third of the way from 1 (40) to 4 (100)
    ['people-met', [met(['a'], { cancelled: true })], 0],
    ['meetings', [met([]), met([]), met([])], 80], // one a month
    ['cancelled-meetings', [true, false, false, false].map((cancelled) => met([], { cancelled })), 70], // 25 %
    ['renewal-conversation', [], 30],
    ['champions', [fact('contact', daysAgo(90), { title: 'Champion', bounced: true }, { id: 'c' })], 0],
  ])('%s %#', (key, facts, value) => {
    const known = key === 'ticket-trend' ? [account({}, daysAgo(900)), ...facts] : facts;
    expect(of(key, known)).toBe(value);
  });

  test('utilization is best at four fifths of what is paid for', () => {
    const paid = fact('subscription', daysAgo(300), { seats: 100, startOn: '2024-01-01' });
    const at = (users: number) => of('utilization', [paid, ...daily({ activeUsers: users })]);
    expect([10, 35, 60, 80, 100, 130].map(at)).toEqual([0, 45, 90, 100, 90, 70]);
  });

  test('a contact about the renewal', () => {
    const deal = fact('opportunity', daysAgo(50), { renewal: true, closed: false, closeOn: iso(-40) }, { id: 'r' });
    const about = fact('activity', daysAgo(5) + DAY_MS / 2, { type: 'call', opportunityId: 'r' });
    expect(of('renewal-conversation', [deal, about])).toBe(55);
  });
});
