import { type Classifier, chancesOf, contributionsOf } from './classifier.ts';
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

/** From this chance on a text counts as frustrated; tuned on texts that it was not trained on. */
const FRUSTRATED = 0.5;
const REASONS = 3;

/**
 * The judge by a classifier: sentiment = 100 × P(positive) + 50 × P(neutral), a whole number; frustrated where displeasure is likelier
 * than not and a good part of it is at the end of its patience.
 */
export function judgeBy(classifier: Classifier): Judge {
  const isKnown = (word: string): boolean =>
    classifier.features.has(`w:${word}`) || classifier.features.has(`w:!${word}`) || classifier.tone.has(word);
  return (raw) => {
    const text = clean(raw);
    const language = languageOf(text, isKnown);
    if (language !== 'en') return unjudged(language);
    const chances = chancesOf(text, classifier);
    const sentiment = Math.round(100 * chances.positive + 50 * chances.neutral);
    return { sentiment, frustrated: isFrustrated(chances), language, why: reasonOf(text, classifier) };
  };
}

const isFrustrated = ({ negative, frustrated }: { negative: number; frustrated: number }): boolean =>
  negative + frustrated >= 0.5 && frustrated >= FRUSTRATED * (negative + frustrated);

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
