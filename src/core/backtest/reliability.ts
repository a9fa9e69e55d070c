import { type Share, wilson } from './proportions.ts';
import { inParts, type Sample } from './sample.ts';

/** Parts of equal size: with parts of equal width, a book of which 3 % leave would lie in one of them. */
const PARTS = 10;

/** One point of a calibration curve: of these cases `said` were said to leave, on average, and `rate` left. */
export interface Reliability extends Share {
  cases: number;
  accounts: number;
  said: number;
}

/**
 * What was said against what came, lowest probabilities first, in at most ten parts of equal size. Equal probabilities stay together, so
 * that there may be fewer. @param said 0–1, one of each case
 */
export function reliability(said: Float64Array, { events, groups }: Pick<Sample, 'events' | 'groups'>): Reliability[] {
  return inParts(said, PARTS).flatMap((part) => {
    const total = (of: (i: number) => number): number => part.reduce((sum, i) => sum + of(i), 0);
    const accounts = new Set(Array.from(part, (i) => groups[i] ?? 0)).size;
    const share = wilson(
      total((i) => events[i] ?? 0),
      part.length,
      accounts,
    );
    return share ? [{ cases: part.length, accounts, said: total((i) => said[i] ?? 0) / part.length, ...share }] : [];
  });
}
