import { FalseGreens } from '../../src/core/backtest/false-greens.ts';
import { findingsOf } from '../../src/core/backtest/findings.ts';
import { Observations } from '../../src/core/backtest/observations.ts';
import { KEPT, LOST, OUTCOMES, type OutcomeCode } from '../../src/core/backtest/outcome.ts';
import { seeded } from '../../src/core/backtest/random.ts';
import { reportOf } from '../../src/core/backtest/report.ts';
import { dateOf, dayOf } from '../../src/core/days.ts';
import type { Model } from '../../src/core/model.ts';
import type { CalibrationPart, JudgedModel, ReportInput } from '../../src/report/input.ts';
import { BANDS, BASIS, type Case, scoreOfCase } from '../core/backtest/support.ts';

const BAND_FROM = [80, 60, 0].map((from, i) => ({ band: BANDS[i] ?? '', from }));
const MODEL = { bands: BAND_FROM.map(({ band, from }) => ({ key: band, from })), segments: {} } as unknown as Model;

export interface Book {
  cases: Case[];
  dates?: string[];
  /** Of account number → its name. */
  name?: (account: number) => string;
  flags?: string[];
}

/** A report of observations, through the same functions that the command calls. */
export function inputOf({ cases, dates = ['2026-03-31'], name, flags = [] }: Book): ReportInput {
  const obs = new Observations(BANDS);
  const greens = new FalseGreens(MODEL);
  for (const one of cases) {
    const score = { ...scoreOfCase(one), name: name?.(one.account) ?? `Account ${one.account}`, flags, coverage: '' };
    obs.add(score, { daysLeft: null, ...one });
    greens.add(score, dates[one.date] ?? '', one.outcome);
  }
  const days = dates.map(dayOf);
  const options = { days, horizon: 90, resamples: 100, seed: 7, parts: null };
  const report = reportOf(obs, options);
  return {
    model: 'five-dimension 1',
    bands: BAND_FROM,
    horizon: 90,
    resamples: 100,
    seed: 7,
    madeOn: '2026-11-02',
    version: '0.1.0',
    incomplete: null,
    result: {
      dates: days.map(dateOf),
      outcome: { kind: 'inactivity', field: null, chosen: true, snapshot: false },
      notOver: [],
      report,
      falseGreens: greens.told(),
      findings: findingsOf(report, { ...BASIS, judged: dates.length }),
    },
    calibration: null,
  };
}

/** A book whose low scores leave more often, with signals that are missing, and four dates. */
export function sampleCases(accounts = 300): Case[] {
  const random = seeded(3);
  return [0, 1, 2, 3].flatMap((date) =>
    Array.from({ length: accounts }, (_, account): Case => {
      const base = 100 * random();
      const outcome: OutcomeCode = random() < 0.5 - base / 250 ? LOST : KEPT;
      const signal = (): number | null => (random() < 0.15 ? null : Math.min(100, base / 2 + 50 * random()));
      return {
        account,
        date,
        outcome,
        daysLeft: outcome === LOST ? 1 + Math.floor(90 * random()) : null,
        signals: [signal(), signal(), base],
      };
    }),
  );
}
export const SAMPLE_DATES = ['2025-09-30', '2025-12-31', '2026-03-31', '2026-06-30'];
export const sampleInput = (): ReportInput => inputOf({ cases: sampleCases(), dates: SAMPLE_DATES });

/** What becomes of so many accounts at one date, one outcome each. */
export const oneDate = (
  outcomes: readonly (typeof OUTCOMES)[number][],
  score = (i: number): number => (i * 37) % 100,
): Case[] =>
  outcomes.map((outcome, account) => ({
    account,
    date: 0,
    outcome: OUTCOMES.indexOf(outcome) as OutcomeCode,
    signals: [score(account)],
  }));

export function calibrationOf({ result: { report } }: ReportInput): CalibrationPart {
  const { tested } = report;
  const judged = (model: string): JudgedModel => ({
    model,
    auc: tested.auc,
    brier: tested.brier,
    calibrationError: tested.calibrationError,
    curve: tested.curve,
    reason: tested.reason,
    bands: report.bands.map((churn, i) => ({ band: churn.band, from: BAND_FROM[i]?.from ?? 0, churn })),
  });
  const weight = (label: string, signal: string | null, before: number, after: number, note: string | null = null) => ({
    dimension: 'usage',
    signal,
    label,
    before,
    after,
    note,
  });
  return {
    before: judged('five-dimension 1'),
    after: judged('five-dimension 2 (proposed)'),
    judgedBy: 'Fitted on 30 Sep 2025, judged on 30 Jun 2026: 300 observations, 90 left',
    weights: [
      {
        segment: null,
        why: 'drawn towards the shipped weights with the strength of 40 accounts that left',
        changes: [
          weight('Usage', null, 0.3, 0.42),
          weight('Active users of seats', 'active', 0.2, 0.42),
          weight('Logins', 'logins', 0.1, 0, 'to be retired: does not predict'),
          weight('Support', null, 0.2, 0.18),
        ],
      },
      { segment: 'enterprise', why: '12 accounts left: too few for weights of its own', changes: [] },
    ],
    notes: ['bands of the segment smb stay as they are: 8 accounts left'],
  };
}
