import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POINT } from '../../src/core/result.ts';
import { type ScoredPart, scoreAccount } from '../../src/core/score.ts';
import { account, inputOf, modelOf, reads } from './helpers.ts';

const sumOf = (part: ScoredPart): number =>
  [...part.contributions, ...part.caps].reduce((sum, line) => sum + line.points, 0);

/** Scores one account whose custom fields are the measured figures. */
const score = (
  dimensions: [number, [string, number, number | null][]][],
  more: Record<string, unknown> = {},
): ScoredPart => {
  const attributes = Object.fromEntries(dimensions.flatMap(([, signals]) => signals.map(([key, , v]) => [key, v])));
  const model = modelOf({
    dimensions: dimensions.map(([weight, signals], d) => ({
      key: `d${d}`,
      weight,
      signals: signals.map(([key, w]) => reads(key, w)),
    })),
    ...more,
  });
  return scoreAccount(model, inputOf([account({ attributes })]));
};

describe('weights', () => {
  test('a composite is the weighted average of dimensions, each of its signals', () => {
    const part = score([
      [
        30,
        [
          ['a', 60, 50],
          ['b', 40, 100],
        ],
      ],
      [10, [['c', 1, 20]]],
    ]);
    // (30 × (0.6×50 + 0.4×100) + 10 × 20) ÷ 40 = 57.5
    expect(part.points).toBe(57.5 * POINT);
    expect(part.score).toBe(58);
    expect(part.dimensions.map((d) => [d.score, d.weight])).toEqual([
      [70 * POINT, 0.75],
      [20 * POINT, 0.25],
    ]);
    expect(part.contributions.map((c) => c.points)).toEqual([22.5 * POINT, 30 * POINT, 5 * POINT]);
    expect(part.contributions.map((c) => c.weight)).toEqual([0.45, 0.3, 0.25]);
  });

  test('absent weight goes to neighbours, then to other dimensions, and confidence falls', () => {
    const part = score([
      [
        30,
        [
          ['a', 60, null],
          ['b', 40, 100],
        ],
      ],
      [10, [['c', 1, 20]]],
      [60, [['e', 1, null]]],
    ]);
    expect(part.points).toBe(80 * POINT); // (30 × 100 + 10 × 20) ÷ 40
    expect(part.confidence).toBe(0.22); // 0.3 × 0.4 + 0.1
    expect(part.dimensions[2]?.score).toBeNull();
    expect(part.contributions[0]).toMatchObject({
      raw: null,
      value: null,
      weight: 0,
      points: 0,
      missing: 'no a known',
    });
  });

  test('below the floor an account is not scored, at the floor it is', () => {
    const at = (floor: number) =>
      score(
        [
          [40, [['a', 1, 0]]],
          [60, [['b', 1, null]]],
        ],
        { floor },
      );
    expect(at(0.4)).toMatchObject({ points: 0, score: 0, band: 'red', confidence: 0.4 });
    expect(at(0.41)).toMatchObject({ points: null, score: null, band: 'not scored', confidence: 0.4 });
    expect(sumOf(at(0.41))).toBe(0);
  });

  test('nothing known at all is not scored, even with a floor of 0', () => {
    expect(score([[1, [['a', 1, null]]]])).toMatchObject({ points: null, band: 'not scored', confidence: 0 });
  });
});

describe('bands', () => {
  test.each([
    [59.4, 59, 'red'],
    [59.5, 60, 'yellow'],
    [79.4, 79, 'yellow'],
    [79.5, 80, 'green'],
    [0, 0, 'red'],
    [100, 100, 'green'],
    [79.49994, 79, 'yellow'],
  ])('%d rounds to %i: %s', (value, rounded, band) => {
    expect(score([[1, [['a', 1, value]]]])).toMatchObject({ score: rounded, band });
  });

  test('a segment has its own weights, curves and bands', () => {
    const model = modelOf({
      dimensions: [
        { key: 'x', weight: 1, signals: [reads('a', 1)] },
        { key: 'y', weight: 1, signals: [reads('b', 1)] },
      ],
      segments: {
        big: {
          weights: { x: 3 },
          signals: { b: { curve: { steps: [[0, 80]] } } },
          bands: [
            { key: 'green', from: 50 },
            { key: 'red', from: 0 },
          ],
        },
      },
    });
    const facts = [account({ attributes: { a: 40, b: 60 } })];
    expect(scoreAccount(model, inputOf(facts))).toMatchObject({ score: 50, band: 'red' });
    expect(scoreAccount(model, inputOf(facts, { segment: 'big' }))).toMatchObject({ score: 50, band: 'green' });
    expect(scoreAccount(model, inputOf(facts, { segment: 'unheard of' })).score).toBe(50);
  });
});

