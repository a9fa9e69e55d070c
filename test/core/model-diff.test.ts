import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Model } from '../../src/core/model.ts';
import { modelDiff } from '../../src/core/model-diff.ts';
import { modelOf, reads } from './helpers.ts';
import { shipped } from './models/raw.ts';

const NAMES = ['five-dimension', 'weighted-formula', 'six-component', 'six-component-sentiment', 'four-by-25'];
const base = () =>
  modelOf({
    dimensions: [
      { key: 'usage', weight: 30, signals: [reads('a', 3), reads('b', 1)] },
      { key: 'help', weight: 10, signals: [reads('c', 1)] },
    ],
  });
const told = (change: (model: Model) => void): string[] => {
  const after = structuredClone(base());
  change(after);
  return modelDiff(base(), Model.parse(after)).map(({ what, text }) => `${what}: ${text}`);
};
const first = (model: Model) => model.dimensions[0] ?? expect.fail('no dimension');
const signal = (model: Model) => first(model).signals[0] ?? expect.fail('no signal');

describe('modelDiff', () => {
  test.each(NAMES)('%s is as itself', (name) => expect(modelDiff(shipped(name), shipped(name))).toEqual([]));

  test.each<[(model: Model) => void, string[]]>([
    [(m) => Object.assign(m, { name: 'other', version: 2, description: 'x' }), []],
    [(m) => Object.assign(first(m), { weight: 40 }), ['dimension usage: weight 30 → 40 (75 % → 80 % of the score)']],
    [(m) => Object.assign(signal(m), { weight: 1 }), ['a: weight 3 → 1 (75 % of usage → 50 % of usage)']],
    [(m) => Object.assign(signal(m), { enabled: false }), ['a: switched off (was 75 % of usage)']],
    [(m) => Object.assign(signal(m), { windowDays: 30 }), ['a: windowDays now 30']],
    [
      (m) => Object.assign(signal(m), { curve: { steps: [[0, 0]] } }),
      ['a: curve.linear no longer [[0, 0], [100, 100]]', 'a: curve.steps now [[0, 0]]'],
    ],
    [(m) => Object.assign(signal(m), { label: 'New', text: '{value} x' }), ['a: worded otherwise (label, text)']],
    [(m) => first(m).signals.pop(), ['b: no longer there (was 25 % of usage)']],
    [
      (m) => m.dimensions.pop(),
      ['dimension help: no longer there (was 25 %)', 'c: no longer there (was 100 % of help)'],
    ],
    [(m) => Object.assign(m, { floor: 0.5 }), ['floor: 0 → 0.5']],
    [
      (m) =>
        Object.assign(m, {
          bands: [
            { key: 'green', from: 75 },
            { key: 'red', from: 0 },
          ],
        }),
      ['bands: green from 80, yellow from 60, red from 0 → green from 75, red from 0'],
    ],
    [
      (m) => Object.assign(m.segments, { smb: { weights: { usage: 1 } } }),
      ['segment smb: new: { weights: { usage: 1 } }'],
    ],
    [(m) => Object.assign(m.onboarding, { days: 60 }), ['onboarding: days 90 → 60']],
  ])('%s', (change, expected) => expect(told(change)).toEqual(expected));

  test('whatever is written otherwise is told, and told both ways', () => {
    const model = shipped('five-dimension');
    const leaves = pathsOf(model).filter(([key]) => !['name', 'version', 'description'].includes(String(key)));
    fc.assert(
      fc.property(fc.constantFrom(...leaves), (path) => {
        const after = structuredClone(model);
        const parent = path.slice(0, -1).reduce<unknown>((v, key) => (v as Record<PropertyKey, unknown>)[key], after);
        const key = path.at(-1) ?? '';
        const holder = parent as Record<PropertyKey, unknown>;
        holder[key] = typeof holder[key] === 'number' ? Number(holder[key]) + 1 : `${String(holder[key])}-x`;
        expect(modelDiff(model, after)).not.toEqual([]);
        expect(modelDiff(after, model).length).toBe(modelDiff(model, after).length);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

function pathsOf(value: unknown, path: PropertyKey[] = []): PropertyKey[][] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [path];
  return Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
}
