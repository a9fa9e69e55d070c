import { POINT } from '../result.ts';
import type { Observations } from './observations.ts';
import { LOST } from './outcome.ts';

/** Points of a score that one bin takes. */
const STEP = 5;
const BINS = 100 / STEP;

/** How many observations had such a score (`from` … `to`, rounded, both included), of those that stayed and that left. */
export interface ScoreBin {
  from: number;
  to: number;
  stayed: number;
  left: number;
}

/** How the scores lie. Means are on the 0–100 scale; null = nobody stayed, or left. */
export interface Distribution {
  bins: ScoreBin[];
  meanStayed: number | null;
  meanLeft: number | null;
}

/** Rounded scores in 20 bins of five points; the last takes 100 too. The rounded score is what decides the band. */
export function distributionOf(obs: Observations, rows: Int32Array): Distribution {
  const bins = Array.from({ length: BINS }, (_, i): ScoreBin => {
    const last = i === BINS - 1;
    return { from: i * STEP, to: last ? 100 : (i + 1) * STEP - 1, stayed: 0, left: 0 };
  });
  const sums = { stayed: 0, left: 0 };
  const counts = { stayed: 0, left: 0 };
  for (const i of rows) {
    const score = (obs.points[i] ?? 0) / POINT;
    const bin = bins[Math.max(0, Math.min(BINS - 1, Math.floor(Math.round(score) / STEP)))];
    const end = obs.outcome[i] === LOST ? 'left' : 'stayed';
    if (bin) bin[end] += 1;
    sums[end] += score;
    counts[end] += 1;
  }
  const mean = (end: 'stayed' | 'left'): number | null => (counts[end] > 0 ? sums[end] / counts[end] : null);
  return { bins, meanStayed: mean('stayed'), meanLeft: mean('left') };
}
