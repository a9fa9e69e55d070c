import type { App } from '../../app.ts';
import { InputError } from '../../contract/index.ts';
import { counted } from '../../core/format.ts';
import { scoreAll } from '../../pipeline/score.ts';
import { scoreShadow } from '../../pipeline/shadow.ts';
import { dateArgument } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { dateText } from '../format.ts';
import { EXIT, failureJson, failureOf } from '../io.ts';
import { modelFile } from '../model-file.ts';
import { checkWritable } from '../output-file.ts';
import { sayPortfolio } from '../portfolio.ts';
import { shadowText } from '../publish/standing-text.ts';
import { ScoresFile } from '../scores-file.ts';
import { instantOf, openForScoring, type ScoringApp } from '../scoring-app.ts';

/** Older than every window of the shipped models' daily signals. */
const OLD_DATA_MS = 60 * 86_400_000;

interface ScoreOptions {
  from?: string;
  mapping?: string;
  model?: string;
  asOf?: string;
  out?: string;
}

/** `score`: from the configured store, or from a folder of exports with no configuration and no account anywhere. */
export async function score(context: CommandContext, options: ScoreOptions): Promise<number> {
  const { io } = context;
  const { model, ...data } = options;
  if (options.out !== undefined && !options.out.endsWith('.csv'))
    throw new InputError(`--out ${options.out}: expected a name that ends in .csv`);
  if (options.out !== undefined) checkWritable('--out', options.out);
  const day = options.asOf === undefined ? null : dateArgument('--as-of', options.asOf);
  let opened: ScoringApp | null = null;
  let file: ScoresFile | null = null;
  try {
    opened = await openForScoring(context, { ...data, ...(model === undefined ? {} : { model: modelFile(model) }) });
    const { app, failure, newest } = opened;
    const asOf = instantOf(app, day);
    file = options.out === undefined ? null : new ScoresFile(options.out, app.model);
    const { summary } = await scoreAll(app, asOf, (scores) => file?.write(scores));
    await file?.close();
    // A model on trial stands beside the live one, and beside no other and no past.
    const shadow = app.live && day === null ? await scoreShadow(app, asOf) : null;
    sayPortfolio(io, summary);
    if (shadow) io.say(`\n${shadowText(shadow)}; \`npx pulseback model shadow\` names them.`);
    const unknownThen = day === null ? 0 : (await knownAccounts(app)) - summary.accounts - summary.outside;
    if (unknownThen > 0)
      io.note(
        `${counted(unknownThen, 'account')} left out: the source says nothing of them up to ${dateText(day)}. Fields without history begin with the first pull.`,
      );
    if (day === null && newest !== null && newest < asOf - OLD_DATA_MS)
      io.note(
        `The newest data are of ${dateText(new Date(newest).toISOString().slice(0, 10))}: add --as-of ${new Date(newest).toISOString().slice(0, 10)} to score as of then.`,
      );
    if (file) io.say(`\nWrote ${counted(summary.accounts, 'row')} to ${options.out}.`);
    const failed = failure === null ? null : failureOf(failure);
    io.result({
      ok: failed === null,
      ...summary,
      unknownThen,
      shadow,
      out: options.out ?? null,
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

/** Accounts of the primary source that are known now, whatever their date. */
async function knownAccounts(app: App): Promise<number> {
  const counts = await app.store.countFacts();
  return counts.find((c) => c.source === app.primary.name && c.kind === 'account')?.accounts ?? 0;
}
