import { join } from 'node:path';
import { type Judge, judgeBy } from './judge.ts';
import { readWeights } from './weights-file.ts';

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

/** The same for many texts, as the pipeline asks it. */
export const judgeOfMany = (judge: Judge) => ({
  judge: async (texts: readonly string[]) => texts.map(judge),
  notes: (): string[] => [],
});
