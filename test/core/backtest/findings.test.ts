import { describe, expect, it } from 'vitest';
import { FalseGreens } from '../../../src/core/backtest/false-greens.ts';
import { type FindingCode, findingsOf } from '../../../src/core/backtest/findings.ts';
import { GONE, KEPT, LOST, type OutcomeCode } from '../../../src/core/backtest/outcome.ts';
import { seeded } from '../../../src/core/backtest/random.ts';
import { reportOf } from '../../../src/core/backtest/report.ts';
import type { Model } from '../../../src/core/model.ts';
import { POINT } from '../../../src/core/result.ts';
import { BASIS, type Case, observed, scoreOfCase } from './support.ts';

const options = { days: [0], horizon: 90, resamples: 200, seed: 1, parts: null };
const found = (cases: Case[], over = {}) => {
  const report = reportOf(observed(cases), { ...options, ...over });
  return { report, findings: findingsOf(report, BASIS), codes: findingsOf(report, BASIS).map((f) => f.code) };
};
const clamp = (v: number): number => Math.max(0, Math.min(100, Math.round(v)));

/** Accounts at one date, `left` of them lost; the signals follow from whether it left and from chance. */
function world(
  accounts: number,
  left: number,
  signals: (lost: boolean, random: () => number, i: number) => (number | null)[],
  date = 0,
): Case[] {
  const random = seeded(11 + date);
  return Array.from({ length: accounts }, (_, i) => {
    const lost = i < left;
    const outcome: OutcomeCode = lost ? LOST : KEPT;
    return { account: i, date, outcome, daysLeft: lost ? 60 : null, signals: signals(lost, random, i) };
  });
}
const noise = (_: boolean, random: () => number) => [clamp(100 * random()), clamp(100 * random())];
const good = (lost: boolean, random: () => number) => [0, 1, 2].map(() => clamp(100 * random() - (lost ? 30 : 0) + 15));

