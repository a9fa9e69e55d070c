import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../src/core/backtest/random.ts';
import { thresholdsOf } from '../../../src/core/calibrate/thresholds.ts';

/** Scores from 0 to 100, each so often, of which so many leave. */
function scored(rate: (score: number) => number, each = 40) {
  const scores = Array.from({ length: 101 * each }, (_, i) => i % 101);
  const seen = new Map<number, number>();
  const events = scores.map((s) => {
    const before = seen.get(s) ?? 0;
    seen.set(s, before + rate(s));
    return Math.floor(before + rate(s)) > Math.floor(before) ? 1 : 0;
  });
  return { scores: Float64Array.from(scores), events: Uint8Array.from(events), accounts: scores.length };
}

describe('thresholds', () => {
  it('lie where churn accelerates', () => {
    const found = thresholdsOf(
      scored((s) => (s < 33 ? 0.6 : s < 71 ? 0.25 : 0.05)),
      3,
    );
    expect(found).toEqual([71, 33, 0]);
  });
  it('of two bands lie at the greatest step', () => {
    expect(
      thresholdsOf(
        scored((s) => (s < 50 ? 0.5 : 0.05)),
        2,
      ),
    ).toEqual([50, 0]);
  });
  it('are none where churn is the same everywhere, rises with the score, or never comes', () => {
    expect(
      thresholdsOf(
        scored(() => 0.2),
        3,
      ),
    ).toBeNull();
    expect(
      thresholdsOf(
        scored((s) => s / 100),
        3,
      ),
    ).toBeNull();
    expect(
      thresholdsOf(
        scored(() => 0),
        3,
      ),
    ).toBeNull();
  });
  it('are none where bands would differ no more than chance makes them', () => {
    const book = scored((s) => (s < 50 ? 0.22 : 0.18), 25);
    expect(thresholdsOf(book, 2)).toEqual([50, 0]);
    expect(thresholdsOf({ ...book, accounts: 300 }, 2)).toBeNull();
  });
  it('are none of few accounts', () => {
    expect(thresholdsOf({ ...scored((s) => (s < 50 ? 0.9 : 0)), accounts: 12 }, 3)).toBeNull();
  });
  it('fall from band to band, six points apart at least, whatever the accounts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 5 }), (seed, bands) => {
        const random = seeded(seed);
        const scores = Float64Array.from({ length: 1_500 }, () => Math.floor(101 * random()));
        const steep = random();
        const events = Uint8Array.from(scores, (s) => (random() < (1 - s / 100) * steep ? 1 : 0));
        const found = thresholdsOf({ scores, events, accounts: 1_500 }, bands);
        if (found === null) return;
        expect(found).toHaveLength(bands);
        expect(found.at(-1)).toBe(0);
        for (const [i, from] of found.entries())
          expect((i === 0 ? 101 : (found[i - 1] ?? 0)) - from).toBeGreaterThanOrEqual(6);
      }),
      { numRuns: 40 },
    );
  });
});
