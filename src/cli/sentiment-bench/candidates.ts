import { builtInJudge, labelOf } from '../../sentiment/index.ts';
import type { Label } from './labelled.ts';

export interface Opinion {
  label: Label;
  /** The lower, the worse: what a limit for frustration is set on. */
  score: number;
  /** null = the candidate knows no frustration of its own. */
  frustrated: boolean | null;
}
export interface Candidate {
  name: string;
  ask(text: string): Promise<Opinion>;
}

/** Libraries as a new user would ask them, by the limits that their own documentation gives, and the built-in judge. */
export async function candidates(packageRoot: string): Promise<Candidate[]> {
  const { default: Sentiment } = await import('sentiment');
  const { SentimentIntensityAnalyzer: vader } = await import('vader-sentiment');
  const { default: wink } = await import('wink-sentiment');
  const { SentimentAnalyzer } = await import('@nlpjs/sentiment');
  const { LangEn } = await import('@nlpjs/lang-en');
  const afinn = new Sentiment();
  const nlp = new SentimentAnalyzer();
  nlp.container.use(LangEn);
  const judge = builtInJudge(packageRoot);
  return [
    scored('sentiment', 0, async (text) => afinn.analyze(text).score),
    scored('vader-sentiment', 0.05, async (text) => vader.polarity_scores(text).compound),
    scored('wink-sentiment', 0, async (text) => wink(text).score),
    scored('@nlpjs/sentiment', 0, async (text) => (await nlp.process({ locale: 'en', text })).sentiment.average),
    {
      name: 'built-in',
      ask: async (text) => {
        const { sentiment, frustrated } = judge(text);
        return { label: labelOf(sentiment), score: sentiment ?? 50, frustrated: frustrated ?? false };
      },
    },
  ];
}

/** A library that gives a number: what lies within `limit` of zero is neutral. None of them says that it cannot judge. */
function scored(name: string, limit: number, scoreOf: (text: string) => Promise<number>): Candidate {
  return {
    name,
    ask: async (text) => {
      const score = await scoreOf(text);
      const label = score > limit ? 'positive' : score < -limit ? 'negative' : 'neutral';
      return { label, score, frustrated: null };
    },
  };
}
