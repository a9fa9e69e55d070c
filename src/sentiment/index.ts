import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Chances, type Contribution, chancesOf, contributionsOf } from './classifier.ts';
import { clean } from './clean.ts';
import { type Judge, type Judgement, judgeBy } from './judge.ts';
import { readWeights } from './weights-file.ts';

export { judgeByEndpoint } from './by-endpoint.ts';
export { askEndpoint } from './endpoint.ts';
export type { Judge, Judgement } from './judge.ts';
export { labelOf } from './judge.ts';

/** Where the weights lie in the package. */
export const WEIGHTS = 'mappings/sentiment/english.tsv';

/** The built-in judge. Its weights are read when the first text comes, since most commands judge none. */
export function builtInJudge(packageRoot: string): Judge {
  let judge: Judge | null = null;
  return (text) => {
    judge ??= judgeBy(readWeights(join(packageRoot, WEIGHTS)));
    return judge(text);
  };
}

/** Texts judged without a break: some milliseconds. */
const AT_ONCE = 20;

/** The same for many texts, as the pipeline asks it; others get their turn in between. */
export const judgeOfMany = (judge: Judge) => ({
  judge: async (texts: readonly string[]): Promise<Judgement[]> => {
    const judged: Judgement[] = [];
    for (const [i, text] of texts.entries()) {
      if (i % AT_ONCE === AT_ONCE - 1) await breathe();
      judged.push(judge(text));
    }
    return judged;
  },
  notes: (): string[] => [],
});

/** What the built-in judge makes of a text, step by step, for people who ask why. `chances` is null where it cannot be judged. */
export function explainJudgement(
  packageRoot: string,
  text: string,
): { cleaned: string; judgement: Judgement; chances: Chances | null; contributions: Contribution[] } {
  const classifier = readWeights(join(packageRoot, WEIGHTS));
  const cleaned = clean(text);
  const judgement = judgeBy(classifier)(text);
  if (judgement.sentiment === null) return { cleaned, judgement, chances: null, contributions: [] };
  return {
    cleaned,
    judgement,
    chances: chancesOf(cleaned, classifier),
    contributions: contributionsOf(cleaned, classifier),
  };
}
