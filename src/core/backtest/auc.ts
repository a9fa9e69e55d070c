import { finish } from '../steps.ts';
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
export const aucWithInterval = (sample: Sample, resamples: number, seed: number): Estimate =>
  finish(aucSteps(sample, resamples, seed));

/** The same in steps: a resample of half a million cases takes milliseconds, and there are a thousand. */
export const aucSteps = (sample: Sample, resamples: number, seed: number): Generator<void, Estimate> =>
  estimated(auc(sample), [sample], resamples, seed, ([own = null]) => own);

/**
 * By how much the AUC of `values` is above that of the sample's own, of the same cases. Each resample draws the accounts once for both
 * (a paired bootstrap): what makes both easier or harder at once says nothing of their difference, and does not widen its interval.
 */
export function aucDifference(sample: Sample, values: Float64Array, resamples: number, seed: number): Estimate {
  const other = { ...sample, values };
  const differ = ([x = null, y = null]: (number | null)[]): number | null => (x === null || y === null ? null : y - x);
  return finish(estimated(differ([auc(sample), auc(other)]), [sample, other], resamples, seed, differ));
}

function* estimated(
  value: number | null,
  samples: readonly [Sample, ...Sample[]],
  resamples: number,
  seed: number,
  figure: (aucs: (number | null)[]) => number | null,
): Generator<void, Estimate> {
  const reason = whyNone(samples[0], value);
  if (reason !== null) return { value, low: null, high: null, reason };
  const found = yield* resampled(samples, resamples, seed, figure);
  if (found.length === 0 || found.length < USABLE * resamples)
    return { value, low: null, high: null, reason: 'too few accounts to resample' };
  return { value, low: quantile(found, 0.025), high: quantile(found, 0.975), reason: null };
}

/** Why there is no interval; null = there is one. */
export function whyNone(sample: Sample, value: number | null): string | null {
  if (sample.values.length === 0) return 'there is nothing to compare';
  if (value === null) return eventsIn(sample) === 0 ? 'nobody left' : 'nobody stayed';
  if (Math.min(accountsOf(sample, 1), accountsOf(sample, 0)) < FEWEST_EVENTS)
    return `an interval needs ${FEWEST_EVENTS} accounts that left and ${FEWEST_EVENTS} that stayed`;
  return null;
}

/** What figures of the same cases come to on resamples of whole accounts, in order. */
function* resampled(
  samples: readonly [Sample, ...Sample[]],
  resamples: number,
  seed: number,
  figure: (aucs: (number | null)[]) => number | null,
): Generator<void, number[]> {
  const { groups, count } = renumbered(samples[0].groups);
  const ranked = samples.map((sample) => new Ranked({ ...sample, groups }));
  const random = seeded(seed);
  const found: number[] = [];
  const weights = new Int32Array(count);
  for (let i = 0; i < resamples; i++) {
    weights.fill(0);
    for (let j = 0; j < count; j++) {
      const drawn = Math.floor(random() * count);
      weights[drawn] = (weights[drawn] ?? 0) + 1;
    }
    const one = figure(ranked.map((r) => r.auc(weights)));
    if (one !== null) found.push(one);
    yield;
  }
  return found.sort((x, y) => x - y);
}

/** Distinct accounts among those that left (1) or that stayed (0). */
export function accountsOf({ groups, events }: Pick<Sample, 'groups' | 'events'>, event: 0 | 1): number {
  const seen = new Uint8Array(above(groups));
  let count = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? 0;
    if (events[i] !== event || seen[group] === 1) continue;
    seen[group] = 1;
    count += 1;
  }
  return count;
}

function above(groups: Int32Array): number {
  let most = -1;
  for (const group of groups) if (group > most) most = group;
  return most + 1;
}

/** Cases in the order of their values, so that each resample is one pass. */
class Ranked {
  readonly #events: Uint8Array;
  readonly #groups: Int32Array;
  /** 1 = the value differs from the one before. */
  readonly #rises: Uint8Array;

  constructor({ values, events, groups }: Sample) {
    const order = byValue(values);
    this.#events = new Uint8Array(order.length);
    this.#groups = new Int32Array(order.length);
    this.#rises = new Uint8Array(order.length);
    for (let at = 0; at < order.length; at++) {
      const i = order[at] ?? 0;
      this.#events[at] = events[i] ?? 0;
      this.#groups[at] = groups[i] ?? 0;
      this.#rises[at] = at > 0 && values[i] !== values[order[at - 1] ?? 0] ? 1 : 0;
    }
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

/** Accounts counted from 0, in the order in which they are met. @param groups not below 0 */
export function renumbered(groups: Int32Array): { groups: Int32Array; count: number } {
  const numbers = new Int32Array(above(groups)).fill(-1);
  let count = 0;
  const out = groups.map((group) => {
    if (numbers[group] === -1) numbers[group] = count++;
    return numbers[group] ?? 0;
  });
  return { groups: out, count };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return below + (at - Math.floor(at)) * (above - below);
}
