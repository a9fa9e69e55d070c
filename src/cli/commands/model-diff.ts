import { modelDiff } from '../../core/model-diff.ts';
import { loadModel } from '../../kit/model-file.ts';
import { dateArgument } from '../arguments.ts';
import { compareBooks } from '../compare-books.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, failureJson, failureOf } from '../io.ts';
import { sayWritten } from '../model-diff-text.ts';
import { modelFile, shortPath } from '../model-file.ts';
import { instantOf, openForScoring } from '../scoring-app.ts';

interface DiffOptions {
  from?: string;
  mapping?: string;
  asOf?: string;
}

/** `model diff A B`: what B says otherwise than A, which accounts change band by it, and why. Stores nothing. */
export async function modelDiffCommand(
  context: CommandContext,
  options: DiffOptions,
  [a = '', b = '']: string[],
): Promise<number> {
  const { io } = context;
  const paths = { before: modelFile(a), after: modelFile(b) };
  const models = {
    before: loadModel(shortPath(paths.before)),
    after: loadModel(shortPath(paths.after)),
  };
  const day = options.asOf === undefined ? null : dateArgument('--as-of', options.asOf);
  const written = modelDiff(models.before, models.after);
  sayWritten(io, models, written);

  const { app, failure, close } = await openForScoring(context, { ...options, model: paths.after });
  try {
    const asOf = instantOf(app, day);
    const compared = await compareBooks(io, app, models, asOf);
    const failed = failure === null ? null : failureOf(failure);
    io.result({
      ok: failed === null,
      asOf: new Date(asOf).toISOString(),
      before: { file: paths.before, model: `${models.before.name} ${models.before.version}` },
      after: { file: paths.after, model: `${models.after.name} ${models.after.version}` },
      written,
      ...compared,
      ...(failed ? failureJson(failed) : {}),
    });
    return failed?.exit ?? EXIT.done;
  } finally {
    await close();
  }
}
