import { describe, expect, it } from 'vitest';
import { seeded } from '../../../src/core/backtest/random.ts';
import { calibrate } from '../../../src/core/calibrate/calibrate.ts';
import { propose } from '../../../src/core/calibrate/propose.ts';
import { Rescorer } from '../../../src/core/calibrate/rescore.ts';
import { POINT } from '../../../src/core/result.ts';
import { finish } from '../../../src/core/steps.ts';
import { type Case, drawn, gathered, modelOf, type Shape } from './support.ts';

const SHAPE: Shape = { a: [50, { x: 50, y: 50 }], b: [50, { z: 100 }] };
const proposed = (cases: Case[], more: Record<string, unknown> = {}, shape = SHAPE) => {
  const input = gathered(modelOf(shape, more), cases);
  return finish(propose(input, input.obs.judged(), 7));
};
const told = (cases: Case[], days: number[], more: Record<string, unknown> = {}) =>
  finish(calibrate(gathered(modelOf(SHAPE, more), cases), { days, horizon: 90, parts: null, resamples: 100, seed: 7 }));
const codes = ({ findings }: { findings: { code: string }[] }) => findings.map((f) => f.code);

describe('weights', () => {
  it('go where the outcomes say, in whole percents', () => {
    const { model, reason } = proposed(drawn(5_000, [6, 0, 2]));
    expect(reason).toBeNull();
    const [a, b] = model.dimensions;
    expect(a?.weight).toBeGreaterThanOrEqual(70);
    expect((a?.weight ?? 0) + (b?.weight ?? 0)).toBe(100);
    expect(a?.signals[0]?.weight).toBeGreaterThanOrEqual(90);
  });
  it('stay where nine accounts left, and it is said', () => {
    const cases = drawn(300, [0, 0, 0], { level: -50 }).map((c, i) => ({ ...c, left: i < 9 }));
    const { model, reason } = proposed(cases);
    expect(model).toEqual(modelOf(SHAPE));
    expect(reason).toBe(
      '9 accounts left and 291 stayed: weights are fitted from 10 of each on, so they stay as they are',
    );
  });
  it('stay where outcomes are random, and the worth is told', () => {
    const random = seeded(3);
    const cases = drawn(800, [1, 1, 1], { dates: 2 }).map((c) => ({ ...c, left: random() < 0.1 }));
    const calibration = told(cases, [20_000, 20_120]);
    expect(calibration.proposal.model.dimensions).toEqual(modelOf(SHAPE).dimensions);
    expect(codes(calibration)).toContain('does-not-predict');
    expect(codes(calibration)).toContain('weights-stay');
  });
  it('of one signal alone are told of, above all where that is how long the account has been there', () => {
    const alone = told(drawn(5_000, [8, 0, 0]), [20_000]);
    expect(alone.findings.find((f) => f.code === 'one-signal')).toMatchObject({
      signals: ['a.x'],
      text: expect.stringMatching(/^x \(a\.x\) has \d+ % of the score, so that hardly anything else has a say/),
    });
    expect(codes(told(drawn(5_000, [6, 0, 6]), [20_000]))).not.toContain('one-signal');
    const age = { from: { kind: 'account' as const, metric: 'createdOn' }, aggregation: 'daysSince' as const };
    const plain = modelOf(SHAPE);
    const dimensions = plain.dimensions.map((d) => ({
      ...d,
      signals: d.signals.map((s) => (s.key === 'x' ? { ...s, ...age } : s)),
    }));
    const input = gathered({ ...plain, dimensions }, drawn(5_000, [8, 0, 0]));
    const aged = finish(calibrate(input, { days: [20_000], horizon: 90, parts: null, resamples: 100, seed: 7 }));
    expect(aged.findings.find((f) => f.code === 'one-signal')?.text).toMatch(
      /^The proposal is driven by account age only: /,
    );
  });
  it('take nothing from a signal that knows the outcome, and name it', () => {
    const cases = drawn(2_000, [4, 2, 2]).map((c) => ({
      ...c,
      values: [c.values[0] ?? 0, c.left ? 0 : 100, c.values[2] ?? 0],
    }));
    const { model, signals } = proposed(cases);
    expect(signals.map((s) => s.verdict)).toEqual(['fitted', 'knows the outcome', 'fitted']);
    expect(model.dimensions[0]?.signals.map((s) => s.weight)).toEqual([100, 0]);
  });
  it('take nothing from a signal that is there only once an account has left', () => {
    const cases = drawn(2_000, [4, 2, 2]).map((c) => ({
      ...c,
      values: [c.values[0] ?? 0, c.left ? 50 : null, c.values[2] ?? 0],
    }));
    expect(proposed(cases).signals[1]).toMatchObject({ verdict: 'knows the outcome', after: 0 });
  });
  it('stay where every signal with a weight knows the outcome', () => {
    const cases = drawn(2_000, [4, 2, 2]).map((c) => ({ ...c, values: c.values.map(() => (c.left ? 0 : 100)) }));
    const { model, reason } = proposed(cases);
    expect(model.dimensions).toEqual(modelOf(SHAPE).dimensions);
    expect(reason).toMatch(/knows the outcome/);
  });
  it('keep the share of what was never there and of what is always the same', () => {
    const cases = drawn(5_000, [6, 0, 2]).map((c) => ({ ...c, values: [...c.values.slice(0, 2), 60, null] }));
    const shape: Shape = { a: [50, { x: 50, y: 50 }], b: [30, { z: 100 }], c: [20, { w: 100 }] };
    const { signals, model } = proposed(cases, {}, shape);
    expect(signals.map((s) => s.verdict)).toEqual(['fitted', 'fitted', 'always the same', 'never there']);
    expect(model.dimensions.map((d) => d.weight)).toEqual([50, 30, 20]);
    expect(model.dimensions[0]?.signals[0]?.weight).toBeGreaterThan(85);
  });
  it('count an account that several dates saw leave as one', () => {
    const cases = drawn(40, [6, 0, 2], { level: -2 }).flatMap((c) => [0, 1, 2, 3].map((date) => ({ ...c, date })));
    expect(proposed(cases).lost).toBe(drawn(40, [6, 0, 2], { level: -2 }).filter((c) => c.left).length);
  });
});