describe('what must be known before a figure is believed', () => {
  it('is nothing of a score that predicts', () => {
    const { report, codes } = found(world(1500, 300, good));
    expect(report.auc.low).toBeGreaterThan(0.7);
    expect(codes).toEqual([]);
    expect(report.leads.every((l) => l.days === 60)).toBe(true);
    const [, sixty] = report.before;
    expect(sixty?.meanLeft).toBeLessThan((sixty?.meanOthers ?? 0) - 15);
  });

  it.each<[string, Case[], FindingCode, RegExp]>([
    ['no account at all', [], 'no-outcome', /No outcome/],
    ['no outcome', [{ account: 1, date: 0, outcome: GONE, signals: [50, 50] }], 'no-outcome', /No outcome/],
    ['nobody left', world(50, 0, noise), 'one-class', /^Nobody left \(50 observations\)/],
    ['everybody left', world(50, 50, noise), 'one-class', /^Everybody left/],
    [
      'five events',
      world(200, 5, noise),
      'too-few-events',
      /narrower than 0\.2: 5 accounts of 200 left .*there is none/,
    ],
    [
      'twelve events',
      world(60, 12, noise),
      'too-few-events',
      /the interval of the AUC is 0\.\d\d wide\. About \d+ accounts/,
    ],
    ['noise', world(1000, 200, noise), 'does-not-predict', /does not predict here: AUC 0\.\d\d, 95 % interval/],
    ['constant columns', world(300, 60, () => [50, 50]), 'does-not-predict', /AUC 0\.50/],
    [
      'a score upside down',
      world(600, 200, (lost, r) => [clamp(60 * r() + (lost ? 40 : 0)), clamp(100 * r())]),
      'points-the-wrong-way',
      /wrong way/,
    ],
    [
      'a label among the signals',
      world(300, 60, (lost, r) => [lost ? 0 : 100, clamp(100 * r())]),
      'knows-the-outcome',
      /AUC 1\.00: a signal knows the outcome; look at S0 \(d0\.s0\)/,
    ],
    [
      'one signal that carries all',
      world(900, 300, (lost, r) => [clamp(100 * r() - (lost ? 50 : 0) + 25), clamp(100 * r())]),
      'one-signal',
      /S0 \(d0\.s0\) carries nearly everything: without it the score falls to chance/,
    ],
    [
      'a dimension that is never there',
      world(300, 60, (lost, r) => [...good(lost, r), null]),
      'never-there',
      /Never there at those dates, so without a say: S3\./,
    ],
    [
      'a column that is the same for all',
      world(300, 60, (lost, r) => [...good(lost, r), 42]),
      'always-the-same',
      /The same wherever it is there, so it tells nobody apart: S3 \(d3\.s3\)\./,
    ],
  ])('%s', (_, cases, code, text) => {
    const { findings } = found(cases);
    const one = findings.find((f) => f.code === code);
    expect(one?.text).toMatch(text);
  });

  it('no date at all, for want of a horizon or of anything that tells', () => {
    const { report } = found([]);
    expect(findingsOf(report, { ...BASIS, judged: 0, notOver: 2 })).toMatchObject([{ code: 'horizon-not-over' }]);
    expect(findingsOf(report, { ...BASIS, judged: 0 })).toMatchObject([{ code: 'no-outcome' }]);
  });

  it('several signals that rank as well alone, in one sentence: none of them carries everything', () => {
    const two = (lost: boolean, r: () => number) => [0, 1].map(() => clamp(100 * r() - (lost ? 50 : 0) + 25));
    const { findings } = found(world(900, 300, (lost, r) => [...two(lost, r), ...noise(lost, r), ...noise(lost, r)]));
    const all = findings.filter((f) => f.code === 'one-signal');
    expect(all).toMatchObject([{ signals: ['d0.s0', 'd1.s1'] }]);
    expect(all[0]?.text).toMatch(
      /^Each of 2 signals alone ranks as well as the whole score \(AUC 0\.\d\d\): S0 \(d0\.s0\), AUC 0\.\d\d and S1 \(d1\.s1\), AUC/,
    );
  });

  it('input that cannot be as it stands, first of all', () => {
    const { report } = found(world(40, 10, noise));
    const odd = { later: 2, leaveLater: 1, unread: { accounts: 3, example: 'perhaps' } };
    const texts = findingsOf(report, { ...BASIS, odd }).map((f) => f.text);
    expect(texts.slice(0, 3)).toEqual([
      'Of 3 accounts the outcome says something such as "perhaps", which is neither a date nor a yes or no: they are left out.',
      '1 account has a day of leaving that is still to come: until then they count as having stayed. Are the dates right?',
      '2 records of use, tickets or answers lie in the future, and count for nothing. Are the dates right?',
    ]);
    expect(findingsOf(report, { ...BASIS, judged: 0, odd })).toHaveLength(4);
  });

  it('accounts that begin with the first pull', () => {
    const { report } = found(world(40, 10, noise));
    const [first] = findingsOf(report, { ...BASIS, accounts: 100, knownThen: 40 });
    expect(first?.text).toMatch(/^Of 100 accounts, only 40 had been told of by the last of the dates/);
    expect(findingsOf(report, { ...BASIS, accounts: 79, knownThen: 40 })[0]?.code).not.toBe('no-history');
  });

  const fill = (lost: boolean, r: () => number, whom: (lost: boolean, r: () => number) => boolean) => [
    ...good(lost, r),
    whom(lost, r) ? 50 : null,
  ];
  it.each<[string, Case[], RegExp]>([
    [
      'a label with mistakes in it',
      world(600, 150, (lost, r) => [...good(lost, r), lost !== r() < 0.06 ? 0 : 100]),
      /AUC 0\.9\d by itself: a signal very likely knows the outcome; look at S3 \(d3\.s3\)/,
    ],
    [
      'a label upside down',
      world(600, 150, (lost, r) => [...good(lost, r), lost ? 100 : 0]),
      /AUC 1\.00: a signal knows the outcome; look at S3/,
    ],
    [
      'what is filled in only for some of those who left',
      world(600, 150, (lost, r) => fill(lost, r, (left, random) => left && random() < 0.5)),
      /being there: S3 \(d3\.s3\)\. Of observations where it is there, 100 % left, of the others 1\d %\. Is it filled in/,
    ],
    [
      'what those who left have no more',
      world(600, 150, (lost, r) => fill(lost, r, (left, random) => !left || random() < 0.1)),
      /being missing: S3 .* Is it cleared/,
    ],
    [
      'what is filled in only for some of those who stayed',
      world(600, 150, (lost, r) => fill(lost, r, (left, random) => !left && random() < 0.4)),
      /being missing: S3 /,
    ],
  ])('%s', (_, cases, text) => {
    const { findings } = found(cases);
    const leaks = findings.filter((f) => f.code === 'knows-the-outcome');
    expect(leaks.map((f) => f.signals)).toEqual([['d3.s3']]);
    expect(leaks[0]?.text).toMatch(text);
  });

  it('no signal that tells one or two accounts apart, which some does by chance', () => {
    const two = world(100, 2, (lost, r) => [clamp(100 * r()), lost ? 0 : 50 + clamp(50 * r())]);
    expect(found(two).codes).toEqual(['too-few-events']);
    const five = world(200, 5, (lost, r) => [clamp(100 * r()), lost ? 0 : 50 + clamp(50 * r())]);
    expect(found(five).codes).toEqual(['too-few-events', 'knows-the-outcome']);
  });

  it('no signal that is only often missing, or only good', () => {
    const cases = world(900, 200, (lost, r) => [
      ...good(lost, r),
      r() < (lost ? 0.3 : 0.6) ? clamp(100 * r()) : null,
      clamp(100 * r() - (lost ? 45 : 0)),
    ]);
    expect(found(cases).codes).not.toContain('knows-the-outcome');
  });

  it('the same customers under two ids, by figures that nobody else has', () => {
    const cases = world(400, 90, good).map((one, i): Case => ({ ...one, raw: [i * 1.7, (i * 7919) % 4001, null] }));
    const doubled = cases.slice(80, 100).map((one): Case => ({ ...one, account: one.account + 1000 }));
    const { findings } = found([...cases, ...doubled]);
    const [finding] = findings.filter((f) => f.code === 'duplicates');
    expect(finding?.text).toMatch(/^Duplicates cross the split: 40 of 420 accounts have .*A80 = A1080, A81 = A1081/);
    expect(found(cases).codes).not.toContain('duplicates');
  });

  it('no duplicates among figures that many share', () => {
    const coarse = world(3000, 600, (lost, r) => [0, 1, 2].map(() => (r() < (lost ? 0.3 : 0.7) ? 100 : 0)));
    expect(found(coarse).codes).not.toContain('duplicates');
    // Many distinct figures of two signals meet by chance among many accounts.
    const fine = world(1500, 300, noise);
    expect(found(fine).codes).not.toContain('duplicates');
  });

  it('names account age where it is all that the score has', () => {
    const cases = world(900, 300, (lost, r) => [clamp(100 * r() - (lost ? 30 : 0) + 15), clamp(100 * r())]);
    const report = reportOf(observed(cases), options);
    const [finding] = findingsOf(report, { ...BASIS, ages: new Set(['d0.s0']) });
    expect(finding).toMatchObject({ code: 'one-signal', signals: ['d0.s0'] });
    expect(finding?.text).toContain('driven by account age only: S0 (d0.s0)');
  });

  it('a signal whose effect turns', () => {
    const random = seeded(4);
    const cases = Array.from({ length: 2000 }, (_, account): Case => {
      const measured = random() * 100;
      const lost = random() < (measured > 40 && measured < 60 ? 0.05 : 0.4);
      return { account, date: 0, outcome: lost ? LOST : KEPT, signals: [clamp(measured), 50] };
    });
    const { findings } = found(cases);
    expect(findings.filter((f) => f.code === 'not-monotone').map((f) => f.signals)).toEqual([['d0.s0']]);
  });

  it('a base rate that moved between the dates that fit and those that judge', () => {
    const cases = [...world(800, 160, good), ...world(800, 320, good, 1)];
    const { findings, report } = found(cases, { days: [0, 100] });
    expect(report.tested).toMatchObject({ method: 'out of time', fit: [0], judge: [1], cases: 800, events: 320 });
    expect(findings.find((f) => f.code === 'base-rate-moved')?.text).toContain(
      'from 20 % at the earlier dates to 40 %',
    );
    expect(report.tested.brier).toBeLessThan(report.tested.brierOfBase ?? 0);
  });

  it('rests on accounts: one that left after ten dates is one event', () => {
    const cases = Array.from({ length: 10 }, (_, date) => world(20, 3, noise, date)).flat();
    const { report, codes } = found(cases, { days: Array.from({ length: 10 }, (_, i) => i * 30) });
    expect(report).toMatchObject({ lost: 30, lostAccounts: 3, auc: { low: null } });
    expect(codes).toContain('too-few-events');
  });
});

