import { type Chances, type Classifier, chancesOf, contributionsOf } from './classifier.ts';
import { clean } from './clean.ts';
import { languageOf } from './language.ts';

export interface Judgement {
  /** 0 (bad) … 100 (good), about 50 = no feeling told; null = it cannot be judged. */
  sentiment: number | null;
  /** Whether the writer's patience is at its end; null = it cannot be judged. */
  frustrated: boolean | null;
  /** ISO 639-1 of the cleaned text; null = no words, or none that can be told. */
  language: string | null;
  /** In a word: what spoke for it most, or why there is no judgement. */
  why: string;
}

/** Judges one text. Deterministic: the same text is always judged the same. */
export type Judge = (text: string) => Judgement;

/** From this share of displeasure on a text counts as frustrated; tuned on texts that it was not trained on. */
const FRUSTRATED = 0.5;
const REASONS = 3;

/** The judge by a classifier; see `sentimentOf`. Frustrated is displeasure of which most is at the end of its patience. */
export function judgeBy(classifier: Classifier): Judge {
  const isKnown = (word: string): boolean =>
    classifier.features.has(`w:${word}`) || classifier.features.has(`w:!${word}`) || classifier.tone.has(word);
  return (raw) => {
    const text = clean(raw);
    const language = languageOf(text, isKnown);
    if (language !== 'en') return unjudged(language);
    const chances = chancesOf(text, classifier);
    const sentiment = sentimentOf(chances);
    const frustrated =
      labelOf(sentiment) === 'negative' && chances.frustrated >= FRUSTRATED * (chances.negative + chances.frustrated);
    return { sentiment, frustrated, language, why: reasonOf(text, classifier) };
  };
}

/**
 * The likeliest of bad, neutral and good decides between 0–39, 40–60 and 61–100; how far it is ahead decides where: 39 × (1 − lead),
 * 50 + 20 × (P(good) − P(bad)), 61 + 39 × lead. A whole number.
 */
function sentimentOf({ negative, frustrated, neutral, positive }: Chances): number {
  const bad = negative + frustrated;
  if (bad > neutral && bad > positive) return Math.round(39 * (1 - (bad - Math.max(neutral, positive))));
  if (positive > neutral) return Math.round(61 + 39 * (positive - Math.max(neutral, bad)));
  return Math.round(Math.min(60, Math.max(40, 50 + 20 * (positive - bad))));
}

function unjudged(language: string | null): Judgement {
  const why = language === null ? 'no English words to judge' : `written in another language (${language})`;
  return { sentiment: null, frustrated: null, language, why };
}

function reasonOf(text: string, classifier: Classifier): string {
  const words = contributionsOf(text, classifier).filter(({ feature }) => !feature.startsWith('c:'));
  const told = words.slice(0, REASONS).map(({ feature }) => feature.slice(2));
  return told.length === 0 ? 'no words that are known' : `by ${told.map((t) => `“${t}”`).join(', ')}`;
}

/** How a sentiment is called: 40 and 60 part the three. */
export function labelOf(sentiment: number | null): 'negative' | 'neutral' | 'positive' | 'missing' {
  if (sentiment === null) return 'missing';
  if (sentiment < 40) return 'negative';
  return sentiment <= 60 ? 'neutral' : 'positive';
}
