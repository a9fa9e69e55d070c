import { evidenceSteps } from '../core/backtest/evidence.ts';
import { FalseGreens } from '../core/backtest/false-greens.ts';
import { dataFindings } from '../core/backtest/findings.ts';
import { type Calibration, type CalibrationOptions, calibrate as steps } from '../core/calibrate/calibrate.ts';
import { type Gathered, Marks } from '../core/calibrate/gathered.ts';
import type { Steps } from '../core/steps.ts';
import {
  type BacktestResult,
  backtestOf,
  type ObservedPast,
  observe,
  type PastOptions,
  stoppable,
} from './backtest.ts';
import type { ScoreDeps } from './score.ts';

export interface CalibrateOptions extends PastOptions, Omit<CalibrationOptions, 'days' | 'horizon'> {}

export interface CalibrateResult extends Pick<ObservedPast, 'dates' | 'outcome' | 'notOver'> {
  /** null = there is nobody to learn from, for the reason that is told. */
  calibration: Calibration | null;
  reason: string | null;
  /** The backtest of the model as it is, by the same observations, where it was asked for. */
  backtest: BacktestResult | null;
}

/**
 * Scores every account as of past dates, and works out weights and bands by what became of them. Nothing is stored, and nothing is
 * changed: the proposal is a model in memory. Stops between two steps where the signal says so.
 */
export async function calibrate(
  deps: ScoreDeps,
  options: CalibrateOptions,
  withBacktest = false,
): Promise<CalibrateResult> {
  const marks = new Marks(deps.model);
  const greens = new FalseGreens(deps.model);
  const past = await observe(deps, options, ({ score, date, outcome }) => {
    marks.add(score);
    if (withBacktest) greens.add(score, date, outcome);
  });
  const { obs, days, dates, outcome, notOver } = past;
  const backtest = withBacktest ? await backtestOf(deps, past, greens, options) : null;
  const told = { dates, outcome, notOver, backtest };
  const reason = whyNothing(past);
  if (reason !== null) return { ...told, calibration: null, reason };
  const gathered: Gathered = { model: deps.model, obs, marks };
  const bar = deps.progress.start('fit weights and bands');
  const calibration = await stoppable(deps.signal, proven(gathered, { ...options, days }, past), bar);
  bar.done(`${calibration.fitted.cases} observations`);
  return { ...told, calibration, reason: null };
}

/** A calibration that also says what makes its data doubtful, but for what it leaves out by itself. */
function* proven(
  gathered: Gathered,
  options: CalibrationOptions,
  past: Pick<ObservedPast, 'idOf' | 'odd'>,
): Steps<Calibration> {
  const calibration = yield* steps(gathered, options);
  const told = new Set(calibration.findings.flatMap(({ code, signals }) => (signals ?? []).map((s) => `${code} ${s}`)));
  const doubts = dataFindings(yield* evidenceSteps(gathered.obs), past).filter(
    ({ code, signals = [] }) => !signals.some((s) => told.has(`${code} ${s}`)),
  );
  return { ...calibration, findings: [...calibration.findings, ...doubts] };
}

function whyNothing({ obs, dates, notOver }: ObservedPast): string | null {
  if (dates.length === 0)
    return notOver.length > 0
      ? 'no outcome yet: at none of the dates is the horizon over in the data'
      : 'nothing in the data tells who left and who stayed';
  const rows = obs.judged();
  if (rows.length === 0) return 'no account that was scored at those dates has a known outcome';
  const lost = rows.filter(obs.left).length;
  if (lost === 0) return `nobody left (${rows.length} observations)`;
  return lost === rows.length ? `nobody stayed (${rows.length} observations)` : null;
}
