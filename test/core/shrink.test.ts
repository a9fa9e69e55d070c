import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scoreOn } from '../../src/core/curves.ts';
import { POINT } from '../../src/core/result.ts';
import { scoreAccount } from '../../src/core/score.ts';
import { segmentOf, shrink } from '../../src/core/shrink.ts';
import { account, inputOf, modelOf, reads } from './helpers.ts';

const line = (...linear: [number, number][]) => ({ linear });
const model = modelOf({
  dimensions: [
    { key: 'a', weight: 30, signals: [reads('x', 3, { curve: line([0, 0], [100, 100]) })] },
    { key: 'b', weight: 70, signals: [reads('y', 1)] },
  ],
  segments: {
    smb: { weights: { a: 60 }, signals: { x: { weight: 1, curve: line([0, 50], [50, 100]) } } },
    big: {},
  },
  shrinkage: { accounts: 20 },
});
const smb = model.segments.smb ?? {};

describe('shrinkage', () => {
  test('blends a segment with the general model by the number of its accounts', () => {
    // 10 accounts against 20: a third of its own, two thirds general.
    const { weights, signals } = shrink(model, smb, 10, 20);
    expect(weights).toEqual({ a: 40, b: 70 });
    expect(signals?.x?.weight).toBe(2.333);
    // (50 + 2 × 0) ÷ 3, (100 + 2 × 50) ÷ 3, (100 + 2 × 100) ÷ 3
    expect(signals?.x?.curve?.linear).toEqual([
      [0, 50 / 3],
      [50, 200 / 3],
      [100, 100],
    ]);
  });

  test('a segment of nobody is the general model, one of very many its own', () => {
    const none = shrink(model, smb, 0, 20);
    expect(none.weights).toEqual({ a: 30, b: 70 });
    expect(none.signals?.x?.weight).toBe(3);
    const many = shrink(model, smb, 1e9, 20);
    expect(many.weights).toEqual({ a: 60, b: 70 });
    expect(many.signals?.x?.weight).toBe(1);
    for (const measured of [0, 25, 50, 80, 100]) {
      expect(scoreOn(none.signals?.x?.curve ?? {}, measured)).toBe(measured * POINT);
      expect(scoreOn(many.signals?.x?.curve ?? {}, measured)).toBe(Math.min(100, 50 + measured) * POINT);
    }
  });

  test('every weight lies between the two, nearer to its own the more accounts there are, in thousandths', () => {
    const n = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(n, n, fc.integer({ min: 1, max: 10_000 }), (few, more, strength) => {
        const [less, much] = [Math.min(few, more), Math.max(few, more)];
        const at = (count: number) => shrink(model, smb, count, strength).weights?.a ?? Number.NaN;
        expect(30 <= at(less) && at(less) <= at(much) && at(much) <= 60).toBe(true);
        expect(Math.round(at(less) * 1000) / 1000).toBe(at(less));
      }),
    );
  });

  test('steps and categories have no middle and stay its own', () => {
    const steps = { steps: [[0, 10] satisfies [number, number]] };
    expect(shrink(model, { signals: { x: { curve: steps } } }, 1, 20).signals?.x?.curve).toEqual(steps);
  });

  test('scores with the numbers of its population, and by its own weights where these are not known', () => {
    const input = inputOf([account({ attributes: { x: 0, y: 100 } })], { segment: 'smb' });
    const peers = { accounts: { smb: 10 }, tables: {} };
    // a: 16.6667, b: 100, weighed 40 : 70
    expect(scoreAccount(model, { ...input, peers }).points).toBe(696_970);
    // a: 50, b: 100, weighed 60 : 70
    expect(scoreAccount(model, input).points).toBe(769_231);
    expect(segmentOf(model, null, { smb: 10 })).toEqual({});
    expect(scoreAccount(model, { ...input, segment: 'big', peers }).points).toBe(70 * POINT);
  });
});
