import { POINT, type Points } from './result.ts';

/** Exact arithmetic of weighted averages: integer weights, one rounding, and shares that add up to the last digit. */

export interface Weighed {
  /** Decides ties, so that the split does not depend on order. */
  key: string;
  group: string;
  /** Integers (thousandths) of the model. */
  groupWeight: number;
  weight: number;
}

/** Weights have at most three decimals in the model file. */
export const toInteger = (weight: number): number => Math.round(weight * 1000);

/** The i-th item's share of the composite is shares[i] ÷ whole, exactly. */
export interface Coefficients {
  keys: readonly string[];
  shares: readonly bigint[];
  whole: bigint;
  /** The same as numbers, where no product of a share and a value can be too large for one; null = it can. */
  small: { shares: readonly number[]; whole: number } | null;
  /** Each item's share, 0–1. */
  fractions: readonly number[];
}

/** What is at most 100 points of so much: 2 × Σ share × value + whole stays below 2^53. */
const MOST_SMALL = Number.MAX_SAFE_INTEGER / (2 * 100 * POINT + 1);

/** Σ over groups of W × (Σ w v ÷ Σ w) ÷ Σ W, over items with a weight: how much each item counts. */
export function coefficientsOf(items: readonly Weighed[]): Coefficients {
  const { shares, whole } = exactShares(items);
  return {
    keys: items.map((item) => item.key),
    shares,
    whole,
    small: whole <= MOST_SMALL ? { shares: shares.map(Number), whole: Number(whole) } : null,
    fractions: shares.map((share) => (whole === 0n ? 0 : Number(share) / Number(whole))),
  };
}

export interface Composite {
  total: Points;
  /** In the order of items; they add up to the total. */
  points: Points[];
}

/**
 * The composite of values from 0 to 100 points; null where nothing has a weight. What is missing (null) must have none. The exact value is rounded half up once, and split
 * by largest remainder.
 */
export function compositeOf(coefficients: Coefficients, values: readonly (Points | null)[]): Composite | null {
  if (coefficients.whole === 0n) return null;
  const {
    total,
    floors: points,
    rests,
  } = coefficients.small ? inNumbers(coefficients.small, values) : inFull(coefficients, values);
  let left = total;
  for (const floor of points) left -= floor;
  for (; left > 0; left--) {
    const most = largest(rests, coefficients.keys);
    points[most] = (points[most] ?? 0) + 1;
    rests[most] = -1;
  }
  return { total, points };
}

/** The place of the largest rest; of equal ones, that of the first key. */
function largest(rests: readonly (number | bigint)[], keys: readonly string[]): number {
  let most = 0;
  for (let i = 1; i < rests.length; i++) {
    const [rest, than] = [rests[i] ?? -1, rests[most] ?? -1];
    if (rest > than || (rest === than && (keys[i] ?? '') < (keys[most] ?? ''))) most = i;
  }
  return most;
}

/** Each item's whole points, and what is left of it. */
interface Parts {
  total: Points;
  floors: Points[];
  rests: (number | bigint)[];
}

function inNumbers(
  { shares, whole }: { shares: readonly number[]; whole: number },
  values: readonly (Points | null)[],
): Parts {
  let sum = 0;
  const floors: number[] = [];
  const rests: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const exact = (shares[i] ?? 0) * (values[i] ?? 0);
    sum += exact;
    const rest = exact % whole;
    floors.push((exact - rest) / whole);
    rests.push(rest);
  }
  const twice = 2 * sum + whole;
  return { total: (twice - (twice % (2 * whole))) / (2 * whole), floors, rests };
}

function inFull({ shares, whole }: Coefficients, values: readonly (Points | null)[]): Parts {
  let sum = 0n;
  const floors: number[] = [];
  const rests: bigint[] = [];
  for (const [i, value] of values.entries()) {
    const exact = (shares[i] ?? 0n) * BigInt(value ?? 0);
    sum += exact;
    floors.push(Number(exact / whole));
    rests.push(exact % whole);
  }
  return { total: Number((2n * sum + whole) / (2n * whole)), floors, rests };
}

function exactShares(items: readonly Weighed[]): { shares: bigint[]; whole: bigint } {
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
  return { shares: shares.map((s) => s / divisor), whole: whole / divisor };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
