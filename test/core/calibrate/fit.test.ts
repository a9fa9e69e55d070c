import { describe, expect, it } from 'vitest';
import { LOST } from '../../../src/core/backtest/outcome.ts';
import { fitSlopes } from '../../../src/core/calibrate/fit.ts';
import { type Cases, type Fit, Odds, pass } from '../../../src/core/calibrate/likelihood.ts';
import { leastNonNegative } from '../../../src/core/calibrate/quadratic.ts';
import { sharesOf } from '../../../src/core/calibrate/weights.ts';
import { finish } from '../../../src/core/steps.ts';
import { type Case, drawn, gathered, modelOf, type Shape } from './support.ts';

const SHAPE: Shape = { a: [50, { x: 50, y: 50 }], b: [50, { z: 100 }] };

function casesOf(shape: Shape, cases: Case[]): { cases: Cases; rows: Int32Array } {
  const model = modelOf(shape);
  const { obs } = gathered(model, cases);
  const groups = model.dimensions.map((d) => d.key);
  const columns = sharesOf(model).map(({ dimension, signal, share }) => {
    const column = obs.signals.find((s) => s.signal === signal);
    if (!column) throw new Error(signal);
    return { key: signal, group: groups.indexOf(dimension), prior: share, value: column.value };
  });
  const events = obs.outcome.map((o) => (o === LOST ? 1 : 0));
  return { cases: { columns, events, weight: 1 }, rows: Int32Array.from(cases, (_, i) => i) };
}
const shares = ({ slopes }: Fit): number[] => {
  const all = slopes.reduce((a, b) => a + b, 0);
  return [...slopes].map((s) => s / all);
};

describe('a fit', () => {
  it('finds the slopes that made the outcomes, where the prior hardly pulls', () => {
    const { cases, rows } = casesOf(SHAPE, drawn(20_000, [4, 1, 2]));
    const fit = finish(fitSlopes(cases, rows, 0));
    expect(fit.slopes[0]).toBeCloseTo(4, 0);
    expect(fit.slopes[1]).toBeCloseTo(1, 0);
    expect(fit.slopes[2]).toBeCloseTo(2, 0);
    expect(fit.intercept).toBeCloseTo(-3, 0);
  });
  it('never gives a signal that points the other way a weight', () => {
    const { cases, rows } = casesOf(SHAPE, drawn(5_000, [4, -2, 2]));
    const fit = finish(fitSlopes(cases, rows, 0));
    expect(fit.slopes[1]).toBe(0);
    expect(fit.slopes[0]).toBeGreaterThan(2);
  });
  it('keeps the ratio of the prior where nothing else counts, and nears it the more it pulls', () => {
    const { cases, rows } = casesOf(SHAPE, drawn(5_000, [6, 0, 1]));
    const far = (strength: number): number => {
      const found = shares(finish(fitSlopes(cases, rows, strength)));
      return [0.25, 0.25, 0.5].reduce((sum, p, i) => sum + Math.abs(p - (found[i] ?? 0)), 0);
    };
    const distances = [0, 10, 100, 1000, 1e5, Number.POSITIVE_INFINITY].map(far);
    expect(distances.at(-1)).toBeLessThan(1e-9);
    for (const [i, d] of distances.entries()) if (i > 0) expect(d).toBeLessThanOrEqual((distances[i - 1] ?? 0) + 1e-9);
    expect(distances[0]).toBeGreaterThan(0.5);
  });
  it('gets over values that are missing', () => {
    const { cases, rows } = casesOf(SHAPE, drawn(30_000, [4, 1, 2], { missing: 0.3 }));
    const [x = 0, y = 0, z = 0] = shares(finish(fitSlopes(cases, rows, 0)));
    expect(x).toBeGreaterThan(z);
    expect(z).toBeGreaterThan(y);
  });
  it('stays where it is when no score at all tells anything', () => {
    const { cases, rows } = casesOf(SHAPE, drawn(3_000, [-3, -3, -3]));
    const fit = finish(fitSlopes(cases, rows, 30));
    for (const value of [...fit.slopes, fit.intercept]) expect(Number.isFinite(value)).toBe(true);
    expect(fit.slopes.reduce((a, b) => a + b, 0)).toBeLessThan(0.01);
  });
});

describe('the log-odds of an account', () => {
  const fit: Fit = { intercept: -1, slopes: Float64Array.of(2, 1, 3) };
  it.each([
    ['all there', [20, 60, 90], 2 * 0.8 + 0.4 + 3 * 0.1],
    ['one of a dimension missing: the other takes its weight', [20, null, 90], 3 * 0.8 + 3 * 0.1],
    ['a dimension missing: the other takes its weight', [20, 60, null], 6 * ((2 * 0.8 + 0.4) / 3)],
  ] as const)('%s', (_, values, said) => {
    const { cases } = casesOf(SHAPE, [{ account: 0, left: false, values: [...values] }]);
    expect(new Odds(cases.columns, fit).of(0)).toBeCloseTo(said - 1, 9);
  });
  it('are unknown where nothing that weighs is there', () => {
    const { cases } = casesOf(SHAPE, [{ account: 0, left: false, values: [20, null, null] }]);
    expect(new Odds(cases.columns, { intercept: 0, slopes: Float64Array.of(0, 1, 1) }).of(0)).toBeNaN();
  });
  it('have the derivatives that differences show', () => {
    for (const values of [
      [20, 60, 90],
      [20, null, 90],
      [20, 60, null],
    ]) {
      const { cases } = casesOf(SHAPE, [{ account: 0, left: false, values }]);
      const odds = new Odds(cases.columns, fit);
      const here = odds.of(0);
      fit.slopes.forEach((_, c) => {
        const moved = { ...fit, slopes: fit.slopes.map((s, k) => (k === c ? s + 1e-6 : s)) };
        expect(odds.derivatives[c]).toBeCloseTo((new Odds(cases.columns, moved).of(0) - here) / 1e-6, 4);
      });
    }
  });
  it('sum up to a loss whose gradient is what differences show', () => {
    const { cases, rows } = casesOf(SHAPE, drawn(200, [4, 1, 2], { missing: 0.2 }));
    const { loss, gradient } = finish(pass(cases, rows, fit));
    fit.slopes.forEach((_, c) => {
      const moved = { ...fit, slopes: fit.slopes.map((s, k) => (k === c ? s + 1e-5 : s)) };
      expect(gradient[c]).toBeCloseTo((finish(pass(cases, rows, moved)).loss - loss) / 1e-5, 1);
    });
  });
});

describe('least squares without negative entries', () => {
  const a = [Float64Array.of(2, 1, 0), Float64Array.of(1, 3, 0), Float64Array.of(0, 0, 1)];
  it('are those of no sign where these are positive', () => {
    const z = leastNonNegative(a, Float64Array.of(4, 7, -2), Float64Array.of(0, 0, 0));
    expect([...z].map((v) => Math.round(v * 1e9) / 1e9)).toEqual([1, 2, -2]);
  });
  it('stop at zero, wherever the search begins', () => {
    for (const start of [
      [0, 0, 0],
      [5, 5, 5],
      [0, 3, 0],
    ]) {
      const z = leastNonNegative(a, Float64Array.of(1, 6, -2), Float64Array.from(start));
      expect(z[0]).toBe(0);
      expect(z[1]).toBeCloseTo(2, 9);
    }
  });
});
