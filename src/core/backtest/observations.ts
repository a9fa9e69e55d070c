import { type AccountScore, POINT } from '../result.ts';
import { LOST, OBSERVED, type OutcomeCode } from './outcome.ts';
import type { Sample } from './sample.ts';

/** Of a packed column: there is no value. */
const NONE = 0xffff;
const START = 1024;

/** One signal of a model, over all observations. */
export interface SignalColumn {
  dimension: string;
  signal: string;
  label: string;
  /** What was measured; NaN = missing. */
  raw: Float32Array;
  /** Of 0–100, in hundredths; and the share of the score, in ten-thousandths. */
  value: Uint16Array;
  weight: Uint16Array;
}
export interface DimensionColumn {
  dimension: string;
  label: string;
  /** 0–100, in hundredths. */
  score: Uint16Array;
}

/** What is known of one account at one date, beside its score. */
export interface Known {
  /** Numbers of the account and of the date. */
  account: number;
  date: number;
  outcome: OutcomeCode;
  /** Days from the date until the account left; null = it has not, or not that anybody knows. */
  daysLeft: number | null;
  /** Days until it is decided whether it stays; absent or null = there is no such day. */
  dueIn?: number | null;
  /** Whether a manager had a task about it; absent = no. */
  tasked?: boolean;
}

/** Scores as of past dates with what became of the accounts: packed numbers only, so that 600,000 of them are no burden. */
export class Observations {
  length = 0;
  account = new Int32Array(START);
  date = new Uint16Array(START);
  /** Hash of the account's name; 0 = it has none but its id. */
  name = new Int32Array(START);
  /** Points; −1 = not scored. */
  points = new Int32Array(START);
  /** Position in `bands`; NONE = not scored. */
  band = new Uint16Array(START);
  outcome = new Uint8Array(START);
  /** Days until the account left; −1 = not known to have left. */
  daysLeft = new Int32Array(START);
  /** Days until it is decided whether the account stays; −1 = there is no such day, or none near. */
  dueIn = new Int16Array(START).fill(-1);
  /** 1 = a manager had a task about it. */
  tasked = new Uint8Array(START);
  /** Accounts, each at each date, that the customer rule left out, and how many of them left. */
  outside = { accounts: 0, lost: 0 };
  readonly bands: readonly string[];
  readonly dimensions: DimensionColumn[] = [];
  readonly signals: SignalColumn[] = [];
  /** Above the highest number of an account. */
  #accounts = 0;
  readonly #signals = new Map<string, SignalColumn>();
  readonly #dimensions = new Map<string, DimensionColumn>();

  /** @param bands of the model, best first */
  constructor(bands: readonly string[]) {
    this.bands = bands;
  }

  /** The model's own judgement counts, not what a person set in its place. */
  add(score: AccountScore, known: Known): void {
    const i = this.length;
    if (i === this.account.length) this.#grow();
    const { points, band } = judged(score);
    this.account[i] = known.account;
    this.#accounts = Math.max(this.#accounts, known.account + 1);
    this.date[i] = known.date;
    this.name[i] = nameOf(score);
    this.points[i] = points ?? -1;
    this.band[i] = points === null ? NONE : this.bands.indexOf(band);
    this.outcome[i] = known.outcome;
    this.daysLeft[i] = known.daysLeft ?? -1;
    this.dueIn[i] = known.dueIn ?? -1;
    this.tasked[i] = known.tasked ? 1 : 0;
    for (const d of score.dimensions) this.#dimension(d.dimension, d.label).score[i] = packed(d.score);
    for (const c of score.contributions) {
      const column = this.#signal(c.dimension, c.signal, c.label);
      column.raw[i] = c.raw ?? Number.NaN;
      column.value[i] = packed(c.value);
      column.weight[i] = Math.round(c.weight * 10_000);
    }
    this.length += 1;
  }

  /** An account that was there at a date, and was no customer by the rule. */
  addOutside(outcome: OutcomeCode): void {
    this.outside.accounts += 1;
    if (outcome === LOST) this.outside.lost += 1;
  }

