import { type Dimension, enabledSignals, type Model, type Segment } from '../model.ts';

/** Whole percents that add up to 100, by largest remainder; the first of equal ones gets it. */
export function percents(shares: readonly number[]): number[] {
  const total = shares.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return shares.map(() => 0);
  const exact = shares.map((share) => (100 * share) / total);
  const whole = exact.map(Math.floor);
  // Parts below a millionth are dust of binary fractions: they must not decide.
  const rest = exact.map((e, i) => Math.round((e - (whole[i] ?? 0)) * 1e6));
  for (let left = 100 - whole.reduce((a, b) => a + b, 0); left > 0; left--) {
    const most = rest.indexOf(Math.max(...rest));
    whole[most] = (whole[most] ?? 0) + 1;
    rest[most] = -1;
  }
  return whole;
}

/** A signal's share of the score where all are there. */
export interface Share {
  dimension: string;
  signal: string;
  share: number;
}

/** Of the general model; they add up to 1. Signals that are offered only have none. */
export function sharesOf(model: Pick<Model, 'dimensions'>): Share[] {
  const all = model.dimensions.reduce((sum, d) => sum + d.weight, 0);
  return model.dimensions.flatMap((d) => {
    const signals = enabledSignals(d);
    const inside = signals.reduce((sum, s) => sum + s.weight, 0);
    return signals.map((s) => ({
      dimension: d.key,
      signal: s.key,
      share: all > 0 && inside > 0 ? (d.weight / all) * (s.weight / inside) : 0,
    }));
  });
}

/**
 * The model with other shares, in whole percents: of dimensions, and of signals inside them. A dimension that is left without any keeps
 * its signals' weights, so that whoever gives it one again finds them. What segments say of single signals keeps its ratio.
 */
export function withShares(model: Model, shares: readonly Share[]): Model {
  const ofSignal = new Map(shares.map((s) => [s.signal, s.share]));
  const inside = model.dimensions.map((d) => enabledSignals(d).map((s) => ofSignal.get(s.key) ?? 0));
  const weights = percents(inside.map((own) => own.reduce((a, b) => a + b, 0)));
  const dimensions = model.dimensions.map((dimension, i): Dimension => {
    const weight = weights[i] ?? 0;
    if (weight === 0) return { ...dimension, weight };
    const parts = percents(inside[i] ?? []);
    const on = enabledSignals(dimension);
    const signals = dimension.signals.map((s) => (s.enabled ? { ...s, weight: parts[on.indexOf(s)] ?? 0 } : s));
    return { ...dimension, weight, signals };
  });
  const changed = { ...model, dimensions };
  return { ...changed, segments: mapSegments(model, (segment) => keptRatios(segment, model, changed)) };
}

/**
 * Every dimension that weighs anything weighs the same, and so does every signal inside it. A yardstick, not a model for use: no floor of
 * confidence, so that it scores whomever the others score.
 */
export function withEqualWeights(model: Model): Model {
  const weighs = model.dimensions.filter((d) => d.weight > 0);
  const dimensions = model.dimensions.map((d) => ({
    ...d,
    weight: weighs.includes(d) ? 1 : 0,
    signals: d.signals.map((s) => ({ ...s, weight: s.weight > 0 ? 1 : 0 })),
  }));
  const segments = mapSegments(model, ({ weights: _, signals, ...rest }) => ({
    ...rest,
    ...(signals && { signals: Object.fromEntries(Object.entries(signals).map(([k, { weight: __, ...s }]) => [k, s])) }),
  }));
  return { ...model, floor: 0, dimensions, segments };
}

export const mapSegments = (model: Model, change: (segment: Segment, key: string) => Segment): Model['segments'] =>
  Object.fromEntries(
    Object.entries(model.segments).map(([key, segment]) => [
      key,
      segment.model === undefined ? change(segment, key) : segment,
    ]),
  );

function keptRatios(segment: Segment, before: Model, after: Model): Segment {
  if (!segment.signals) return segment;
  const weightsOf = (model: Model) => new Map(model.dimensions.flatMap((d) => d.signals.map((s) => [s.key, s.weight])));
  const [was, is] = [weightsOf(before), weightsOf(after)];
  const signals = Object.entries(segment.signals).map(([key, own]) => {
    const [old, now] = [was.get(key) ?? 0, is.get(key) ?? 0];
    if (own.weight === undefined || old === 0 || old === now) return [key, own];
    return [key, { ...own, weight: Math.min(1000, Math.round((1000 * own.weight * now) / old) / 1000) }];
  });
  return { ...segment, signals: Object.fromEntries(signals) };
}
