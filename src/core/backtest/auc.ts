import { seeded } from './random.ts';
import { byValue, eventsIn, type Sample } from './sample.ts';

/** An estimate with its 95 % interval; where there is none, why. */
export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
  reason: string | null;
}

/** Fewer accounts than this, of those that left or of those that stayed, tell nothing of how far an estimate may be off: resampling them gives intervals that are far too narrow. */
export const FEWEST_EVENTS = 10;
/** Of resamples, at least this share must have both classes. */
const USABLE = 0.9;

/**
 * How likely an account that left had the lower value than one that stayed, ties halved: 1 = always, 0.5 = chance.
 * null = one class only.
 */
export const auc = (sample: Pick<Sample, 'values' | 'events'>): number | null =>
  new Ranked({ ...sample, groups: new Int32Array(sample.values.length) }).auc(Int32Array.of(1));

/** With an interval by resampling whole accounts, since cases of one account are no independent evidence. */
export function aucWithInterval(sample: Sample, resamples: number, seed: number): Estimate {
  return resampled(sample, resamples, seed, auc(sample), ({ groups }) => {
    const ranked = new Ranked({ ...sample, groups });
    return (weights) => ranked.auc(weights);
  });
}

/**
 * By how much the AUC of `values` is above that of the sample's own, of the same cases. Each resample draws the accounts once for both
 * (a paired bootstrap): what makes both easier or harder at once says nothing of their difference, and does not widen its interval.
 */
export function aucDifference(sample: Sample, values: Float64Array, resamples: number, seed: number): Estimate {
  const [own, other] = [auc(sample), auc({ ...sample, values })];
  return resampled(sample, resamples, seed, own === null || other === null ? null : other - own, ({ groups }) => {
    const [before, after] = [new Ranked({ ...sample, groups }), new Ranked({ ...sample, values, groups })];
    return (weights) => {
      const [a, b] = [before.auc(weights), after.auc(weights)];
      return a === null || b === null ? null : b - a;
    };
  });
}

/** A figure of the cases with its interval over accounts. @param prepare gets accounts counted from 0, and gives the figure by how often each of them counts */
function resampled(
  sample: Sample,
  resamples: number,
  seed: number,
  value: number | null,
  prepare: (renumbered: { groups: Int32Array }) => (weights: Int32Array) => number | null,
): Estimate {
  const events = eventsIn(sample);
  const none = (reason: string): Estimate => ({ value, low: null, high: null, reason });
  if (sample.values.length === 0) return none('there is nothing to compare');
  if (value === null) return none(events === 0 ? 'nobody left' : 'nobody stayed');
  if (Math.min(accountsOf(sample, 1), accountsOf(sample, 0)) < FEWEST_EVENTS)
    return none(`an interval needs ${FEWEST_EVENTS} accounts that left and ${FEWEST_EVENTS} that stayed`);
  const { groups, count } = renumbered(sample.groups);
  const figure = prepare({ groups });
  const random = seeded(seed);
  const found: number[] = [];
  const weights = new Int32Array(count);
  for (let i = 0; i < resamples; i++) {
    weights.fill(0);
    for (let j = 0; j < count; j++) {
      const drawn = Math.floor(random() * count);
      weights[drawn] = (weights[drawn] ?? 0) + 1;
    }
    const one = figure(weights);
    if (one !== null) found.push(one);
  }
  if (found.length === 0 || found.length < USABLE * resamples) return none('too few accounts to resample');
  found.sort((a, b) => a - b);
  return { value, low: quantile(found, 0.025), high: quantile(found, 0.975), reason: null };
}

/** Distinct accounts among those that left (1) or that stayed (0). */
export const accountsOf = ({ groups, events }: Pick<Sample, 'groups' | 'events'>, event: 0 | 1): number =>
  new Set(groups.filter((_, i) => events[i] === event)).size;

/** Cases in the order of their values, so that each resample is one pass. */
class Ranked {
  readonly #events: Uint8Array;
  readonly #groups: Int32Array;
  /** 1 = the value differs from the one before. */
  readonly #rises: Uint8Array;

  constructor({ values, events, groups }: Sample) {
    const order = byValue(values);
    this.#events = Uint8Array.from(order, (i) => events[i] ?? 0);
    this.#groups = Int32Array.from(order, (i) => groups[i] ?? 0);
    this.#rises = Uint8Array.from(order, (i, at) => (at > 0 && values[i] !== values[order[at - 1] ?? 0] ? 1 : 0));
  }

  /** @param weights how often each account counts */
  auc(weights: Int32Array): number | null {
    let [left, stayed, pairs, tiedLeft, tiedStayed] = [0, 0, 0, 0, 0];
    for (let i = 0; i < this.#events.length; i++) {
      if (this.#rises[i] === 1) {
        pairs += tiedStayed * (left + tiedLeft / 2);
        left += tiedLeft;
        stayed += tiedStayed;
        tiedLeft = 0;
        tiedStayed = 0;
      }
      const weight = weights[this.#groups[i] ?? 0] ?? 0;
      if (this.#events[i] === 1) tiedLeft += weight;
      else tiedStayed += weight;
    }
    pairs += tiedStayed * (left + tiedLeft / 2);
    const total = (left + tiedLeft) * (stayed + tiedStayed);
    return total > 0 ? pairs / total : null;
  }
}

/** Accounts counted from 0, in the order in which they are met. */
export function renumbered(groups: Int32Array): { groups: Int32Array; count: number } {
  const numbers = new Map<number, number>();
  const out = groups.map((group) => {
    const known = numbers.get(group) ?? numbers.size;
    numbers.set(group, known);
    return known;
  });
  return { groups: out, count: numbers.size };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return below + (at - Math.floor(at)) * (above - below);
}
