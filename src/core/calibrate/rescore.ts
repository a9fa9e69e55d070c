import { ceilingOf } from '../caps.ts';
import type { Model, Segment } from '../model.ts';
import { POINT, type Points } from '../result.ts';
import { type Scheme, schemeOf } from '../scheme.ts';
import { bandOf, rounded } from '../score.ts';
import { segmentOf } from '../shrink.ts';
import type { Gathered } from './gathered.ts';
import { ABSENT } from './likelihood.ts';

interface Setting {
  segment: Segment;
  scheme: Scheme;
  columns: (Uint16Array | null)[];
  bands: Model['bands'];
}

/** Scores observations by another model of the same signals, by the arithmetic of scoring itself, from what was packed. */
export class Rescorer {
  readonly #gathered: Gathered;
  readonly #model: Model;
  readonly #settings = new Map<string, Setting>();
  readonly #columns: Map<string, Uint16Array>;
  readonly #known: Map<string, Record<string, number>> | null;

  constructor(gathered: Gathered, model: Model) {
    this.#gathered = gathered;
    this.#model = model;
    this.#columns = new Map(gathered.obs.signals.map((s) => [`${s.dimension}\n${s.signal}`, s.value]));
    this.#known = model.shrinkage ? accountsByDate(gathered) : null;
  }

  /** Unrounded points before any cap; null = not scored. */
  composite(row: number): Points | null {
    const { scheme, columns } = this.#settingOf(row);
    let present = 0;
    const values = columns.map((column, i) => {
      const value = column?.[row] ?? ABSENT;
      if (value === ABSENT) return null;
      present += scheme.shares[i] ?? 0;
      return (value * POINT) / 100;
    });
    const found = scheme.composite(values);
    return found !== null && Math.round(present * 1e6) / 1e6 >= this.#model.floor ? found.total : null;
  }

  /** Points after caps; null = not scored. */
  points(row: number): Points | null {
    const total = this.composite(row);
    const cap = this.#gathered.marks.bandAtMost(row);
    if (total === null || cap === null) return total;
    return Math.min(total, ceilingOf(this.#settingOf(row).bands, cap));
  }

  band(row: number, points: Points): string {
    return bandOf(this.#settingOf(row).bands, this.rounded(points));
  }
  rounded(points: Points): number {
    return Math.max(this.#model.lowest ?? 0, rounded(points));
  }

  #settingOf(row: number): Setting {
    const { obs, marks } = this.#gathered;
    const key = marks.segmentOf(row);
    const date = this.#known === null ? '' : String(obs.date[row] ?? 0);
    const name = `${date}\n${key ?? ''}`;
    const known = this.#settings.get(name);
    if (known) return known;
    const segment = segmentOf(this.#model, key, this.#known?.get(date) ?? null);
    const scheme = schemeOf(this.#model, segment);
    const columns = scheme.signals.map((s) => this.#columns.get(`${s.group}\n${s.key}`) ?? null);
    const setting = { segment, scheme, columns, bands: segment.bands ?? this.#model.bands };
    this.#settings.set(name, setting);
    return setting;
  }
}

/** Accounts of each segment at each date: how far a segment is shrunk depends on them. */
function accountsByDate({ obs, marks }: Gathered): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (let row = 0; row < obs.length; row++) {
    const date = String(obs.date[row] ?? 0);
    const counts = found.get(date) ?? {};
    found.set(date, counts);
    const segment = marks.segmentOf(row);
    if (segment !== null) counts[segment] = (counts[segment] ?? 0) + 1;
  }
  return found;
}