describe('caps', () => {
  const capped = (a: number, flags: Record<string, number>, caps: [string, string, string][]) => {
    const model = modelOf({
      dimensions: [{ key: 'x', weight: 1, signals: [reads('a', 1)] }],
      caps: caps.map(([key, bandAtMost, field]) => ({
        key,
        label: key,
        bandAtMost,
        when: [{ from: { kind: 'account', metric: field }, aggregation: 'latest', atLeast: 1 }],
      })),
    });
    return scoreAccount(model, inputOf([account({ attributes: { a, ...flags } })]));
  };

  test('a cap takes what lies above its band, as a line of its own', () => {
    const part = capped(100, { bad: 1 }, [['trouble', 'yellow', 'bad']]);
    expect(part).toMatchObject({ points: 79 * POINT, score: 79, band: 'yellow' });
    expect(part.caps).toMatchObject([{ cap: 'trouble', points: -21 * POINT }]);
    expect(sumOf(part)).toBe(part.points);
  });

  test('a cap that holds below its ceiling takes nothing and is still seen', () => {
    expect(capped(40, { bad: 1 }, [['trouble', 'yellow', 'bad']])).toMatchObject({ score: 40, caps: [{ points: 0 }] });
    expect(capped(79, { bad: 1 }, [['trouble', 'yellow', 'bad']])).toMatchObject({ score: 79, caps: [{ points: 0 }] });
  });

  test('a condition whose figure is missing holds nothing', () => {
    expect(capped(100, {}, [['trouble', 'yellow', 'bad']])).toMatchObject({ score: 100, caps: [] });
  });

  test('of several caps the strictest takes the points, whatever the order in the file', () => {
    const both: [string, string, string][] = [
      ['mild', 'yellow', 'm'],
      ['strict', 'red', 's'],
    ];
    for (const caps of [both, [...both].reverse()]) {
      const part = capped(100, { m: 1, s: 1 }, caps);
      expect(part).toMatchObject({ score: 59, band: 'red' });
      expect(part.caps.map((c) => [c.cap, c.points])).toEqual([
        ['strict', -41 * POINT],
        ['mild', 0],
      ]);
    }
  });
});

describe('exactness', () => {
  const value = fc.option(fc.double({ min: -20, max: 120, noNaN: true }), { nil: null, freq: 4 });
  const weight = fc.integer({ min: 0, max: 99_999 }).map((w) => w / 1000);
  const dimensions = fc.array(fc.tuple(weight, fc.array(fc.tuple(weight, value), { minLength: 1, maxLength: 6 })), {
    minLength: 1,
    maxLength: 7,
  });
  const named = (raw: [number, [number, number | null][]][]): [number, [string, number, number | null][]][] =>
    raw.map(([w, signals], d) => [w, signals.map(([v, x], s) => [`s${d}-${s}`, v, x])]);

  /** The model schema refuses what weighs nothing. */
  const weighty = (raw: [number, [number, number | null][]][]): boolean =>
    raw.some(([w]) => w > 0) && raw.every(([w, signals]) => w === 0 || signals.some(([v]) => v > 0));

  test('Σ contributions + Σ caps = points, to the last unit, over random models and accounts', () => {
    fc.assert(
      fc.property(dimensions.filter(weighty), fc.boolean(), (raw, cap) => {
        const caps = cap
          ? [
              {
                key: 'c',
                label: 'c',
                bandAtMost: 'red',
                when: [{ from: { kind: 'account' }, aggregation: 'count', atLeast: 1 }],
              },
            ]
          : [];
        const part = score(named(raw), { caps });
        if (part.points === null) {
          expect(part.confidence).toBe(0);
          return;
        }
        expect(sumOf(part)).toBe(part.points);
        expect(Number.isInteger(part.points)).toBe(true);
        expect(part.points).toBeGreaterThanOrEqual(0);
        expect(part.points).toBeLessThanOrEqual(cap ? 59 * POINT : 100 * POINT);
        // One rounding only: within half a unit of the real average, up to what floats lose.
        if (!cap) expect(Math.abs(part.points - average(raw))).toBeLessThan(0.501);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('the order of dimensions and signals changes nothing', () => {
    fc.assert(
      fc.property(dimensions.filter(weighty), (raw) => {
        const there = named(raw);
        const back = [...there]
          .reverse()
          .map(([w, s]): [number, [string, number, number | null][]] => [w, [...s].reverse()]);
        const [one, two] = [score(there), score(back)];
        expect(two.points).toBe(one.points);
        const byKey = (part: ScoredPart) => Object.fromEntries(part.contributions.map((c) => [c.signal, c.points]));
        expect(byKey(two)).toEqual(byKey(one));
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  function average(raw: [number, [number, number | null][]][]): number {
    let [top, bottom] = [0, 0];
    for (const [w, signals] of raw) {
      const present = signals.filter(([v, x]) => v > 0 && x !== null);
      const weights = present.reduce((sum, [v]) => sum + v, 0);
      if (w === 0 || weights === 0) continue;
      const mean =
        present.reduce((sum, [v, x]) => sum + v * Math.round(Math.min(100, Math.max(0, x ?? 0)) * POINT), 0) / weights;
      top += w * mean;
      bottom += w;
    }
    return top / bottom;
  }
});
