import { type Curve, scoreOn } from './curves.ts';
import { type Model, modelsOf, type Segment, type Signal } from './model.ts';
import { POINT, type Points } from './result.ts';

/**
 * S1, S4: how an account stands among its peers. A first pass over the population takes the figures of every signal that a percentile
 * curve judges, and how many accounts each segment has. What is left of it is small and plain data, kept beside the scores: a score is
 * worked out from it at once and later alike, so that both are equal to the last digit.
 */
export interface PeersSummary {
  /** Accounts of the population by segment; those without one under ''. */
  accounts: Record<string, number>;
  /** Figures of today, and of 30 days before. */
  now: PeerTables;
  before: PeerTables;
}
/** By `tableKey`. */
export type PeerTables = Record<string, { all: PeerTable; segments: Record<string, PeerTable> }>;

/** Figures of n accounts in order: `below[i]` of them lie below `values[i]`, `through[i]` at it or below. */
export interface PeerTable {
  n: number;
  values: number[];
  below: number[];
  through: number[];
}

/** What scoring one account at one date takes of it. */
export interface Peers {
  accounts: Record<string, number>;
  tables: PeerTables;
}

/** The peers of one date; of signals that nobody was ranked by then, those of another date: they are no news of the peers. */
export const peersOr = (own: Peers | null, other: Peers | null): Peers | null =>
  own && other ? { accounts: own.accounts, tables: { ...other.tables, ...own.tables } } : (own ?? other);

/** Fewer say nothing about where one stands. */
export const LEAST_PEERS = 5;
/** Where more figures differ, those at every thousandth stand for all; between them the rank is at most 0.1 of 100 off. */
export const MOST_KNOTS = 1001;

/** Figures count to six decimals, so that no float tells equals apart. */
export const tidy = (value: number): number => Math.round(value * 1e6) / 1e6;

export const curveIn = (signal: Signal, segment: Segment): Curve =>
  segment.signals?.[signal.key]?.curve ?? signal.curve;

/** Signals of different models are different, whatever they are called. */
export const tableKey = (model: Model, signal: Signal): string => `${model.name}/${signal.key}`;

/** The signals that some segment ranks among peers. */
export const rankedSignals = (model: Model): Signal[] =>
  model.dimensions.flatMap((d) =>
    d.signals.filter(
      (s) => s.enabled && [s, ...segmentCurves(model, s)].some(({ curve }) => curve?.percentile !== undefined),
    ),
  );
const segmentCurves = (model: Model, signal: Signal): { curve?: Curve | undefined }[] =>
  Object.values(model.segments).flatMap((segment) => segment.signals?.[signal.key] ?? []);

/** Whether scoring by this model needs the population's figures, only its numbers, or nothing of it. */
export function peersNeeded(model: Model): 'figures' | 'numbers' | null {
  const models = modelsOf(model);
  if (models.some((own) => rankedSignals(own).length > 0)) return 'figures';
  return models.some((own) => own.shrinkage !== undefined) ? 'numbers' : null;
}

export interface Ranked {
  value: Points | null;
  /** Why there is none. */
  missing: string | null;
  /** How many it stands among. */
  peers: number;
}

/** (below + equal ÷ 2) ÷ n × 100: 50 is the middle, whatever the figures are. Of figures that are better low, the low rank high. */
export function rankIn(
  peers: Peers | null,
  key: string,
  { within }: { within: 'segment' | 'all' },
  segment: string | null,
  direction: Signal['direction'],
  figure: number,
): Ranked {
  const tables = peers?.tables[key];
  const own = within === 'segment' ? tables?.segments[segment ?? ''] : undefined;
  const table = own && own.n >= LEAST_PEERS ? own : tables?.all;
  if (!table || table.n < LEAST_PEERS)
    return {
      value: null,
      missing: `only ${table?.n ?? 0} accounts to compare with; ${LEAST_PEERS} are needed`,
      peers: 0,
    };
  const twice = twiceRank(table, tidy(figure));
  const better = direction === 'lower is better' ? 2 * table.n - twice : twice;
  return { value: Math.round((better * 100 * POINT) / (2 * table.n)), missing: null, peers: table.n };
}

/** below + through: a whole number for every figure that the table holds. */
function twiceRank({ n, values, below, through }: PeerTable, figure: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < figure) low = middle + 1;
    else high = middle;
  }
  if (low === values.length) return 2 * n;
  if (values[low] === figure) return (below[low] ?? 0) + (through[low] ?? 0);
  if (low === 0) return 0;
  const [x0, x1] = [values[low - 1] ?? 0, values[low] ?? 0];
  const [from, to] = [through[low - 1] ?? 0, below[low] ?? 0];
  return 2 * (from + ((to - from) * (figure - x0)) / (x1 - x0));
}

/** @param sorted figures, lowest first */
export function tableOf(sorted: Float64Array): PeerTable {
  const n = sorted.length;
  const table: PeerTable = { n, values: [], below: [], through: [] };
  const distinct = countDistinct(sorted);
  const every = distinct <= MOST_KNOTS ? 0 : n / (MOST_KNOTS - 3);
  for (let i = 0; i < n; ) {
    const value = sorted[i] ?? 0;
    let end = i + 1;
    while (end < n && sorted[end] === value) end++;
    if (i === 0 || end === n || end - (table.through.at(-1) ?? 0) >= every) {
      table.values.push(value);
      table.below.push(i);
      table.through.push(end);
    }
    i = end;
  }
  return table;
}

function countDistinct(sorted: Float64Array): number {
  let count = sorted.length === 0 ? 0 : 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) count++;
  return count;
}

/** Points of a figure on a curve in a segment; percentiles by the peers. */
export function pointsOn(
  curve: Curve,
  signal: Signal,
  figure: number | string,
  { model, peers }: { model: Model; peers: Peers | null },
  segment: string | null,
): Ranked {
  if (curve.percentile && typeof figure === 'number')
    return rankIn(peers, tableKey(model, signal), curve.percentile, segment, signal.direction, figure);
  const value = curve.percentile ? null : scoreOn(curve, figure);
  return { value, missing: value === null ? `no score is set for “${figure}”` : null, peers: 0 };
}
