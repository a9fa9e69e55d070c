const ENOUGH = 1e-10;

/**
 * The z with z ≥ 0 that makes ½ zᵀAz − cᵀz least, apart from the last entry, which is free (fast non-negative least squares of Bro and
 * de Jong 1997, on normal equations). @param a symmetric, positive definite, by rows @param start entries above 0 are where the
 * search begins
 */
export function leastNonNegative(a: readonly Float64Array[], c: Float64Array, start: Float64Array): Float64Array {
  const size = c.length;
  const free = size - 1;
  const active = new Set([free]);
  let z = new Float64Array(size);
  for (let j = 0; j < free; j++) if ((start[j] ?? 0) > 0) active.add(j);
  z = settle(a, c, active, free, positive(start));
  for (let round = 0; round < 10 * size; round++) {
    let [best, steepest] = [-1, ENOUGH * scaleOf(c)];
    for (let j = 0; j < free; j++) {
      if (active.has(j)) continue;
      let slope = c[j] ?? 0;
      for (let k = 0; k < size; k++) slope -= (a[j]?.[k] ?? 0) * (z[k] ?? 0);
      if (slope > steepest) [best, steepest] = [j, slope];
    }
    if (best < 0) break;
    active.add(best);
    z = settle(a, c, active, free, z);
  }
  return z;
}

const positive = (z: Float64Array): Float64Array<ArrayBuffer> =>
  z.map((v, j) => (j < z.length - 1 ? Math.max(0, v) : v));
const scaleOf = (c: Float64Array): number => 1 + c.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Solves for the active entries; those that would fall below 0 leave, one by one. */
function settle(
  a: readonly Float64Array[],
  c: Float64Array,
  active: Set<number>,
  free: number,
  from: Float64Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  let z = from;
  for (;;) {
    const solved = solveSome(
      a,
      c,
      [...active].sort((i, j) => i - j),
    );
    const below = [...active].filter((j) => j !== free && (solved[j] ?? 0) <= 0);
    if (below.length === 0) return solved;
    let share = 1;
    for (const j of below) {
      const [was, wanted] = [z[j] ?? 0, solved[j] ?? 0];
      share = Math.min(share, was > 0 ? was / (was - wanted) : 0);
    }
    z = z.map((v, j) => v + share * ((solved[j] ?? 0) - v));
    for (const j of below) if ((z[j] ?? 0) <= ENOUGH) active.delete(j);
    for (const j of z.keys()) if (!active.has(j)) z[j] = 0;
  }
}

/** By Cholesky's factors; entries that are not named are 0. */
function solveSome(a: readonly Float64Array[], c: Float64Array, at: readonly number[]): Float64Array<ArrayBuffer> {
  const n = at.length;
  const factor = at.map(() => new Float64Array(n));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[at[i] ?? 0]?.[at[j] ?? 0] ?? 0;
      for (let k = 0; k < j; k++) sum -= (factor[i]?.[k] ?? 0) * (factor[j]?.[k] ?? 0);
      const row = factor[i];
      if (row) row[j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / (factor[j]?.[j] ?? 1);
    }
  const half = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = c[at[i] ?? 0] ?? 0;
    for (let k = 0; k < i; k++) sum -= (factor[i]?.[k] ?? 0) * (half[k] ?? 0);
    half[i] = sum / (factor[i]?.[i] ?? 1);
  }
  const solved = new Float64Array(c.length);
  for (let i = n - 1; i >= 0; i--) {
    let sum = half[i] ?? 0;
    for (let k = i + 1; k < n; k++) sum -= (factor[k]?.[i] ?? 0) * (solved[at[k] ?? 0] ?? 0);
    solved[at[i] ?? 0] = sum / (factor[i]?.[i] ?? 1);
  }
  return solved;
}
