import { type Curve, interpolate } from './curves.ts';
import type { Model, Segment } from './model.ts';

/** The same object each time, so that what is worked out of it is known again. */
const NOTHING: Segment = {};

/** What differs in a segment, as scoring takes it: shrunk towards the general weights and curves where the model says so. */
export function segmentOf(model: Model, key: string | null, accounts: Record<string, number> | null): Segment {
  const own = (key !== null && model.segments[key]) || NOTHING;
  if (!model.shrinkage || accounts === null || key === null) return own;
  return shrunk(model, key, own, accounts[key] ?? 0);
}

const known = new WeakMap<Model, Map<string, Segment>>();

function shrunk(model: Model, key: string, own: Segment, n: number): Segment {
  const ofModel = known.get(model) ?? new Map<string, Segment>();
  known.set(model, ofModel);
  const name = `${n} ${key}`;
  const made = ofModel.get(name) ?? shrink(model, own, n, model.shrinkage?.accounts ?? 0);
  ofModel.set(name, made);
  return made;
}

/**
 * S4: (n × own + N × general) ÷ (n + N), in thousandths, for every weight that the segment sets; the same for every point of its
 * straight-line curves over a general one (others, and bands, have no middle and stay its own). n = 0: the general; n → ∞: its own.
 */
export function shrink(model: Model, own: Segment, n: number, strength: number): Segment {
  const blend = (mine: number, general: number): number => (n * mine + strength * general) / (n + strength);
  const weight = (mine: number, general: number): number => Math.round(blend(mine, general) * 1000) / 1000;
  const signals = model.dimensions.flatMap((d) => d.signals);
  return {
    ...own,
    weights: Object.fromEntries(
      model.dimensions.map((d) => [d.key, weight(own.weights?.[d.key] ?? d.weight, d.weight)]),
    ),
    signals: Object.fromEntries(
      Object.entries(own.signals ?? {}).map(([key, mine]) => {
        const general = signals.find((s) => s.key === key);
        if (!general) return [key, mine];
        return [
          key,
          {
            weight: weight(mine.weight ?? general.weight, general.weight),
            curve: mine.curve ? blendCurves(mine.curve, general.curve, blend) : undefined,
          },
        ];
      }),
    ),
  };
}

type Blend = (mine: number, general: number) => number;

/** A sum of straight lines is straight between the points of both. */
function blendCurves(mine: Curve, general: Curve, blend: Blend): Curve {
  const [a, b] = [mine.linear, general.linear];
  if (!a || !b) return mine;
  const places = [...new Set([...a, ...b].map(([x]) => x))].sort((x, y) => x - y);
  return { linear: places.map((x): [number, number] => [x, blend(interpolate(a, x), interpolate(b, x))]) };
}