describe('segments', () => {
  const two = (count: number): Case[] => [
    ...drawn(count, [6, 6, 0], { level: -5, seed: 1 }).map((c) => ({ ...c, segment: 'smb' })),
    ...drawn(count, [0, 0, 6], { level: -4, seed: 2 }).map((c) => ({
      ...c,
      account: c.account + count,
      segment: 'enterprise',
    })),
  ];
  it('get weights of their own where their accounts insist', () => {
    const { model, segments } = proposed(two(4_000));
    expect(segments.map((s) => [s.segment, s.weights])).toEqual([
      ['enterprise', true],
      ['smb', true],
    ]);
    expect(model.segments.smb?.weights?.a).toBeGreaterThan(90);
    expect(model.segments.enterprise?.weights?.b).toBeGreaterThan(90);
  });
  it('go with the whole where few of them left; what they say already moves with it', () => {
    const cases = drawn(4_000, [6, 0, 2]).map((c, i) => ({ ...c, segment: i < 60 ? 'smb' : null }));
    const { model, segments } = proposed(cases, { segments: { smb: { weights: { a: 80, b: 20 } } } });
    expect(segments[0]).toMatchObject({ segment: 'smb', weights: false, bands: false });
    const [a, b] = model.dimensions.map((d) => d.weight);
    const ratio = ((80 * (a ?? 0)) / 50 / ((80 * (a ?? 0)) / 50 + (20 * (b ?? 0)) / 50)) * 100;
    expect(Math.abs((model.segments.smb?.weights?.a ?? 0) - ratio)).toBeLessThan(1);
  });
  it('with a whole model of their own are left out, and counted', () => {
    const { segments: _, ...own } = modelOf(SHAPE);
    const cases = drawn(2_000, [6, 0, 2]).map((c, i) => ({ ...c, segment: i % 2 ? 'smb' : null }));
    const calibration = told(cases, [20_000], { segments: { smb: { model: { ...own, name: 'other' } } } });
    expect(calibration.fitted.cases).toBe(1_000);
    expect(calibration.otherModels).toBe(1_000);
    expect(codes(calibration)).toContain('other-models');
  });
});

