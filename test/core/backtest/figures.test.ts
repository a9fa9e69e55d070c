import { describe, expect, it } from 'vitest';
import { auc, aucWithInterval } from '../../../src/core/backtest/auc.ts';
import { foldsOf, splitByTime } from '../../../src/core/backtest/folds.ts';
import { partOf } from '../../../src/core/backtest/lift.ts';
import { brier, calibrationError, fitProbability, probabilityOf } from '../../../src/core/backtest/probability.ts';
import { sameRate, wilson } from '../../../src/core/backtest/proportions.ts';
import { seeded } from '../../../src/core/backtest/random.ts';
import { sampleOf } from './support.ts';

describe('AUC', () => {
  it.each([
    ['all who left lie below', [1, 2, 3, 4], [1, 1, 0, 0], 1],
    ['all who left lie above', [1, 2, 3, 4], [0, 0, 1, 1], 0],
    // Pairs (left, stayed): 1<2, 1<4, 3>2, 3<4 → 3 of 4.
    ['three of four pairs', [1, 2, 3, 4], [1, 0, 1, 0], 0.75],
    // 1<2, 1<3, 2=2, 2<3 → 3.5 of 4.
    ['a tie counts half', [1, 2, 2, 3], [1, 1, 0, 0], 0.875],
    ['equal values tell nothing', [5, 5, 5], [1, 0, 0], 0.5],
  ])('%s', (_, values, events, expected) => {
    expect(auc(sampleOf(values, events))).toBe(expected);
  });

  it('is none of one class', () => {
    expect(auc(sampleOf([1, 2], [0, 0]))).toBeNull();
    expect(aucWithInterval(sampleOf([1, 2], [0, 0]), 100, 1)).toMatchObject({ low: null, reason: 'nobody left' });
    expect(aucWithInterval(sampleOf([1, 2], [1, 1]), 100, 1)).toMatchObject({ low: null, reason: 'nobody stayed' });
    expect(aucWithInterval(sampleOf([], []), 100, 1)).toMatchObject({
      value: null,
      reason: 'there is nothing to compare',
    });
  });

  it('has no interval of fewer than ten events, since it would be far too narrow', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    const of = (left: number) =>
      aucWithInterval(
        sampleOf(
          values,
          values.map((i) => (i < left ? 1 : 0)),
        ),
        100,
        1,
      );
    expect(of(9)).toMatchObject({ value: 1, low: null, high: null });
    expect(of(10)).toMatchObject({ value: 1, low: 1, high: 1, reason: null });
  });

  it('has a wider interval where the same accounts come again and again', () => {
    const random = seeded(5);
    const events = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const values = events.map((e) => random() - e * 0.3);
    const times = <T>(of: T[]): T[] => [...of, ...of, ...of, ...of];
    const apart = aucWithInterval(sampleOf(times(values), times(events)), 300, 1);
    const grouped = aucWithInterval(
      { ...sampleOf(times(values), times(events)), groups: Int32Array.from({ length: 1600 }, (_, i) => i % 400) },
      300,
      1,
    );
    const once = aucWithInterval(sampleOf(values, events), 300, 1);
    const wide = ({ low, high }: typeof once): number => (high ?? 0) - (low ?? 0);
    expect(wide(grouped)).toBeCloseTo(wide(once), 10);
    expect(wide(grouped)).toBeGreaterThan(1.7 * wide(apart));
  });
});

describe('lift', () => {
  it('compares the rate of a part with that of all', () => {
    const sample = sampleOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 0, 1, 0, 0, 0, 0, 0, 1]);
    expect(partOf(sample, 0.2, 'worst')).toEqual({ cases: 2, rate: 1, lift: 2.5 });
    expect(partOf(sample, 0.2, 'best')).toEqual({ cases: 2, rate: 0.5, lift: 1.25 });
    expect(partOf(sample, 0.05, 'worst')).toBeNull();
  });
  it('counts cases in part where equal values lie on both sides of the cut', () => {
    expect(partOf(sampleOf([1, 1, 1, 1, 2], [1, 0, 0, 0, 0]), 0.4, 'worst')).toEqual({
      cases: 2,
      rate: 0.25,
      lift: 1.25,
    });
  });
  it('has none where nobody left', () => {
    expect(partOf(sampleOf([1, 2], [0, 0]), 0.5, 'worst')).toEqual({ cases: 1, rate: 0, lift: null });
  });
});

