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

/** Positions by value, lowest first. Equal values keep their order, so that the same cases give the same figures. */
export function byValue(values: Float64Array): Int32Array {
  const order = Int32Array.from(values, (_, i) => i);
  return order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}
