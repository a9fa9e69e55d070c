import { z } from 'zod';
import { featuresOf, type Tone } from './features.ts';

/** Calm displeasure, displeasure at its end, no feeling, content: the order of the weights. */
export const CLASSES = ['negative', 'frustrated', 'neutral', 'positive'] as const;
export type Class = (typeof CLASSES)[number];

/** The shipped weights: whole numbers, `scale` of them make 1. */
export const Weights = z.strictObject({
  scale: z.number().positive(),
  bias: z.array(z.int()).length(CLASSES.length),
  features: z.record(z.string(), z.array(z.int()).length(CLASSES.length)),
  /** Feeling of single words, −4 … 4. */
  tone: z.record(z.string(), z.int()),
});
export type Weights = z.infer<typeof Weights>;

/** Weights, ready to be asked. */
export interface Classifier {
  scale: number;
  bias: readonly number[];
  features: ReadonlyMap<string, readonly number[]>;
  tone: Tone;
}

export function classifierOf({ scale, bias, features, tone }: Weights): Classifier {
  return { scale, bias, features: new Map(Object.entries(features)), tone: new Map(Object.entries(tone)) };
}

export type Chances = Record<Class, number>;
/** What one feature of a text adds to the classes, in logits. */
export interface Contribution extends Record<Class, number> {
  feature: string;
}

/** P(class | text) of a linear model: softmax of bias + Σ weight × feature. */
export function chancesOf(text: string, { scale, bias, features, tone }: Classifier): Chances {
  const sums = bias.map((b) => b / scale);
  for (const [feature, value] of featuresOf(text, tone)) {
    const weights = features.get(feature);
    if (weights) for (const [i, w] of weights.entries()) sums[i] = (sums[i] ?? 0) + (w / scale) * value;
  }
  return softmax(sums);
}

function softmax(sums: readonly number[]): Chances {
  const most = Math.max(...sums);
  const powers = sums.map((s) => Math.exp(s - most));
  const total = powers.reduce((sum, p) => sum + p, 0);
  const of = (i: number): number => (powers[i] ?? 0) / total;
  return { negative: of(0), frustrated: of(1), neutral: of(2), positive: of(3) };
}

/** What spoke for and against, the strongest first. */
export function contributionsOf(text: string, { scale, features, tone }: Classifier): Contribution[] {
  return [...featuresOf(text, tone)]
    .flatMap(([feature, value]) => {
      const weights = features.get(feature);
      if (!weights) return [];
      const of = (i: number): number => ((weights[i] ?? 0) / scale) * value;
      return [{ feature, negative: of(0), frustrated: of(1), neutral: of(2), positive: of(3) }];
    })
    .sort((a, b) => spread(b) - spread(a) || (a.feature < b.feature ? -1 : 1));
}

const spread = (c: Contribution): number =>
  Math.max(c.negative, c.frustrated, c.neutral, c.positive) - Math.min(c.negative, c.frustrated, c.neutral, c.positive);
