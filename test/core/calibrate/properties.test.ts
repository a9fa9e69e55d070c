import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate } from '../../../src/core/calibrate/calibrate.ts';
import { fitSlopes } from '../../../src/core/calibrate/fit.ts';
import { propose } from '../../../src/core/calibrate/propose.ts';
import { strengthsFor } from '../../../src/core/calibrate/strength.ts';
import { percents, sharesOf, withEqualWeights, withShares } from '../../../src/core/calibrate/weights.ts';
import { Model } from '../../../src/core/model.ts';
import { finish } from '../../../src/core/steps.ts';
import { type Case, gathered, modelOf } from './support.ts';

const weight = fc.integer({ min: 0, max: 100 });
const shape = fc.record({
  a: fc.tuple(fc.integer({ min: 1, max: 100 }), fc.record({ x: fc.integer({ min: 1, max: 100 }), y: weight })),
  b: fc.tuple(weight, fc.record({ z: fc.integer({ min: 1, max: 100 }) })),
});
const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const cases = (least: number, most: number) =>
  fc.array(
    fc.record({
      account: fc.integer({ min: 0, max: 60 }),
      left: fc.boolean(),
      segment: fc.constantFrom('smb', 'enterprise', null),
      values: fc.tuple(value, value, value),
    }),
    { minLength: least, maxLength: most },
  );
const QUICK = { numRuns: 25 };

/** A model as its file would say it. */
const sound = (model: Model): void => {
  expect(Model.safeParse(model).error).toBeUndefined();
  expect(model.dimensions.reduce((sum, d) => sum + d.weight, 0)).toBe(100);
  for (const d of model.dimensions) {
    expect(d.weight).toBeGreaterThanOrEqual(0);
    for (const s of d.signals) expect(s.weight).toBeGreaterThanOrEqual(0);
    if (d.weight > 0) expect(d.signals.reduce((sum, s) => sum + s.weight, 0)).toBe(100);
  }
};

describe('whole percents', () => {
  it('add up to 100, and none is more than one off', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 }), (shares) => {
        const total = shares.reduce((a, b) => a + b, 0);
        fc.pre(total > 1e-3);
        const found = percents(shares);
        expect(found.reduce((a, b) => a + b, 0)).toBe(100);
        for (const [i, p] of found.entries())
          expect(Math.abs(p - (100 * (shares[i] ?? 0)) / total)).toBeLessThanOrEqual(1 + 1e-6);
      }),
    );
  });
  it('of shares make a model that its file may say', () => {
    fc.assert(
      fc.property(shape, fc.tuple(weight, weight, weight), (s, [x, y, z]) => {
        fc.pre(x + y + z > 0);
        const model = modelOf(s);
        const shares = sharesOf(model).map((own, i) => ({ ...own, share: ([x, y, z][i] ?? 0) / (x + y + z) }));
        sound(withShares(model, shares));
        expect(Model.safeParse(withEqualWeights(model)).error).toBeUndefined();
      }),
    );
  });
});

describe('the pull of the prior', () => {
  it('may only get weaker with more accounts that left, and with none nothing but the prior is left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 5000 }), fc.nat(5000), (n, few, more) => {
        expect(Math.min(...strengthsFor(n, few + more))).toBeLessThanOrEqual(Math.min(...strengthsFor(n, few)));
        expect(strengthsFor(n, 0)).toEqual([Number.POSITIVE_INFINITY]);
      }),
    );
  });
  it('never makes a slope negative or strange, whatever the accounts', () => {
    fc.assert(
      fc.property(cases(1, 80), fc.constantFrom(0, 10, 300, Number.POSITIVE_INFINITY), (all, strength) => {
        const { obs } = gathered(modelOf({ a: [1, { x: 1, y: 1 }], b: [1, { z: 1 }] }), all);
        const columns = obs.signals.map((s, i) => ({
          key: s.signal,
          group: i < 2 ? 0 : 1,
          prior: [0.25, 0.25, 0.5][i] ?? 0,
          value: s.value,
        }));
        const events = Uint8Array.from(all, ({ left }) => (left ? 1 : 0));
        const rows = Int32Array.from(all, (_, i) => i);
        const { slopes, intercept } = finish(fitSlopes({ columns, events, weight: 1 }, rows, strength));
        expect(Number.isFinite(intercept)).toBe(true);
        for (const slope of slopes) expect(Number.isFinite(slope) && slope >= 0).toBe(true);
      }),
    );
  });
});

describe('a proposal', () => {
  it('has weights that a model file takes and no NaN anywhere, whatever the accounts', () => {
    fc.assert(
      fc.property(shape, cases(0, 150), fc.constantFrom(null, 3), (s, all, parts) => {
        const input = gathered(modelOf(s, { segments: { smb: { weights: { a: 10, b: 90 } } } }), all);
        const told = finish(calibrate(input, { days: [20_000], horizon: 90, parts, resamples: 100, seed: 7 }));
        expect(Model.safeParse(told.proposal.model).error).toBeUndefined();
        if (told.proposal.model.dimensions !== input.model.dimensions) sound(told.proposal.model);
        expect(JSON.stringify(told, (_, v) => (typeof v === 'number' && Number.isNaN(v) ? 'NaN' : v))).not.toContain(
          '"NaN"',
        );
      }),
      QUICK,
    );
  });
  it('of accounts of which nobody left is the model as it is', () => {
    fc.assert(
      fc.property(shape, cases(0, 80), (s, all) => {
        const input = gathered(
          modelOf(s),
          all.map((c) => ({ ...c, left: false })),
        );
        const { model, reason } = finish(propose(input, input.obs.judged(), 7));
        expect(model).toEqual(input.model);
        expect(reason).toMatch(/^0 accounts left/);
      }),
      QUICK,
    );
  });
  it('does not depend on the order of the observations', () => {
    const many = fc
      .tuple(shape, cases(60, 150))
      .chain(([s, all]) =>
        fc.tuple(fc.constant(s), fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      );
    fc.assert(
      fc.property(many, ([s, all, other]) => {
        const proposed = (some: Case[]) => {
          const input = gathered(modelOf(s), some);
          return finish(propose(input, input.obs.judged(), 7)).model;
        };
        expect(proposed(other)).toEqual(proposed(all));
      }),
      QUICK,
    );
  });
});
