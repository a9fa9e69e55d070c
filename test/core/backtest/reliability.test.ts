import { describe, expect, it } from 'vitest';
import { reliability } from '../../../src/core/backtest/reliability.ts';
import { inParts } from '../../../src/core/backtest/sample.ts';

const of = (said: number[], events: number[], groups = said.map((_, i) => i)) =>
  reliability(Float64Array.from(said), { events: Uint8Array.from(events), groups: Int32Array.from(groups) });

describe('parts of equal size', () => {
  it('are in the order of the values', () => {
    expect(inParts(Float64Array.of(5, 1, 4, 2), 2).map((p) => [...p])).toEqual([
      [1, 3],
      [2, 0],
    ]);
  });
  it('never part equal values', () => {
    expect(inParts(Float64Array.of(1, 1, 1, 1), 5).map((p) => p.length)).toEqual([4]);
    expect(inParts(Float64Array.of(1, 1, 1, 2, 3), 5).map((p) => p.length)).toEqual([3, 1, 1]);
    expect(inParts(new Float64Array(0), 5)).toEqual([]);
  });
});

describe('the calibration curve', () => {
  it('compares what was said, on average, with what came', () => {
    const [low, high] = of([0.1, 0.1, 0.1, 0.1, 0.8, 0.8], [0, 0, 0, 1, 1, 1]);
    expect(low).toMatchObject({ cases: 4, accounts: 4, rate: 0.25 });
    expect(low?.said).toBeCloseTo(0.1);
    expect(high).toMatchObject({ cases: 2, rate: 1, high: 1 });
  });

  it('has at most ten points, and resolves a book of which few leave', () => {
    const said = Array.from({ length: 1000 }, (_, i) => i / 20_000);
    const curve = of(
      said,
      said.map((_, i) => (i % 40 === 0 ? 1 : 0)),
    );
    expect(curve).toHaveLength(10);
    expect(curve.every((p) => p.cases === 100)).toBe(true);
  });

  it('has wider intervals where the same accounts come again', () => {
    const [said, events] = [new Array<number>(100).fill(0.3), Array.from({ length: 100 }, (_, i) => (i % 3 ? 0 : 1))];
    const width = (groups: number[]): number => {
      const [only] = of(said, events, groups);
      return (only?.high ?? 0) - (only?.low ?? 0);
    };
    expect(width(said.map((_, i) => i % 10))).toBeGreaterThan(2 * width(said.map((_, i) => i)));
  });

  it('is empty without cases', () => expect(of([], [])).toEqual([]));
});
