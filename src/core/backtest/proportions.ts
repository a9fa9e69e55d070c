/** Of the normal distribution, both sides: 95 %. */
export const Z95 = 1.959963984540054;

export interface Share {
  rate: number;
  low: number;
  high: number;
}

/**
 * A rate with its Wilson interval. @param independent how many of the cases are independent evidence (accounts, where several dates
 * show the same ones); null = no case
 */
export function wilson(events: number, cases: number, independent = cases): Share | null {
  if (cases <= 0 || independent <= 0) return null;
  const rate = events / cases;
  const z2 = Z95 ** 2 / independent;
  const middle = (rate + z2 / 2) / (1 + z2);
  const half = (Z95 / (1 + z2)) * Math.sqrt((rate * (1 - rate)) / independent + z2 / (4 * independent));
  return { rate, low: Math.max(0, Math.min(rate, middle - half)), high: Math.min(1, Math.max(rate, middle + half)) };
}

/** How likely two rates differ as much as this, or more, by chance alone; null = cannot be told. */
export function sameRate(a: { rate: number; cases: number }, b: { rate: number; cases: number }): number | null {
  if (a.cases <= 0 || b.cases <= 0) return null;
  const pooled = (a.rate * a.cases + b.rate * b.cases) / (a.cases + b.cases);
  const variance = pooled * (1 - pooled) * (1 / a.cases + 1 / b.cases);
  if (variance <= 0) return 1;
  return Math.min(1, 2 * upperTail(Math.abs(a.rate - b.rate) / Math.sqrt(variance)));
}

/** P(Z > z) for z ≥ 0, to seven digits (Abramowitz and Stegun 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.max(0, (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series);
}
