/**
 * Repeatable randomness: sfc32 (PractRand-tested, 128 bits of state, http://pracrand.sourceforge.net/RNG_engines.txt) seeded by the
 * murmur3 finalizer over (seed, index, purpose). Each purpose has its own stream, so that one more ticket never moves the usage.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [min, max). */
  between(min: number, max: number): number;
  /** Uniform integer in [min, max]. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  /** Normal with mean 0 and standard deviation 1 (Box–Muller). */
  normal(): number;
  /** Number of independent events where `mean` are expected (Knuth; for small means). */
  poisson(mean: number): number;
  pick<T>(items: readonly T[]): T;
}

const LANES = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667] as const;

export function randomFor(seed: number, index: number, purpose: string): Random {
  const tag = textHash(purpose);
  const high = Math.floor(seed / 0x1_0000_0000);
  let [a, b, c, d] = LANES.map((lane) => mix(mix(mix(mix(seed ^ lane) ^ high) ^ index) ^ tag)) as [
    number,
    number,
    number,
    number,
  ];
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) next();
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    between: (min, max) => min + next() * (max - min),
    chance: (probability) => next() < probability,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    poisson: (mean) => {
      const floor = Math.exp(-mean);
      let events = -1;
      for (let product = 1; product > floor || events < 0; product *= next()) events++;
      return events;
    },
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('pick needs at least one item');
      return item;
    },
  };
}

/** A repeatable number in [0, 1) for one decision that needs no stream. */
export const unit = (seed: number, index: number, purpose: string): number => randomFor(seed, index, purpose).next();

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** FNV-1a. */
function textHash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}
