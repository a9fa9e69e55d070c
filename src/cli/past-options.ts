import type { BacktestOptions } from '../pipeline/backtest.ts';
import { dateArgument, wholeNumber } from './arguments.ts';

/** By which past outcomes something is judged, as it is typed. */
export interface PastArguments {
  asOf?: string;
  horizon: string;
  outcome?: string;
  cv?: string;
  resamples: string;
  seed: string;
}

/** @throws InputError for a date or number that is none */
export function pastOptions({ asOf, horizon, outcome, cv, resamples, seed }: PastArguments): BacktestOptions {
  const dates = asOf?.split(',').map((date) => dateArgument('--as-of', date.trim()));
  return {
    dates: dates ? [...new Set(dates)].sort() : null,
    horizon: wholeNumber('--horizon', horizon, 1, 3650),
    outcome: outcome ?? null,
    parts: cv === undefined ? null : wholeNumber('--cv', cv, 2, 100),
    resamples: wholeNumber('--resamples', resamples, 100, 100_000),
    seed: wholeNumber('--seed', seed, 0, 0xffffffff),
  };
}
