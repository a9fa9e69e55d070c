import type { CapApplied, Contribution, Points } from './result.ts';
import type { ScoredPart } from './score.ts';
import { split } from './split.ts';

/** A score as the lines that it is the sum of. */
export interface Parts {
  contributions: Contribution[];
  caps: CapApplied[];
}

/** What one line of the sum became. */
export interface Difference {
  points: Points;
  before: Contribution | null;
  after: Contribution | null;
}
export interface CapDifference {
  points: Points;
  label: string;
  before: CapApplied | null;
  after: CapApplied | null;
}

const sumOf = (lines: { points: Points }[]): Points => lines.reduce((sum, line) => sum + line.points, 0);
/** Σ contributions + Σ caps, also where the score is below the floor. */
export const totalOf = (parts: Parts): Points => sumOf(parts.contributions) + sumOf(parts.caps);

/** Every signal whose points differ; Σ = the difference of the sums of contributions. */
export function differences(before: Parts, after: Parts): Difference[] {
  return pairs(before.contributions, after.contributions, (c) => c.signal).filter((d) => d.points !== 0);
}

/** Every cap whose points differ. */
export function capDifferences(before: Parts, after: Parts): CapDifference[] {
  return pairs(before.caps, after.caps, (c) => c.cap)
    .filter((d) => d.points !== 0)
    .map((d) => ({ ...d, label: d.after?.label ?? d.before?.label ?? '' }));
}

function pairs<L extends { points: Points }>(before: L[], after: L[], keyOf: (line: L) => string) {
  const then = new Map(before.map((line) => [keyOf(line), line]));
  const now = new Map(after.map((line) => [keyOf(line), line]));
  return [...new Set([...now.keys(), ...then.keys()])].map((key) => {
    const [b, a] = [then.get(key) ?? null, now.get(key) ?? null];
    return { before: b, after: a, points: (a?.points ?? 0) - (b?.points ?? 0) };
  });
}

/** What signals that are present at one date only bring there. */
export interface Faded {
  /** The same scoring without them. */
  end: ScoredPart;
  /** What each adds to the score, with the weight that it takes from its neighbours. */
  shares: { signal: Contribution; points: Points }[];
}

/**
 * Takes away the signals that are not common: first those whose dimension keeps another (their weight goes to it), then whole dimensions
 * (their weight goes to the other dimensions). What each step changes is split among the signals taken, by weight; so
 * Σ shares = Σ contributions with them − Σ without, and what is told does not depend on an order.
 */
export function fade(
  full: ScoredPart,
  common: ReadonlySet<string>,
  scored: (only: ReadonlySet<string>) => ScoredPart,
): Faded {
  const present = full.contributions.filter((c) => c.value !== null);
  const gone = present.filter((c) => !common.has(c.signal));
  if (gone.length === 0) return { end: full, shares: [] };
  const kept = present.filter((c) => common.has(c.signal) && c.weight > 0);
  const stays = new Set(kept.map((c) => c.dimension));
  const [inside, whole] = [gone.filter((c) => stays.has(c.dimension)), gone.filter((c) => !stays.has(c.dimension))];
  const left = new Set([...common, ...whole.map((c) => c.signal)]);
  const middle = inside.length > 0 ? scored(left) : full;
  const end = whole.length > 0 ? scored(common) : middle;
  // Where nothing remains that could take the weight, each signal takes its own points along.
  const alone = kept.length === 0;
  const shares = [
    ...sharesWithin(full, middle, inside),
    ...splitAmong(sumOf(middle.contributions) - sumOf(end.contributions), whole, (c) =>
      alone ? pointsIn(middle, c) : c.weight,
    ),
  ];
  return { end, shares };
}

const pointsIn = (part: Parts, of: Contribution): Points =>
  part.contributions.find((c) => c.signal === of.signal)?.points ?? 0;

function sharesWithin(full: Parts, middle: Parts, gone: Contribution[]): Faded['shares'] {
  const inDimension = (part: Parts, key: string): Points =>
    sumOf(part.contributions.filter((c) => c.dimension === key));
  const shares = [...new Set(gone.map((c) => c.dimension))].flatMap((key) =>
    splitAmong(
      inDimension(full, key) - inDimension(middle, key),
      gone.filter((c) => c.dimension === key),
      (c) => c.weight,
    ),
  );
  // Rounding moves a last digit to or from other dimensions.
  const rest = sumOf(full.contributions) - sumOf(middle.contributions) - sumOf(shares);
  return shares.map((share, i) => (i === 0 ? { ...share, points: share.points + rest } : share));
}

function splitAmong(whole: Points, signals: Contribution[], weigh: (c: Contribution) => number): Faded['shares'] {
  const parts = split(whole, signals.map(weigh));
  return signals.map((signal, i) => ({ signal, points: parts[i] ?? 0 }));
}
