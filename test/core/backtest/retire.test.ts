import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT, LOST } from '../../../src/core/backtest/outcome.ts';
import { reportOf } from '../../../src/core/backtest/report.ts';
import { inputsToRetire, standardError } from '../../../src/core/backtest/retire.ts';
import { observed } from './support.ts';

/** Accounts of which every fourth left; `signals` by account and by whether it left. */
const report = (accounts: number, signals: (i: number, left: boolean) => (number | null)[]) =>
  reportOf(
    observed(
      Array.from({ length: accounts }, (_, i) => {
        const left = i % 4 === 0;
        return { account: i, date: 0, outcome: left ? LOST : KEPT, signals: signals(i, left) };
      }),
    ),
    { days: [0], horizon: 90, resamples: 100, seed: 1, parts: 2 },
  );
const noise = (i: number): number => (i * 37) % 101;
const strong = (i: number, left: boolean): number => (left ? 20 : 50) + ((i * 53) % 50);

describe('inputs to retire', () => {
  it('are those that predict nothing, and those that point the wrong way', () => {
    const found = inputsToRetire(report(400, (i, left) => [strong(i, left), noise(i), 100 - strong(i + 7, left)]));
    expect(found.reason).toBeNull();
    expect(found.inputs.map(({ signal, why }) => [signal, why])).toEqual([
      ['d2.s2', 'points the wrong way'],
      ['d1.s1', 'no better than chance'],
    ]);
    const [, second] = found.inputs;
    expect(second?.low).toBeLessThan(0.5);
    expect(second?.high).toBeGreaterThan(0.5);
  });

  it('are those that add nothing beside the others, though they predict', () => {
    const weak = (i: number, left: boolean): number => (left ? 40 : 50) + ((i * 29) % 50);
    const found = inputsToRetire(report(400, (i, left) => [strong(i, left), weak(i, left) * 1]));
    expect(found.inputs.map(({ signal, why }) => [signal, why])).toEqual([['d1.s1', 'adds nothing']]);
  });

  it('are none where each adds to the others, and a single one never is', () => {
    const third = (seed: number) => (i: number, left: boolean) => (left ? 30 : 45) + ((i * seed) % 50);
    const [a, b] = [third(53), third(31)];
    expect(inputsToRetire(report(400, (i, left) => [a(i, left), b(i, left)])).inputs).toEqual([]);
    expect(inputsToRetire(report(400, (i, left) => [strong(i, left)])).inputs).toEqual([]);
  });

  it('are not named by few events, in all or of those that have the signal', () => {
    const few = inputsToRetire(report(80, (i, left) => [strong(i, left), noise(i)]));
    expect(few).toEqual({
      reason: 'too few events to name any: 20 accounts left and 60 stayed, 30 of each are needed',
      inputs: [],
    });
    const rare = inputsToRetire(report(400, (i, left) => [strong(i, left), i < 80 ? noise(i) : null]));
    expect(rare).toEqual({ reason: null, inputs: [] });
  });

  it('have no NaN, whatever comes', () => {
    const value = fc.option(fc.integer({ min: 0, max: 100 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), value, value), { maxLength: 150 }), (rows) => {
        const cases = rows.map(([left, ...signals], i) => ({
          account: i,
          date: 0,
          outcome: left ? LOST : KEPT,
          signals,
        }));
        const options = { days: [0], horizon: 90, resamples: 100, seed: 1, parts: 2 };
        expect(JSON.stringify(inputsToRetire(reportOf(observed(cases), options)))).not.toMatch(/NaN|Infinity/);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the standard error of an AUC', () => {
  it('is what the formula gives by hand: 0.893 of 51 that left and 58 that stayed', () => {
    // √((0.095551 + 50 × (0.806684 − 0.797449) + 57 × (0.842524 − 0.797449)) ÷ (51 × 58))
    expect(standardError(0.893, 51, 58)).toBeCloseTo(0.0325, 4);
  });
  it('is never less than nothing', () => {
    expect(standardError(1, 5, 5)).toBe(0);
    expect(standardError(0, 5, 5)).toBe(0);
  });
});
