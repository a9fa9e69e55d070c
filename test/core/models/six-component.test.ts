import { describe, expect, test } from 'vitest';
import type { StoredFact } from '../../../src/core/fact.ts';
import { account } from '../helpers.ts';
import {
  broughtBy,
  calls,
  daily,
  executive,
  invoices,
  nps,
  pointsOf,
  rated,
  scored,
  severe,
  shipped,
  ticket,
  worth,
  worths,
} from './raw.ts';

const model = shipped('six-component');

interface Raw {
  /** Percent of seats in use. */
  users: number;
  severe: number;
  rating: number;
  invoices: [onTime: number, late: number];
  touchpoints: number;
  executiveAgo: number;
  answers: number[];
  milestones: number;
}
const ACME: Raw = {
  users: 30, // 50
  severe: 5, // 40
  rating: 75, // 80
  invoices: [3, 1], // 60
  touchpoints: 8, // 80
  executiveAgo: 150, // 60
  answers: [8], // 55
  milestones: 10,
};
function factsOf(raw: Partial<Raw>): StoredFact[] {
  const r = { ...ACME, ...raw };
  return [
    account({ seats: 100, attributes: { adoptionMilestones: r.milestones } }),
    ...daily({ activeUsers: r.users }), // its trend is level: 90
    ...severe(r.severe),
    rated(r.rating),
    ...invoices(...r.invoices),
    ...calls(r.touchpoints),
    ...executive(r.executiveAgo),
    ...nps(r.answers),
  ];
}
const score = (raw: Partial<Raw> = {}, own = model) => scored(own, factsOf(raw), null, ['milestones']);

describe('six-component', () => {
  test('one account by hand', () => {
    const part = score();
    expect(worths(part)).toEqual({
      'active-share': 50,
      'usage-trend': 90,
      'severe-tickets': 40,
      'ticket-satisfaction': 80,
      'on-time-payments': 60,
      touchpoints: 80,
      'executive-contact': 60,
      nps: 55,
      'adoption-milestones': 10,
    });
    expect(broughtBy(part)).toEqual({
      usage: 18.6, // 30 × 62 ÷ 100
      support: 11.2, // 20 × 56 ÷ 100
      financial: 12, // 20 × 60 ÷ 100
      engagement: 12, // 15 × 80 ÷ 100
      relationship: 8.625, // 15 × 57.5 ÷ 100
      milestones: 0, // no weight until it is set
    });
    expect(part).toMatchObject({ points: 624_250, score: 62, band: 'yellow', confidence: 1 });
  });

  test('milestones with a weight of 25 leave the other five as they are', () => {
    const dimensions = model.dimensions.map((d) => (d.key === 'milestones' ? { ...d, weight: 25 } : d));
    const part = score({}, { ...model, dimensions });
    expect(pointsOf(part)).toBe(51.94); // (62.425 × 100 + 10 × 25) ÷ 125
    expect(part.dimensions.map((d) => d.weight)).toEqual([0.24, 0.16, 0.16, 0.12, 0.12, 0.2]); // of 125
  });

  test('milestones that are unknown change nothing', () => {
    const unknown = factsOf({}).map((f) => (f.kind === 'account' ? account({ seats: 100 }) : f));
    expect(scored(model, unknown, null, ['milestones'])).toMatchObject({ points: 624_250, confidence: 1 });
  });

  test.each<[Partial<Raw>, number, number, string]>([
    // ratings weigh 8 %; from 60 to 90 each 0.9375 of them is 0.1: 10.5 + 8.1 + 4.8 + 12 + 12 + 4.5 + 0, and 4.8 for 60
    [{ answers: [0], rating: 60 + 27 * 0.9375 }, 59.4, 59, 'red'],
    [{ answers: [0], rating: 60 + 28 * 0.9375 }, 59.5, 60, 'yellow'],
    // 10.5 + 8.1 + 4.8 + 20 + 15 + 7.5 + 7.5, and 4.8
    [{ invoices: [1, 0], touchpoints: 13, executiveAgo: 90, answers: [10], rating: 71.25 }, 79.4, 79, 'yellow'],
    [{ invoices: [1, 0], touchpoints: 13, executiveAgo: 90, answers: [10], rating: 72.1875 }, 79.5, 80, 'green'],
  ])('%o: %s shows as %s, %s', (raw, points, shown, band) => {
    const part = score(raw);
    expect(pointsOf(part)).toBe(points);
    expect(part).toMatchObject({ score: shown, band });
  });

  test('0 shows as 1, and stays 0 in the sum', () => {
    // Use that fell by nine tenths, to 5 % of seats, and nothing good anywhere.
    const facts = [
      ...factsOf({ severe: 9, rating: 20, invoices: [0, 1], touchpoints: 0, executiveAgo: 280, answers: [0] }),
    ].filter((f) => f.kind !== 'usage');
    const part = scored(model, [...facts, ...daily({ activeUsers: 50 }, 100, 29), ...daily({ activeUsers: 5 }, 28)]);
    expect(part).toMatchObject({ points: 0, score: 1, band: 'red' });
    expect(score({ users: 90 }).score).toBeGreaterThan(1);
  });
});

describe('six-component-sentiment', () => {
  const variant = shipped('six-component-sentiment');
  const facts = [
    account({ seats: 100 }),
    ...daily({ activeUsers: 30 }),
    ticket({ sentiment: 20 }),
    ticket({ sentiment: 60 }),
    ticket({ sentiment: 100, satisfaction: 75 }),
    ...calls(8),
    ...nps([10, 8]),
    ...invoices(3, 1),
  ];

  test('usage 40, support sentiment 25, engagement 20, payment 15', () => {
    const part = scored(variant, facts);
    expect(worths(part)).toEqual({
      'active-share': 50,
      'usage-trend': 90,
      'ticket-sentiment': 60, // (20 + 60 + 100) ÷ 3
      'ticket-satisfaction': 80,
      touchpoints: 80,
      nps: 90,
      'on-time-payments': 60,
    });
    expect(broughtBy(part)).toEqual({
      usage: 24.8, // 40 × 62 ÷ 100
      support: 17.5, // 25 × (60 + 80) ÷ 2 ÷ 100
      engagement: 16.7, // 20 × (0.65 × 80 + 0.35 × 90 = 83.5) ÷ 100
      payment: 9, // 15 × 60 ÷ 100
    });
    expect(part).toMatchObject({ points: 680_000, score: 68, band: 'yellow', confidence: 1 });
  });

  test('tickets of which nobody could judge the text weigh nothing', () => {
    const part = scored(variant, [...facts.filter((f) => f.kind !== 'ticket'), ticket({ sentiment: null })]);
    expect(worths(part)).toMatchObject({ 'ticket-sentiment': null, 'ticket-satisfaction': null });
    expect(part.confidence).toBe(0.75);
    expect(worth(variant, [ticket({ sentiment: 0 })], 'ticket-sentiment')).toBe(0);
  });
});
