import { describe, expect, it } from 'vitest';
import { distributionOf } from '../../../src/core/backtest/distribution.ts';
import { CONTRACTED, KEPT, LOST, OPEN, type OutcomeCode } from '../../../src/core/backtest/outcome.ts';
import { observed } from './support.ts';

const of = (...cases: [score: number | null, outcome: OutcomeCode][]) => {
  const obs = observed(cases.map(([score, outcome], account) => ({ account, date: 0, outcome, signals: [score] })));
  return distributionOf(obs, obs.judged());
};

describe('the distribution of scores', () => {
  it('counts rounded scores in steps of five, both ends of the scale included', () => {
    const { bins } = of([0, LOST], [4.4, LOST], [4.5, KEPT], [79.6, KEPT], [95, CONTRACTED], [100, KEPT]);
    expect(bins).toHaveLength(20);
    expect(bins[0]).toEqual({ from: 0, to: 4, stayed: 0, left: 2 });
    expect(bins[1]).toEqual({ from: 5, to: 9, stayed: 1, left: 0 });
    expect(bins[16]).toEqual({ from: 80, to: 84, stayed: 1, left: 0 });
    expect(bins[19]).toEqual({ from: 95, to: 100, stayed: 2, left: 0 });
  });

  it('leaves out who is not scored, or whose outcome is open', () => {
    const { bins, meanStayed } = of([null, KEPT], [50, OPEN], [60, KEPT]);
    expect(bins.reduce((sum, b) => sum + b.stayed + b.left, 0)).toBe(1);
    expect(meanStayed).toBe(60);
  });

  it('has a mean of those that stayed and of those that left, and none of nobody', () => {
    expect(of([10, LOST], [20, LOST], [70, KEPT])).toMatchObject({ meanLeft: 15, meanStayed: 70 });
    expect(of([70, KEPT])).toMatchObject({ meanLeft: null });
    expect(of()).toMatchObject({ meanLeft: null, meanStayed: null });
  });
});
