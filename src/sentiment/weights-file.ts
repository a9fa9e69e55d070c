import { readFileSync } from 'node:fs';
import { InputError } from '../contract/errors.ts';
import { CLASSES, type Classifier, classifierOf, Weights } from './classifier.ts';

/*
 * A table that people can read and compare, a row a line, columns parted by tabs:
 *   scale  10
 *   bias   1  -2  0  3            one column for each class, in their order
 *   w:slow 7  1  -3  -5           a feature
 *   tone   slow  -1               a word's own feeling
 */

export function weightsText({ scale, bias, features, tone }: Weights): string {
  const rows = [
    ['# What the built-in judge of sentiment knows; written by test/bench/sentiment/train.ts, see the README there.'],
    ['# Word tones are those of VADER (Hutto & Gilbert 2014, Apache License 2.0), rounded.'],
    [`# ${CLASSES.join(' ')}`],
    ['scale', scale],
    ['bias', ...bias],
    ...Object.entries(features).map(([feature, row]) => [feature, ...row]),
    ...Object.entries(tone).map(([word, value]) => ['tone', word, value]),
  ];
  return `${rows.map((row) => row.join('\t')).join('\n')}\n`;
}

/** @throws InputError that names file and line. */
export function readWeights(path: string): Classifier {
  const weights: Weights = { scale: 0, bias: [], features: {}, tone: {} };
  for (const [i, line] of readFileSync(path, 'utf8').trimEnd().split('\n').entries()) {
    if (line.startsWith('# ')) continue;
    const [name = '', ...cells] = line.split('\t');
    if (name === 'tone') weights.tone[cells[0] ?? ''] = number(cells[1], path, i);
    else if (name === 'scale') weights.scale = number(cells[0], path, i);
    else if (name === 'bias') weights.bias = cells.map((cell) => number(cell, path, i));
    else weights.features[name] = cells.map((cell) => number(cell, path, i));
  }
  const checked = Weights.safeParse(weights);
  if (checked.success) return classifierOf(checked.data);
  const [issue] = checked.error.issues;
  throw damaged(path, `${issue?.path.join('.')}: ${issue?.message}`);
}

function number(cell: string | undefined, path: string, line: number): number {
  const value = Number(cell || Number.NaN);
  if (!Number.isInteger(value))
    throw damaged(`${path}:${line + 1}`, `found ${JSON.stringify(cell ?? '')}; expected a whole number`);
  return value;
}

const damaged = (where: string, what: string): InputError =>
  new InputError(`${where}: ${what}`, {
    hint: 'The file belongs to this program: install it again, or write it anew with test/bench/sentiment/train.ts.',
  });
