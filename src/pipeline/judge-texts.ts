import { setImmediate as breathe } from 'node:timers/promises';
import type { Page } from '../contract/index.ts';
import type { Fact } from '../core/fact.ts';

/** What is made of a text; null = it cannot be judged. */
export interface Verdict {
  /** 0 (bad) … 100 (good). */
  sentiment: number | null;
  frustrated: boolean | null;
}

/** Judges texts, in their order. The same text must be judged the same again, or facts would change that have not. */
export interface TextJudge {
  judge(texts: readonly string[]): Promise<readonly Verdict[]>;
  /** What the run has to say about it, for people; empty where all went as usual. */
  notes(): string[];
}

/** Texts judged without a break: some milliseconds. */
const AT_ONCE = 20;

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
  for (let n = 0; n < waiting.length; n += AT_ONCE) {
    const part = waiting.slice(n, n + AT_ONCE);
    const verdicts = await judge.judge(part.map(({ text }) => text));
    for (const [k, { i }] of part.entries()) {
      const fact = facts[i];
      const verdict = verdicts[k];
      if (fact && verdict) facts[i] = judged(fact, verdict);
    }
    await breathe();
  }
  return { ...page, facts };
}

/** The words of a fact that nobody has judged yet. */
function textOf(fact: Fact): string | null {
  if (fact.deleted) return null;
  const text = wordsOf(fact);
  if (text === null || text === undefined || text.trim() === '') return null;
  const { sentiment, frustrated } = fact.data as Partial<Verdict>;
  return (sentiment ?? null) === null && (frustrated ?? null) === null ? text : null;
}

function wordsOf(fact: Fact): string | null | undefined {
  if (fact.kind === 'ticket' || fact.kind === 'activity') return fact.data.text;
  return fact.kind === 'survey' ? fact.data.comment : null;
}

function judged(fact: Fact, { sentiment, frustrated }: Verdict): Fact {
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
