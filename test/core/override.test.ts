import { describe, expect, test } from 'vitest';
import { dateOf, dayOf } from '../../src/core/days.ts';
import type { FactData, StoredFact } from '../../src/core/fact.ts';
import { OPEN_ENDED_DAYS, OVERRIDE_LINE } from '../../src/core/override.ts';
import { judgedScore } from '../../src/core/result.ts';
import { type ScoringInput, scoreWithTrend, thirtyDaysBefore } from '../../src/core/score.ts';
import { account, daysAgo, fact, inputOf, modelOf, reads, TODAY } from './helpers.ts';

const model = modelOf({ floor: 0.4, dimensions: [{ key: 'usage', weight: 1, signals: [reads('use', 1)] }] });
type Said = FactData<'pulse'>;
const SAID: Said = {
  overrideBand: 'Yellow',
  overrideReason: 'waiting for the reorganisation.',
  overrideUntil: '2027-01-14',
  byId: 'U7',
};
const pulse = (said: Said | null, at = daysAgo(3), more: { source?: string; id?: string } = {}): StoredFact =>
  fact('pulse', at, said ?? {}, { id: 'A1', ...more, ...(said === null ? { deleted: true } : {}) });
const nameOf = (id: string): string | null => (id === 'U7' ? 'Priya Shah' : null);

/** An account that the model gives 42, with what its manager says. */
function score(said: StoredFact[], more: Partial<ScoringInput> = {}, use: number | null = 42) {
  const input = inputOf([account({ attributes: { use } }), ...said], { nameOf, ...more });
  return scoreWithTrend(model, input, { ...input, ...thirtyDaysBefore(input) });
}
const sumOf = (part: ReturnType<typeof score>): number =>
  [...part.contributions, ...part.caps].reduce((sum, line) => sum + line.points, 0);

describe('an override of the band', () => {
  test('leaves the score and says who set what until when, and why', () => {
    const part = score([pulse(SAID)]);
    expect(part).toMatchObject({ score: 42, points: 420_000, band: 'yellow' });
    expect(part.computed).toEqual({ points: 420_000, score: 42, band: 'red' });
    expect(part.override).toMatchObject({ band: 'yellow', until: '2027-01-14', byId: 'U7' });
    expect(part.reasons[0]).toBe(
      'Set to Yellow by Priya Shah until 14 Jan: waiting for the reorganisation (computed: 42, red).',
    );
    expect(part.reasons).toHaveLength(2);
    expect(part.coverage).toBe('');
  });

  test.each([
    ['yellow', 'yellow'],
    [' YELLOW ', 'yellow'],
    ['Green', 'green'],
  ])('“%s” is %s', (text, band) => {
    expect(score([pulse({ ...SAID, overrideBand: text })]).band).toBe(band);
  });

  test('a key of two words is told as a CRM shows it', () => {
    const bands = [
      { key: 'all-well', from: 50 },
      { key: 'at-risk', from: 0 },
    ];
    const input = inputOf([account({ attributes: { use: 90 } }), pulse({ ...SAID, overrideBand: 'At risk' })]);
    expect(scoreWithTrend({ ...model, bands }, input, null).band).toBe('at-risk');
  });

  test('an account that is not scored may have one', () => {
    const part = score([pulse(SAID)], {}, null);
    expect(part).toMatchObject({ score: null, points: null, band: 'yellow' });
    expect(part.reasons[0]).toContain('(computed: not scored).');
    expect(part.reasons[1]).toMatch(/^Not scored/);
  });

  test.each([
    ['Red', 85, 59],
    ['Yellow', 85, 79],
    ['Yellow', 42, 60],
    ['Yellow', 66, 66],
    ['Green', 42, 80],
    ['Green', null, 100],
    ['Red', null, 59],
  ])('%s on a score of %s counts as %s for tasks and plays', (band, use, judged) => {
    const part = score([pulse({ ...SAID, overrideBand: band })], {}, use);
    expect(judgedScore(part)).toBe(judged);
    expect(part.score).toBe(use);
  });
});

describe('an override of the score', () => {
  const set: Said = { ...SAID, overrideBand: null, overrideScore: 72 };

  test('is a line of the sum, which stays exact', () => {
    const part = score([pulse(set)]);
    expect(part).toMatchObject({ score: 72, points: 720_000, band: 'yellow' });
    expect(part.caps).toEqual([
      {
        cap: OVERRIDE_LINE,
        label: 'Set to 72 by Priya Shah until 14 Jan: waiting for the reorganisation',
        points: 300_000,
        evidence: [{ source: 'crm', kind: 'pulse', id: 'A1', at: daysAgo(3) }],
      },
    ]);
    expect(sumOf(part)).toBe(part.points);
    expect(part.computed).toEqual({ points: 420_000, score: 42, band: 'red' });
    expect(judgedScore(part)).toBe(72);
  });

  test('may lower it, stands for an account that is not scored, and goes with a band', () => {
    const low = score([pulse({ ...set, overrideScore: 10 })]);
    expect([low.score, low.band, sumOf(low)]).toEqual([10, 'red', 100_000]);
    expect(low.reasons[0]).toMatch(/^Set to 10 by/);
    expect(low.reasons.filter((r) => r.startsWith('Set to'))).toHaveLength(1);
    const unknown = score([pulse(set)], {}, null);
    expect([unknown.score, unknown.band, sumOf(unknown)]).toEqual([72, 'yellow', 720_000]);
    const both = score([pulse({ ...set, overrideBand: 'red' })]);
    expect([both.score, both.band]).toEqual([72, 'red']);
    expect(both.reasons[0]).toMatch(/^Set to Red, 72 by Priya Shah/);
  });

  test('is no movement of the account: the trend is that of the computed score', () => {
    expect(score([pulse(set)])).toMatchObject({ trend: 'stable', change30: 0 });
    expect(score([pulse({ ...set, overrideScore: 0 }, daysAgo(40))])).toMatchObject({ trend: 'stable', change30: 0 });
  });
});

