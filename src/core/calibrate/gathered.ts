import type { Observations } from '../backtest/observations.ts';
import { LOST } from '../backtest/outcome.ts';
import { type Model, modelFor } from '../model.ts';
import type { AccountScore } from '../result.ts';

const START = 1024;
/** No segment, no cap. */
const NONE = 0xff;

/** What a calibration needs beside scores and outcomes: each observation's segment, and the strictest cap that held. */
export class Marks {
  readonly segments: string[] = [];
  #segment = new Uint8Array(START);
  #cap = new Uint8Array(START);
  #length = 0;
  readonly #model: Model;
  readonly #bands: readonly string[];

  constructor(model: Model) {
    this.#model = model;
    this.#bands = model.bands.map((b) => b.key);
  }

  /** In the order of the observations. */
  add({ segment, caps }: Pick<AccountScore, 'segment' | 'caps'>): void {
    if (this.#length === this.#segment.length) {
      const [segments, held] = [this.#segment, this.#cap];
      this.#segment = new Uint8Array(segments.length * 2);
      this.#segment.set(segments);
      this.#cap = new Uint8Array(held.length * 2);
      this.#cap.set(held);
    }
    this.#segment[this.#length] = this.#numberOf(segment);
    const bands = caps.map(({ cap }) => this.#model.caps.find((c) => c.key === cap)?.bandAtMost);
    const strictest = Math.max(-1, ...bands.map((band) => (band === undefined ? -1 : this.#bands.indexOf(band))));
    this.#cap[this.#length] = strictest < 0 ? NONE : strictest;
    this.#length += 1;
  }

  segmentOf(row: number): string | null {
    return this.segments[this.#segment[row] ?? NONE] ?? null;
  }
  /** The best band that its caps leave; null = none held. */
  bandAtMost(row: number): string | null {
    return this.#bands[this.#cap[row] ?? NONE] ?? null;
  }
  /** Whether the general model scores it; false = its segment has a whole model of its own. */
  isGeneral(row: number): boolean {
    return modelFor(this.#model, this.segmentOf(row)) === this.#model;
  }

  #numberOf(segment: string | null): number {
    if (segment === null) return NONE;
    const at = this.segments.indexOf(segment);
    if (at >= 0) return at;
    if (this.segments.length >= NONE) return NONE;
    return this.segments.push(segment) - 1;
  }
}

/** What a calibration is worked out from. */
export interface Gathered {
  model: Model;
  obs: Observations;
  marks: Marks;
}

/** How many accounts left among some observations, and how many never did. */
export function evidenceIn(obs: Observations, rows: Int32Array): { lost: number; stayed: number; lostRows: number } {
  const [lost, all] = [new Set<number>(), new Set<number>()];
  let lostRows = 0;
  for (const row of rows) {
    const account = obs.account[row] ?? 0;
    all.add(account);
    if (obs.outcome[row] !== LOST) continue;
    lost.add(account);
    lostRows += 1;
  }
  return { lost: lost.size, stayed: all.size - lost.size, lostRows };
}
