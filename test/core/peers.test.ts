import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LEAST_PEERS, MOST_KNOTS, type PeersSummary, peersNeeded, rankIn, tableOf } from '../../src/core/peers.ts';
import { PeersCollector } from '../../src/core/peers-collect.ts';
import { POINT } from '../../src/core/result.ts';
import { rankedFigures, type ScoringInput, scoreAccount } from '../../src/core/score.ts';
import { account, inputOf, modelOf, reads } from './helpers.ts';

const collected = (figures: [string | null, number][]): PeersSummary => {
  const collector = new PeersCollector();
  for (const [segment, value] of figures) collector.add(segment, new Map([['m/s', value]]), new Map());
  return collector.summary();
};
type Within = 'segment' | 'all';
function rank(
  summary: PeersSummary,
  value: number,
  within: Within = 'all',
  segment: string | null = null,
  low = false,
) {
  const peers = { accounts: summary.accounts, tables: summary.now };
  return rankIn(peers, 'm/s', { within }, segment, low ? 'lower is better' : 'higher is better', value);
}
const of = (...values: number[]) => collected(values.map((v) => [null, v]));
/** The definition, without tables: below + equal ÷ 2, of n. */
const exact = (all: number[], value: number): number =>
  Math.round(
    ((2 * all.filter((v) => v < value).length + all.filter((v) => v === value).length) * 100 * POINT) /
      (2 * all.length),
  );

describe('a rank among peers', () => {
  test('is the share of accounts below and half of the equal ones', () => {
    const summary = of(10, 20, 20, 20, 50);
    expect([10, 20, 50].map((v) => rank(summary, v).value)).toEqual([10 * POINT, 50 * POINT, 90 * POINT]);
    expect([5, 30, 60].map((v) => rank(summary, v).value)).toEqual([0, 80 * POINT, 100 * POINT]);
    expect([10, 20, 50].map((v) => rank(summary, v, 'all', null, true).value)).toEqual(
      [90, 50, 10].map((p) => p * POINT),
    );
  });

  test('is taken within the segment where that has enough accounts, else among all, else it is missing', () => {
    const five: [string, number][] = [1, 2, 3, 4, 5].map((v) => ['smb', v]);
    const summary = collected([...five, ...[6, 7, 8, 9].map((v): [string, number] => ['enterprise', v])]);
    expect(rank(summary, 5, 'segment', 'smb')).toEqual({ value: 90 * POINT, missing: null, peers: 5 });
    expect(rank(summary, 6, 'segment', 'enterprise')).toEqual({ value: 611_111, missing: null, peers: 9 });
    expect(rank(summary, 5, 'all', 'smb').peers).toBe(9);
    expect(rank(of(1, 2, 3, 4), 2)).toEqual({
      value: null,
      missing: `only 4 accounts to compare with; ${LEAST_PEERS} are needed`,
      peers: 0,
    });
    expect(rankIn(null, 'm/s', { within: 'all' }, null, 'higher is better', 1).missing).toMatch(/^only 0 accounts/);
  });

  test('is exact while figures are few, also after it was kept as JSON, and the average account is in the middle', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: LEAST_PEERS, maxLength: 200 });
    fc.assert(
      fc.property(values, (all) => {
        const kept: PeersSummary = JSON.parse(JSON.stringify(of(...all)));
        const ranks = all.map((v) => rank(kept, v).value ?? Number.NaN);
        expect(ranks).toEqual(all.map((v) => exact(all, v)));
        const mean = ranks.reduce((a, b) => a + b, 0) / ranks.length;
        expect(Math.abs(mean - 50 * POINT)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('does not depend on the order of accounts', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (all) => {
        expect(of(...[...all].reverse())).toEqual(of(...all));
      }),
    );
  });

  test('of many different figures stays small, monotone, and within a tenth of a point, with heavy values exact', () => {
    // A quarter has nothing at all, the rest is skewed: x² of a fixed sequence.
    const all = Array.from({ length: 40_000 }, (_, i) => (i % 4 === 0 ? 0 : ((i * 7919) % 39_989) ** 2 - 5e8));
    const table = tableOf(Float64Array.from(all).sort());
    expect(table.values.length).toBeLessThanOrEqual(MOST_KNOTS);
    expect(table.through.at(-1)).toBe(40_000);
    const summary: PeersSummary = { accounts: {}, now: { 'm/s': { all: table, segments: {} } }, before: {} };
    const sorted = Float64Array.from(all).sort();
    expect(rank(summary, 0).value).toBe(exact(all, 0));
    let last = -1;
    for (let i = 0; i < sorted.length; i += 97) {
      const value = sorted[i] ?? 0;
      const points = rank(summary, value).value ?? Number.NaN;
      expect(Math.abs(points - exact(all, value))).toBeLessThanOrEqual(0.11 * POINT);
      expect(points).toBeGreaterThanOrEqual(last);
      last = points;
    }
  });
});

describe('a percentile curve', () => {
  const model = modelOf({
    dimensions: [{ key: 'd', weight: 1, signals: [reads('s', 1, { curve: { percentile: { within: 'segment' } } })] }],
  });
  const input = (s: number | string, more: Partial<ScoringInput> = {}): ScoringInput =>
    inputOf([account({ attributes: { s } })], more);

  test('judges by what the first pass collected, and says so', () => {
    const collector = new PeersCollector();
    for (const s of [10, 20, 30, 40, 50]) collector.add('smb', rankedFigures(model, input(s)), new Map());
    const { accounts, now } = collector.summary();
    const part = scoreAccount(model, input(40, { segment: 'smb', peers: { accounts, tables: now } }));
    expect(part.points).toBe(70 * POINT);
    expect(part.contributions[0]).toMatchObject({ raw: 40, text: '40; better than 70 % of 5 accounts' });
    expect(scoreAccount(model, input(40)).contributions[0]?.missing).toMatch(/to compare with/);
  });

  test('knows no categories', () => {
    expect(rankedFigures(model, input('gold')).size).toBe(0);
    expect(scoreAccount(model, input('gold')).contributions[0]?.missing).toBe('no score is set for “gold”');
  });

  test('asks for a pass over the population, as shrinkage does; nothing else does', () => {
    const plain = modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [reads('s', 1)] }] });
    expect([peersNeeded(model), peersNeeded(plain)]).toEqual(['figures', null]);
    expect(peersNeeded({ ...plain, shrinkage: { accounts: 20 } })).toBe('numbers');
    const segments = { smb: { signals: { s: { curve: { percentile: { within: 'all' as const } } } } } };
    expect(peersNeeded({ ...plain, segments })).toBe('figures');
    expect(peersNeeded({ ...plain, segments: { smb: { model } } })).toBe('figures');
  });

  test('needs a direction', () => {
    const odd = reads('s', 1, { direction: 'middle is best', curve: { percentile: {} } });
    expect(() => modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [odd] }] })).toThrow(
      /a percentile needs a direction/,
    );
  });
});
