import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enabledSignals, Model } from '../../src/core/model.ts';
import { loadReport } from '../../src/core/model-report.ts';
import { POINT } from '../../src/core/result.ts';
import { type ScoredPart, scoreAccount } from '../../src/core/score.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { account, inputOf } from './helpers.ts';

const shipped = (name: string): Model =>
  loadYaml(fileURLToPath(new URL(`../../mappings/models/${name}.yaml`, import.meta.url)), Model);
const NAMES = ['five-dimension', 'weighted-formula', 'six-component', 'six-component-sentiment', 'four-by-25'] as const;
const models = Object.fromEntries(NAMES.map((name) => [name, shipped(name)])) as Record<(typeof NAMES)[number], Model>;

/** The model with its own weights, bands and segments over signals of which the values (0–100) are given. */
function given(model: Model): Model {
  const signals = (own: Model['dimensions'][number]) =>
    enabledSignals(own).map(({ key, label, weight, tag }) => ({
      ...{ key, label, weight, tag, unit: '', text: '{value}', direction: 'higher is better' },
      from: { kind: 'account', metric: `given ${key}` },
      aggregation: 'latest',
      curve: {
        linear: [
          [0, 0],
          [100, 100],
        ],
      },
    }));
  const segments = Object.fromEntries(Object.entries(model.segments).map(([key, { weights }]) => [key, { weights }]));
  const dimensions = model.dimensions.map((d) => ({ ...d, signals: signals(d) }));
  return Model.parse({ ...model, dimensions, segments, caps: [] });
}

function scoreOf(model: Model, values: Record<string, number>, segment: string | null = null): ScoredPart {
  const attributes = Object.fromEntries(Object.entries(values).map(([key, value]) => [`given ${key}`, value]));
  return scoreAccount(given(model), inputOf([account({ attributes })], { segment }));
}

/** Every signal of a dimension at that dimension's value. */
function alike(model: Model, values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    model.dimensions.flatMap((d) => enabledSignals(d).map((s): [string, number] => [s.key, values[d.key] ?? 0])),
  );
}
const everywhere = (model: Model, value: number): Record<string, number> =>
  alike(model, Object.fromEntries(model.dimensions.map((d) => [d.key, value])));

const pointsOf = (part: ScoredPart, dimension: string): number =>
  part.contributions.filter((c) => c.dimension === dimension).reduce((sum, c) => sum + c.points, 0) / POINT;

describe('published weights', () => {
  const weights = (name: (typeof NAMES)[number], segment: string | null = null): Record<string, number> => {
    const own = segment === null ? undefined : models[name].segments[segment]?.weights;
    return Object.fromEntries(models[name].dimensions.map((d) => [d.key, own?.[d.key] ?? d.weight]));
  };
  test('of the dimensions', () => {
    expect(weights('five-dimension')).toEqual({
      usage: 30,
      support: 20,
      billing: 15,
      engagement: 15,
      relationship: 20,
    });
    expect(weights('five-dimension', 'enterprise')).toEqual({
      usage: 22,
      support: 18,
      billing: 15,
      engagement: 15,
      relationship: 30,
    });
    expect(weights('five-dimension', 'smb')).toEqual({
      usage: 40,
      support: 20,
      billing: 15,
      engagement: 15,
      relationship: 10,
    });
    expect(weights('weighted-formula')).toEqual({ usage: 35, engagement: 25, sentiment: 25, financial: 15 });
    expect(weights('weighted-formula', 'enterprise')).toEqual({
      usage: 30,
      engagement: 30,
      sentiment: 25,
      financial: 15,
    });
    expect(weights('weighted-formula', 'smb')).toEqual({ usage: 40, engagement: 20, sentiment: 25, financial: 15 });
    expect(weights('six-component')).toEqual({
      usage: 30,
      support: 20,
      financial: 20,
      engagement: 15,
      relationship: 15,
      milestones: 0,
    });
    expect(weights('four-by-25')).toEqual({ usage: 25, support: 25, onboarding: 25, engagement: 25 });
  });

  test('of the signals of the weighted formula', () => {
    const own = models['weighted-formula'].dimensions.map((d) => enabledSignals(d).map((s) => s.weight));
    expect(own).toEqual([
      [40, 30, 20, 10],
      [35, 25, 20, 20],
      [40, 30, 20, 10],
      [40, 30, 20, 10],
    ]);
  });

  test.each(NAMES)('%s has 70 to 80 %% of its weight on leading signals', (name) => {
    expect(loadReport(models[name]).warnings.filter((w) => w.includes('leading'))).toEqual([]);
  });
});

describe('four-by-25', () => {
  const model = models['four-by-25'];
  const example = { usage: 72, support: 88, onboarding: 92, engagement: 64 };

  test('18 + 22 + 23 + 16 = 79 is green', () => {
    const part = scoreOf(model, alike(model, example));
    expect(model.dimensions.map((d) => pointsOf(part, d.key))).toEqual([18, 22, 23, 16]);
    expect(part).toMatchObject({ points: 79 * POINT, score: 79, band: 'green', confidence: 1 });
  });

  test('79 is yellow in weighted-formula: bands belong to the model', () => {
    const other = models['weighted-formula'];
    expect(scoreOf(other, everywhere(other, 79))).toMatchObject({ score: 79, band: 'yellow' });
  });

  test.each([
    [74.4, 74, 'yellow'],
    [74.5, 75, 'green'],
    [49.4, 49, 'red'],
    [49.5, 50, 'yellow'],
    [0, 0, 'red'],
    [100, 100, 'green'],
  ])('%s shows as %s, %s', (value, score, band) => {
    expect(scoreOf(model, everywhere(model, value))).toMatchObject({ score, band });
  });
});

