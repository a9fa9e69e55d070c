import { describe, expect, test } from 'vitest';
import { explainTree, reasonsOf } from '../../src/core/explain.ts';
import { type Contribution, POINT } from '../../src/core/result.ts';

const context = { renewal: null, today: '2026-11-25', floor: 0.4 };

/** A signal of a weight (of 100) and value (0–100). */
const line = (signal: string, weight: number, value: number | null, text = `${signal} text`): Contribution => ({
  dimension: 'd',
  signal,
  label: signal,
  raw: value,
  value: value === null ? null : value * POINT,
  weight: value === null ? 0 : weight / 100,
  points: value === null ? 0 : Math.round((weight * value * POINT) / 100),
  text,
  evidence: [{ source: 'crm', kind: 'usage', id: `id-${signal}`, at: 1 }],
  ...(value === null ? { missing: 'not seen' } : {}),
});
const scored = (contributions: Contribution[], more = {}) => ({
  points: contributions.reduce((sum, c) => sum + c.points, 0),
  confidence: 1,
  dimensions: [],
  contributions,
  caps: [],
  ...more,
});

describe('reasonsOf', () => {
  test('what moved tells its change, what is low tells what it brings, and the renewal comes last', () => {
    const now = scored([
      line('active', 24, 50, 'Active users 41→22 of 50 seats since 26 Oct'),
      line('nps', 20, 30),
      line('calls', 56, 99),
    ]);
    const then = scored([line('active', 24, 95), line('nps', 20, 30), line('calls', 56, 99)]);
    const renewal = {
      on: '2027-01-14',
      daysAway: 50,
      arr: { minor: 8_400_000, currency: 'GBP' },
      source: 'account field',
    };
    expect(reasonsOf(now, then, { ...context, renewal })).toEqual([
      'Active users 41→22 of 50 seats since 26 Oct (−11 points).',
      'nps text (6 of 20 points).',
      'Renewal 14 Jan, £84k.',
    ]);
  });

  test('at most three sentences, and small matters are left out', () => {
    const now = scored([line('a', 20, 0), line('b', 20, 10), line('c', 20, 20), line('d', 20, 30), line('e', 20, 98)]);
    expect(reasonsOf(now, null, context)).toEqual([
      'a text (0 of 20 points).',
      'b text (2 of 20 points).',
      'c text (4 of 20 points).',
    ]);
    expect(reasonsOf(scored([line('a', 50, 0), line('e', 50, 98.5)]), null, context)).toEqual([
      'a text (0 of 50 points).',
    ]);
  });

  test('a cap comes first where it takes most', () => {
    const caps = [{ cap: 'c', label: 'An invoice is 60 or more days overdue', points: -18 * POINT, evidence: [] }];
    expect(reasonsOf(scored([line('a', 50, 94), line('b', 50, 100)], { caps }), null, context)).toEqual([
      'An invoice is 60 or more days overdue (−18 points).',
      'a text (47 of 50 points).',
    ]);
  });

  test('where all is well the strengths are told', () => {
    expect(reasonsOf(scored([line('a', 60, 100), line('b', 40, 100)]), null, context)).toEqual([
      'a text (+60 points).',
      'b text (+40 points).',
    ]);
  });

  test('points that moved only because a neighbour went missing are no news of this signal', () => {
    const now = scored([line('a', 100, 80), line('b', 0, null)]);
    const then = scored([line('a', 50, 80), line('b', 50, 100)]);
    expect(reasonsOf(now, then, context)).toEqual(['a text (80 of 100 points).']);
  });

  test('a not-scored account says why, and still when it renews', () => {
    const dimension = (label: string, score: number | null) => ({ dimension: label, label, weight: 0.2, score });
    const dimensions = [dimension('Usage', null), dimension('Support', null), dimension('Billing', 900_000)];
    const now = scored([line('a', 20, 90)], { points: null, confidence: 0.2, dimensions });
    expect(reasonsOf(now, null, context)).toEqual(['Not scored: billing only (20 %), no usage or support data.']);
    const none = scored([], { points: null, confidence: 0, dimensions: [dimension('Usage', null)] });
    const renewal = { on: '2026-11-20', daysAway: -5, arr: null, source: 'account field' };
    expect(reasonsOf(none, null, { ...context, renewal })).toEqual(['Not scored: no data (0 %).', 'Renewal 20 Nov.']);
  });
});

test('explainTree walks from the score to source records and adds up', () => {
  const contributions = [line('a', 60, 50), { ...line('b', 40, 100), dimension: 'e' }, line('c', 10, null)];
  const caps = [{ cap: 'c', label: 'Cap', points: -POINT, evidence: [] }];
  const dimensions = [
    { dimension: 'd', label: 'D', weight: 0.6, score: 50 * POINT },
    { dimension: 'e', label: 'E', weight: 0.4, score: 100 * POINT },
  ];
  const tree = explainTree({
    ...scored(contributions, { caps, dimensions }),
    points: 69 * POINT,
    score: 69,
    band: 'yellow',
    flags: ['overdue-invoice'],
  });
  expect(tree).toMatchObject({
    score: 69,
    points: 69,
    sum: 69,
    dimensions: [
      {
        dimension: 'd',
        score: 50,
        points: 30,
        signals: [
          {
            signal: 'a',
            raw: 50,
            value: 50,
            weight: 0.6,
            points: 30,
            missing: null,
            evidence: [{ source: 'crm', kind: 'usage', id: 'id-a' }],
          },
          { signal: 'c', value: null, points: 0, missing: 'not seen' },
        ],
      },
      { dimension: 'e', points: 40 },
    ],
    caps: [{ cap: 'c', points: -1 }],
    flags: [{ flag: 'overdue-invoice', text: 'An invoice is 30 or more days overdue' }],
  });
});
