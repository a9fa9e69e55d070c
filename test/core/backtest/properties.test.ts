import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auc, aucWithInterval } from '../../../src/core/backtest/auc.ts';
import { findingsOf } from '../../../src/core/backtest/findings.ts';
import { OUTCOMES, type OutcomeCode } from '../../../src/core/backtest/outcome.ts';
import { fitProbability, probabilityOf } from '../../../src/core/backtest/probability.ts';
import { reportOf } from '../../../src/core/backtest/report.ts';
import { byValue } from '../../../src/core/backtest/sample.ts';
import { BASIS, type Case, observed, sampleOf } from './support.ts';

const cases = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.constantFrom(0, 1)), { maxLength: 60 })
  .map((rows) =>
    sampleOf(
      rows.map(([v]) => v),
      rows.map(([, e]) => e),
    ),
  );
const mapped = (s: ReturnType<typeof sampleOf>, f: (v: number) => number) => ({ ...s, values: s.values.map(f) });

describe('the order of cases', () => {
  it('is by value, and equal values keep theirs', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-0, 0, 1, 2.5, -3, 1e9)), (values) => {
        const expected = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
        expect([...byValue(Float64Array.from(values))]).toEqual(expected);
      }),
    );
  });
});

describe('AUC', () => {
  it('is the same under a map that keeps the order, and mirrored under one that turns it', () => {
    fc.assert(
      fc.property(cases, (sample) => {
        const plain = auc(sample);
        expect(auc(mapped(sample, (v) => v ** 3 * 7 + 1))).toBe(plain);
        const turned = auc(mapped(sample, (v) => -v));
        if (plain === null) expect(turned).toBeNull();
        else expect(turned).toBeCloseTo(1 - plain, 12);
      }),
    );
  });

  it('counts pairs', () => {
    fc.assert(
      fc.property(cases, (sample) => {
        let [good, pairs] = [0, 0];
        sample.events.forEach((left, i) => {
          sample.events.forEach((stayed, j) => {
            if (left !== 1 || stayed !== 0) return;
            pairs += 1;
            const [a, b] = [sample.values[i] ?? 0, sample.values[j] ?? 0];
            good += a < b ? 1 : a === b ? 0.5 : 0;
          });
        });
        const found = auc(sample);
        if (pairs === 0) expect(found).toBeNull();
        else expect(found).toBeCloseTo(good / pairs, 12);
      }),
    );
  });

  it('has the same interval for the same seed, around the value', () => {
    fc.assert(
      fc.property(cases, fc.nat(), (sample, seed) => {
        const found = aucWithInterval(sample, 100, seed);
        expect(aucWithInterval(sample, 100, seed)).toEqual(found);
        if (found.low !== null && found.high !== null) expect(found.low).toBeLessThanOrEqual(found.high);
        expect(found.low === null).toBe(found.reason !== null);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a churn probability', () => {
  it('never rises with the score, and on average says the rate that it was fitted on', () => {
    fc.assert(
      fc.property(cases, (sample) => {
        const fitted = fitProbability(sample);
        if (!fitted) return;
        const said = [...sample.values].sort((a, b) => a - b).map((v) => probabilityOf(fitted, v));
        expect(said).toEqual(said.toSorted((a, b) => b - a));
        const sum = sample.events.reduce((a, b) => a + b, 0);
        expect(said.reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 9);
      }),
    );
  });
});

const value = fc.option(fc.constantFrom(0, 0, 10, 50, 65, 100), { freq: 3 });
const row: fc.Arbitrary<Case> = fc.record({
  account: fc.nat(12),
  date: fc.nat(3),
  outcome: fc.nat(OUTCOMES.length - 1) as fc.Arbitrary<OutcomeCode>,
  daysLeft: fc.option(fc.integer({ min: 1, max: 120 })),
  signals: fc.tuple(value, value, fc.constant(null)),
});
const options = { days: [0, 40, 100, 200], horizon: 90, resamples: 100, seed: 3, parts: null };

describe('a report', () => {
  it('holds no NaN and nothing infinite, whatever the data', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 80 }), fc.constantFrom(null, 2, 7), (rows, parts) => {
        const report = reportOf(observed(rows), { ...options, parts });
        finite(report);
        for (const finding of findingsOf(report, BASIS)) {
          finite(finding);
          expect(finding.text).not.toMatch(/NaN|Infinity|undefined|null/);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is the same for the same seed, and does not depend on the order of accounts', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const report = reportOf(observed(rows), options);
        expect(reportOf(observed(rows), options)).toEqual(report);
        const { auc: other, bands, worstFifth } = reportOf(observed(rows.toReversed()), options);
        expect(other.value).toEqual(report.auc.value);
        expect(bands).toEqual(report.bands);
        expect(worstFifth?.rate ?? 0).toBeCloseTo(report.worstFifth?.rate ?? 0, 9);
      }),
      { numRuns: 50 },
    );
  });
});

function finite(thing: unknown): void {
  if (typeof thing === 'number') expect(Number.isFinite(thing)).toBe(true);
  else if (typeof thing === 'object' && thing !== null) for (const part of Object.values(thing)) finite(part);
}
