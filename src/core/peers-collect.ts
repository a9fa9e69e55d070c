import { type PeersSummary, type PeerTables, tableOf, tidy } from './peers.ts';

/** Numbers one after the other, eight bytes each and no more than a block to spare. */
class Column {
  readonly #blocks: Float64Array[] = [];
  #length = 0;

  push(value: number): void {
    const at = this.#length % BLOCK;
    if (at === 0) this.#blocks.push(new Float64Array(BLOCK));
    const block = this.#blocks.at(-1);
    if (block) block[at] = value;
    this.#length++;
  }
  get length(): number {
    return this.#length;
  }
  copyTo(target: Float64Array, from: number): void {
    for (const [i, block] of this.#blocks.entries())
      target.set(block.subarray(0, Math.min(BLOCK, this.#length - i * BLOCK)), from + i * BLOCK);
  }
}
const BLOCK = 4096;

/** Table key → segment → figures. */
type Columns = Map<string, Map<string, Column>>;
export type RankedFigures = ReadonlyMap<string, number>;

/** Takes the population's figures while accounts pass by. */
export class PeersCollector {
  readonly #accounts = new Map<string, number>();
  readonly #now: Columns = new Map();
  readonly #before: Columns = new Map();

  /** @param now figures by table key; a signal that is missing has none */
  add(segment: string | null, now: RankedFigures, before: RankedFigures): void {
    const key = segment ?? '';
    this.#accounts.set(key, (this.#accounts.get(key) ?? 0) + 1);
    collect(this.#now, key, now);
    collect(this.#before, key, before);
  }

  summary(): PeersSummary {
    const accounts = Object.fromEntries([...this.#accounts].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { accounts, now: tablesOf(this.#now), before: tablesOf(this.#before) };
  }
}

function collect(columns: Columns, segment: string, figures: RankedFigures): void {
  for (const [key, value] of figures) {
    const bySegment = columns.get(key) ?? new Map<string, Column>();
    columns.set(key, bySegment);
    const column = bySegment.get(segment) ?? new Column();
    bySegment.set(segment, column);
    column.push(tidy(value));
  }
}

/** One table at a time is sorted, so that no more than one copy of a signal's figures is at hand. */
function tablesOf(columns: Columns): PeerTables {
  const sorted = (parts: Column[]): Float64Array => {
    const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      part.copyTo(all, at);
      at += part.length;
    }
    return all.sort();
  };
  const keys = [...columns.keys()].sort();
  return Object.fromEntries(
    keys.map((key) => {
      const bySegment = columns.get(key) ?? new Map<string, Column>();
      const segments = [...bySegment.keys()].sort();
      const own = segments.map((segment) => {
        const column = bySegment.get(segment);
        return [segment, tableOf(sorted(column ? [column] : []))] as const;
      });
      return [key, { all: tableOf(sorted([...bySegment.values()])), segments: Object.fromEntries(own) }];
    }),
  );
}
