import type { FactOf } from '../../src/core/fact.ts';
import type { Entry } from './mapping.ts';

type Usage = FactOf<'usage'>;

/**
 * Usage figures by account, feature and day, in one block of numbers: some 150 bytes a group, where a fact takes ten times that.
 * Groups come out in the order in which they first came in.
 */
export class Groups {
  readonly #metrics: string[];
  readonly #combine: NonNullable<Entry['combine']>;
  readonly #index = new Map<string, number>();
  #figures: Float64Array; // NaN = no such figure yet

  constructor(metrics: string[], combine: NonNullable<Entry['combine']>) {
    this.#metrics = metrics;
    this.#combine = combine;
    this.#figures = new Float64Array(1024 * metrics.length).fill(Number.NaN);
  }

  static keyOf(fact: Usage): string {
    return JSON.stringify([fact.at, fact.id, fact.account, fact.data.feature ?? null]);
  }

  add(key: string, fact: Usage): void {
    const width = this.#metrics.length;
    const group = this.#index.get(key) ?? this.#index.size;
    if (group === this.#index.size) {
      this.#index.set(key, group);
      if ((group + 1) * width > this.#figures.length) this.#grow();
    }
    for (const [i, metric] of this.#metrics.entries()) {
      const value = fact.data.metrics[metric];
      if (value === undefined) continue;
      const at = group * width + i;
      this.#figures[at] = this.#combined(this.#figures[at] ?? Number.NaN, value);
    }
  }

  *facts(modified: number): Generator<Usage> {
    const width = this.#metrics.length;
    for (const [key, group] of this.#index) {
      const [at, id, account, feature] = JSON.parse(key) as [number, string, string, string | null];
      const metrics: Record<string, number> = {};
      for (const [i, metric] of this.#metrics.entries()) {
        const value = this.#figures[group * width + i];
        if (value !== undefined && !Number.isNaN(value)) metrics[metric] = value;
      }
      yield { kind: 'usage', id, account, at, knownAt: Math.max(modified, at), data: { feature, metrics } };
    }
  }

  #combined(before: number, value: number): number {
    if (Number.isNaN(before) || this.#combine === 'last') return value;
    return this.#combine === 'sum' ? before + value : Math.max(before, value);
  }

  #grow(): void {
    const larger = new Float64Array(this.#figures.length * 2).fill(Number.NaN);
    larger.set(this.#figures);
    this.#figures = larger;
  }
}
