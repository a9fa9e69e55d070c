import { aucDifference, aucWithInterval, type Estimate } from '../backtest/auc.ts';
import { LOST } from '../backtest/outcome.ts';
import { brier, calibrationError, fitProbability, probabilityOf } from '../backtest/probability.ts';
import { reliability } from '../backtest/reliability.ts';
import { eventsIn, type Sample } from '../backtest/sample.ts';
import type { Probabilities, Trial } from '../backtest/tested.ts';
import type { Model } from '../model.ts';
import { POINT } from '../result.ts';
import type { Steps } from '../steps.ts';
import { evidenceIn, type Gathered } from './gathered.ts';
import { Rescorer } from './rescore.ts';
import { type BandRate, bandRate } from './thresholds.ts';

/** What a model said of observations that it had not seen. */
export class Said {
  /** Points of 0–100; NaN = not scored. By observation. */
  readonly scores: Float64Array;
  /** Churn probabilities, 0–1, of what was fitted on other observations; NaN = none. By observation. */
  readonly chances: Float64Array;
  /** What everybody would be said by the rate alone of those that fitted. */
  readonly base: Float64Array;
  readonly #bands: (string | null)[];

  constructor(size: number) {
    this.scores = new Float64Array(size).fill(Number.NaN);
    this.chances = new Float64Array(size).fill(Number.NaN);
    this.base = new Float64Array(size).fill(Number.NaN);
    this.#bands = new Array<string | null>(size).fill(null);
  }

  /** @param fit observations that a churn probability is fitted on */
  add(gathered: Gathered, model: Model, rows: Int32Array, fit: Int32Array): void {
    const rescorer = new Rescorer(gathered, model);
    const sample = gathered.obs.sample(fit, (row) => (rescorer.points(row) ?? Number.NaN) / POINT);
    const left = eventsIn(sample);
    const probability = left > 0 && left < sample.events.length ? fitProbability(sample) : null;
    for (const row of rows) {
      const points = rescorer.points(row);
      if (points === null) continue;
      this.scores[row] = points / POINT;
      if (probability) {
        this.chances[row] = probabilityOf(probability, points / POINT);
        this.base[row] = left / sample.events.length;
      }
      this.#bands[row] = rescorer.band(row, points);
    }
  }
  bandOf(row: number): string | null {
    return this.#bands[row] ?? null;
  }
}

export interface Compared {
  cases: number;
  accounts: number;
  lost: number;
  /** Observations that one of the models does not score: left out for all of them. */
  notScored: number;
  before: Estimate;
  after: Estimate;
  /** Every dimension, and every signal inside it, weighs the same. */
  equal: Estimate;
  /** AUC of the proposal − that of the model as it is, on the same resamples of accounts. */
  gain: Estimate;
  gainOverEqual: Estimate;
  /** Churn probabilities of either, fitted where the weights were. */
  probabilities: { before: Probabilities; after: Probabilities };
  /** Churn in the bands of the proposal, and in those of the model as it is. */
  bands: BandRate[];
  bandsBefore: BandRate[];
  segments: { segment: string; bands: BandRate[] }[];
}

/** The three on the same observations. */
export function* compared(
  gathered: Gathered,
  rows: Int32Array,
  said: { before: Said; after: Said; equal: Said },
  model: Model,
  { resamples, seed }: Trial,
): Steps<Compared> {
  const { obs, marks } = gathered;
  const all = [said.before, said.after, said.equal];
  const scored = rows.filter((row) => all.every((s) => Number.isFinite(s.scores[row])));
  const sampleOf = ({ scores }: Said): Sample => obs.sample(scored, (row) => scores[row] ?? 0);
  const [before, after, equal] = [sampleOf(said.before), sampleOf(said.after), sampleOf(said.equal)];
  const bandsOf = (some: Int32Array, bands: Model['bands']): BandRate[] => ratesOf(gathered, some, said.after, bands);
  const judged = (by: Said): Probabilities => judgedBy(gathered, scored, by);
  const segments = marks.segments.toSorted().flatMap((segment) => {
    const own = scored.filter((row) => marks.segmentOf(row) === segment);
    const bands = model.segments[segment]?.bands ?? model.bands;
    return own.length > 0 ? [{ segment, bands: bandsOf(own, bands) }] : [];
  });
  const ofBefore = aucWithInterval(before, resamples, seed);
  yield;
  const ofAfter = aucWithInterval(after, resamples, seed);
  yield;
  const ofEqual = aucWithInterval(equal, resamples, seed);
  yield;
  const gain = aucDifference(before, after.values, resamples, seed);
  yield;
  const gainOverEqual = aucDifference(equal, after.values, resamples, seed);
  yield;
  return {
    cases: scored.length,
    accounts: obs.accountsIn(scored),
    lost: scored.reduce((sum, row) => sum + (obs.outcome[row] === LOST ? 1 : 0), 0),
    notScored: rows.length - scored.length,
    before: ofBefore,
    after: ofAfter,
    equal: ofEqual,
    gain,
    gainOverEqual,
    probabilities: { before: judged(said.before), after: judged(said.after) },
    bands: bandsOf(scored, model.bands),
    bandsBefore: ratesOf(gathered, scored, said.before, gathered.model.bands),
    segments,
  };
}

function judgedBy({ obs }: Gathered, rows: Int32Array, said: Said): Probabilities {
  const sample = obs.sample(rows, (row) => said.chances[row] ?? Number.NaN);
  const none = { brier: null, brierOfBase: null, calibrationError: null, curve: [] };
  const left = eventsIn(sample);
  if (sample.values.length < rows.length) return { ...none, reason: 'there is nothing to fit a probability on' };
  if (left === 0 || left === rows.length)
    return {
      ...none,
      reason: left === 0 ? 'nobody left among those to judge by' : 'nobody stayed among those to judge by',
    };
  return {
    brier: brier(sample.values, sample.events),
    brierOfBase: brier(
      Float64Array.from(rows, (row) => said.base[row] ?? 0),
      sample.events,
    ),
    calibrationError: calibrationError(sample.values, sample.events),
    curve: reliability(sample.values, sample),
    reason: null,
  };
}

export function ratesOf({ obs }: Gathered, rows: Int32Array, said: Said, bands: Model['bands']): BandRate[] {
  return bands.map(({ key, from }) => {
    const own = rows.filter((row) => said.bandOf(row) === key);
    const { lostRows } = evidenceIn(obs, own);
    return bandRate(key, from, own.length, lostRows, obs.accountsIn(own));
  });
}
