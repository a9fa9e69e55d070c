import type { Points } from './result.ts';

/**
 * Splits a whole by weights (≥ 0) into integers that add up to it exactly: each its floor, the rest to the largest remainders, ties
 * to the earlier one. Where nothing weighs, evenly.
 */
export function split(whole: Points, weights: readonly number[]): Points[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = sum > 0 ? weights.map((w) => w / sum) : weights.map(() => 1 / weights.length);
  const sign = whole < 0 ? -1 : 1;
  const exact = shares.map((share) => share * Math.abs(whole));
  const parts = exact.map(Math.floor);
  let left = Math.abs(whole) - parts.reduce((a, b) => a + b, 0);
  const byRest = exact.map((e, i) => ({ i, rest: e - Math.floor(e) })).sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of byRest) {
    if (left <= 0) break;
    parts[i] = (parts[i] ?? 0) + 1;
    left--;
  }
  return parts.map((part) => (part === 0 ? 0 : sign * part));
}
