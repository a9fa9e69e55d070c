import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aucDifference, aucWithInterval } from '../../../src/core/backtest/auc.ts';
import { KEPT, LOST, NOT_CONCERNED, OPEN } from '../../../src/core/backtest/outcome.ts';
import { Pairs } from '../../../src/core/publish/pairs.ts';
import { sampleOf } from '../backtest/support.ts';

const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.boolean()), {
  maxLength: 80,
});

describe('the difference of two AUCs', () => {
  it('is that of the two, of the same cases', () => {
    fc.assert(
      fc.property(cases, (rows) => {
        const events = rows.map(([, , left]) => (left ? 1 : 0));
        const own = sampleOf(
          rows.map(([a]) => a),
          events,
        );
        const other = sampleOf(
          rows.map(([, b]) => b),
          events,
        );
        const found = aucDifference(own, other.values, 100, 1);
        const [a, b] = [aucWithInterval(own, 100, 1), aucWithInterval(other, 100, 1)];
        expect(found.value).toBe(a.value === null || b.value === null ? null : b.value - a.value);
        expect(found.low === null).toBe(a.low === null);
        expect(JSON.stringify(found)).not.toMatch(/NaN/);
        if (found.low !== null && found.high !== null) expect(found.low).toBeLessThanOrEqual(found.high);
      }),
      { numRuns: 60 },
    );
  });

  it('of a model with itself is nothing, surely', () => {
    const sample = sampleOf(
      Array.from({ length: 60 }, (_, i) => (i * 7) % 31),
      Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    );
    expect(aucDifference(sample, sample.values, 200, 7)).toEqual({ value: 0, low: 0, high: 0, reason: null });
  });

  it('is told far more narrowly than by two intervals, where two models mostly agree', () => {
    const value = (i: number): number => (i * 37) % 101;
    const events = Array.from({ length: 200 }, (_, i) => (value(i) + ((i * 53) % 97) < 80 ? 1 : 0));
    const own = sampleOf(
      events.map((_, i) => value(i)),
      events,
    );
    const other = Float64Array.from(own.values, (v, i) => v + (i % 5));
    const paired = aucDifference(own, other, 400, 7);
    const alone = aucWithInterval(own, 400, 7);
    const width = (e: typeof paired): number => (e.high ?? 0) - (e.low ?? 0);
    expect(width(paired)).toBeGreaterThan(0);
    expect(width(paired)).toBeLessThan(width(alone) / 3);
  });
});

describe('pairs', () => {
  it('compare what both score, with a known outcome, in whatever order it comes', () => {
    const rows = Array.from({ length: 90 }, (_, i) => ({
      account: `A${i % 45}`,
      date: i < 45 ? '2026-03-31' : '2026-06-30',
      outcome: i % 4 === 0 ? LOST : KEPT,
      points: ((i * 13) % 29) * 1000,
    }));
    const told = (order: typeof rows): ReturnType<Pairs['compare']> => {
      const pairs = new Pairs();
      for (const row of rows) pairs.add('live', row);
      for (const row of order) pairs.add('candidate', { ...row, points: row.points + 1 });
      return pairs.compare(100, 3);
    };
    expect(told(rows)).toEqual(told(rows.toReversed()));
    expect(told(rows)).toMatchObject({ cases: 90, difference: { value: 0, low: 0, high: 0 } });
    expect(told(rows).live.auc).toEqual(told(rows).candidate.auc);
  });

  it('leave out what one does not score, or of which nobody knows the outcome, and count it', () => {
    const pairs = new Pairs();
    const seen = { account: 'A', date: '2026-03-31', outcome: LOST, points: 5 } as const;
    pairs.add('live', seen);
    pairs.add('candidate', seen);
    pairs.add('live', { ...seen, account: 'B' });
    pairs.add('candidate', { ...seen, account: 'B', points: null });
    pairs.add('candidate', { ...seen, account: 'C', outcome: KEPT });
    for (const outcome of [OPEN, NOT_CONCERNED]) pairs.add('live', { ...seen, account: 'D', outcome });
    expect(pairs.compare(100, 3)).toMatchObject({
      cases: 1,
      lostAccounts: 1,
      keptAccounts: 0,
      live: { cases: 2 },
      candidate: { cases: 2 },
      difference: { value: null, reason: 'nobody stayed' },
    });
    expect(new Pairs().compare(100, 3).difference).toMatchObject({
      value: null,
      reason: 'there is nothing to compare',
    });
  });
});
