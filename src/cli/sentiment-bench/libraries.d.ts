declare module 'sentiment' {
  export default class Sentiment {
    analyze(text: string): { score: number };
  }
}
declare module 'vader-sentiment' {
  export const SentimentIntensityAnalyzer: { polarity_scores(text: string): { compound: number } };
}
declare module 'wink-sentiment' {
  export default function wink(text: string): { score: number; normalizedScore: number };
}
declare module '@nlpjs/sentiment' {
  export class SentimentAnalyzer {
    container: { use(plugin: unknown): void };
    process(input: { locale: string; text: string }): Promise<{ sentiment: { average: number; vote: string } }>;
  }
}
declare module '@nlpjs/lang-en' {
  export const LangEn: unknown;
}
