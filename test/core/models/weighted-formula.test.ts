import { describe, expect, test } from 'vitest';
import type { StoredFact } from '../../../src/core/fact.ts';
import type { CoverageKey } from '../../../src/core/vocabulary.ts';
import { account, daysAgo, fact } from '../helpers.ts';
import {
  arr,
  broughtBy,
  calls,
  daily,
  executive,
  expansion,
  invoices,
  nps,
  pointsOf,
  rated,
  scored,
  seats,
  severe,
  shipped,
  trendOf,
  worth,
  worths,
} from './raw.ts';

const model = shipped('weighted-formula');

/** Nobody says whether there is any. */
const UNKNOWN: CoverageKey[] = ['training', 'community', 'advocacy'];

/** One account, noted by hand. */
const ACME: StoredFact[] = [
  seats(50),
  // 40 of 50 seats; 9 of 12 features; 18 × 28 = 504 logins ÷ 40 users = 12.6 in four weeks, of 18 that are the benchmark (4.5 a week)
  ...daily({ activeUsers: 40, featuresUsed: 9, featuresAvailable: 12, logins: 18, basicUses: 60, advancedUses: 30 }),
  ...calls(8), // 2 a month
  ...executive(120),
  ...nps([10, 9, 8, 7, 3]), // two promoters, one detractor of five: 20
  fact('survey', daysAgo(30), { type: 'csat', score: 4, scaleMin: 1, scaleMax: 5 }),
  ...severe(2),
  ...arr(100_000, 110_000),
  ...invoices(9, 1),
  expansion(),
];

describe('weighted-formula', () => {
  test('every signal of one account by hand', () => {
    expect(worths(scored(model, ACME, null, UNKNOWN))).toMatchObject({
      'active-share': 80, // 40 ÷ 50
      adoption: 75, // 9 ÷ 12
      frequency: 70, // 12.6 ÷ 18
      depth: 50, // 30 ÷ 60
      touchpoints: 80, // 2 a month
      'executive-contact': 80, // 120 days: half way from 90 (100) to 150 (60)
      nps: 60, // (20 + 100) ÷ 2
      csat: 75, // (4 − 1) ÷ (5 − 1)
      'support-health': 80, // 2 severe tickets
      'arr-trend': 75, // +10 %
      'on-time-payments': 90, // 9 of 10
      utilization: 80,
      expansion: 100,
    });
  });

  test('and its score', () => {
    const part = scored(model, ACME, null, UNKNOWN);
    expect(broughtBy(part)).toEqual({
      usage: 25.725, // 35 × (0.4 × 80 + 0.3 × 75 + 0.2 × 70 + 0.1 × 50 = 73.5) ÷ 100
      engagement: 20, // 25 × (35 × 80 + 25 × 80) ÷ 60 ÷ 100: training and community are unknown
      sentiment: 17.3611, // 25 × (40 × 60 + 30 × 75 + 20 × 80 = 6250) ÷ 90 ÷ 100 = 17.36111…
      financial: 12.45, // 15 × (0.4 × 75 + 0.3 × 90 + 0.2 × 80 + 0.1 × 100 = 83) ÷ 100
    });
    expect(part).toMatchObject({ points: 755_361, score: 76, band: 'yellow' });
    // unknown: 25 % × 40 % and 25 % × 10 %
    expect(part.confidence).toBe(0.875);
  });

  test.each([
    // usage 73.5, engagement 80, sentiment 69.4444…, financial 83
    ['enterprise', 75.8611, 76], // 22.05 + 24 + 17.36111 + 12.45
    ['mid-market', 75.5361, 76],
    ['smb', 75.2111, 75], // 29.4 + 16 + 17.36111 + 12.45
    [null, 75.5361, 76],
  ])('in segment %s it is %s', (segment, points, score) => {
    const part = scored(model, ACME, segment, UNKNOWN);
    expect(pointsOf(part)).toBe(points);
    expect(part.score).toBe(score);
  });
});