describe('churn probability', () => {
  it('pools neighbours that break the order', () => {
    // Rates by value 1…5: 1, 0, 1, 0, 0 → 2 and 3 are pooled to 1/2.
    const fitted = fitProbability(sampleOf([1, 2, 3, 4, 5], [1, 0, 1, 0, 0]));
    expect(fitted).toEqual({ upTo: [1, 3, 5], rates: [1, 0.5, 0] });
    if (fitted) expect([0, 1, 1.5, 3, 3.5, 99].map((v) => probabilityOf(fitted, v))).toEqual([1, 1, 0.5, 0.5, 0, 0]);
    expect(fitProbability(sampleOf([], []))).toBeNull();
  });
  it('has a Brier score and a calibration error that can be counted by hand', () => {
    const said = Float64Array.of(0.9, 0.8, 0.2, 0.1);
    const events = Uint8Array.of(1, 0, 0, 0);
    expect(brier(said, events)).toBeCloseTo((0.01 + 0.64 + 0.04 + 0.01) / 4, 12);
    // Bins 0.9: off by 0.1; 0.8: by 0.8; 0.2: by 0.2; 0.1: by 0.1; each a quarter of the cases.
    expect(calibrationError(said, events)).toBeCloseTo((0.1 + 0.8 + 0.2 + 0.1) / 4, 12);
    // One bin: 0.62 + 0.68 + 0.65 said, two of three came.
    expect(calibrationError(Float64Array.of(0.62, 0.68, 0.65), Uint8Array.of(1, 1, 0))).toBeCloseTo(0.05 / 3, 12);
    expect(calibrationError(Float64Array.of(1), Uint8Array.of(1))).toBe(0);
    expect(brier(new Float64Array(), new Uint8Array())).toBeNull();
    expect(calibrationError(new Float64Array(), new Uint8Array())).toBeNull();
  });
});

describe('rates', () => {
  it('have Wilson intervals', () => {
    // Newcombe (1998): 81 of 263 → 0.2553–0.3662; 15 of 148 → 0.0624–0.1605; 0 of 20 → 0–0.1611; 1 of 29 → 0.0061–0.1718.
    for (const [events, cases, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const found = wilson(events, cases);
      expect(found?.low).toBeCloseTo(low, 4);
      expect(found?.high).toBeCloseTo(high, 4);
    }
    expect(wilson(0, 0)).toBeNull();
    expect(wilson(20, 20)?.high).toBe(1);
  });
  it('rest on accounts where the same ones come again', () => {
    expect(wilson(30, 300, 100)).toEqual({ ...wilson(10, 100), rate: 0.1 });
  });
  it('are the same or not by the test of two proportions', () => {
    // z = 0.1 / √(0.25 · 0.75 · 2 / 200) = 2.3094 → p = 0.0209
    expect(sameRate({ rate: 0.2, cases: 200 }, { rate: 0.3, cases: 200 })).toBeCloseTo(0.0209, 4);
    expect(sameRate({ rate: 0.2, cases: 50 }, { rate: 0.2, cases: 80 })).toBeCloseTo(1, 6);
    expect(sameRate({ rate: 0, cases: 50 }, { rate: 0, cases: 80 })).toBe(1);
    expect(sameRate({ rate: 0, cases: 0 }, { rate: 0, cases: 80 })).toBeNull();
  });
});

describe('splits', () => {
  it('fit on nothing whose outcome came after the day that judges', () => {
    expect(splitByTime([0, 30, 60, 90, 120, 150, 180, 210], 90)).toEqual({ fit: [0, 1, 2, 3], judge: [6, 7] });
    expect(splitByTime([0, 92], 90)).toEqual({ fit: [0], judge: [1] });
    expect(splitByTime([0, 30], 90)).toBeNull();
    expect(splitByTime([5], 90)).toBeNull();
    expect(splitByTime([], 90)).toBeNull();
  });
  it('keep an account in one part, and parts of equal size', () => {
    const folds = foldsOf(103, 5, 7);
    const sizes = [0, 1, 2, 3, 4].map((part) => folds.filter((f) => f === part).length);
    expect(sizes).toEqual([21, 21, 21, 20, 20]);
    expect(foldsOf(103, 5, 7)).toEqual(folds);
    expect(foldsOf(103, 5, 8)).not.toEqual(folds);
  });
});
