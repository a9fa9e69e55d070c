import { byValue, type Sample } from './sample.ts';

type Cases = Pick<Sample, 'values' | 'events'>;

/** Parts of 0–100 % in which what was said is compared with what came. */
const BINS = 10;

/** What part of those with such a value leaves: falls, or stays level, as the value rises. */
export interface Probability {
  /** Highest value of each step, rising; the last step takes all above. */
  upTo: number[];
  rates: number[];
}

/** Isotonic regression (pooling of neighbours that break the order). null = no case. */
export function fitProbability({ values, events }: Cases): Probability | null {
  const steps: { upTo: number; left: number; cases: number }[] = [];
  for (const i of byValue(values)) {
    const value = values[i] ?? 0;
    const same = steps.at(-1);
    if (same && same.upTo === value) {
      same.left += events[i] ?? 0;
      same.cases += 1;
    } else steps.push({ upTo: value, left: events[i] ?? 0, cases: 1 });
  }
  const pooled: typeof steps = [];
  for (const step of steps) {
    let last = step;
    for (
      let before = pooled.at(-1);
      before && before.left * last.cases <= last.left * before.cases;
      before = pooled.at(-1)
    ) {
      pooled.pop();
      last = { upTo: last.upTo, left: before.left + last.left, cases: before.cases + last.cases };
    }
    pooled.push(last);
  }
  if (pooled.length === 0) return null;
  return { upTo: pooled.map((s) => s.upTo), rates: pooled.map((s) => s.left / s.cases) };
}

/** The probability of a value. */
export function probabilityOf({ upTo, rates }: Probability, value: number): number {
  let [from, to] = [0, rates.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (value <= (upTo[middle] ?? 0)) to = middle;
    else from = middle + 1;
  }
  return rates[from] ?? 0;
}

/** Mean squared difference of what was said and what came: 0 = always right. null = no case. */
export function brier(said: Float64Array, events: Uint8Array): number | null {
  let sum = 0;
  for (let i = 0; i < said.length; i++) sum += ((said[i] ?? 0) - (events[i] ?? 0)) ** 2;
  return said.length > 0 ? sum / said.length : null;
}

/** Expected calibration error: by how much the rates that were said and that came differ, over ten equal parts. null = no case. */
export function calibrationError(said: Float64Array, events: Uint8Array): number | null {
  const [sums, came] = [new Float64Array(BINS), new Float64Array(BINS)];
  for (let i = 0; i < said.length; i++) {
    const bin = Math.min(BINS - 1, Math.floor((said[i] ?? 0) * BINS));
    sums[bin] = (sums[bin] ?? 0) + (said[i] ?? 0);
    came[bin] = (came[bin] ?? 0) + (events[i] ?? 0);
  }
  const off = sums.reduce((total, sum, bin) => total + Math.abs(sum - (came[bin] ?? 0)), 0);
  return said.length > 0 ? off / said.length : null;
}
