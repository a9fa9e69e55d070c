import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { modelPath } from '../../config.ts';
import { InputError } from '../../contract/index.ts';
import { DAY_MS, dateOf } from '../../core/days.ts';
import { type Model, modelHash } from '../../core/model.ts';
import { modelDiff } from '../../core/model-diff.ts';
import { loadReport } from '../../core/model-report.ts';
import { writeEdited } from '../../kit/model-edit.ts';
import { loadModel } from '../../kit/model-file.ts';
import { calibrate as run } from '../../pipeline/calibrate.ts';
import { evidenceJson } from '../calibrate/evidence.ts';
import { calibrationPart } from '../calibrate/report.ts';
import { sayCalibration } from '../calibrate/text.ts';
import { compareBooks } from '../compare-books.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, failureJson, failureOf } from '../io.ts';
import { sayWritten } from '../model-diff-text.ts';
import { modelFile, shortPath } from '../model-file.ts';
import { checkWritable, writeText } from '../output-file.ts';
import { pastOptions } from '../past-options.ts';
import { checkReport, reportInput, writeReport } from '../report-file.ts';
import { instantOf, openForScoring, type ScoringApp } from '../scoring-app.ts';
import type { BacktestCommand } from './backtest.ts';

/** `calibrate`: proposes weights and bands by what became of the accounts, as a model file with its evidence. Applies nothing. */
export async function calibrate(context: CommandContext, command: BacktestCommand): Promise<number> {
  const { io } = context;
  const { from, mapping, model, out, report } = command;
  if (out !== undefined && !/\.ya?ml$/.test(out))
    throw new InputError(`--out ${out}: expected a name that ends in .yaml`);
  checkReport(report);
  const options = pastOptions(command);
  let opened: ScoringApp | null = null;
  try {
    opened = await openForScoring(context, {
      ...(from === undefined ? {} : { from }),
      ...(mapping === undefined ? {} : { mapping }),
      ...(model === undefined ? {} : { model: modelFile(model) }),
    });
    const { app, failure, newest } = opened;
    const file = modelPath(app.config);
    const { name, version } = app.model;
    const place = out ?? `${name}-${version + 1}.yaml`;
    if (resolve(place) === resolve(file))
      throw new InputError(`--out ${place}: that is the model itself, which a proposal never replaces`, {
        hint: 'Name another file; look at it, then put it in use yourself.',
      });
    const evidence = place.replace(/\.ya?ml$/, '.evidence.json');
    for (const path of [place, evidence]) checkWritable('--out', path);
    if (existsSync(place) && !existsSync(evidence))
      throw new InputError(`--out ${place}: that file is there, and is no proposal: it has no ${evidence} beside it`, {
        hint: 'Name another file, or move that one away. Only an earlier proposal is written over.',
      });
    for (const date of options.dates ?? []) instantOf(app, date);

    const found = await run(app, options, report !== undefined);
    if (found.calibration === null)
      throw new InputError(`nothing to calibrate on: ${found.reason}`, {
        hint: 'Take other dates (--as-of), a shorter --horizon or another --outcome; `backtest` tells what there is. Nothing was written.',
      });
    sayCalibration(io, app.model, found);
    const after: Model = { ...found.calibration.proposal.model, version: version + 1 };
    // What was published last is live, whatever the file says by now.
    const written = modelHash(loadModel(file)) === modelHash(app.model) ? file : null;
    const models = { before: app.model, after };
    io.say('');
    const differences = modelDiff(models.before, models.after);
    sayWritten(io, models, differences);
    // What is unwise about the new weights, and was not about the old.
    const known = new Set(loadReport(models.before).warnings);
    const warnings = loadReport(models.after).warnings.filter((w) => !known.has(w));
    for (const warning of warnings) io.say(`  ! ${warning}`);
    const asOf = newest === null ? instantOf(app, null) : Math.min(app.now(), endOf(newest));
    const book = await compareBooks(io, app, models, asOf);

    const failed = failure === null ? null : failureOf(failure);
    const told = {
      model: `${name} ${version}`,
      file: written === null ? null : shortPath(written),
      horizonDays: options.horizon,
      resamples: options.resamples,
      seed: options.seed,
      ...evidenceJson({
        ...found,
        calibration: { ...found.calibration, proposal: { ...found.calibration.proposal, model: after } },
      }),
      warnings,
      diff: { asOf: new Date(asOf).toISOString(), written: differences, ...book },
    };
    // Both at the end, so that nobody who stops it finds half of them.
    writeEdited(written, place, app.model, after);
    writeText('--out', evidence, `${JSON.stringify(told, null, 2)}\n`);
    if (report !== undefined && found.backtest) {
      const calibration = calibrationPart(found.calibration, models, found.backtest);
      writeReport(report, { ...reportInput(app, found.backtest, options, failure), calibration });
      io.say(`\nWrote the report to ${report}. Open it in a browser, or send it: it needs nothing else.`);
    }
    io.say(
      `\nProposed in ${place}, with the evidence in ${evidence}. Nothing is changed: \`npx pulseback model publish ${place}\` makes it live.`,
    );
    io.result({
      ok: failed === null,
      ...told,
      out: place,
      evidence,
      report: report ?? null,
      ...(failed ? failureJson(failed) : {}),
    });
    return failed?.exit ?? EXIT.done;
  } finally {
    await opened?.close();
  }
}

/** The last instant of a day of the data. */
const endOf = (at: number): number => Date.parse(`${dateOf(Math.floor(at / DAY_MS) + 1)}T00:00:00Z`) - 1;
