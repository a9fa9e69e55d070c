import { type Observations, type SignalColumn, unpacked } from './observations.ts';

/** A figure is telling where no more accounts have it than this, or than this share of them. */
const FEW = 3;
const FEW_SHARE = 0.005;
/** So many telling figures make two accounts one, and of accounts of one name so many figures at all. */
const TELLING = 2;
/** More pairs than chance would bring, by this factor, and at least so many. */
const BEYOND_CHANCE = 10;
const FEWEST_PAIRS = 3;

/** Accounts that have the same figures as another, to the last digit. */
export interface Duplicates {
  accounts: number;
  /** Numbers of accounts, two and two. */
  pairs: [number, number][];
}

/**
 * The same customer under two ids, or a row twice: the same figures in all signals, at the date with most cases. Coarse figures are shared by many
 * customers who have nothing in common; so at least two of them must be figures that hardly anybody else has, or the names must be
 * the same, and there must be far more such pairs than if signals had nothing to do with one another.
 */
export function duplicatesIn(obs: Observations, judged: Int32Array): Duplicates {
  const rows = ofLargestDate(obs, judged);
  const counts = obs.signals.map((signal) => countsOf(signal, rows));
  const first = new Map<string, number>();
  const found: Duplicates = { accounts: 0, pairs: [] };
  for (const i of rows) {
    const own = figuresOf(obs, i);
    const key = own.join('|');
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, i);
      continue;
    }
    const present = own.filter((value) => !Number.isNaN(value)).length;
    const limit = Math.max(FEW, FEW_SHARE * rows.length);
    const telling = own.filter((value, s) => !Number.isNaN(value) && (counts[s]?.get(value) ?? 0) <= limit).length;
    const named = obs.name[i] !== 0 && obs.name[i] === obs.name[other] && present >= TELLING;
    if (telling >= TELLING || named) found.pairs.push([obs.account[other] ?? 0, obs.account[i] ?? 0]);
  }
  found.accounts = new Set(found.pairs.flat()).size;
  const chance = pairsByChance(counts, rows.length);
  const enough = found.pairs.length >= Math.max(FEWEST_PAIRS, BEYOND_CHANCE * chance);
  return enough ? found : { accounts: 0, pairs: [] };
}

/** What was measured, or what a category is worth; NaN = missing. */
function figureOf({ raw, value }: SignalColumn, i: number): number {
  const own = raw[i] ?? Number.NaN;
  return Number.isNaN(own) ? unpacked(value[i]) : own;
}
const figuresOf = (obs: Observations, i: number): number[] => obs.signals.map((s) => figureOf(s, i));

function countsOf(signal: SignalColumn, rows: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const i of rows) {
    const value = figureOf(signal, i);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** Equal pairs among so many accounts whose signals are independent of each other. */
function pairsByChance(counts: readonly Map<number, number>[], accounts: number): number {
  let chance = (accounts * (accounts - 1)) / 2;
  for (const own of counts) {
    let equal = 0;
    for (const count of own.values()) equal += (count / accounts) ** 2;
    chance *= equal;
  }
  return chance;
}

function ofLargestDate(obs: Observations, judged: Int32Array): Int32Array {
  const sizes = new Map<number, number>();
  for (const i of judged) sizes.set(obs.date[i] ?? 0, (sizes.get(obs.date[i] ?? 0) ?? 0) + 1);
  const [largest] = [...sizes].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  return largest ? judged.filter((i) => obs.date[i] === largest[0]) : judged;
}
