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

/**
 * Positions by value, lowest first. Equal values keep their order, so that the same cases give the same figures. Numbers alone sort
 * several times as fast as positions that are compared by them; so values are sorted, and positions counted into their places.
 */
export function byValue(values: Float64Array): Int32Array {
  const sorted = values.slice().sort();
  const order = new Int32Array(values.length);
  const taken = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const first = firstOf(sorted, values[i] ?? 0);
    order[first + (taken[first] ?? 0)] = i;
    taken[first] = (taken[first] ?? 0) + 1;
  }
  return order;
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

/** Where a value first stands among sorted ones. */
function firstOf(sorted: Float64Array, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