describe.each(['five-dimension', 'weighted-formula', 'six-component'] as const)('%s', (name) => {
  test.each([
    [59.4, 59, 'red'],
    [59.5, 60, 'yellow'],
    [79.4, 79, 'yellow'],
    [79.5, 80, 'green'],
  ])('%s shows as %s, %s', (value, score, band) => {
    const part = scoreOf(models[name], everywhere(models[name], value));
    expect(part).toMatchObject({ points: value * POINT, score, band });
  });
});

describe('weighted-formula', () => {
  const model = models['weighted-formula'];
  // usage 0.4 × 80 + 0.3 × 75 + 0.2 × 100 + 0.1 × 50 = 79.5; engagement 0.35 × 80 + 0.25 × 60 + 0.2 × 40 + 0.2 × 20 = 55;
  // sentiment 0.4 × 70 + 0.3 × 75 + 0.2 × 80 + 0.1 × 50 = 71.5; financial 0.4 × 75 + 0.3 × 90 + 0.2 × 80 + 0.1 × 50 = 78
  const values = {
    ...{ 'active-share': 80, adoption: 75, frequency: 100, depth: 50 },
    ...{ touchpoints: 80, 'executive-contact': 60, training: 40, community: 20 },
    ...{ nps: 70, csat: 75, 'support-health': 80, advocacy: 50 },
    ...{ 'arr-trend': 75, 'on-time-payments': 90, utilization: 80, expansion: 50 },
  };

  test.each([
    [null, 71.15, 71], // 0.35 × 79.5 + 0.25 × 55 + 0.25 × 71.5 + 0.15 × 78
    ['mid-market', 71.15, 71],
    ['enterprise', 69.925, 70], // 0.30 × 79.5 + 0.30 × 55 + 0.25 × 71.5 + 0.15 × 78
    ['smb', 72.375, 72], // 0.40 × 79.5 + 0.20 × 55 + 0.25 × 71.5 + 0.15 × 78
  ])('segment %s: %s', (segment, exact, score) => {
    const part = scoreOf(model, values, segment);
    expect(part.dimensions.map((d) => (d.score ?? 0) / POINT)).toEqual([79.5, 55, 71.5, 78]);
    expect(part).toMatchObject({ points: exact * POINT, score });
  });

  test('absent weight is redistributed and lowers confidence', () => {
    const { training: _, community: __, ...rest } = values;
    const part = scoreOf(model, rest);
    // engagement (35 × 80 + 25 × 60) ÷ 60 = 71.6667; the other three as before
    expect(part.dimensions[1]?.score).toBe(716_667);
    expect(part.points).toBe(Math.round((0.35 * 79.5 + 0.25 * (4300 / 60) + 0.25 * 71.5 + 0.15 * 78) * POINT));
    expect(part.confidence).toBe(0.9); // 25 % × 40 % is unknown
  });
});

describe('six-component', () => {
  const model = models['six-component'];
  const values = { usage: 90, support: 70, financial: 80, engagement: 50, relationship: 60, milestones: 10 };

  test('0.30 × 90 + 0.20 × 70 + 0.20 × 80 + 0.15 × 50 + 0.15 × 60 = 73.5; milestones do not count yet', () => {
    const part = scoreOf(model, alike(model, values));
    expect(part).toMatchObject({ points: 73.5 * POINT, score: 74, band: 'yellow', confidence: 1 });
    expect(pointsOf(part, 'milestones')).toBe(0);
  });

  test('a weight for milestones leaves the other five as they are', () => {
    const dimensions = model.dimensions.map((d) => (d.key === 'milestones' ? { ...d, weight: 25 } : d));
    // (100 × 73.5 + 25 × 10) ÷ 125
    expect(scoreOf({ ...model, dimensions }, alike(model, values)).points).toBe(60.8 * POINT);
  });

  test.each([
    [0, 1],
    [0.6, 1],
    [1.5, 2],
    [100, 100],
  ])('its scale begins at 1: %s shows as %s', (value, score) => {
    const part = scoreOf(model, everywhere(model, value));
    expect(part).toMatchObject({ points: value * POINT, score });
  });
});

test.each(NAMES)('%s: the score is the weighted average of its dimensions, and contributions add up to it', (name) => {
  const model = models[name];
  const all = model.dimensions.reduce((sum, d) => sum + d.weight, 0);
  const any = fc.array(fc.integer({ min: 0, max: 1000 }), {
    minLength: model.dimensions.length,
    maxLength: model.dimensions.length,
  });
  fc.assert(
    fc.property(any, (tenths) => {
      const values = Object.fromEntries(model.dimensions.map((d, i) => [d.key, (tenths[i] ?? 0) / 10]));
      const part = scoreOf(model, alike(model, values));
      const byHand = model.dimensions.reduce((sum, d) => sum + d.weight * (values[d.key] ?? 0), 0) / all;
      expect(Math.abs((part.points ?? 0) - byHand * POINT)).toBeLessThanOrEqual(0.5 + 1e-6);
      expect(part.contributions.reduce((sum, c) => sum + c.points, 0)).toBe(part.points);
    }),
    { numRuns: 50 },
  );
});
