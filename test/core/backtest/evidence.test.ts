import { describe, expect, it } from 'vitest';
import { foldsOf } from '../../../src/core/backtest/folds.ts';
import { CONTRACTED, KEPT, LOST, OPEN } from '../../../src/core/backtest/outcome.ts';
import { wilson } from '../../../src/core/backtest/proportions.ts';
import { seeded } from '../../../src/core/backtest/random.ts';
import { reportOf } from '../../../src/core/backtest/report.ts';
import { type Case, observed } from './support.ts';

const OPTIONS = { horizon: 90, resamples: 100, seed: 7, parts: null };
const at = (account: number, date: number, points: number, outcome: Case['outcome']): Case => ({
  account,
  date,
  outcome,
  signals: [points],
});

describe('what counts as evidence', () => {
  it('an account is on one side of a cross-validation with all of its dates', () => {
    const random = seeded(3);
    const cases = Array.from({ length: 40 }, (_, account) => {
      const outcome = random() < 0.4 ? LOST : KEPT;
      return [0, 1, 2].map((date) => at(account, date, Math.round(100 * random()), outcome));
    }).flat();
    const { tested } = reportOf(observed(cases), { ...OPTIONS, days: [0, 30, 60], parts: 5 });
    const folds = foldsOf(40, 5, OPTIONS.seed);
    const lost = (one: Case): number => (one.outcome === LOST ? 1 : 0);
    const base = (one: Case): number => {
      const others = cases.filter((other) => folds[other.account] !== folds[one.account]);
      return others.reduce((sum, other) => sum + lost(other), 0) / others.length;
    };
    const expected = cases.reduce((sum, one) => sum + (base(one) - lost(one)) ** 2, 0) / cases.length;
    expect(tested.brierOfBase).toBeCloseTo(expected, 12);
  });

  it('twelve dates of one account are one piece of evidence of the churn of a band', () => {
    const cases = Array.from({ length: 20 }, (_, account) =>
      Array.from({ length: 12 }, (_, date) => at(account, date, 90, account < 4 ? LOST : KEPT)),
    ).flat();
    const days = Array.from({ length: 12 }, (_, i) => 30 * i);
    const { bands, byDate } = reportOf(observed(cases), { ...OPTIONS, days });
    const { low, high } = wilson(4, 20) ?? { low: 0, high: 0 };
    expect(bands[0]).toMatchObject({ cases: 240, accounts: 20, lost: 48, rate: 0.2 });
    expect(bands[0]?.low).toBeCloseTo(low, 12);
    expect(bands[0]?.high).toBeCloseTo(high, 12);
    expect(byDate[0]).toMatchObject({ cases: 20, accounts: 20, lost: 4 });
  });

  it('a renewal that nobody has decided yet is counted, and says nothing', () => {
    const cases = [at(0, 0, 90, KEPT), at(1, 0, 20, LOST), at(2, 0, 90, OPEN), at(3, 0, 70, CONTRACTED)];
    const report = reportOf(observed(cases), { ...OPTIONS, days: [0] });
    expect(report).toMatchObject({ observations: 3, accounts: 3, lost: 1, kept: 1, contracted: 1 });
    expect(report.leftOut.open).toBe(1);
    expect(report.bands[0]).toMatchObject({ band: 'green', cases: 1 });
  });
});
