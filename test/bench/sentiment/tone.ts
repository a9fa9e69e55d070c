import { readFileSync } from 'node:fs';

/**
 * Feeling of single English words, −4 … 4, from VADER's list (Hutto & Gilbert 2014, Apache License 2.0): people's mean ratings, rounded.
 * Words are a start, and no more: the classifier learns how far to believe them, and which of them mean nothing in support.
 */
export function toneOf(): Record<string, number> {
  const file = new URL('../../../node_modules/vader-sentiment/vader_lexicon.txt', import.meta.url);
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'));
  return Object.fromEntries(
    rows.flatMap(([word = '', mean]) => {
      const value = Math.round(Number(mean));
      return /^[a-z]{2,}$/.test(word) && value !== 0 ? [[word, value]] : [];
    }),
  );
}
