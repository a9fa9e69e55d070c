/**
 * Trains the built-in judge of sentiment from training.jsonl and writes what ships. `node test/bench/sentiment/train.ts`; no dice, so the
 * same texts give the same bytes, which a test checks.
 */
import { writeFileSync } from 'node:fs';
import { WEIGHTS } from '../../../src/sentiment/index.ts';
import { weightsText } from '../../../src/sentiment/weights-file.ts';
import { fitted } from './fit.ts';
import { readLines, type Trained } from './texts.ts';

/** The file that ships, as it follows from the training texts. */
export const trained = (): string => weightsText(fitted(readLines<Trained>('training.jsonl')));

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const text = trained();
  writeFileSync(new URL(`../../../${WEIGHTS}`, import.meta.url), text);
  process.stdout.write(`${WEIGHTS}: ${text.split('\n').length} rows, ${Math.round(text.length / 1024)} KB\n`);
}
