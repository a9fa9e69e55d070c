import { InputError } from '../../contract/index.ts';
import { OUTCOMES } from '../../core/backtest/outcome.ts';
import { counted } from '../../core/format.ts';
import { toNumber } from '../../core/result.ts';
import { backtest as run } from '../../pipeline/backtest.ts';
import { backtestJson } from '../backtest/json.ts';
import { sayBacktest } from '../backtest/text.ts';
import type { CommandContext } from '../context.ts';
import { CsvFile } from '../csv-file.ts';
import { EXIT, failureJson, failureOf } from '../io.ts';
import { modelFile } from '../model-file.ts';
import { checkWritable } from '../output-file.ts';
import { type PastArguments, pastOptions } from '../past-options.ts';
import { checkReport, reportInput, writeReport } from '../report-file.ts';
import { instantOf, openForScoring, type ScoringApp } from '../scoring-app.ts';

/** As `calibrate` is asked, too. */
export interface BacktestCommand extends PastArguments {
  from?: string;
  mapping?: string;
  model?: string;
  out?: string;
  report?: string;
}

/** `backtest`: scores as of past dates against what became of the accounts, in the configured store or a folder of exports. */
export async function backtest(context: CommandContext, command: BacktestCommand): Promise<number> {
  const { io } = context;
  const { out, report, from, mapping, model } = command;
  if (out !== undefined && !out.endsWith('.csv'))
    throw new InputError(`--out ${out}: expected a name that ends in .csv`);
  if (out !== undefined) checkWritable('--out', out);
  checkReport(report);
  const options = pastOptions(command);
  let opened: ScoringApp | null = null;
  let file: CsvFile | null = null;
  try {
    opened = await openForScoring(context, {
      ...(from === undefined ? {} : { from }),
      ...(mapping === undefined ? {} : { mapping }),
      ...(model === undefined ? {} : { model: modelFile(model) }),
    });
    const { app, failure } = opened;
    for (const date of options.dates ?? []) instantOf(app, date);
    file = out === undefined ? null : new CsvFile(out, ['account', 'name', 'date', 'score', 'band', 'outcome']);
    let rows = 0;
    const result = await run(app, options, async ({ score, date, outcome, points, band }) => {
      rows += 1;
      const shown = points === null ? null : toNumber(points);
      await file?.row([score.account, score.name, date, shown, band, OUTCOMES[outcome]]);
    });
    await file?.close();
    const { name, version } = app.model;
    sayBacktest(io, result, { model: `${name} ${version}`, ...options });
    if (file) io.say(`\nWrote ${counted(rows, 'row')} to ${out}.`);
    if (report !== undefined) {
      writeReport(report, reportInput(app, result, options, failure));
      io.say(`\nWrote the report to ${report}. Open it in a browser, or send it: it needs nothing else.`);
    }
    const failed = failure === null ? null : failureOf(failure);
    io.result({
      ok: failed === null,
      model: `${name} ${version}`,
      horizonDays: options.horizon,
      resamples: options.resamples,
      seed: options.seed,
      ...backtestJson(result),
      out: out ?? null,
      report: report ?? null,
      ...(failed ? failureJson(failed) : {}),
    });
    return failed?.exit ?? EXIT.done;
  } catch (error) {
    await file?.discard();
    throw error;
  } finally {
    await opened?.close();
  }
}
