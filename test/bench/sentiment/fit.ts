import { CLASSES, type Weights } from '../../../src/sentiment/classifier.ts';
import { featuresOf } from '../../../src/sentiment/features.ts';
import type { Trained } from './texts.ts';
import { toneOf } from './tone.ts';

export interface FitOptions {
  /** Features that fewer texts have are left out. */
  atLeast: number;
  /** Strength of the L2 penalty for each text. */
  l2: number;
  rounds: number;
  /** What a text written by hand weighs against a composed one. */
  hand: number;
  /** Weights are rounded to 1/scale; a feature whose weights all round to 1/scale or less is left out. */
  scale: number;
}
export const SHIPPED: FitOptions = { atLeast: 2, l2: 0.00001, rounds: 100, hand: 4, scale: 10 };

/** Multinomial logistic regression with an L2 penalty, by full-batch gradient steps (Adam): no dice, so the same texts give the same weights. */
export function fitted(texts: readonly Trained[], options: FitOptions = SHIPPED): Weights {
  const tone = toneOf();
  const rows = texts.map((t) => [...featuresOf(t.text, new Map(Object.entries(tone)))]);
  const index = vocabulary(rows, options.atLeast);
  const size = index.size + 1; // the last is the bias
  const data = rows.map((row) => sparse(row, index));
  const goals = texts.map((t) => CLASSES.indexOf(t.frustrated ? 'frustrated' : t.label));
  const parts = importance(texts, options.hand);
  const k = CLASSES.length;
  const weights = new Float64Array(size * k);
  const first = new Float64Array(size * k);
  const second = new Float64Array(size * k);
  for (let round = 1; round <= options.rounds; round += 1) {
    const slope = new Float64Array(size * k);
    for (const [n, row] of data.entries())
      addSlope(slope, row, weights, size - 1, goals[n] as number, parts[n] as number);
    step(weights, slope, first, second, round, options.l2, (size - 1) * k);
  }
  return { ...rounded(weights, [...index.keys()], options.scale), tone };
}

function vocabulary(rows: readonly (readonly [string, number])[][], atLeast: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) for (const [f] of row) counts.set(f, (counts.get(f) ?? 0) + 1);
  const kept = [...counts].filter(([f, n]) => n >= (/^[cbt]:/.test(f) ? atLeast + 1 : atLeast)).map(([f]) => f);
  return new Map(kept.sort().map((f, i) => [f, i]));
}

/** The three labels weigh the same altogether, so that the model does not learn how many texts somebody wrote of each. */
function importance(texts: readonly Trained[], hand: number): number[] {
  const own = texts.map((t) => (t.by === 'hand' ? hand : 1));
  const labels = texts.map((t) => t.label);
  const totals = Map.groupBy(own.keys(), (n) => labels[n] as Trained['label']);
  const weight = (label: Trained['label']): number =>
    (totals.get(label) ?? []).reduce((sum, n) => sum + (own[n] as number), 0);
  const whole = { negative: weight('negative'), neutral: weight('neutral'), positive: weight('positive') };
  return own.map((w, n) => w / (whole[labels[n] as Trained['label']] * 3));
}

interface Sparse {
  at: Int32Array;
  value: Float64Array;
}
function sparse(row: readonly (readonly [string, number])[], index: ReadonlyMap<string, number>): Sparse {
  const known = row.flatMap(([name, value]) => {
    const at = index.get(name);
    return at === undefined ? [] : [{ at, value }];
  });
  return { at: Int32Array.from(known, (f) => f.at), value: Float64Array.from(known, (f) => f.value) };
}

/** What one text adds to the slope: part × (P(class) − goal) × feature. */
function addSlope(
  slope: Float64Array,
  { at, value }: Sparse,
  weights: Float64Array,
  bias: number,
  goal: number,
  part: number,
): void {
  const k = CLASSES.length;
  for (const [c, p] of chances(at, value, weights, bias).entries()) {
    const error = part * (p - (c === goal ? 1 : 0));
    for (let i = 0; i < at.length; i += 1) {
      const f = (at[i] as number) * k + c;
      slope[f] = (slope[f] as number) + error * (value[i] as number);
    }
    slope[bias * k + c] = (slope[bias * k + c] as number) + error;
  }
}

function chances(at: Int32Array, value: Float64Array, weights: Float64Array, bias: number): number[] {
  const k = CLASSES.length;
  const sums = CLASSES.map((_, c) => {
    let sum = weights[bias * k + c] as number;
    for (let i = 0; i < at.length; i += 1) sum += (weights[(at[i] as number) * k + c] as number) * (value[i] as number);
    return sum;
  });
  const most = Math.max(...sums);
  const powers = sums.map((s) => Math.exp(s - most));
  const total = powers.reduce((sum, p) => sum + p, 0);
  return powers.map((p) => p / total);
}

function step(
  w: Float64Array,
  slope: Float64Array,
  m: Float64Array,
  v: Float64Array,
  round: number,
  l2: number,
  bias: number,
): void {
  const rate = 0.1;
  for (let i = 0; i < w.length; i += 1) {
    const g = (slope[i] as number) + (i < bias ? l2 * (w[i] as number) : 0);
    m[i] = 0.9 * (m[i] as number) + 0.1 * g;
    v[i] = 0.999 * (v[i] as number) + 0.001 * g * g;
    const mean = (m[i] as number) / (1 - 0.9 ** round);
    const square = (v[i] as number) / (1 - 0.999 ** round);
    w[i] = (w[i] as number) - (rate * mean) / (Math.sqrt(square) + 1e-8);
  }
}

function rounded(weights: Float64Array, names: readonly string[], scale: number): Omit<Weights, 'tone'> {
  const k = CLASSES.length;
  const of = (i: number): number[] => CLASSES.map((_, c) => Math.round((weights[i * k + c] as number) * scale) + 0);
  const kept = names.map((name, i) => [name, of(i)] as const).filter(([, row]) => row.some((w) => Math.abs(w) > 1));
  return { scale, bias: of(names.length), features: Object.fromEntries(kept) };
}
