import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bandsOf } from '../../core/model-compare.ts';
import { modelDiff } from '../../core/model-diff.ts';
import { toNumber } from '../../core/result.ts';
import { loadModel } from '../../kit/model-file.ts';
import { compareModels, type Moved } from '../../pipeline/compare-models.ts';
import { dateArgument } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, failureJson, failureOf } from '../io.ts';
import { type MovedLine, sayMatrix, sayMoved, sayMovers, sayWritten } from '../model-diff-text.ts';
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
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-diff-'));
  try {
    const asOf = instantOf(app, day);
    const moved: MovedLine[] = [];
    const matrix = await compareModels(app, models, asOf, join(dir, 'before.jsonl'), (m) => moved.push(lineOf(m)));
    moved.sort(
      (x, y) => Math.abs(y.difference ?? 100) - Math.abs(x.difference ?? 100) || (x.account < y.account ? -1 : 1),
    );
    sayMatrix(io, matrix, models);
    sayMovers(io, matrix);
    sayMoved(io, moved);
    const failed = failure === null ? null : failureOf(failure);
    io.result({
      ok: failed === null,
      asOf: new Date(asOf).toISOString(),
      before: { file: paths.before, model: `${models.before.name} ${models.before.version}` },
      after: { file: paths.after, model: `${models.after.name} ${models.after.version}` },
      written,
      accounts: matrix.accounts,
      changed: matrix.changed,
      bands: Object.fromEntries(
        bandsOf(models.before).map((from) => [
          from,
          Object.fromEntries(bandsOf(models.after).map((to) => [to, matrix.count(from, to)])),
        ]),
      ),
      difference: { accounts: matrix.both, sum: toNumber(matrix.sum) },
      movers: matrix.movers.map((m) => ({ ...m, points: toNumber(m.points) })),
      moved,
      ...(failed ? failureJson(failed) : {}),
    });
    return failed?.exit ?? EXIT.done;
  } finally {
    await close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** As it is told to people and machines. */
export const lineOf = ({ score, before, after, points, lines }: Moved): MovedLine => ({
  account: score.account,
  name: score.name,
  arr: score.arr,
  before: endOf(before),
  after: endOf(after),
  difference: points === null ? null : toNumber(points),
  lines: lines.map((line) => ({
    signal: line.signal,
    label: line.label,
    points: toNumber(line.points),
    text: line.text,
  })),
});

const endOf = ({ score, points, band, why }: Moved['before']) => ({
  score,
  points: points === null ? null : toNumber(points),
  band,
  ...(why === '' ? {} : { why }),
});
