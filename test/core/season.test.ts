import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOf } from '../../src/core/days.ts';
import type { StoredFact } from '../../src/core/fact.ts';
import { YEAR_DAYS } from '../../src/core/measure.ts';
import { lookBackDays } from '../../src/core/model.ts';
import { scoreAccount } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, signal, TODAY } from './helpers.ts';

const measured = (more: Record<string, unknown>) =>
  modelOf({
    dimensions: [
      {
        key: 'd',
        weight: 1,
        signals: [
          signal('s', {
            from: { kind: 'usage', metric: 'uses' },
            aggregation: 'trend',
            using: 'sum',
            windowDays: 28,
            against: 'year before',
            text: 'Use {top} against {bottom}: {value} %',
            ...more,
          }),
        ],
      },
    ],
  });
const line = (facts: StoredFact[], more: Record<string, unknown> = {}) =>
  scoreAccount(measured(more), inputOf([account(), ...facts])).contributions[0];
const use = (ago: number, uses: number): StoredFact =>
  fact('usage', daysAgo(ago), { feature: null, metrics: { uses } }, { id: 'use' });
const days = (first: number, last: number, of: (ago: number) => number): StoredFact[] =>
  Array.from({ length: first - last + 1 }, (_, i) => use(first - i, of(first - i)));

describe('a trend against the year before', () => {
  test('compares the same weeks, 364 days earlier', () => {
    const facts = [...days(392, 365, () => 10), use(364, 1000), use(393, 1000), ...days(28, 1, () => 15)];
    expect(line(facts)).toMatchObject({ raw: 50, text: 'Use 420 against 280: +50 %' });
  });

  test('of a customer with nothing but a season is flat, on every day of the year', () => {
    // By weekday and by season, each year the same 52 weeks.
    const season = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: YEAR_DAYS, maxLength: YEAR_DAYS });
    const windows = fc.constantFrom(7, 14, 28, 90);
    fc.assert(
      fc.property(season, windows, fc.constantFrom('trend', 'deviation'), (year, windowDays, aggregation) => {
        const facts = days(YEAR_DAYS + 90, 1, (ago) => year[(dayOf(TODAY) - ago) % YEAR_DAYS] ?? 0);
        const found = line(facts, { windowDays, aggregation });
        expect(found?.raw).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test('is missing where the same weeks were not seen, with the reason', () => {
    const found = line(days(384, 1, () => 10));
    expect(found?.missing).toBe('no data of the same weeks a year before');
    // Three quarters of them were.
    expect(line(days(385, 1, () => 10))?.raw).toBeCloseTo(33.333, 2);
  });

  test('of what the account holds compares with what it held', () => {
    const arr = (minor: number) => ({ arr: { minor, currency: 'EUR' } });
    const facts = [account(arr(100_00), daysAgo(500)), account(arr(130_00), daysAgo(100))];
    const model = measured({ from: { kind: 'account', metric: 'arr' } });
    expect(scoreAccount(model, inputOf(facts)).contributions[0]?.raw).toBe(30);
  });
});

describe('a deviation from the year before', () => {
  const deviation = { aggregation: 'deviation', windowDays: 14, baselineDays: 28, against: 'year before' };
  test('compares with the baseline that ended a year before, for as many days', () => {
    const facts = [...days(392, 365, () => 10), ...days(14, 1, () => 5)];
    expect(line(facts, deviation)).toMatchObject({ raw: -50, text: 'Use 70 against 140: −50 %' });
    expect(line(facts, { ...deviation, using: 'average' })?.raw).toBe(-50);
  });
});

test('without it, and against the previous window, nothing is different', () => {
  const facts = [...days(56, 29, () => 10), ...days(28, 1, () => 15)];
  expect(line(facts, { against: 'previous window' })?.raw).toBe(50);
  expect(line(facts, { against: undefined })?.raw).toBe(50);
});

test('is for trends and deviations', () => {
  expect(() => measured({ aggregation: 'sum', using: undefined })).toThrow(/`against` belongs to trend and deviation/);
});

test('looks a year further back, and 30 days more for the trend of the score', () => {
  expect(lookBackDays(measured({}))).toBe(364 + 28 + 31);
  expect(lookBackDays(measured({ aggregation: 'deviation', windowDays: 14, baselineDays: 100 }))).toBe(364 + 100 + 31);
  expect(lookBackDays(measured({ against: undefined }))).toBe(365 + 31);
});
