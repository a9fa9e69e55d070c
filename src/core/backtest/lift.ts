import { byValue, eventsIn, type Sample } from './sample.ts';

/** The worst or the best part of the book: how many of it left, and how many times the base rate that is. */
export interface Part {
  cases: number;
  rate: number;
  /** null = nobody left at all. */
  lift: number | null;
}

/**
 * Those with the lowest values (`worst`) or the highest. Where equal values lie on both sides of the cut, each counts in part, so that
 * no order of the accounts matters. null = too few cases for that part.
 */
export function partOf(sample: Pick<Sample, 'values' | 'events'>, share: number, end: 'worst' | 'best'): Part | null {
  const { values, events } = sample;
  const total = values.length;
  const wanted = Math.floor(total * share);
  if (wanted === 0) return null;
  const order = byValue(values);
  if (end === 'best') order.reverse();
  let [left, taken] = [0, 0];
  for (let from = 0; taken < wanted; ) {
    let [to, tiedLeft] = [from, 0];
    for (; to < total && values[order[to] ?? 0] === values[order[from] ?? 0]; to++)
      tiedLeft += events[order[to] ?? 0] ?? 0;
    const some = Math.min(to - from, wanted - taken);
    left += (tiedLeft * some) / (to - from);
    taken += some;
    from = to;
  }
  const base = eventsIn(sample) / total;
  const rate = left / wanted;
  return { cases: wanted, rate, lift: base > 0 ? rate / base : null };
}
