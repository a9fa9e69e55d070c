/** Exact arithmetic: amounts are added, divided and discounted without a rounding step until the end. */
export interface Fraction {
  n: bigint;
  /** Greater than 0. */
  d: bigint;
}

export const ZERO: Fraction = { n: 0n, d: 1n };

export const whole = (n: number | bigint, d: number | bigint = 1): Fraction => reduced(BigInt(n), BigInt(d));

/** A decimal as text or number: "83.333333333333", 25.5, 1e-7. */
export function decimal(value: string | number): Fraction {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(value));
  if (!match) throw new RangeError(`"${value}" is no decimal`);
  const [, sign, digits = '', places = '', exponent = '0'] = match;
  const shift = Number(exponent) - places.length;
  const n = BigInt(`${sign}${digits}${places}`);
  return shift >= 0 ? whole(n * 10n ** BigInt(shift)) : reduced(n, 10n ** BigInt(-shift));
}

export const plus = (a: Fraction, b: Fraction): Fraction => reduced(a.n * b.d + b.n * a.d, a.d * b.d);
export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, { n: -b.n, d: b.d });
export const times = (a: Fraction, b: Fraction): Fraction => reduced(a.n * b.n, a.d * b.d);
export const over = (a: Fraction, b: Fraction): Fraction =>
  times(a, b.n < 0n ? { n: -b.d, d: -b.n } : { n: b.d, d: b.n });
export const isLess = (a: Fraction, b: Fraction): boolean => a.n * b.d < b.n * a.d;
export const smaller = (a: Fraction, b: Fraction): Fraction => (isLess(b, a) ? b : a);
export const sum = (all: Iterable<Fraction>): Fraction => {
  let total = ZERO;
  for (const one of all) total = plus(total, one);
  return total;
};

/** The nearest whole number, halves away from zero. */
export function rounded({ n, d }: Fraction): number {
  const half = (2n * (n < 0n ? -n : n) + d) / (2n * d);
  const value = Number(n < 0n ? -half : half);
  if (!Number.isSafeInteger(value)) throw new RangeError('the amount is too large');
  return value === 0 ? 0 : value;
}

function reduced(n: bigint, d: bigint): Fraction {
  if (d === 0n) throw new RangeError('division by zero');
  let [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  while (b > 0n) [a, b] = [b, a % b];
  const by = (a === 0n ? 1n : a) * (d < 0n ? -1n : 1n);
  return { n: n / by, d: d / by };
}
