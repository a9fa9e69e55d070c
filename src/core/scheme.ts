import { type Dimension, enabledSignals, type Model, type Segment, type Signal } from './model.ts';
import type { Points } from './result.ts';
import { type Coefficients, type Composite, coefficientsOf, compositeOf, toInteger, type Weighed } from './weights.ts';

/** A signal as it weighs in a segment. */
export interface Weighing extends Weighed {
  signal: Signal;
}

/** A dimension with its share in the model before redistribution, 0–1. */
export interface Part {
  dimension: Dimension;
  weight: number;
  /** Places of its signals. */
  at: readonly number[];
}

const MOST_PATTERNS = 10_000;

/** What a model says of every account of a segment alike: which signals are judged, and how they weigh. */
export class Scheme {
  readonly signals: readonly Weighing[];
  readonly parts: readonly Part[];
  /** Of each signal where all are present. */
  readonly shares: readonly number[];
  /** Which signals are present repeats over accounts: how much each counts then. */
  readonly #patterns = new Map<string, Coefficients>();

  constructor(model: Model, segment: Segment) {
    const weights = model.dimensions.map((d) => toInteger(segment.weights?.[d.key] ?? d.weight));
    const all = weights.reduce((a, b) => a + b, 0);
    this.signals = model.dimensions.flatMap((dimension, i) =>
      enabledSignals(dimension).map((signal) => ({
        signal,
        key: signal.key,
        group: dimension.key,
        groupWeight: weights[i] ?? 0,
        weight: toInteger(segment.signals?.[signal.key]?.weight ?? signal.weight),
      })),
    );
    this.parts = model.dimensions.map((dimension, i) => ({
      dimension,
      weight: all === 0 ? 0 : (weights[i] ?? 0) / all,
      at: [...this.signals.keys()].filter((place) => this.signals[place]?.group === dimension.key),
    }));
    this.shares = coefficientsOf(this.signals).fractions;
  }

  /**
   * The score of the signals that have a value; null where none of them weighs.
   * @param values in the order of `signals`; null = missing
   */
  composite(values: readonly (Points | null)[]): (Composite & { shares: readonly number[] }) | null {
    const coefficients = this.#coefficients(values);
    const found = compositeOf(coefficients, values);
    return found && { total: found.total, points: found.points, shares: coefficients.fractions };
  }

  #coefficients(values: readonly (Points | null)[]): Coefficients {
    const key = bitsOf(values);
    const known = this.#patterns.get(key);
    if (known) return known;
    const made = coefficientsOf(this.signals.map((own, i) => (values[i] === null ? { ...own, weight: 0 } : own)));
    if (this.#patterns.size >= MOST_PATTERNS) this.#patterns.clear();
    this.#patterns.set(key, made);
    return made;
  }

  /** A dimension by itself: the weighted average of its signals that have a value; null where none of them weighs. */
  average({ at }: Part, values: readonly (Points | null)[]): Points | null {
    let sum = 0;
    let weight = 0;
    for (const place of at) {
      const value = values[place] ?? null;
      if (value === null) continue;
      const own = this.signals[place]?.weight ?? 0;
      sum += own * value;
      weight += own;
    }
    // Rounded half up, on integers.
    return weight === 0 ? null : Math.floor((2 * sum + weight) / (2 * weight));
  }
}

/** Which values there are, sixteen to a letter. */
function bitsOf(values: readonly (Points | null)[]): string {
  let key = '';
  let bits = 0;
  for (let i = 0; i < values.length; i++) {
    bits = 2 * bits + (values[i] === null ? 0 : 1);
    if (i % 16 < 15) continue;
    key += String.fromCharCode(bits);
    bits = 0;
  }
  return key + String.fromCharCode(bits);
}

const schemes = new WeakMap<Model, WeakMap<Segment, Scheme>>();

/** Of the same model and segment always the same, for as long as these live. */
export function schemeOf(model: Model, segment: Segment): Scheme {
  let ofModel = schemes.get(model);
  if (!ofModel) {
    ofModel = new WeakMap();
    schemes.set(model, ofModel);
  }
  let scheme = ofModel.get(segment);
  if (!scheme) {
    scheme = new Scheme(model, segment);
    ofModel.set(segment, scheme);
  }
  return scheme;
}