describe('formulas', () => {
  const of = (key: string, facts: StoredFact[]) => worth(model, facts, key);

  test.each([
    [[], null],
    [[daily({ activeUsers: 0 })], 0],
    [[daily({ activeUsers: 25 })], 50],
    [[daily({ activeUsers: 50 })], 100],
    [[daily({ activeUsers: 80 })], 100], // more than seats is clipped
  ])('active users ÷ seats %#', (facts, value) => expect(of('active-share', [seats(50), ...facts.flat()])).toBe(value));

  test('zero seats are impossible, so that the share is missing', () => {
    expect(of('active-share', [seats(0), ...daily({ activeUsers: 5 })])).toBeNull();
    expect(scored(model, [seats(0), ...daily({ activeUsers: 5 })]).impossible.join()).toContain('seats 0');
  });

  test.each([
    [{ featuresUsed: 6 }, 50], // 12 features unless the product says otherwise
    [{ featuresUsed: 6, featuresAvailable: 24 }, 25],
    [{ featuresUsed: 12 }, 100],
    [{ featuresUsed: 15 }, 100],
  ])('features used ÷ available %o', (metrics, value) => expect(of('adoption', daily(metrics))).toBe(value));

  test.each([
    // logins a day × 28 ÷ users ÷ 4 weeks ÷ 4.5
    [{ activeUsers: 14, logins: 9 }, 100], // 4.5 a week each
    [{ activeUsers: 28, logins: 9 }, 50],
    [{ activeUsers: 14, logins: 18 }, 100], // above the benchmark
    [{ activeUsers: 7, logins: 0 }, 0],
  ])('logins a week ÷ 4.5 %o', (metrics, value) => expect(of('frequency', daily(metrics))).toBe(value));

  test.each([
    [{ basicUses: 40, advancedUses: 10 }, 25],
    [{ basicUses: 40, advancedUses: 40 }, 100],
    [{ basicUses: 40, advancedUses: 90 }, 100], // clipped at 1
    [{ uses: 50, advancedUses: 10 }, 25], // basic = all − advanced
    [{ basicUses: 0, advancedUses: 10 }, null],
  ])('advanced ÷ basic use %o', (metrics, value) => expect(of('depth', daily(metrics))).toBe(value));

  test.each([
    [0, 0],
    [2, 22.5], // half a month's one
    [4, 45],
    [6, 62.5],
    [8, 80],
    [12, 100],
    [20, 100],
  ])('%s touchpoints in four months', (n, value) => expect(of('touchpoints', calls(n))).toBe(value));

  test.each([
    [10, 100],
    [90, 100],
    [150, 60],
    [210, 30],
    [269, 0.5],
    [270, 0], // outside of the window: as if there never was one
  ])('an executive %s days ago', (ago, value) => expect(of('executive-contact', executive(ago))).toBe(value));

  test.each([
    [[0, 6], 0], // −100
    [[7, 8], 50], // 0
    [[9, 10], 100], // 100
    [[9, 8, 8, 8], 62.5], // 25
    [[10, 10, 0], 66.6667], // 33.3333…
  ])('NPS of %j', (answers, value) => expect(of('nps', nps(answers))).toBe(value));

  test.each([
    [1, 0],
    [2, 25],
    [3, 50],
    [4, 75],
    [5, 100],
    [6, null], // impossible
  ])('CSAT %s of 1…5', (score, value) =>
    expect(of('csat', [fact('survey', daysAgo(5), { type: 'csat', score, scaleMin: 1, scaleMax: 5 })])).toBe(value),
  );
  test('CSAT of tickets counts where no survey asks', () => expect(of('csat', [rated(75)])).toBe(75));

  test.each([
    [0, 100],
    [1, 90],
    [2, 80],
    [5, 40],
    [7, 20],
    [9, 0],
    [12, 0],
  ])('%s severe tickets', (n, value) => expect(of('support-health', severe(n))).toBe(value));

  test.each([
    [70, 0],
    [80, 0],
    [90, 25],
    [100, 50],
    [105, 62.5],
    [110, 75],
    [120, 100],
    [200, 100],
  ])('ARR 100 → %s', (now, value) => expect(of('arr-trend', arr(100, now))).toBe(value));

  test.each([
    [10, 0, 100],
    [3, 1, 75],
    [0, 2, 0],
  ])('%s invoices on time, %s late', (onTime, late, value) =>
    expect(of('on-time-payments', invoices(onTime, late))).toBe(value),
  );

  test.each([
    [{ trainingCompletion: 40 }, 'training', 40],
    [{ communityPosts: 2 }, 'community', 40], // of five a quarter
    [{ communityPosts: 9 }, 'community', 100],
    [{ advocacyCount: 1 }, 'advocacy', 50], // of two
    [{ advocacyCount: 3 }, 'advocacy', 100],
  ])('%o', (attributes, key, value) => {
    const part = scored(model, [account({ attributes })], null, UNKNOWN);
    expect(worths(part)[key]).toBe(value);
  });

  test('training, posts and references from rows of their own go before an account field', () => {
    const own = account({ attributes: { trainingCompletion: 10, communityPosts: 5, advocacyCount: 2 } });
    const course = (completed: boolean) => fact('training', daysAgo(40), { type: 'course', completed });
    expect(of('training', [own, course(true), course(true), course(true), course(false)])).toBe(75);
    expect(of('training', [own])).toBe(10);
    const posts = [10, 60, 120].map((ago) => fact('community', daysAgo(ago), { type: 'post' }));
    expect(of('community', [own, ...posts])).toBe(40); // two within 91 days, of five
    expect(of('advocacy', [own, fact('advocacy', daysAgo(200), { type: 'reference' })])).toBe(50); // one of two
  });

  test('use of the paid seats', () => {
    const paid = fact('subscription', daysAgo(300), { seats: 40, startOn: '2024-01-01' });
    expect(of('utilization', [paid, ...daily({ activeUsers: 30 })])).toBe(75);
    expect(of('utilization', [paid, ...daily({ activeUsers: 50 })])).toBe(100);
  });

  test('expansions', () => {
    expect(of('expansion', [])).toBe(50);
    expect(of('expansion', [expansion()])).toBe(100);
    expect(of('expansion', [expansion(400)])).toBe(50);
  });
});

