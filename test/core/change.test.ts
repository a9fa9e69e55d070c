import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, changeOf, counterfactual, EFFECTS, type End } from '../../src/core/change.ts';
import { totalOf } from '../../src/core/change-parts.ts';
import type { Model } from '../../src/core/model.ts';
import { scoreAccount } from '../../src/core/score.ts';
import { split } from '../../src/core/split.ts';
import { account, daysAgo, inputOf, type ModelInput, modelOf, reads } from './helpers.ts';

type Values = Record<string, number | null>;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** An account whose signals read its own attributes, at one end of a change. */
interface Side {
  values: Values;
  model: Model;
  segment?: string | null;
}
const inputAt = ({ values, segment = null }: Side) =>
  inputOf([account({ attributes: values }, daysAgo(50))], { segment });
const scoreOf = (side: Side) => scoreAccount(side.model, inputAt(side));

function change(from: Side, to: Side, stored: { from?: Side; to?: Side; kept?: boolean } = {}): Change {
  const side: Record<End, Side> = { from, to };
  return changeOf({
    from: scoreOf(stored.from ?? from),
    to: scoreOf(stored.to ?? to),
    since: '2026-10-03',
    until: '2026-11-25',
    model: to.model,
    modelThen: stored.kept === false ? null : from.model,
    segments: { from: from.segment ?? null, to: to.segment ?? null },
    score: (what) => {
      const model = stored.kept === false ? to.model : side[what.model].model;
      return scoreOf({
        values: side[what.facts].values,
        model: counterfactual(model, what.only),
        segment: side[what.segment].segment ?? null,
      });
    },
  });
}

const cap = (key: string, below: number) => ({
  key: `cap-${key}`,
  label: `${key} is very low`,
  bandAtMost: 'yellow',
  when: [{ from: { kind: 'account', metric: key }, aggregation: 'latest', below }],
});
const simple = (more: Partial<ModelInput> = {}): Model =>
  modelOf({
    dimensions: [
      { key: 'usage', weight: 60, signals: [reads('a', 50), reads('b', 50)] },
      { key: 'support', weight: 40, signals: [reads('c', 1)] },
    ],
    ...more,
  });

