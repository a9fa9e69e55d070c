import type { App } from '../app.ts';
import { VERSION } from '../app.ts';
import { InputError } from '../contract/index.ts';
import type { BacktestResult } from '../core/backtest/result.ts';
import { todayIn } from '../kit/dates.ts';
import type { ReportInput } from '../report/input.ts';
import { reportPage } from '../report/page.ts';
import { failureOf } from './io.ts';
import { checkWritable, writeWhole } from './output-file.ts';

const OPTION = '--report';

/** Refuses a place for a report before the long run that fills it. */
export function checkReport(path: string | undefined): void {
  if (path === undefined) return;
  if (!/\.html?$/i.test(path)) throw new InputError(`${OPTION} ${path}: expected a name that ends in .html`);
  checkWritable(OPTION, path);
}

/** What a report has from the app that made it. @param failure of some of the data, null = none */
export function reportInput(
  app: Pick<App, 'model' | 'config' | 'now'>,
  result: BacktestResult,
  options: Pick<ReportInput, 'horizon' | 'resamples' | 'seed'>,
  failure: unknown,
): ReportInput {
  const { name, version, bands } = app.model;
  return {
    model: `${name} ${version}`,
    bands: bands.map(({ key, from }) => ({ band: key, from })).sort((a, b) => b.from - a.from),
    horizon: options.horizon,
    resamples: options.resamples,
    seed: options.seed,
    madeOn: todayIn(app.config.timezone, app.now()),
    version: VERSION,
    incomplete: failure === null ? null : failureOf(failure).message,
    result,
    calibration: null,
  };
}

/** One HTML file that appears when it is complete. */
export const writeReport = (path: string, input: ReportInput): void => writeWhole(OPTION, path, reportPage(input));
