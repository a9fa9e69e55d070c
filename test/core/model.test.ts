import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Model, modelHash } from '../../src/core/model.ts';
import { loadReport } from '../../src/core/model-report.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { type ModelInput, modelOf, reads, signal } from './helpers.ts';

const file = fileURLToPath(new URL('../../mappings/models/five-dimension.yaml', import.meta.url));

/** What is refused, as "path: message found → names". */
function refusals(input: ModelInput): string[] {
  try {
    modelOf(input);
    return [];
  } catch (error) {
    const { issues } = error as {
      issues: { path: PropertyKey[]; message: string; params?: { found: string; names: string[] } }[];
    };
    return issues.map((i) => `${i.path.join('.')}: ${i.message}${i.params ? ` ${i.params.found}` : ''}`);
  }
}
const withSignal = (more: Record<string, unknown>, rest = {}): ModelInput => ({
  dimensions: [{ key: 'd', weight: 1, signals: [signal('s', more)] }],
  ...rest,
});
const good = { from: { kind: 'ticket' }, aggregation: 'count', windowDays: 90 };

describe('a model file', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'metric',
      { from: { kind: 'ticket', metric: 'satisfction' }, aggregation: 'average' },
      'dimensions.0.signals.0.from.metric: unknown metric satisfction',
    ],
    [
      'field',
      { ...good, from: { kind: 'ticket', where: { any: [{ field: 'prio', is: 'high' }] } } },
      'dimensions.0.signals.0.from.where.any.0.field: unknown field prio',
    ],
    [
      'date',
      { ...good, from: { kind: 'ticket', date: 'closedAt' } },
      'dimensions.0.signals.0.from.date: unknown date closedAt',
    ],
    ['placeholder', { ...good, text: '{valu} tickets' }, 'dimensions.0.signals.0.text: unknown placeholder valu'],
    [
      'missing metric',
      { from: { kind: 'ticket' }, aggregation: 'average' },
      'dimensions.0.signals.0.from: average needs `metric`: which field of tickets is measured',
    ],
    [
      'missing window',
      { from: { kind: 'activity' }, aggregation: 'count' },
      'dimensions.0.signals.0.from: activities need `windowDays`',
    ],
    [
      'foreign option',
      { ...good, ceiling: 100 },
      'dimensions.0.signals.0.ceiling: `ceiling` belongs to ratio, not to count',
    ],
    [
      'trend of what has no dates',
      { from: { kind: 'contact' }, aggregation: 'trend', using: 'count', windowDays: 30 },
      'dimensions.0.signals.0.from: contacts have no dates, so there is no trend of them',
    ],
    [
      'curve against the direction',
      { ...good, direction: 'lower is better' },
      'dimensions.0.signals.0.curve: the curve does not run as the direction says (lower is better)',
    ],
  ])('refuses an unknown or senseless %s', (_, more, expected) => {
    expect(refusals(withSignal(more))).toContain(expected);
  });

  test.each<[string, Record<string, unknown>]>([
    ['aggregation', { ...good, aggregation: 'median' }],
    ['kind', { ...good, from: { kind: 'tickets' } }],
    ['curve', { ...good, curve: { spline: [[0, 0]] } }],
    ['two curves', { ...good, curve: { linear: [[0, 0]], steps: [[0, 0]] } }],
    [
      'falling curve',
      {
        ...good,
        curve: {
          linear: [
            [5, 0],
            [5, 100],
          ],
        },
      },
    ],
    ['key', { ...good, wieght: 3 }],
    ['weight of four decimals', { ...good, weight: 0.1234 }],
  ])('refuses a wrong %s', (_, more) => {
    expect(refusals(withSignal(more))).not.toEqual([]);
  });

  test('refuses names of bands, dimensions and signals that are not there', () => {
    expect(
      refusals(
        withSignal(good, {
          segments: {
            smb: {
              weights: { usge: 1 },
              signals: { t: { weight: 1 } },
              bands: [
                { key: 'blue', from: 50 },
                { key: 'red', from: 0 },
              ],
            },
          },
          caps: [{ key: 'c', label: 'c', bandAtMost: 'amber', when: [{ ...good, atLeast: 1 }] }],
        }),
      ),
    ).toEqual([
      'caps.0.bandAtMost: unknown band amber',
      'segments.smb.weights.usge: unknown dimension usge',
      'segments.smb.signals.t: unknown signal t',
      'segments.smb.bands.0.key: unknown band blue',
    ]);
  });

  test('refuses bands that do not fall to 0, twins, and a model that weighs nothing', () => {
    expect(
      refusals(
        withSignal(good, {
          bands: [
            { key: 'a', from: 50 },
            { key: 'b', from: 50 },
          ],
        }),
      ),
    ).toHaveLength(2);
    expect(refusals({ dimensions: [{ key: 'd', weight: 1, signals: [reads('a', 1), reads('a', 1)] }] })).toEqual([
      'dimensions.0.signals.1.key: the signal `a` is there twice',
    ]);
    expect(refusals({ dimensions: [{ key: 'd', weight: 0, signals: [reads('a', 1)] }] })).toEqual([
      'dimensions: no dimension has a weight',
    ]);
  });
});

