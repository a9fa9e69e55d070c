import { fitProbability, probabilityOf } from '../backtest/probability.ts';
import { sameRate, wilson } from '../backtest/proportions.ts';

/** Scores (whole numbers from 0 to 100) with what became of the accounts. */
export interface Scored {
  scores: Float64Array;
  events: Uint8Array;
  /** How many of the cases are independent evidence. */
  accounts: number;
}

/** Accounts that a band must have lost, or would have at the average rate. */
const FEWEST_IN_BAND = 10;
/** Narrower bands would be crossed both ways by one swing: crossings have a hysteresis of 3 points. */
const NARROWEST = 6;
/** Neighbouring bands whose churn differs with more probability than this by chance are one. */
const BY_CHANCE = 0.05;

/**
 * Where churn accelerates: the lower ends of bands, best first, that divide the isotonic churn curve into steps with the greatest
 * likelihood (optimal segmentation by dynamic programming). null = the evidence does not divide into so many bands.
 */
export function thresholdsOf({ scores, events, accounts }: Scored, bands: number): number[] | null {
  const curve = fitProbability({ values: scores, events });
  if (!curve || bands < 2) return null;
  const [cases, left] = [new Float64Array(102), new Float64Array(102)];
  scores.forEach((score) => {
    cases[score + 1] = (cases[score + 1] ?? 0) + 1;
    left[score + 1] = (left[score + 1] ?? 0) + probabilityOf(curve, score);
  });
  for (let at = 1; at <= 101; at++) {
    cases[at] = (cases[at] ?? 0) + (cases[at - 1] ?? 0);
    left[at] = (left[at] ?? 0) + (left[at - 1] ?? 0);
  }
  const evidence = accounts / Math.max(1, scores.length);
  const base = (left[101] ?? 0) / Math.max(1, scores.length);
  /** Of scores from `from` up to below `to`; null = too little. */
  const worthOf = (from: number, to: number): number | null => {
    const [n, e] = [(cases[to] ?? 0) - (cases[from] ?? 0), (left[to] ?? 0) - (left[from] ?? 0)];
    if (to - from < NARROWEST || n * evidence * Math.max(base, e / Math.max(1, n)) < FEWEST_IN_BAND) return null;
    return e * Math.log(Math.max(e / n, 1e-12)) + (n - e) * Math.log(Math.max(1 - e / n, 1e-12));
  };
  const found = best(bands, worthOf);
  if (found === null) return null;
  const edges = [101, ...found];
  const steps = found.map((from, b) => {
    const to = edges[b] ?? 101;
    const n = (cases[to] ?? 0) - (cases[from] ?? 0);
    return { rate: ((left[to] ?? 0) - (left[from] ?? 0)) / n, cases: n * evidence };
  });
  const distinct = steps.slice(1).every((worse, b) => {
    const better = steps[b];
    return better && worse.rate > better.rate && (sameRate(better, worse) ?? 1) < BY_CHANCE;
  });
  return distinct ? found : null;
}

/** Lower ends of the bands, best first, with the greatest sum; the last is 0. */
function best(bands: number, worthOf: (from: number, to: number) => number | null): number[] | null {
  let sums: (number | null)[] = Array.from({ length: 102 }, (_, to) => worthOf(0, to));
  const from: number[][] = [];
  for (let band = 1; band < bands; band++) {
    const [next, places] = [Array.from({ length: 102 }, (): number | null => null), new Array<number>(102).fill(0)];
    for (let to = 0; to <= 101; to++)
      for (let cut = NARROWEST; cut <= to - NARROWEST; cut++) {
        const [below, above] = [sums[cut] ?? null, worthOf(cut, to)];
        if (below === null || above === null) continue;
        const known = next[to] ?? null;
        if (known === null || below + above > known + 1e-9) [next[to], places[to]] = [below + above, cut];
      }
    sums = next;
    from.push(places);
  }
  if ((sums[101] ?? null) === null) return null;
  const ends: number[] = [];
  let to = 101;
  for (const places of from.reverse()) {
    to = places[to] ?? 0;
    ends.push(to);
  }
  return [...ends, 0];
}

/** Churn of one band. Figures are null where nobody was in it. */
export interface BandRate {
  band: string;
  from: number;
  cases: number;
  accounts: number;
  lost: number;
  rate: number | null;
  low: number | null;
  high: number | null;
}

export function bandRate(band: string, from: number, cases: number, lost: number, accounts: number): BandRate {
  return { band, from, cases, accounts, lost, rate: null, low: null, high: null, ...wilson(lost, cases, accounts) };
}