/** What nobody covers in the accounts below: there, usage 80 of 100, CSAT (and NPS) and three figures of money are known. */
const GAPS: CoverageKey[] = ['activity', 'email', 'contacts', 'tickets', 'training', 'community', 'advocacy'];
const csat = (percent: number, ago: number): StoredFact =>
  fact('survey', daysAgo(ago), { type: 'csat', score: percent, scaleMin: 0, scaleMax: 100 });

/** Every dimension at the same value: no expansion is worth 50 and weighs 10, so ARR has to make up for it. */
const evenly = (value: number, satisfaction: StoredFact[] = [csat(value, 20)]): StoredFact[] => [
  seats(1000),
  ...daily(
    {
      ...{ activeUsers: value * 10, featuresUsed: value * 10, featuresAvailable: 1000 },
      ...{ basicUses: 1000, advancedUses: value * 10 },
    },
    170,
  ),
  ...satisfaction,
  // (40 a + 20 × value + 10 × 50) ÷ 70 = value, where a = 50 + 2.5 × growth in percent
  ...arr(1_000_000, 1_000_000 + 10_000 * ((1.25 * value - 12.5 - 50) / 2.5)),
];

describe('bands', () => {
  test.each([
    [59.4, 59, 'red'],
    [59.5, 60, 'yellow'],
    [79, 79, 'yellow'], // green in four-by-25: bands belong to the model
    [79.4, 79, 'yellow'],
    [79.5, 80, 'green'],
  ])('%s shows as %s, %s', (value, score, band) => {
    const part = scored(model, evenly(value), null, GAPS);
    expect(pointsOf(part)).toBe(value);
    expect(part).toMatchObject({ score, band });
  });
});

describe('velocity', () => {
  // Without engagement, sentiment is a third; of it CSAT is 30 of 70 and NPS 40 of 70: 1/7 and 4/21 of the score.
  const eight: [number[], number[]] = [[8], [8]];
  const low = Array.from({ length: 50 }, (_, i) => (i < 13 ? 0 : 8)); // NPS −26, worth 37; to 100 that is 63 more, so 12
  test.each<[string, [number, number], [number[], number[]], number]>([
    ['improving', [20, 62], eight, 6], // 42 ÷ 7; 0.2 a day
    ['stable', [20, 61.9993], eight, 5.9999],
    ['declining', [62, 20], eight, -6],
    ['stable', [61.9993, 20], eight, -5.9999],
    ['improving fast', [20, 41], [low, [10]], 15], // 21 ÷ 7 + 12; 0.5 a day
    ['improving', [20, 40.9993], [low, [10]], 14.9999],
    ['declining fast', [41, 20], [[10], low], -15],
    ['declining', [40.9993, 20], [[10], low], -14.9999],
  ])('%s', (trend, [before, now], [answersBefore, answersNow], change) => {
    // Each in one of the two windows only: CSAT looks back 180 days, NPS 365.
    const answers = [csat(before, 200), csat(now, 20), ...nps(answersBefore, 380), ...nps(answersNow, 10)];
    const result = trendOf(model, evenly(60, answers), GAPS);
    expect((result.change30 ?? Number.NaN) / 10_000).toBe(change);
    expect(result.trend).toBe(trend);
  });
});
