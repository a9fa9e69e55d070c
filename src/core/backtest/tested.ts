import { aucSteps, type Estimate, renumbered } from './auc.ts';
import { foldsOf, type TimeSplit } from './folds.ts';
import { type Part, partOf } from './lift.ts';
import type { Observations } from './observations.ts';
import { brier, calibrationError, fitProbability, type Probability, probabilityOf } from './probability.ts';
import { type Reliability, reliability } from './reliability.ts';
import { eventsIn, type Sample } from './sample.ts';

/** What churn probabilities were worth on observations by which they were not fitted. Figures are null where there are none. */
export interface Probabilities {
  brier: number | null;
  /** Of saying the base rate of those that fitted, to everybody: what a score has to beat. */
  brierOfBase: number | null;
  calibrationError: number | null;
  /** What was said against what came; empty where there is no probability. */
  curve: Reliability[];
  /** Why there is no probability; null = there is. */
  reason: string | null;
}

/** What a score, and a churn probability fitted on some observations, was worth on others. */
export interface Tested extends Probabilities {
  method: 'out of time' | 'cross-validation';
  /** Positions of the dates that fitted and that judged; null with cross-validation. */
  fit: number[] | null;
  judge: number[] | null;
  /** Parts of a cross-validation. */
  parts: number | null;
  cases: number;
  events: number;
  /** Of the score, on the observations that judged. */
  auc: Estimate;
  worstFifth: Part | null;
  bestFifth: Part | null;
}

export interface Trial {
  resamples: number;
  seed: number;
}

/** Fitted on earlier dates, judged on later ones. */
export function* testByTime(obs: Observations, split: TimeSplit, trial: Trial): Generator<void, Tested> {
  const fit = obs.sample(obs.judged(new Set(split.fit)), obs.scoreAt);
  const judge = obs.sample(obs.judged(new Set(split.judge)), obs.scoreAt);
  const said = new Float64Array(judge.values.length);
  const base = new Float64Array(judge.values.length);
  const reason = say(fit, judge, allOf(judge.values.length), said, base);
  return { method: 'out of time', ...split, parts: null, ...(yield* figures(judge, said, base, reason, trial)) };
}

/** Fitted on all parts of the accounts but one, judged on that one, for each part in turn. */
export function* testByFolds(obs: Observations, parts: number, trial: Trial): Generator<void, Tested> {
  const all = obs.sample(obs.judged(), obs.scoreAt);
  const { groups, count } = renumbered(all.groups);
  const folds = foldsOf(count, parts, trial.seed);
  const said = new Float64Array(all.values.length);
  const base = new Float64Array(all.values.length);
  let reason: string | null = count < parts ? `${parts} parts need as many accounts` : null;
  for (let part = 0; part < parts && reason === null; part++) {
    const inside = (i: number): boolean => folds[groups[i] ?? 0] === part;
    const rows = allOf(all.values.length);
    reason = say(
      some(
        all,
        rows.filter((i) => !inside(i)),
      ),
      all,
      rows.filter(inside),
      said,
      base,
    );
    yield;
  }
  const method = 'cross-validation' as const;
  return { method, fit: null, judge: null, parts, ...(yield* figures(all, said, base, reason, trial)) };
}

/** Fills in what was said of some cases. @returns why nothing could be said */
function say(fit: Sample, of: Sample, rows: Int32Array, said: Float64Array, base: Float64Array): string | null {
  const probability: Probability | null = fitProbability(fit);
  if (!probability) return 'no observation to fit on';
  const rate = eventsIn(fit) / fit.events.length;
  if (rate === 0) return 'nobody left among those to fit on';
  if (rate === 1) return 'nobody stayed among those to fit on';
  for (const i of rows) {
    said[i] = probabilityOf(probability, of.values[i] ?? 0);
    base[i] = rate;
  }
  return null;
}

function* figures(judge: Sample, said: Float64Array, base: Float64Array, why: string | null, trial: Trial) {
  const [cases, events] = [judge.values.length, eventsIn(judge)];
  const reason = why ?? oneClass(cases, events);
  return {
    cases,
    events,
    auc: yield* aucSteps(judge, trial.resamples, trial.seed),
    worstFifth: partOf(judge, 0.2, 'worst'),
    bestFifth: partOf(judge, 0.2, 'best'),
    brier: reason === null ? brier(said, judge.events) : null,
    brierOfBase: reason === null ? brier(base, judge.events) : null,
    calibrationError: reason === null ? calibrationError(said, judge.events) : null,
    curve: reason === null ? reliability(said, judge) : [],
    reason,
  };
}

/** A probability of what always, or never, came is worth nothing, however near it is. */
function oneClass(cases: number, events: number): string | null {
  if (cases === 0) return 'no observation to judge by';
  if (events === 0) return 'nobody left among those to judge by';
  return events === cases ? 'nobody stayed among those to judge by' : null;
}

const allOf = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);
const some = ({ values, events, groups }: Sample, rows: Int32Array): Sample => ({
  values: Float64Array.from(rows, (i) => values[i] ?? 0),
  events: Uint8Array.from(rows, (i) => events[i] ?? 0),
  groups: Int32Array.from(rows, (i) => groups[i] ?? 0),
});
