import { POINT } from '../result.ts';
import { finish } from '../steps.ts';
import { aucSteps, type Estimate } from './auc.ts';
import { type Distribution, distributionOf } from './distribution.ts';
import { type Duplicates, duplicatesIn } from './duplicates.ts';
import { splitByTime } from './folds.ts';
import { type Before, type Lead, leadSteps, meansBefore } from './lead.ts';
import { type Part, partOf } from './lift.ts';
import type { Observations } from './observations.ts';
import { CONTRACTED, DELETED, EMPTY, EXPANDED, GONE, KEPT, LOST, NOT_CONCERNED, OPEN } from './outcome.ts';
import { type Share, wilson } from './proportions.ts';
import { REFERENCE } from './reference.ts';
import { type SignalProof, signalSteps } from './signals.ts';
import { type TaskOutcomes, taskOutcomes } from './tasks.ts';
import { type Tested, testByFolds, testByTime } from './tested.ts';

/** Parts of a cross-validation where one date only leaves no later one. */
const PARTS = 5;

export interface ReportOptions {
  /** Day numbers of the dates, in their order. */
  days: readonly number[];
  horizon: number;
  resamples: number;
  seed: number;
  /** Parts of a cross-validation; null = later dates judge, where there are any. */
  parts: number | null;
}

/** Churn among some observations. `rate` and its interval are null where there are none. */
export interface Churn {
  cases: number;
  accounts: number;
  lost: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}
export interface BandChurn extends Churn {
  band: string;
  contracted: number;
  expanded: number;
}
export interface ScoreChurn extends Churn {
  score: string;
  /** What the published figures say, for which nobody names a source. */
  reference: number;
}

/** What the scores as of past dates were worth. Every figure that cannot be told is null, with a reason beside it. */
export interface BacktestReport {
  observations: number;
  accounts: number;
  kept: number;
  lost: number;
  /** How many accounts that is: one may have left within the horizon of several dates. */
  lostAccounts: number;
  contracted: number;
  expanded: number;
  /** Left out: not scored, of which so many left; no outcome known yet; left before; deleted since; not concerned;
   * outside of the customer rule, of which so many left. */
  leftOut: {
    notScored: number;
    notScoredLost: number;
    open: number;
    gone: number;
    deleted: number;
    notConcerned: number;
    outside: number;
    outsideLost: number;
  };
  rate: number | null;
  auc: Estimate;
  /** Of losing the account or part of what it brings; null where nothing contracted. */
  aucWithContraction: Estimate | null;
  worstTenth: Part | null;
  worstFifth: Part | null;
  bestFifth: Part | null;
  tested: Tested;
  distribution: Distribution;
  byDate: Churn[];
  bands: BandChurn[];
  byScore: ScoreChurn[];
  before: Before[];
  leads: Lead[];
  signals: SignalProof[];
  duplicates: Duplicates;
  /** What became of accounts that had a manager task, beside those of the same band that had none. */
  tasks: TaskOutcomes[];
}

export const reportOf = (obs: Observations, options: ReportOptions): BacktestReport =>
  finish(reportSteps(obs, options));

/** The same in steps of some milliseconds, for half a million observations. */
export function* reportSteps(obs: Observations, options: ReportOptions): Generator<void, BacktestReport> {
  const { resamples, seed } = options;
  const rows = obs.judged();
  const sample = obs.sample(rows, obs.scoreAt);
  const count = (code: number): number => rows.reduce((sum, i) => sum + (obs.outcome[i] === code ? 1 : 0), 0);
  const contracted = count(CONTRACTED);
  const lost = count(LOST);
  const shrunk = (i: number): boolean => obs.outcome[i] === LOST || obs.outcome[i] === CONTRACTED;
  return {
    observations: rows.length,
    accounts: obs.accountsIn(rows),
    kept: count(KEPT),
    lost,
    lostAccounts: obs.accountsIn(rows.filter(obs.left)),
    contracted,
    expanded: count(EXPANDED),
    leftOut: leftOut(obs),
    rate: rows.length > 0 ? lost / rows.length : null,
    auc: yield* aucSteps(sample, resamples, seed),
    aucWithContraction: contracted > 0 ? yield* aucSteps(obs.sample(rows, obs.scoreAt, shrunk), resamples, seed) : null,
    worstTenth: partOf(sample, 0.1, 'worst'),
    worstFifth: partOf(sample, 0.2, 'worst'),
    bestFifth: partOf(sample, 0.2, 'best'),
    tested: yield* tested(obs, options),
    distribution: distributionOf(obs, rows),
    byDate: options.days.map((_, date) =>
      churnOf(
        obs,
        rows.filter((i) => obs.date[i] === date),
      ),
    ),
    bands: obs.bands.map((band, at) => {
      const own = rows.filter((i) => obs.band[i] === at);
      const of = (code: number): number => own.reduce((sum, i) => sum + (obs.outcome[i] === code ? 1 : 0), 0);
      return { band, ...churnOf(obs, own), contracted: of(CONTRACTED), expanded: of(EXPANDED) };
    }),
    byScore: REFERENCE.churnByScore.map(({ score, from, below, rate }) => {
      const rounded = (i: number): number => Math.round((obs.points[i] ?? 0) / POINT);
      const own = rows.filter((i) => rounded(i) >= from && rounded(i) < below);
      return { score, ...churnOf(obs, own), reference: rate };
    }),
    before: meansBefore(obs),
    leads: yield* leadSteps(obs),
    signals: yield* signalSteps(obs, rows),
    duplicates: duplicatesIn(obs, rows),
    tasks: taskOutcomes(obs, rows),
  };
}

function tested(obs: Observations, { days, horizon, resamples, seed, parts }: ReportOptions): Generator<void, Tested> {
  const split = parts === null ? splitByTime(days, horizon) : null;
  const trial = { resamples, seed };
  return split ? testByTime(obs, split, trial) : testByFolds(obs, parts ?? PARTS, trial);
}

function leftOut(obs: Observations): BacktestReport['leftOut'] {
  const out = {
    notScored: 0,
    notScoredLost: 0,
    open: 0,
    gone: 0,
    deleted: 0,
    notConcerned: 0,
    outside: obs.outside.accounts,
    outsideLost: obs.outside.lost,
  };
  for (let i = 0; i < obs.length; i++) {
    const outcome = obs.outcome[i];
    if (outcome === OPEN) out.open += 1;
    else if (outcome === GONE) out.gone += 1;
    else if (outcome === DELETED) out.deleted += 1;
    else if (outcome === NOT_CONCERNED || outcome === EMPTY) out.notConcerned += 1;
    else if ((obs.points[i] ?? -1) < 0) {
      out.notScored += 1;
      if (outcome === LOST) out.notScoredLost += 1;
    }
  }
  return out;
}

/** Accounts, not observations, are what the interval rests on: one account at many dates is one piece of evidence. */
function churnOf(obs: Observations, rows: Int32Array): Churn {
  const accounts = obs.accountsIn(rows);
  const lost = rows.reduce((sum, i) => sum + (obs.outcome[i] === LOST ? 1 : 0), 0);
  const share: Share | null = wilson(lost, rows.length, accounts);
  return { cases: rows.length, accounts, lost, rate: null, low: null, high: null, ...share };
}