describe('what does not hold says why, and the computed score stands', () => {
  test.each<[string, Said, string]>([
    ['no reason', { ...SAID, overrideReason: ' ' }, 'override to Yellow is ignored: it has no reason'],
    [
      'no band of the model',
      { ...SAID, overrideBand: 'Amber' },
      'override to Amber is ignored: there is no such band, only Green, Yellow or Red',
    ],
    [
      'no score',
      { ...SAID, overrideBand: null, overrideScore: 101 },
      'override to 101 is ignored: a score is a number from 0 to 100',
    ],
    ['yesterday', { ...SAID, overrideUntil: '2026-11-24' }, 'override to Yellow ended on 24 Nov'],
    ['no date', { ...SAID, overrideUntil: 'soon' }, 'override to Yellow is ignored: “soon” is no date'],
  ])('%s', (_, said, why) => {
    const part = score([pulse(said)]);
    expect(part).toMatchObject({ score: 42, band: 'red', override: null, coverage: why });
    expect(part.reasons[0]).not.toMatch(/Set to/);
  });

  test('a reason or a date without an override is nothing', () => {
    const part = score([pulse({ overrideReason: 'x', overrideUntil: '2020-01-01' })]);
    expect(part).toMatchObject({ override: null, coverage: '', band: 'red' });
  });

  test('the last day counts, in the company’s time zone', () => {
    expect(score([pulse({ ...SAID, overrideUntil: TODAY })]).band).toBe('yellow');
    const tomorrow = dateOf(dayOf(TODAY) + 1);
    expect(score([pulse({ ...SAID, overrideUntil: TODAY })], { today: tomorrow }).band).toBe('red');
  });

  test('without a last day it holds for 90 days from when it was set, whatever else is said meanwhile', () => {
    const open: Said = { ...SAID, overrideUntil: null };
    const at = (days: number) => score([pulse(open, daysAgo(days)), pulse({ ...open, label: 'Good' }, daysAgo(1))]);
    expect(at(OPEN_ENDED_DAYS)).toMatchObject({ band: 'yellow', override: { until: TODAY } });
    expect(at(OPEN_ENDED_DAYS + 1)).toMatchObject({ band: 'red', coverage: 'override to Yellow ended on 24 Nov' });
    const anew = score([pulse(open, daysAgo(200)), pulse(null, daysAgo(100)), pulse(open, daysAgo(10))]);
    expect(anew.band).toBe('yellow');
    const renewed = score([pulse(open, daysAgo(200)), pulse({ ...open, overrideReason: 'still so' }, daysAgo(10))]);
    expect(renewed.band).toBe('yellow');
  });

  test('who touched the record later did not set it', () => {
    const part = score([pulse(SAID, daysAgo(9)), pulse({ ...SAID, byId: 'U1' }, daysAgo(1))]);
    expect(part.override?.byId).toBe('U7');
  });

  test('nobody is named who is not known', () => {
    expect(score([pulse({ ...SAID, byId: null })]).reasons[0]).toMatch(/^Set to Yellow until 14 Jan:/);
    expect(score([pulse({ ...SAID, byId: 'U9' })]).reasons[0]).toMatch(/^Set to Yellow until 14 Jan:/);
  });
});

describe('which record is meant', () => {
  test('the account’s own goes before a linked system’s, and that before none', () => {
    const linked = pulse({ ...SAID, overrideBand: 'Green' }, daysAgo(1), { source: 'cs-tool', id: '77' });
    expect(score([pulse(SAID, daysAgo(9)), linked]).band).toBe('yellow');
    expect(score([linked]).band).toBe('green');
  });
  test('that of another account which is scored together with it is not', () => {
    expect(score([pulse(SAID, daysAgo(9), { id: 'A2' })]).band).toBe('red');
  });
  test('nothing later than the day is known', () => {
    expect(score([pulse(SAID, daysAgo(-2))]).band).toBe('red');
    const gone = score([pulse(SAID, daysAgo(9)), pulse(null, daysAgo(1))]);
    expect(gone).toMatchObject({ band: 'red', coverage: '' });
  });
});

test('equal scores with another override are not the same scoring', () => {
  const hashes = [SAID, { ...SAID, overrideReason: 'other' }, { ...SAID, overrideBand: 'Green' }].map(
    (said) => score([pulse(said)]).inputsHash,
  );
  expect(new Set(hashes).size).toBe(3);
});
