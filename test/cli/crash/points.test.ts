import { describe, expect, it } from 'vitest';
import { type Counts, choose, stepOf } from '../../../src/cli/crash/points.ts';

const COUNTS: Counts = {
  'call query: arrived': 25,
  'call query: done': 25,
  'store page: before commit': 40,
  'store page: after commit': 40,
  'store page: in transaction': 900,
  'store mark sent: after commit': 1,
};

describe('points to die at', () => {
  it('fall on every step alike, then on every moment of it, within what a run passes', () => {
    const points = choose(COUNTS, 18, 7, 1);
    const by = (of: (moment: string) => string) => {
      const counts: Record<string, number> = {};
      for (const { moment } of points) counts[of(moment)] = (counts[of(moment)] ?? 0) + 1;
      return counts;
    };
    expect(by(stepOf)).toEqual({ 'call query': 6, 'store page': 6, 'store mark sent': 6 });
    expect(by((moment) => moment)).toMatchObject({ 'call query: arrived': 3, 'store page: in transaction': 2 });
    for (const { moment, nth } of points) {
      expect(nth).toBeGreaterThanOrEqual(1);
      expect(nth).toBeLessThanOrEqual(COUNTS[moment] ?? 0);
    }
  });
  it('are the same for the same seed, and others for another seed or day', () => {
    expect(choose(COUNTS, 12, 7, 1)).toEqual(choose(COUNTS, 12, 7, 1));
    expect(choose(COUNTS, 12, 7, 1)).not.toEqual(choose(COUNTS, 12, 8, 1));
    expect(choose(COUNTS, 12, 7, 1)).not.toEqual(choose(COUNTS, 12, 7, 2));
    expect(choose(COUNTS, 12, 7, 1).slice(0, 5)).toEqual(choose(COUNTS, 5, 7, 1));
  });
  it('there are none where nothing happens', () => expect(choose({}, 3, 7, 1)).toEqual([]));
});
