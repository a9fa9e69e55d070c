import { readFileSync } from 'node:fs';

export type Label = 'negative' | 'neutral' | 'positive' | 'missing';
export interface Labelled {
  id: string;
  text: string;
  label: Label;
  frustrated: boolean;
  tags: string[];
  half: 'tune' | 'held';
}
export interface Trained {
  text: string;
  label: Exclude<Label, 'missing'>;
  frustrated: boolean;
  /** Written by hand, or composed by a frame of phrases.yaml. */
  by: 'hand' | 'frame';
}

/** One of the files beside this one, a JSON object a line. */
export function readLines<T>(name: string): T[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as T);
}

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []);

/** Those of `texts` that share nearly all of their words (four of five, counting either's) with one of `others`. */
export function nearDuplicates(texts: readonly string[], others: readonly string[]): Set<string> {
  const known = others.map(wordsOf);
  return new Set(
    texts.filter((text) => {
      const words = wordsOf(text);
      return known.some((other) => {
        const shared = words.intersection(other).size;
        return shared > 0 && shared / words.union(other).size >= 0.8;
      });
    }),
  );
}