describe('changeOf', () => {
  const points = (lines: { signal: string | null; points: number }[]) =>
    Object.fromEntries(lines.map((l) => [l.signal ?? '-', l.points]));

  it('tells moved figures as data, each by its weight', () => {
    const { sum, effects } = change(
      { values: { a: 80, b: 60, c: 50 }, model: simple() },
      { values: { a: 40, b: 60, c: 60 }, model: simple() },
    );
    expect(sum).toBe(-80_000);
    expect(points(effects.data.lines)).toEqual({ a: -120_000, c: 40_000 });
    expect(effects.data.lines[0]).toMatchObject({
      dimension: 'usage',
      signal: 'a',
      from: 80,
      to: 40,
      text: '40; on 3 Oct: 80',
    });
    for (const key of ['model', 'missing', 'peers'] as const) expect(effects[key]).toEqual({ total: 0, lines: [] });
  });

  it('tells a signal that went missing by itself, with the weight that its neighbours took over', () => {
    // 0.3 × 80 + 0.3 × 20 + 0.4 × 50 = 50; without b: 0.6 × 80 + 0.4 × 50 = 68
    const lost = change(
      { values: { a: 80, b: 20, c: 50 }, model: simple() },
      { values: { a: 80, b: null, c: 50 }, model: simple() },
    );
    expect(points(lost.effects.missing.lines)).toEqual({ b: 180_000 });
    expect(lost.effects.missing.lines[0]).toMatchObject({ from: 20, to: null });
    expect(lost.effects.missing.lines[0]?.text).toMatch(/^b: no a?.*; on 3 Oct: 20$/);
    expect(lost.effects.data.lines).toEqual([]);
    // A whole dimension: 0.3 × 80 + 0.3 × 20 = 30 of 60; back it brings 50 → 30/0.6 = 50, so −… in reverse.
    const back = change(
      { values: { a: 80, b: 20, c: null }, model: simple() },
      { values: { a: 80, b: 20, c: 90 }, model: simple() },
    );
    expect(points(back.effects.missing.lines)).toEqual({ c: 160_000 });
    expect(back.effects.missing.lines[0]).toMatchObject({ from: null, to: 90 });
  });

  it('gives each of two signals that went missing what it brought in its own dimension', () => {
    const wide = simple({
      dimensions: [
        { key: 'usage', weight: 50, signals: [reads('a', 50), reads('b', 25), reads('d', 25)] },
        { key: 'support', weight: 50, signals: [reads('c', 50), reads('e', 50)] },
      ],
    });
    const { effects } = change(
      { values: { a: 50, b: 100, d: 100, c: 50, e: 0 }, model: wide },
      { values: { a: 50, b: null, d: null, c: 50, e: null }, model: wide },
    );
    // usage 75 → 50 is −12.5, split evenly between b and d; support 25 → 50 is +12.5
    expect(points(effects.missing.lines)).toEqual({ b: -62_500, d: -62_500, e: 125_000 });
  });

  it('tells what another model does to the same facts, signal by signal', () => {
    const other = simple({
      version: 2,
      dimensions: [
        { key: 'usage', weight: 60, signals: [reads('a', 100)] },
        {
          key: 'support',
          weight: 40,
          signals: [
            reads('c', 1, {
              curve: {
                linear: [
                  [0, 0],
                  [50, 100],
                ],
              },
            }),
          ],
        },
      ],
    });
    const { sum, effects } = change(
      { values: { a: 80, b: 60, c: 25 }, model: simple() },
      { values: { a: 80, b: 60, c: 25 }, model: other },
    );
    expect(sum).toBe(480_000 + 200_000 - 240_000 - 180_000 - 100_000);
    expect(points(effects.model.lines)).toEqual({ a: 240_000, b: -180_000, c: 100_000 });
    expect(effects.model.lines.map((l) => l.text)).toEqual([
      'a weighs 60 % instead of 30 %',
      'b: no longer measured by test 2',
      'c gives 50 instead of 25 of 100',
    ]);
    expect(effects.data.total).toBe(0);
  });

  it('tells caps as lines of the effect that brought them', () => {
    const capped = simple({ caps: [cap('f', 10)] });
    const { effects, sum } = change(
      { values: { a: 100, b: 100, c: 100, f: 50 }, model: capped },
      { values: { a: 100, b: 100, c: 100, f: 5 }, model: capped },
    );
    expect(sum).toBe(-210_000);
    expect(effects.data.lines).toEqual([
      expect.objectContaining({
        signal: null,
        label: 'f is very low',
        points: -210_000,
        text: 'f is very low: did not hold on 3 Oct',
      }),
    ]);
    const both = change(
      { values: { a: 100, b: 100, c: 100, f: 5 }, model: capped },
      { values: { a: 90, b: 100, c: 100, f: 5 }, model: capped },
    );
    expect(both.sum).toBe(0);
    expect(both.effects.data.lines.map((l) => l.text)).toEqual([
      '90; on 3 Oct: 100',
      'f is very low: takes 18 points instead of 21 points',
    ]);
  });

  it('tells what was corrected since as lines of its own, so that stored scores still add up', () => {
    const model = simple();
    const { sum, effects } = change(
      { values: { a: 70, b: 60, c: 50 }, model },
      { values: { a: 70, b: 60, c: 50 }, model },
      { from: { values: { a: 80, b: 60, c: 50 }, model }, to: { values: { a: 70, b: 60, c: 60 }, model } },
    );
    expect(sum).toBe(10_000);
    expect(effects.data.lines.map((l) => [l.label, l.points, l.text])).toEqual([
      ['Corrected since', 40_000, 'What is known of 25 Nov has been corrected or completed since (c)'],
      ['Corrected since', -30_000, 'What is known of 3 Oct has been corrected or completed since (a)'],
    ]);
  });

  it('says so where the earlier model is not kept', () => {
    const old = simple({ dimensions: [{ key: 'usage', weight: 1, signals: [reads('a', 1)] }] });
    const { effects, sum } = change(
      { values: { a: 80, b: 60, c: 50 }, model: old },
      { values: { a: 80, b: 60, c: 50 }, model: simple() },
      { kept: false },
    );
    expect(sum).toBe(effects.model.total);
    expect(effects.model.lines[0]?.text).toContain('a model that is not kept');
  });

  it('tells a move to another segment apart from what signals did', () => {
    const model = simple({ segments: { smb: { weights: { usage: 20, support: 80 } } } });
    const { effects } = change(
      { values: { a: 80, b: 80, c: 50 }, model },
      { values: { a: 80, b: 80, c: 50 }, model, segment: 'smb' },
    );
    expect(effects.data.lines).toEqual([
      expect.objectContaining({
        label: 'Segment',
        points: -120_000,
        text: expect.stringContaining('Segment smb instead of none'),
      }),
    ]);
  });

  const weight = fc.integer({ min: 0, max: 40_000 }).map((w) => w / 1000);
  const knots = fc
    .tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }))
    .map(([x, y]) => ({
      linear: [
        [0, Math.min(x, y)],
        [100, Math.max(x, y)],
      ],
    }));
  const models = fc
    .record({
      signals: fc.array(
        fc.record({
          weight: fc.integer({ min: 1, max: 9_000 }),
          dimension: fc.integer({ min: 0, max: 2 }),
          on: fc.boolean(),
          curve: knots,
        }),
        { minLength: 6, maxLength: 6 },
      ),
      weights: fc.array(weight, { minLength: 3, maxLength: 3 }),
      caps: fc.subarray(['a', 'c']),
      smb: fc.array(weight, { minLength: 3, maxLength: 3 }),
      version: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ signals, weights, caps, smb, version }) => {
      const dimensions = [0, 1, 2].flatMap((d) => {
        const own = KEYS.flatMap((key, i) => {
          const s = signals[i];
          return s?.on && s.dimension === d ? [reads(key, s.weight / 1000, { curve: s.curve })] : [];
        });
        return own.length > 0 ? [{ key: `d${d}`, weight: (weights[d] ?? 0) + 1, signals: own }] : [];
      });
      if (dimensions.length === 0) dimensions.push({ key: 'd0', weight: 1, signals: [reads('a', 1)] });
      const segments = { smb: { weights: Object.fromEntries(dimensions.map((d, i) => [d.key, (smb[i] ?? 0) + 0.5])) } };
      return modelOf({ dimensions, version, segments, caps: caps.map((key) => cap(key, 30)) });
    });
  const values = fc.record(
    Object.fromEntries(KEYS.map((key) => [key, fc.option(fc.double({ min: 0, max: 100, noNaN: true }))])),
  ) as fc.Arbitrary<Values>;
  const side = fc.record({ values, model: models, segment: fc.constantFrom(null, 'smb') });

  it('adds up to the last digit in any world', () => {
    fc.assert(
      fc.property(side, side, side, fc.boolean(), (from, to, stored, kept) => {
        const was = { ...from, values: stored.values };
        const told = change(from, to, { from: was, kept });
        expect(told.sum).toBe(totalOf(scoreOf(to)) - totalOf(scoreOf(was)));
        for (const key of EFFECTS) {
          const { total, lines } = told.effects[key];
          expect(lines.reduce((sum, line) => sum + line.points, 0)).toBe(total);
          expect(lines.every((line) => Number.isInteger(line.points) && line.points !== 0 && line.text !== '')).toBe(
            true,
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  it('has no effect of what did not change', () => {
    fc.assert(
      fc.property(side, values, (from, later) => {
        const same = change(from, from);
        expect(same.sum).toBe(0);
        expect(EFFECTS.flatMap((key) => same.effects[key].lines)).toEqual([]);
        const { effects } = change(from, { ...from, values: later });
        expect([effects.model.lines, effects.peers.lines]).toEqual([[], []]);
        const present = Object.fromEntries(KEYS.map((key) => [key, later[key] ?? 50]));
        const full = Object.fromEntries(KEYS.map((key) => [key, from.values[key] ?? 50]));
        expect(change({ ...from, values: full }, { ...from, values: present }).effects.missing.lines).toEqual([]);
        // The same facts under another model are no news of data.
        expect(change(from, { ...from, model: simple() }).effects.data.lines).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is its own opposite backwards, effect by effect, where only data moved', () => {
    fc.assert(
      fc.property(side, values, (from, later) => {
        const to = { ...from, values: later };
        const [there, back] = [change(from, to), change(to, from)];
        expect(back.sum).toBe(-there.sum + 0);
        expect(back.effects.missing.total + there.effects.missing.total).toBeCloseTo(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('split', () => {
  it('adds up to the whole, each part next to its exact share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (whole, weights) => {
          const parts = split(whole, weights);
          expect(parts.reduce((a, b) => a + b, 0)).toBe(whole);
          const sum = weights.reduce((a, b) => a + b, 0);
          if (sum > 1e-9)
            for (const [i, part] of parts.entries())
              expect(Math.abs(part - (whole * (weights[i] ?? 0)) / sum)).toBeLessThan(1.001);
        },
      ),
    );
  });
});
