import { describe, expect, test } from 'vitest';
import { POINT } from '../../src/core/result.ts';
import { trendOf } from '../../src/core/trend.ts';

describe('trendOf', () => {
  test.each([
    [-15 * POINT, 'declining fast'],
    [-15 * POINT + 1, 'declining'],
    [-6 * POINT, 'declining'],
    [-6 * POINT + 1, 'stable'],
    [0, 'stable'],
    [6 * POINT - 1, 'stable'],
    [6 * POINT, 'improving'],
    [15 * POINT - 1, 'improving'],
    [15 * POINT, 'improving fast'],
  ])('a change of %i units is %s', (change, trend) => {
    const then = 50 * POINT;
    expect(trendOf(then + change, then)).toEqual({ trend, velocity: change / POINT / 30, change30: change });
  });

  test('without a past, or without a score, it is new', () => {
    expect(trendOf(500_000, null)).toEqual({ trend: 'new', velocity: null, change30: null });
    expect(trendOf(null, 500_000)).toEqual({ trend: 'new', velocity: null, change30: null });
  });
});
