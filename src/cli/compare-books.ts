import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../app.ts';
import type { Model } from '../core/model.ts';
import { type BandMatrix, bandsOf } from '../core/model-compare.ts';
import { toNumber } from '../core/result.ts';
import { compareModels, type Moved } from '../pipeline/compare-models.ts';
import type { Io } from './io.ts';
import { type MovedLine, sayMatrix, sayMoved, sayMovers } from './model-diff-text.ts';

/** Scores the book by both models, says which accounts change band and why, and returns the same for machines. Stores nothing. */
export async function compareBooks(io: Io, app: App, models: Models, asOf: number) {
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-diff-'));
  try {
    const moved: MovedLine[] = [];
    const matrix = await compareModels(app, models, asOf, join(dir, 'before.jsonl'), (m) => moved.push(lineOf(m)));
    sayBooks(io, matrix, models, moved);
    return { accounts: matrix.accounts, changed: matrix.changed, ...booksJson(matrix, models, moved) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

type Models = { before: Model; after: Model };

/** Who goes from which band to which, what moves most, and who; the farthest first. */
export function sayBooks(io: Io, matrix: BandMatrix, models: Models, moved: MovedLine[]): void {
  moved.sort(
    (x, y) => Math.abs(y.difference ?? 100) - Math.abs(x.difference ?? 100) || (x.account < y.account ? -1 : 1),
  );
  sayMatrix(io, matrix, models);
  sayMovers(io, matrix);
  sayMoved(io, moved);
}

/** The same for machines. */
export const booksJson = (matrix: BandMatrix, { before, after }: Models, moved: readonly MovedLine[]) => ({
  bands: Object.fromEntries(
    bandsOf(before).map((from) => [from, Object.fromEntries(bandsOf(after).map((to) => [to, matrix.count(from, to)]))]),
  ),
  difference: { accounts: matrix.both, sum: toNumber(matrix.sum) },
  movers: matrix.movers.map((m) => ({ ...m, points: toNumber(m.points) })),
  moved,
});

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
