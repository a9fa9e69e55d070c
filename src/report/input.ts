import type { Estimate } from '../core/backtest/auc.ts';
import type { Reliability } from '../core/backtest/reliability.ts';
import type { Churn } from '../core/backtest/report.ts';
import type { BacktestResult } from '../core/backtest/result.ts';

/** All that a report is made of. The same input gives the same bytes: it knows no clock. */
export interface ReportInput {
  /** Name and version of the model whose scores were judged. */
  model: string;
  /** Its general bands, best first; `from` = lowest rounded score. */
  bands: readonly BandFrom[];
  /** Days after a date within which an outcome counts. */
  horizon: number;
  resamples: number;
  seed: number;
  /** The day on which it was made (`YYYY-MM-DD`), from the clock of the run, and by which version of the product. */
  madeOn: string;
  version: string;
  /** What was wrong with some of the data, so that figures rest on the rest; null = nothing. */
  incomplete: string | null;
  result: BacktestResult;
  /** What a calibration proposes; null = the report is of a backtest alone. */
  calibration: CalibrationPart | null;
}

export interface BandFrom {
  band: string;
  from: number;
}

/**
 * A proposed model beside the one that it would replace. Nothing of it is applied. Figures of both come from the same observations,
 * of which neither was fitted.
 */
export interface CalibrationPart {
  before: JudgedModel;
  after: JudgedModel;
  /** What judged both, as a sentence: "Fitted on 31 May 2011, judged on 31 Aug 2011: 1,892 observations, 607 left." */
  judgedBy: string;
  /** One group for the whole model, then one for each segment that has weights of its own. */
  weights: WeightGroup[];
  /** What must be known before the proposal is believed: what stayed as it was, and why; what was drawn towards the shipped weights. */
  notes: string[];
}

export interface JudgedModel {
  /** Name and version. */
  model: string;
  auc: Estimate;
  /** null = cannot be told; `reason` says why. */
  brier: number | null;
  calibrationError: number | null;
  /** What was said against what came (`reliability` in core/backtest); empty = cannot be told. */
  curve: Reliability[];
  reason: string | null;
  /** Its bands, best first, with the churn in each; null = not judged. */
  bands: (BandFrom & { churn: Churn | null })[];
}

export interface WeightGroup {
  /** null = the whole model. */
  segment: string | null;
  /** Why these weights are what they are, or stay; null = nothing to say. */
  why: string | null;
  changes: WeightChange[];
}

/** Weights are shares of the score where everything is there, 0–1. */
export interface WeightChange {
  /** Key of the dimension. */
  dimension: string;
  /** Key of a signal in it; null = the dimension as a whole. */
  signal: string | null;
  label: string;
  before: number;
  after: number;
  /** "to be retired: does not predict" */
  note: string | null;
}
