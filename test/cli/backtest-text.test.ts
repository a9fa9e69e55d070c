import { describe, expect, it } from 'vitest';
import { backtestJson } from '../../src/cli/backtest/json.ts';
import { sayBacktest } from '../../src/cli/backtest/text.ts';
import { findingsOf } from '../../src/core/backtest/findings.ts';
import { KEPT, LOST, OUTCOMES, type OutcomeCode } from '../../src/core/backtest/outcome.ts';
import { reportOf } from '../../src/core/backtest/report.ts';
import type { BacktestResult } from '../../src/pipeline/backtest.ts';
import { BASIS, type Case, observed } from '../core/backtest/support.ts';
import { heard } from './support.ts';

const asked = { model: 'm 1', horizon: 90, resamples: 100, seed: 7, dates: null };
const outcome = { kind: 'renewal', field: null, chosen: true, snapshot: false } as const;

function resultOf(cases: Case[], over: Partial<BacktestResult> = {}): BacktestResult {
  const report = reportOf(observed(cases), { days: [0, 100], horizon: 90, resamples: 100, seed: 7, parts: null });
  return {
    dates: ['2026-01-31', '2026-05-11'],
    outcome,
    notOver: [],
    report,
    falseGreens: { observations: 0, accounts: 0, rows: [] },
    findings: findingsOf(report, BASIS),
    ...over,
  };
}
const said = (result: BacktestResult): string => {
  const { io, out } = heard();
  sayBacktest(io, result, asked);
  return out();
};
const two = (signals: Case['signals'], outcomes: [OutcomeCode, OutcomeCode]): Case[] =>
  Array.from({ length: 40 }, (_, i) => ({
    account: i >> 1,
    date: i % 2,
    outcome: i % 4 < 2 ? outcomes[0] : outcomes[1],
    daysLeft: i % 4 < 2 ? 30 : null,
    signals: signals.map((s) => (s === null ? null : Math.min(100, s + i))),
  }));

describe('a backtest in words', () => {
  it.each<[string, Case[]]>([
    ['nothing at all', []],
    ['nobody left', two([50, 60], [KEPT, KEPT])],
    ['everybody left', two([50, 60], [LOST, LOST])],
    ['both', two([50, 60], [LOST, KEPT])],
    ['nobody scored', two([null, null], [LOST, KEPT])],
    ['a dimension that is never there', two([50, null], [LOST, KEPT])],
    ['every outcome', OUTCOMES.map((_, i) => ({ account: i, date: 0, outcome: i as OutcomeCode, signals: [i * 10] }))],
  ])('has no hole: %s', (_, cases) => {
    const result = resultOf(cases);
    expect(said(result)).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(JSON.stringify(backtestJson(result))).not.toMatch(/NaN|Infinity/);
  });

  it('says what was left out, and by what it was told who left', () => {
    const text = said(
      resultOf(
        OUTCOMES.map((_, i) => ({ account: i, date: 0, outcome: i as OutcomeCode, signals: [50] })),
        { notOver: [{ date: '2026-10-15', accounts: 12 }] },
      ),
    );
    expect(text).toContain('4 observations of 4 accounts: 1 lost, 1 contracted, 1 kept, 1 expanded\n');
    expect(text).toContain('1 whose outcome is still open; 1 that had left before; 1 deleted since');
    expect(text).toContain('12 at 15 Oct 2026, whose horizon is not over in the data');
    expect(text).toContain(
      'Outcome: renewal opportunities that were closed within 90 days after each date (chosen by what',
    );
    expect(said(resultOf([], { outcome: { ...outcome, kind: 'column', field: 'left', snapshot: true } }))).toMatch(
      /\(the end of the data\)\nOutcome: column left, as of the end of the data: it has no history/,
    );
    expect(said(resultOf([], { outcome: null, dates: [] }))).toContain('Outcome: none: no renewal opportunity');
  });

  it('names dates instead of positions for machines', () => {
    const { tested, byDate } = backtestJson(resultOf(two([50, 60], [LOST, KEPT])));
    expect(tested).toMatchObject({ method: 'out of time', fit: ['2026-01-31'], judge: ['2026-05-11'] });
    expect(byDate.map(({ date }) => date)).toEqual(['2026-01-31', '2026-05-11']);
  });
});
