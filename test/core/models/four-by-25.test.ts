import { describe, expect, test } from 'vitest';
import type { StoredFact } from '../../../src/core/fact.ts';
import { account } from '../helpers.ts';
import { broughtBy, calls, daily, nps, pointsOf, scored, severe, shipped, ticket, worth, worths } from './raw.ts';

const model = shipped('four-by-25');

interface Raw {
  seats?: number;
  /** Active users until 29 days ago, and since. */
  users?: [before: number, now: number];
  /** Features used of 100. */
  features?: number;
  milestones?: number;
  severe?: number;
  /** Hours to a solved ticket. */
  hours?: number;
  touchpoints?: number;
  answers?: number[];
}

/** 18 + 22 + 23 + 16, from what a person would note. */
const EXAMPLE: Required<Raw> = {
  seats: 450,
  users: [500, 300], // 300 ÷ 450 = 66.67 % is worth 85 + 6.67 × 0.75 = 90; 500 → 300 is −40 %, worth 30
  severe: 0, // 100
  hours: 38, // half of … 30 of the 40 hours from 8 (100) to 48 (60): 70
  milestones: 100, // 100
  features: 48, // 18 of the 30 points from 30 (60) to 60 (100): 84
  touchpoints: 4, // 45
  answers: [10, 9, 9, 8, 0], // three promoters, one detractor of five: NPS 40, worth 55 + 40 × 0.7 = 83
};

function factsOf(raw: Raw): StoredFact[] {
  const r = { ...EXAMPLE, ...raw };
  const figures = (activeUsers: number) => ({ activeUsers, featuresUsed: r.features, featuresAvailable: 100 });
  return [
    account({ seats: r.seats, attributes: { onboardingCompletion: r.milestones } }),
    ...daily(figures(r.users[0]), 100, 29),
    ...daily(figures(r.users[1]), 28),
    ...severe(r.severe),
    ticket({ resolutionHours: r.hours }),
    ...calls(r.touchpoints),
    ...nps(r.answers),
  ];
}
const score = (raw: Raw = {}) => scored(model, factsOf(raw), null, ['milestones']);

describe('four-by-25', () => {
  test('18 + 22 + 23 + 16 = 79 is green', () => {
    const part = score();
    expect(worths(part)).toEqual({
      'active-share': 90,
      'usage-trend': 30,
      'severe-tickets': 100,
      'resolution-time': 70,
      milestones: 100,
      adoption: 84,
      touchpoints: 45,
      nps: 83,
    });
    // 0.7 × 90 + 0.3 × 30 = 72; 0.6 × 100 + 0.4 × 70 = 88; (100 + 84) ÷ 2 = 92; (45 + 83) ÷ 2 = 64; a quarter of each
    expect(broughtBy(part)).toEqual({ usage: 18, support: 22, onboarding: 23, engagement: 16 });
    expect(part).toMatchObject({ points: 790_000, score: 79, band: 'green', confidence: 1 });
  });

  test.each<[Raw, number, number, string]>([
    // An hour more to a solved ticket is 0.1 of the score: 25 % × 40 % × 1.
    [{ touchpoints: 0, hours: 27.5 }, 74.425, 74, 'yellow'], // 79 − 5.625 + 1.05
    [{ touchpoints: 0, hours: 26.75 }, 74.5, 75, 'green'],
    [{ touchpoints: 0, hours: 27.75 }, 74.4, 74, 'yellow'],
    // 79 − 5.625 (no touchpoints) − 10.375 (NPS −100) − 12.5 (no milestone) = 50.5
    [{ touchpoints: 0, answers: [0], milestones: 0, hours: 48 }, 49.5, 50, 'yellow'],
    [{ touchpoints: 0, answers: [0], milestones: 0, hours: 50 }, 49.4, 49, 'red'], // two hours more, half as steep,
  ])('%o: %s shows as %s, %s', (raw, points, shown, band) => {
    const part = score(raw);
    expect(pointsOf(part)).toBe(points);
    expect(part).toMatchObject({ score: shown, band });
  });

  test('all good and all bad', () => {
    const best = { seats: 100, users: [100, 120], features: 60, hours: 8, touchpoints: 13, answers: [10] } as const;
    const worst = { users: [500, 10], features: 0, milestones: 0, severe: 9, touchpoints: 0, answers: [0] } as const;
    expect(score({ ...best, users: [100, 120], answers: [10] })).toMatchObject({ score: 100, band: 'green' });
    expect(score({ ...worst, users: [500, 10], answers: [0], hours: 200 })).toMatchObject({ score: 0, band: 'red' });
  });

  test('an executive counts once it is switched on', () => {
    expect(worth(model, factsOf({}), 'executive-contact')).toBe(0);
  });
});