describe('a report in figures that can be counted by hand', () => {
  const at = (account: number, score: number, outcome: OutcomeCode): Case => ({
    account,
    date: 0,
    outcome,
    signals: [score],
  });
  it('tells churn by band, what was left out, and the parts of the book', () => {
    const { report } = found([
      at(1, 30, LOST),
      at(2, 50, KEPT),
      at(3, 65, LOST),
      at(4, 70, KEPT),
      at(5, 85, KEPT),
      at(6, 90, KEPT),
      at(7, 95, 3),
      at(8, 99, 4),
      at(9, 99, GONE),
      at(10, 20, 5),
      { account: 11, date: 0, outcome: LOST, signals: [null] },
    ]);
    expect(report).toMatchObject({ observations: 8, kept: 4, lost: 2, contracted: 1, expanded: 1, rate: 0.25 });
    // Pairs: 30 lies below all six; 65 below five of them → 11 of 12.
    expect(report.auc.value).toBeCloseTo(11 / 12, 12);
    // Lost or contracted against the five others: 6 … 30: 5, 65: 4, 95: 1 → 10 of 15.
    expect(report.aucWithContraction?.value).toBeCloseTo(10 / 15, 12);
    expect(report.leftOut).toMatchObject({ gone: 1, open: 1, notScored: 1, notScoredLost: 1, deleted: 0 });
    expect(report.bands.map((b) => [b.band, b.cases, b.lost])).toEqual([
      ['green', 4, 0],
      ['yellow', 2, 1],
      ['red', 2, 1],
    ]);
    expect(report.byScore.map((s) => [s.score, s.cases, s.lost, s.reference])).toEqual([
      ['below 60', 2, 1, 0.78],
      ['60–69', 1, 1, 0.34],
      ['70–79', 1, 0, 0.12],
      ['80 or more', 4, 0, 0.03],
    ]);
  });
});

describe('false greens', () => {
  it('are named once, by their last date, with what the score missed', () => {
    const bands = [
      { key: 'green', from: 80 },
      { key: 'red', from: 0 },
    ];
    const greens = new FalseGreens({ bands, segments: {} } as unknown as Model);
    const green = scoreOfCase({ account: 1, date: 0, outcome: LOST, signals: [95, 88, null] });
    greens.add(green, '2026-01-31', LOST);
    greens.add({ ...green, points: 85 * POINT }, '2026-02-28', LOST);
    greens.add(scoreOfCase({ account: 2, date: 0, outcome: KEPT, signals: [95] }), '2026-01-31', KEPT);
    greens.add(scoreOfCase({ account: 3, date: 0, outcome: LOST, signals: [10] }), '2026-01-31', LOST);
    const told = greens.told();
    expect(told).toMatchObject({ observations: 2, accounts: 1 });
    expect(told.rows).toHaveLength(1);
    expect(told.rows[0]).toMatchObject({ account: 'A1', date: '2026-02-28', score: 85, missing: ['S2'] });
    expect(told.rows[0]?.missed).toBe(
      'flags: champion-left, single-threaded; lowest: S1 88 and S0 95; missing: S2; no support data',
    );
  });
});
