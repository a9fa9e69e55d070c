/** Cases by which a figure is judged: what was said beforehand, whether the account left, and which account it was. */
export interface Sample {
  /** Finite; low = at risk. */
  values: Float64Array;
  /** 1 = left. */
  events: Uint8Array;
  /** Number of the account: its cases stand and fall together. */
  groups: Int32Array;
}

export const eventsIn = ({ events }: Pick<Sample, 'events'>): number => {
  let count = 0;
  for (const event of events) count += event;
  return count;
};

/** Of the bits of a number: sorted by so many at a time, the lowest first, so that six passes sort all 64. */
const DIGIT = 11;
const DIGITS = 6;
/** Fewer are sorted by comparing them. */
const FEW = 2_000;

/** Positions by value, lowest first. Equal values keep their order, so that the same cases give the same figures. */
export function byValue(values: Float64Array): Int32Array<ArrayBuffer> {
  const order = new Int32Array(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (values.length < FEW) return order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  return sortedByDigits(order, keysOf(values));
}

/** Positions in so many parts of equal size, lowest values first. Equal values stay together, so that there may be fewer parts. */
export function inParts(values: Float64Array, parts: number): Int32Array[] {
  const order = byValue(values);
  const starts: number[] = [];
  let current = -1;
  for (let from = 0; from < order.length; ) {
    const value = values[order[from] ?? 0];
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === value) to++;
    const part = Math.min(parts - 1, Math.floor((parts * (from + to)) / 2 / order.length));
    if (part !== current) starts.push(from);
    current = part;
    from = to;
  }
  return starts.map((from, i) => order.slice(from, starts[i + 1] ?? order.length));
}

/** Numbers as pairs of unsigned integers in the same order, the lower half first: a negative one has all bits turned, any other its sign. */
function keysOf(values: Float64Array): Uint32Array {
  const plain = new Float64Array(values.length);
  for (let i = 0; i < plain.length; i++) plain[i] = (values[i] ?? 0) + 0; // −0 is 0
  const keys = new Uint32Array(plain.buffer);
  for (let i = 0; i < keys.length; i += 2) {
    const high = keys[i + 1] ?? 0;
    const negative = high >>> 31 === 1;
    if (negative) keys[i] = ~(keys[i] ?? 0);
    keys[i + 1] = negative ? ~high : high ^ 0x8000_0000;
  }
  return keys;
}

function sortedByDigits(order: Int32Array<ArrayBuffer>, keys: Uint32Array): Int32Array<ArrayBuffer> {
  const counts = new Int32Array(1 << DIGIT);
  let [from, to] = [order, new Int32Array(order.length)];
  for (let digit = 0; digit < DIGITS; digit++) {
    const digitOf = digitReader(keys, digit * DIGIT);
    counts.fill(0);
    for (let i = 0; i < from.length; i++) {
      const own = digitOf(i);
      counts[own] = (counts[own] ?? 0) + 1;
    }
    if (counts[digitOf(0)] === from.length) continue;
    let before = 0;
    for (let own = 0; own < counts.length; own++) {
      const count = counts[own] ?? 0;
      counts[own] = before;
      before += count;
    }
    for (let at = 0; at < from.length; at++) {
      const i = from[at] ?? 0;
      const own = digitOf(i);
      const place = counts[own] ?? 0;
      to[place] = i;
      counts[own] = place + 1;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Eleven bits from some bit on, of the number at a position; those that reach from one half into the other are of both. */
function digitReader(keys: Uint32Array, bit: number): (i: number) => number {
  const mask = (1 << DIGIT) - 1;
  if (bit >= 32) return (i) => ((keys[2 * i + 1] ?? 0) >>> (bit - 32)) & mask;
  if (bit + DIGIT <= 32) return (i) => ((keys[2 * i] ?? 0) >>> bit) & mask;
  return (i) => (((keys[2 * i] ?? 0) >>> bit) | ((keys[2 * i + 1] ?? 0) << (32 - bit))) & mask;
}
