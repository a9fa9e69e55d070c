import type { Steps } from '../steps.ts';

/** Of a packed column: there is no value. */
export const ABSENT = 0xffff;
/** Observations that are looked at in one step. */
const A_STEP = 100_000;

/** One signal (or dimension) as it is fitted. */
export interface Column {
  key: string;
  /** Number of its dimension; columns of one dimension follow each other. */
  group: number;
  /** Its share of the score where all are there; of all columns they add up to 1. */
  prior: number;
  /** Of 0–100, in hundredths; ABSENT = missing. By observation. */
  value: Uint16Array;
}

/** What is known of the observations that a fit rests on. */
export interface Cases {
  columns: readonly Column[];
  /** 1 = left; by observation. */
  events: Uint8Array;
  /** What a row counts, so that an account that left counts as one, however many dates saw it. */
  weight: number;
}

/** Log-odds of leaving = intercept + Σ slopes × (1 − score), where the score's shares are slopes ÷ Σ slopes. */
export interface Fit {
  intercept: number;
  /** In the order of columns; none is negative. */
  slopes: Float64Array;
}

/** The negative log-likelihood at a fit; the last entry of its derivatives is the intercept's. */
export interface Pass {
  loss: number;
  gradient: Float64Array;
  /** Expected curvature (Fisher information), by rows. */
  curvature: Float64Array[];
}

/**
 * One account's log-odds and their derivatives, with missing signals treated as scoring treats them: within a dimension the weights of
 * the signals that are there are spread over it, and the dimensions that are there over the whole.
 */
export class Odds {
  readonly derivatives: Float64Array;
  readonly #columns: readonly Column[];
  readonly #fit: Fit;
  readonly #groups: number;
  /** Of a dimension: Σ slopes, and of the signals that are there; and how bad it is, 0–1. */
  readonly #whole: Float64Array;
  readonly #present: Float64Array;
  readonly #bad: Float64Array;
  readonly #values: Float64Array;
  readonly #all: number;

  constructor(columns: readonly Column[], fit: Fit) {
    this.#columns = columns;
    this.#fit = fit;
    this.#groups = columns.reduce((most, c) => Math.max(most, c.group + 1), 0);
    this.derivatives = new Float64Array(columns.length + 1);
    this.#whole = new Float64Array(this.#groups);
    this.#present = new Float64Array(this.#groups);
    this.#bad = new Float64Array(this.#groups);
    this.#values = new Float64Array(columns.length);
    columns.forEach(({ group }, c) => {
      this.#whole[group] = (this.#whole[group] ?? 0) + (fit.slopes[c] ?? 0);
    });
    this.#all = this.#whole.reduce((a, b) => a + b, 0);
  }

  /** @returns NaN where nothing that is there weighs */
  of(row: number): number {
    const { slopes, intercept } = this.#fit;
    this.#present.fill(0);
    this.#bad.fill(0);
    for (let c = 0; c < slopes.length; c++) {
      const column = this.#columns[c] as Column;
      const value = column.value[row] ?? ABSENT;
      const bad = value === ABSENT ? -1 : 1 - value / 10_000;
      this.#values[c] = bad;
      if (bad < 0) continue;
      const slope = slopes[c] ?? 0;
      this.#present[column.group] = (this.#present[column.group] ?? 0) + slope;
      this.#bad[column.group] = (this.#bad[column.group] ?? 0) + slope * bad;
    }
    let [sum, weights] = [0, 0];
    for (let g = 0; g < this.#groups; g++) {
      const present = this.#present[g] ?? 0;
      if (present <= 0) continue;
      const whole = this.#whole[g] ?? 0;
      this.#bad[g] = (this.#bad[g] ?? 0) / present;
      sum += whole * (this.#bad[g] ?? 0);
      weights += whole;
    }
    if (weights <= 0) return Number.NaN;
    const bad = sum / weights;
    for (let c = 0; c < slopes.length; c++) {
      const group = (this.#columns[c] as Column).group;
      const [whole, present, value] = [this.#whole[group] ?? 0, this.#present[group] ?? 0, this.#values[c] ?? -1];
      let own = bad;
      if (present > 0) {
        const ofGroup = this.#bad[group] ?? 0;
        own += (this.#all * (ofGroup - bad)) / weights;
        if (value >= 0) own += (this.#all * whole * (value - ofGroup)) / (weights * present);
      } else if (whole <= 0 && value >= 0) own += (this.#all * (value - bad)) / weights;
      this.derivatives[c] = own;
    }
    this.derivatives[slopes.length] = 1;
    return intercept + this.#all * bad;
  }
}

/** −log of the probability of what came. */
export const lossOf = (odds: number, left: boolean): number => {
  const wrong = left ? -odds : odds;
  return wrong > 30 ? wrong : Math.log1p(Math.exp(wrong));
};

/** One look at all rows. */
export function* pass({ columns, events, weight }: Cases, rows: Int32Array, fit: Fit): Steps<Pass> {
  const size = columns.length + 1;
  const odds = new Odds(columns, fit);
  const gradient = new Float64Array(size);
  const curvature = Array.from({ length: size }, () => new Float64Array(size));
  let loss = 0;
  for (let at = 0; at < rows.length; at++) {
    if (at % A_STEP === A_STEP - 1) yield;
    const row = rows[at] ?? 0;
    const said = odds.of(row);
    if (Number.isNaN(said)) continue;
    const left = events[row] === 1;
    const chance = 1 / (1 + Math.exp(-said));
    const off = weight * (chance - (left ? 1 : 0));
    const bend = weight * chance * (1 - chance);
    loss += weight * lossOf(said, left);
    const by = odds.derivatives;
    for (let i = 0; i < size; i++) {
      const own = by[i] ?? 0;
      gradient[i] = (gradient[i] ?? 0) + off * own;
      const line = curvature[i] as Float64Array;
      const scaled = bend * own;
      for (let j = 0; j <= i; j++) line[j] = (line[j] ?? 0) + scaled * (by[j] ?? 0);
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = i + 1; j < size; j++) (curvature[i] as Float64Array)[j] = curvature[j]?.[i] ?? 0;
  yield;
  return { loss, gradient, curvature };
}
