import type { Opinion } from './candidates.ts';
import { LABELS, type Label, type LabelledText } from './labelled.ts';

export interface Answer {
  text: LabelledText;
  opinion: Opinion;
}
export interface Scores {
  texts: number;
  /** Share of texts with the right one of four labels. */
  accuracy: number;
  /** Mean F1 of negative, neutral and positive; a judged text that should be missing counts against its label. */
  macroF1: number;
  /** The same over the texts that can be judged. */
  macroF1English: number;
  /** Share of the texts that cannot be judged that came back as missing. */
  missingFound: number;
  frustrated: { f1: number; precision: number; recall: number };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** `limit`: from which score down a candidate without a view of its own is taken to say "frustrated". */
export function scoresOf(answers: readonly Answer[], limit: number): Scores {
  const english = answers.filter(({ text }) => text.label !== 'missing');
  const foreign = answers.filter(({ text }) => text.label === 'missing');
  const { precision, recall, f1 } = fitOf(
    answers,
    ({ text }) => text.frustrated,
    ({ opinion }) => isFrustrated(opinion, limit),
  );
  return {
    texts: answers.length,
    accuracy: round(shareRight(answers)),
    macroF1: round(macroF1(answers)),
    macroF1English: round(macroF1(english)),
    missingFound: round(shareRight(foreign)),
    frustrated: { f1: round(f1), precision: round(precision), recall: round(recall) },
  };
}

/** The limit that serves a candidate best on the half for tuning: it is given the benefit of the doubt. */
export function bestLimit(answers: readonly Answer[]): number {
  const f1 = (limit: number): number =>
    fitOf(
      answers,
      ({ text }) => text.frustrated,
      ({ opinion }) => isFrustrated(opinion, limit),
    ).f1;
  const limits = [...new Set(answers.map(({ opinion }) => opinion.score))].sort((a, b) => a - b);
  return limits.reduce((best, limit) => (f1(limit) > f1(best) ? limit : best), limits[0] ?? 0);
}

/** Share of right labels for each tag, of tags with at least `least` texts. */
export function byTag(answers: readonly Answer[], least: number): Record<string, { texts: number; accuracy: number }> {
  const tags = [...new Set(answers.flatMap(({ text }) => text.tags))].sort();
  return Object.fromEntries(
    tags.flatMap((tag) => {
      const of = answers.filter(({ text }) => text.tags.includes(tag));
      return of.length < least ? [] : [[tag, { texts: of.length, accuracy: round(shareRight(of)) }]];
    }),
  );
}

const isFrustrated = ({ frustrated, score }: Opinion, limit: number): boolean => frustrated ?? score <= limit;

const shareRight = (answers: readonly Answer[]): number =>
  answers.length === 0
    ? 1
    : answers.filter(({ text, opinion }) => text.label === opinion.label).length / answers.length;

function macroF1(answers: readonly Answer[]): number {
  const judged: Label[] = LABELS.filter((label) => label !== 'missing');
  const each = judged.map(
    (label) =>
      fitOf(
        answers,
        ({ text }) => text.label === label,
        ({ opinion }) => opinion.label === label,
      ).f1,
  );
  return each.reduce((sum, f1) => sum + f1, 0) / each.length;
}

function fitOf(
  answers: readonly Answer[],
  is: (answer: Answer) => boolean,
  said: (answer: Answer) => boolean,
): { precision: number; recall: number; f1: number } {
  const hits = answers.filter((a) => is(a) && said(a)).length;
  const all = answers.filter(is).length;
  const claims = answers.filter(said).length;
  return {
    precision: claims === 0 ? 0 : hits / claims,
    recall: all === 0 ? 0 : hits / all,
    f1: all + claims === 0 ? 0 : (2 * hits) / (all + claims),
  };
}
