import { seeded } from './random.ts';

/** Dates (as positions) by which a probability is fitted, and those by which it is judged. */
export interface TimeSplit {
  fit: number[];
  judge: number[];
}

/**
 * The last quarter of the dates judges, and what was known by its first day fits: only dates whose outcomes had all come by then.
 * null = there is no such date.
 */
export function splitByTime(days: readonly number[], horizon: number): TimeSplit | null {
  const order = days.map((_, i) => i).sort((a, b) => (days[a] ?? 0) - (days[b] ?? 0));
  const judging = Math.max(1, Math.floor(order.length / 4));
  for (let from = order.length - judging; from < order.length; from++) {
    const first = days[order[from] ?? 0] ?? 0;
    const fit = order.filter((i) => (days[i] ?? 0) + horizon <= first);
    if (fit.length > 0) return { fit, judge: order.slice(from) };
  }
  return null;
}

/** The part (0 … parts − 1) of each account: all of its cases are in one, and the parts are of equal size. */
export function foldsOf(accounts: number, parts: number, seed: number): Uint16Array {
  const random = seeded(seed);
  const order = Int32Array.from({ length: accounts }, (_, i) => i);
  for (let i = accounts - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  const folds = new Uint16Array(accounts);
  order.forEach((account, at) => {
    folds[account] = at % parts;
  });
  return folds;
}