describe('loadReport', () => {
  const dimension = (key: string, tag: string, signals = 1) => ({
    key,
    weight: 1,
    signals: Array.from({ length: signals }, (_, i) => reads(`${key}${i}`, 1, { tag })),
  });

  test('says how much is on leading signals and warns outside 70–80 %', () => {
    const of = (...tags: string[]) =>
      loadReport(modelOf({ dimensions: tags.map((tag, i) => dimension(`d${i}`, tag)) }));
    expect(of('leading', 'leading', 'leading', 'lagging')).toMatchObject({ leadingShare: 0.75, warnings: [] });
    expect(of('leading', 'leading', 'lagging', 'lagging').warnings).toEqual([
      '50 % of the weight is on leading signals; 70 to 80 % works best',
    ]);
    expect(of('leading', 'leading', 'leading', 'leading', 'lagging').warnings).toEqual([]);
  });

  test('warns of few and many dimensions, many signals and vanity', () => {
    const few = loadReport(
      modelOf({ dimensions: [dimension('a', 'leading', 3), dimension('b', 'leading'), dimension('c', 'lagging')] }),
    );
    expect(few.warnings).toEqual([
      '67 % of the weight is on leading signals; 70 to 80 % works best',
      'only 3 dimensions carry weight; four to six see more',
    ]);
    const many = Array.from({ length: 8 }, (_, i) => dimension(`d${i}`, i < 6 ? 'leading' : 'lagging', 2));
    expect(loadReport(modelOf({ dimensions: many })).warnings).toEqual([
      '8 dimensions carry weight; more than six blur the picture',
      '16 signals are switched on; start with at most eight strong ones',
    ]);
    const logins = { from: { kind: 'usage', metric: 'logins' }, aggregation: 'sum', windowDays: 28, key: 'logins' };
    const vain = [
      dimension('a', 'leading'),
      dimension('b', 'leading'),
      dimension('c', 'lagging'),
      { key: 'd', weight: 1, signals: [signal('logins', logins)] },
    ];
    expect(loadReport(modelOf({ dimensions: vain })).warnings).toEqual([
      'signal logins counts total logins alone; a share of seats or a trend says more',
    ]);
  });
});

describe('five-dimension', () => {
  const model = loadYaml(file, Model);

  test('has the published weights, bands and segments', () => {
    const weights = (own: Record<string, number> = {}) => model.dimensions.map((d) => own[d.key] ?? d.weight);
    expect(model.dimensions.map((d) => d.key)).toEqual(['usage', 'support', 'billing', 'engagement', 'relationship']);
    expect(weights()).toEqual([30, 20, 15, 15, 20]);
    expect(weights(model.segments.enterprise?.weights)).toEqual([22, 18, 15, 15, 30]);
    expect(weights(model.segments.smb?.weights)).toEqual([40, 20, 15, 15, 10]);
    expect(model.bands).toEqual([
      { key: 'green', from: 80 },
      { key: 'yellow', from: 60 },
      { key: 'red', from: 0 },
    ]);
    expect(model.floor).toBe(0.4);
  });

  test('loads without a warning: five to eight signals on, 70 to 80 % leading in every segment', () => {
    const report = loadReport(model);
    expect(report.warnings).toEqual([]);
    expect(report.signalsOn).toBeGreaterThanOrEqual(5);
    expect(report.signalsOn).toBeLessThanOrEqual(8);
    expect(report.leadingShare).toBe(0.75);
  });

  test('every offered signal can be switched on', () => {
    const all = {
      ...model,
      dimensions: model.dimensions.map((d) => ({ ...d, signals: d.signals.map((s) => ({ ...s, enabled: true })) })),
    };
    expect(Model.safeParse(all).success).toBe(true);
  });

  test('its hash follows its content, not the order of its keys', () => {
    const turned = Object.fromEntries(Object.entries(model).reverse()) as unknown as Model;
    expect(modelHash(turned)).toBe(modelHash(model));
    expect(modelHash({ ...model, floor: 0.41 })).not.toBe(modelHash(model));
  });
});