  /** Positions of scored observations whose outcome is known, of some dates or all. */
  judged(dates?: ReadonlySet<number>): Int32Array {
    return this.where((i) => this.isJudged(i) && (dates === undefined || dates.has(this.date[i] ?? 0)));
  }
  isJudged(i: number): boolean {
    return (this.points[i] ?? -1) >= 0 && OBSERVED.has(this.outcome[i] ?? 0);
  }
  where(test: (i: number) => boolean): Int32Array {
    const found = new Int32Array(this.length);
    let count = 0;
    for (let i = 0; i < this.length; i++) if (test(i)) found[count++] = i;
    return found.slice(0, count);
  }

  /** Cases by some value of these observations; those without a value are left out. */
  sample(rows: Int32Array, value: (i: number) => number, event = this.left): Sample {
    const values = new Float64Array(rows.length);
    const events = new Uint8Array(rows.length);
    const groups = new Int32Array(rows.length);
    let present = 0;
    for (let at = 0; at < rows.length; at++) {
      const i = rows[at] ?? 0;
      const own = value(i);
      if (!Number.isFinite(own)) continue;
      values[present] = own;
      events[present] = event(i) ? 1 : 0;
      groups[present] = this.account[i] ?? 0;
      present += 1;
    }
    if (present === rows.length) return { values, events, groups };
    return { values: values.slice(0, present), events: events.slice(0, present), groups: groups.slice(0, present) };
  }
  readonly left = (i: number): boolean => this.outcome[i] === LOST;
  readonly scoreAt = (i: number): number => this.points[i] ?? -1;
  /** Distinct accounts of some observations. */
  accountsIn(rows: Int32Array): number {
    const seen = new Uint8Array(this.#accounts);
    let count = 0;
    for (const i of rows) {
      const account = this.account[i] ?? 0;
      if (seen[account] === 0) count += 1;
      seen[account] = 1;
    }
    return count;
  }

  #dimension(dimension: string, label: string): DimensionColumn {
    const known = this.#dimensions.get(dimension);
    if (known) return known;
    const column = { dimension, label, score: new Uint16Array(this.account.length).fill(NONE) };
    this.#dimensions.set(dimension, column);
    this.dimensions.push(column);
    return column;
  }
  #signal(dimension: string, signal: string, label: string): SignalColumn {
    const key = `${dimension}\n${signal}`;
    const known = this.#signals.get(key);
    if (known) return known;
    const size = this.account.length;
    const raw = new Float32Array(size).fill(Number.NaN);
    const column = {
      dimension,
      signal,
      label,
      raw,
      value: new Uint16Array(size).fill(NONE),
      weight: new Uint16Array(size),
    };
    this.#signals.set(key, column);
    this.signals.push(column);
    return column;
  }

  #grow(): void {
    const size = this.account.length * 2;
    this.account = larger(this.account, new Int32Array(size));
    this.date = larger(this.date, new Uint16Array(size));
    this.name = larger(this.name, new Int32Array(size));
    this.points = larger(this.points, new Int32Array(size));
    this.band = larger(this.band, new Uint16Array(size));
    this.outcome = larger(this.outcome, new Uint8Array(size));
    this.daysLeft = larger(this.daysLeft, new Int32Array(size));
    this.dueIn = larger(this.dueIn, new Int16Array(size).fill(-1));
    this.tasked = larger(this.tasked, new Uint8Array(size));
    for (const d of this.dimensions) d.score = larger(d.score, new Uint16Array(size).fill(NONE));
    for (const s of this.signals) {
      s.raw = larger(s.raw, new Float32Array(size).fill(Number.NaN));
      s.value = larger(s.value, new Uint16Array(size).fill(NONE));
      s.weight = larger(s.weight, new Uint16Array(size));
    }
  }
}

/** Letters and digits of a name alone, however it is spelt (FNV-1a). */
function nameOf({ name, account }: AccountScore): number {
  if (name === account) return 0;
  let hash = 0x811c9dc5;
  for (const letter of name.toLowerCase())
    if (/[\p{L}\p{N}]/u.test(letter)) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}

/** What the model says, also where a person set band or score. */
export const judged = ({ computed, points, band }: AccountScore): { points: number | null; band: string } =>
  computed ?? { points, band };

const packed = (points: number | null): number =>
  points === null ? NONE : Math.max(0, Math.min(10_000, Math.round((points * 100) / POINT)));
/** NaN = there is none. */
export const unpacked = (value: number | undefined): number =>
  value === undefined || value === NONE ? Number.NaN : value / 100;

function larger<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
