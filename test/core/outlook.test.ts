import { expect, test } from 'vitest';
import { outlookOf } from '../../src/core/outlook.ts';
import type { Trend } from '../../src/core/result.ts';
import { scoreWithTrend, thirtyDaysBefore } from '../../src/core/score.ts';
import { account, daysAgo, inputOf, modelOf, reads } from './helpers.ts';

const bands = ['gold', 'silver', 'bronze', 'lead'].map((key, i) => ({ key, from: 90 - 30 * i }));

test.each<[string, Trend, string | null]>([
  ['gold', 'declining fast', 'early warning'],
  ['gold', 'declining', 'early warning'],
  ['gold', 'stable', null],
  ['gold', 'improving fast', null],
  ['silver', 'declining fast', 'urgent'],
  ['bronze', 'declining fast', 'urgent'],
  ['silver', 'declining', null],
  ['lead', 'improving fast', 'recovery possible'],
  ['lead', 'improving', null],
  ['lead', 'declining fast', null],
  ['lead', 'new', null],
  ['not scored', 'declining fast', null],
])('%s and %s: %s', (band, trend, outlook) => {
  expect(outlookOf(band, trend, bands)).toBe(outlook);
});

const model = modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [reads('s', 1)] }] });
const moved = (from: number, to: number) => {
  const input = inputOf([
    account({ attributes: { s: from } }, daysAgo(60)),
    account({ attributes: { s: to } }, daysAgo(3)),
  ]);
  return scoreWithTrend(model, input, { ...input, ...thirtyDaysBefore(input) });
};

/** Velocity 0.2 and 0.5 a day are 6 and 15 points in 30 days, on unrounded scores. */
test.each<[number, number, Trend, string | null]>([
  [90, 84.0001, 'stable', null],
  [90, 84, 'declining', 'early warning'],
  [95, 80.0001, 'declining', 'early warning'],
  [95, 80, 'declining fast', 'early warning'],
  [76, 61, 'declining fast', 'urgent'],
  [76, 61.0001, 'declining', null],
  [40, 54.9999, 'improving', null],
  [40, 55, 'improving fast', 'recovery possible'],
  // The band is decided by the rounded score: 59.5 is yellow.
  [74.5, 59.5, 'declining fast', 'urgent'],
  [44.4, 59.4, 'improving fast', 'recovery possible'],
  [44.5, 59.5, 'improving fast', null],
])('a score that went from %d to %d is %s: %s', (from, to, trend, outlook) => {
  expect(moved(from, to)).toMatchObject({ trend, outlook });
});
