import type { Points } from './result.ts';

/** Exact arithmetic of weighted averages: integer weights, one rounding, and shares that add up to the last digit. */

export interface Weighted {
  /** Decides ties, so that the split does not depend on order. */
  key: string;
  group: string;
  /** Integers (thousandths) of the model. */
  groupWeight: number;
  weight: number;
  value: Points;
}

/** Weights have at most three decimals in the model file. */
export const toInteger = (weight: number): number => Math.round(weight * 1000);

interface Coefficients {
  /** The i-th item's share of the composite is shares[i] ÷ whole, exactly. */
  shares: bigint[];
  whole: bigint;
}

/** The pattern of present weights repeats over accounts; its fractions are worked out once. */
const patterns = new Map<string, Coefficients>();
const MOST_PATTERNS = 10_000;

/**
 * Σ over groups of W × (Σ w v ÷ Σ w) ÷ Σ W, over items with a weight; null where there is none.
 * The exact value is rounded half up once; `points` (in the order of items) add up to it by largest remainder.
 */
export function composite(items: Weighted[]): { total: Points; points: Points[]; shares: number[] } | null {
  const { shares, whole } = coefficientsOf(items);
  if (whole === 0n) return null;
  let sum = 0n;
  const parts = items.map((item, i) => {
    const exact = (shares[i] ?? 0n) * BigInt(item.value);
    sum += exact;
    return { key: item.key, i, floor: Number(exact / whole), rest: exact % whole };
  });
  const total = Number((2n * sum + whole) / (2n * whole));
  const points = parts.map((p) => p.floor);
  let left = total - points.reduce((a, b) => a + b, 0);
  const byRest = [...parts].sort((a, b) => (a.rest === b.rest ? (a.key < b.key ? -1 : 1) : a.rest > b.rest ? -1 : 1));
  for (const part of byRest) {
    if (left <= 0) break;
    points[part.i] = part.floor + 1;
    left--;
  }
  return { total, points, shares: shares.map((s) => Number(s) / Number(whole)) };
}

/** Each item's share of the composite, 0–1. */
export function sharesOf(items: Omit<Weighted, 'value'>[]): number[] {
  const { shares, whole } = coefficientsOf(items);
  return whole === 0n ? items.map(() => 0) : shares.map((s) => Number(s) / Number(whole));
}

function coefficientsOf(items: Omit<Weighted, 'value'>[]): Coefficients {
  const pattern = items.map((i) => `${i.group}:${i.groupWeight}:${i.weight}`).join('|');
  const known = patterns.get(pattern);
  if (known) return known;
  const groups = new Map<string, { weight: bigint; sum: bigint }>();
  for (const item of items) {
    const group = groups.get(item.group) ?? { weight: BigInt(item.groupWeight), sum: 0n };
    group.sum += BigInt(item.weight);
    groups.set(item.group, group);
  }
  // A group in which nothing weighs is absent.
  const present = [...groups.values()].filter((g) => g.sum > 0n && g.weight > 0n);
  const product = present.reduce((p, g) => p * g.sum, 1n);
  const whole = present.reduce((sum, g) => sum + g.weight, 0n) * product;
  const shares = items.map((item) => {
    const group = groups.get(item.group);
    return group && group.sum > 0n && group.weight > 0n
      ? (group.weight * BigInt(item.weight) * product) / group.sum
      : 0n;
  });
  const divisor = shares.reduce(gcd, whole) || 1n;
  const found = { shares: shares.map((s) => s / divisor), whole: whole / divisor };
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(pattern, found);
  return found;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
