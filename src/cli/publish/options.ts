import { environment } from '../../config.ts';
import type { BacktestOptions } from '../../pipeline/backtest.ts';
import { dateArgument, wholeNumber } from '../arguments.ts';

export interface JudgeArguments {
  outcome?: string;
  asOf?: string;
  horizon: string;
  resamples: string;
  seed: string;
}

/** By which past renewals a model is judged. */
export function judgeOptions({ asOf, horizon, outcome, resamples, seed }: JudgeArguments): BacktestOptions {
  const dates = asOf?.split(',').map((date) => dateArgument('--as-of', date.trim()));
  return {
    dates: dates ? [...new Set(dates)].sort() : null,
    horizon: wholeNumber('--horizon', horizon, 1, 3650),
    outcome: outcome ?? null,
    parts: null,
    resamples: wholeNumber('--resamples', resamples, 100, 100_000),
    seed: wholeNumber('--seed', seed, 0, 0xffffffff),
  };
}

/** Who does it, for the record: what was said, else who is logged in. */
export function personOf(by: string | undefined): string {
  const { USER, LOGNAME, USERNAME } = environment();
  return by?.trim() || USER || LOGNAME || USERNAME || 'unknown';
}
