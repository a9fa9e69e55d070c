import type { Page } from '../contract/index.ts';
import type { Fact } from '../core/fact.ts';
import type { TextVerdict } from '../store/types.ts';

/** Judges texts, in their order. The same text must be judged the same again, or facts would change that have not. */
export interface TextJudge {
  judge(texts: readonly string[]): Promise<readonly TextVerdict[]>;
  /** What became of texts since this was last asked, for people; empty where there is nothing to tell. */
  notes(): string[];
}

/**
 * A page whose tickets, survey answers and activities carry what their words say, beside the words, which expire. What a source judged
 * itself stays.
 */
export async function judgeTexts(judge: TextJudge, page: Page): Promise<Page> {
  const waiting = page.facts.flatMap((fact, i) => {
    const text = textOf(fact);
    return text === null ? [] : [{ i, text }];
  });
  if (waiting.length === 0) return page;
  const facts = [...page.facts];
  const verdicts = await judge.judge(waiting.map(({ text }) => text));
  for (const [k, { i }] of waiting.entries()) {
    const fact = facts[i];
    const verdict = verdicts[k];
    if (fact && verdict) facts[i] = judged(fact, verdict);
  }
  return { ...page, facts };
}

/** The words of a fact that nobody has judged yet. */
function textOf(fact: Fact): string | null {
  if (fact.deleted) return null;
  const text = wordsOf(fact);
  if (text === null || text === undefined || text.trim() === '') return null;
  const { sentiment, frustrated } = fact.data as Partial<TextVerdict>;
  return (sentiment ?? null) === null && (frustrated ?? null) === null ? text : null;
}

function wordsOf(fact: Fact): string | null | undefined {
  if (fact.kind === 'ticket' || fact.kind === 'activity') return fact.data.text;
  return fact.kind === 'survey' ? fact.data.comment : null;
}

function judged(fact: Fact, { sentiment, frustrated }: TextVerdict): Fact {
  switch (fact.kind) {
    case 'ticket':
      return { ...fact, data: { ...fact.data, sentiment, frustrated } };
    case 'activity':
      return { ...fact, data: { ...fact.data, sentiment, frustrated } };
    case 'survey':
      return { ...fact, data: { ...fact.data, sentiment, frustrated } };
    default:
      return fact;
  }
}