describe('scoring again by another model', () => {
  it('says of the model itself what scoring said, missing signals included', () => {
    const input = gathered(modelOf(SHAPE), drawn(500, [3, 3, 3], { missing: 0.3 }));
    const again = new Rescorer(input, input.model);
    for (let row = 0; row < input.obs.length; row++)
      if ((input.obs.points[row] ?? -1) >= 0) expect(again.points(row)).toBe(input.obs.points[row]);
  });
  it('holds caps at the bands of the new model', () => {
    const caps = [
      {
        key: 'held',
        label: 'Held',
        bandAtMost: 'yellow',
        when: [{ from: { kind: 'usage', metric: 'uses' }, aggregation: 'sum', windowDays: 28, atLeast: 1 }],
      },
    ];
    const input = gathered(modelOf(SHAPE, { caps }), [
      { account: 0, left: false, values: [90, 90, 90], caps: ['held'] },
      { account: 1, left: false, values: [90, 90, 90] },
      { account: 2, left: false, values: [20, 20, 20], caps: ['held'] },
    ]);
    const bands = input.model.bands.map((b, i) => ({ ...b, from: [80, 30, 0][i] ?? 0 }));
    const again = new Rescorer(input, { ...input.model, bands });
    expect([0, 1, 2].map((row) => (again.points(row) ?? 0) / POINT)).toEqual([79, 90, 20]);
    expect(again.band(0, again.points(0) ?? 0)).toBe('yellow');
  });
  it('does not score what falls below the floor of confidence by the new weights', () => {
    const input = gathered(modelOf(SHAPE, { floor: 0.5 }), [{ account: 0, left: false, values: [90, 90, null] }]);
    const weights = [10, 90];
    const dimensions = input.model.dimensions.map((d, i) => ({ ...d, weight: weights[i] ?? 0 }));
    expect(new Rescorer(input, input.model).points(0)).toBe(90 * POINT);
    expect(new Rescorer(input, { ...input.model, dimensions }).points(0)).toBeNull();
  });
});

describe('what is judged', () => {
  it('has no say in the proposal: other outcomes at later dates change nothing of it', () => {
    const cases = drawn(1_000, [6, 0, 2], { dates: 2 });
    const turned = cases.map((c) => (c.date === 1 ? { ...c, left: !c.left } : c));
    const [first, second] = [told(cases, [20_000, 20_120]), told(turned, [20_000, 20_120])];
    expect(second.proposal).toEqual(first.proposal);
    expect(first.method).toBe('out of time');
    expect(first.judged.after.value).toBeCloseTo(1 - (second.judged.after.value ?? 0), 6);
  });
  it('by parts of the accounts is judged by fits that had not seen them', () => {
    const cases = drawn(600, [6, 0, 2]);
    const calibration = told(cases, [20_000]);
    expect(calibration).toMatchObject({ method: 'cross-validation', parts: 5, fit: null, judge: null });
    expect(calibration.judged.cases).toBe(600);
    expect(calibration.judged.after.value).toBeGreaterThan(calibration.judged.equal.value ?? 1);
  });
  it('is the same of the same seed', () => {
    const cases = drawn(600, [6, 0, 2]);
    expect(told(cases, [20_000])).toEqual(told(cases, [20_000]));
  });
  it('tells of a base rate that moved', () => {
    const cases = drawn(2_000, [4, 1, 2], { dates: 2 }).map((c, i) =>
      c.date === 1 && i % 4 === 0 ? { ...c, left: true } : c,
    );
    expect(codes(told(cases, [20_000, 20_120]))).toContain('base-rate-moved');
  });
});
