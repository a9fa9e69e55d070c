import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../../src/core/backtest/auc.ts';
import { type BacktestReport, reportOf } from '../../../src/core/backtest/report.ts';
import { Floors, type Judged, shortfalls } from '../../../src/core/publish/floors.ts';
import { observed } from '../backtest/support.ts';

const FLOORS = Floors.parse({});
const estimate = (value: number, low: number, high: number): Estimate => ({ value, low, high, reason: null });
const EMPTY = reportOf(observed([]), { days: [0], horizon: 90, resamples: 100, seed: 1, parts: 2 });

/** A report of 200 accounts of which 50 left, 25 %, and 10 % of the best band. */
function report(over: Partial<BacktestReport> = {}): BacktestReport {
  const best = {
    band: 'green',
    cases: 100,
    accounts: 100,
    lost: 10,
    rate: 0.1,
    low: 0,
    high: 0.2,
    contracted: 0,
    expanded: 0,
  };
  return {
    ...EMPTY,
    observations: 200,
    accounts: 200,
    lost: 50,
    lostAccounts: 50,
    rate: 0.25,
    auc: estimate(0.75, 0.68, 0.82),
    bands: [best],
    ...over,
  };
}
const comparison = (difference: Estimate, over = {}): Judged['comparison'] => ({
  cases: 200,
  lostAccounts: 50,
  keptAccounts: 150,
  live: { cases: 200, auc: estimate(0.7, 0.6, 0.8) },
  candidate: { cases: 200, auc: estimate(0.75, 0.68, 0.82) },
  difference,
  ...over,
});
const BETTER = comparison(estimate(0.05, -0.01, 0.1));
const judged = (over: Partial<Judged> = {}): Judged => ({
  report: report(),
  findings: [],
  comparison: BETTER,
  today: { accounts: 100, changed: 30 },
  ...over,
});
const below = (over: Partial<Judged>, floors = FLOORS): string[] =>
  shortfalls(judged(over), floors).map((s) => s.floor);

describe('the floors', () => {
  it('let pass what is above each of them, just', () => {
    expect(below({})).toEqual([]);
    expect(below({ comparison: null, today: null })).toEqual([]);
    expect(below({ report: report({ auc: estimate(0.6, 0.51, 0.7), lostAccounts: 30 }) })).toEqual([]);
    expect(below({ comparison: comparison(estimate(-0.01, -0.05, 0.03)) })).toEqual([]);
  });

  it.each<[string, Partial<Judged>, string[]]>([
    ['an AUC below', { report: report({ auc: estimate(0.59, 0.51, 0.7) }) }, ['leastAuc']],
    ['an interval down to chance', { report: report({ auc: estimate(0.7, 0.5, 0.9) }) }, ['chance']],
    ['an interval below chance', { report: report({ auc: estimate(0.3, 0.2, 0.4) }) }, ['chance']],
    ['worse at the low end', { comparison: comparison(estimate(0, -0.06, 0.06)) }, ['worseBy']],
    ['churn in the best band', { report: report({ rate: 0.12 }) }, ['bestBandChurn']],
    ['too many bands', { today: { accounts: 100, changed: 31 } }, ['bandChanges']],
    [
      'a leak',
      { findings: [{ code: 'knows-the-outcome', text: 'AUC 1.00: a signal knows the outcome.' }] },
      ['knows-the-outcome'],
    ],
    ['few that left', { report: report({ lostAccounts: 29 }) }, ['too-few-events']],
    ['few that stayed', { report: report({ lostAccounts: 171 }) }, ['too-few-events']],
    [
      'few that both score',
      { comparison: comparison(estimate(0.1, 0, 0.2), { lostAccounts: 12 }) },
      ['too-few-events'],
    ],
    [
      'all of them',
      {
        report: report({ auc: estimate(0.55, 0.51, 0.6), rate: 0.1 }),
        comparison: comparison(estimate(-0.2, -0.3, -0.1)),
        today: { accounts: 10, changed: 9 },
      },
      ['leastAuc', 'worseBy', 'bestBandChurn', 'bandChanges'],
    ],
  ])('hold %s', (_, over, floors) => {
    expect(below(over)).toEqual(floors);
    for (const { text } of shortfalls(judged(over), FLOORS)) expect(text).not.toMatch(/NaN|undefined|null|\.$/);
  });

  it('say nothing more of what cannot be judged but how much it would change', () => {
    const none = {
      code: 'one-class',
      text: 'Nobody left (9 observations): there is nothing that a score could predict.',
    } as const;
    const found = shortfalls(judged({ report: EMPTY, findings: [none], today: { accounts: 4, changed: 4 } }), FLOORS);
    expect(found.map((s) => s.floor)).toEqual(['cannot-be-judged', 'bandChanges']);
    expect(found[0]?.text).toBe(
      'cannot be judged: nobody left (9 observations): there is nothing that a score could predict',
    );
  });

  it('compare with nothing where the live model scored nothing of it', () => {
    const nothing = comparison(
      { value: null, low: null, high: null, reason: 'there is nothing to compare' },
      { cases: 0, lostAccounts: 0, keptAccounts: 0, live: { cases: 0, auc: EMPTY.auc } },
    );
    expect(below({ comparison: nothing })).toEqual([]);
  });

  it('are what the configuration says, within reason', () => {
    expect(below({ report: report({ auc: estimate(0.75, 0.6, 0.9) }) }, Floors.parse({ leastAuc: 0.8 }))).toEqual([
      'leastAuc',
    ]);
    expect(below({ today: { accounts: 100, changed: 31 } }, Floors.parse({ bandChanges: 0.31 }))).toEqual([]);
    for (const wrong of [{ leastEvents: 9 }, { leastAuc: 0.4 }, { bandChanges: 2 }, { leastacu: 1 }])
      expect(Floors.safeParse(wrong).success).toBe(false);
  });
});
