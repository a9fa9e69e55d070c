import { inputsToRetire, type Retirements } from '../core/backtest/retire.ts';
import { type Model, modelHash } from '../core/model.ts';
import type { BandMatrix } from '../core/model-compare.ts';
import { type Floors, type Shortfall, shortfalls } from '../core/publish/floors.ts';
import { type Comparison, Pairs, type Side } from '../core/publish/pairs.ts';
import { type BacktestOptions, type BacktestResult, backtest } from './backtest.ts';
import { compareModels, type Moved } from './compare-models.ts';
import type { ScoreDeps } from './score.ts';

/** What a model was found to be worth. */
export interface Verdict {
  /** The backtest of the model. */
  result: BacktestResult;
  /** With the other one, on the same renewals, and what it would change of today's book; null = there is no other one. */
  against: { model: Model; comparison: Comparison; bestBandChurn: number | null; today: BandMatrix } | null;
  shortfalls: Shortfall[];
  retire: Retirements;
}

export interface JudgeOptions extends BacktestOptions {
  floors: Floors;
  /** A file of this name keeps what one model says of today's book while the other one scores it. */
  scratch: string;
}

/**
 * Judges a model by past renewals: a backtest of its own, another one of `live` at the same dates and by the same outcomes, and both on
 * the book of today. Nothing is stored, nobody outside is asked. @param live null = there is nothing to compare with
 * @param onMoved gets each account of today that changes band
 */
export async function judgeModel(
  deps: ScoreDeps,
  models: { candidate: Model; live: Model | null },
  options: JudgeOptions,
  onMoved: (moved: Moved) => void = () => {},
): Promise<Verdict> {
  const { candidate, live } = models;
  const { floors, scratch, resamples, seed } = options;
  const pairs = new Pairs();
  const run = (side: Side, model: Model, outcome: string | null): Promise<BacktestResult> =>
    backtest({ ...deps, model, progress: titled(deps, model) }, { ...options, outcome }, ({ score, ...seen }) =>
      pairs.add(side, { ...seen, account: score.account }),
    );
  const result = await run('candidate', candidate, options.outcome);
  let against: Verdict['against'] = null;
  if (live && modelHash(live) !== modelHash(candidate)) {
    // By what was asked for, or was chosen for the first of the two.
    const other = await run('live', live, options.outcome ?? result.outcome?.kind ?? null);
    const comparison = pairs.compare(resamples, seed);
    const today = await compareModels(deps, { before: live, after: candidate }, deps.now(), scratch, onMoved);
    against = { model: live, comparison, bestBandChurn: other.report.bands[0]?.rate ?? null, today };
  }
  const { report, findings } = result;
  const judged = { report, findings, comparison: against?.comparison ?? null, today: against?.today ?? null };
  return { result, against, shortfalls: shortfalls(judged, floors), retire: inputsToRetire(report) };
}

const titled = ({ progress }: ScoreDeps, { name, version }: Model): ScoreDeps['progress'] => ({
  start: (title) => progress.start(`${name} ${version}, ${title}`),
});
