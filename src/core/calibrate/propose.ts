import type { Observations } from '../backtest/observations.ts';
import { LOST } from '../backtest/outcome.ts';
import type { Model, Segment } from '../model.ts';
import { POINT } from '../result.ts';
import { schemeOf } from '../scheme.ts';
import { segmentOf } from '../shrink.ts';
import type { Steps } from '../steps.ts';
import { type Candidate, fitShares, type SharesFitted, type Verdict } from './fit-shares.ts';
import { evidenceIn, type Gathered } from './gathered.ts';
import { ABSENT } from './likelihood.ts';
import { Rescorer } from './rescore.ts';
import type { Choice } from './strength.ts';
import { thresholdsOf } from './thresholds.ts';
import { mapSegments, percents, sharesOf, withShares } from './weights.ts';

/** A segment with fewer accounts that left, or that stayed, goes with the whole. */
const FEWEST_IN_SEGMENT = 30;
/** How many accounts that left the thresholds of the whole count, in a segment's own. */
const WHOLE_COUNTS = 50;

/** One signal before and after. Shares are of the score where all signals are there. */
export interface SignalChange {
  dimension: string;
  signal: string;
  label: string;
  before: number;
  after: number;
  verdict: Verdict;
  auc: number | null;
  present: number;
}

export interface SegmentChange {
  segment: string;
  lost: number;
  stayed: number;
  /** Whether weights, or bands, of its own are proposed, and why not. */
  weights: boolean;
  bands: boolean;
  reason: string | null;
  choice: Choice | null;
}

export interface Proposal {
  model: Model;
  lost: number;
  stayed: number;
  choice: Choice | null;
  /** Why the weights stay as they are; null = they were fitted, or the choice itself is to leave them. */
  reason: string | null;
  signals: SignalChange[];
  /** Why the bands stay; null = they were found. */
  bandsReason: string | null;
  segments: SegmentChange[];
}

/**
 * Weights and bands by what became of the accounts of some observations, and nothing else. Where these are too few, what is shipped
 * stands. @param rows scored by the general model, with a known outcome
 */
export function* propose(gathered: Gathered, rows: Int32Array, seed: number): Steps<Proposal> {
  const { model, obs } = gathered;
  const shares = sharesOf(model);
  const labels = new Map(model.dimensions.flatMap((d) => d.signals.map((s) => [s.key, s.label])));
  const columns = new Map(obs.signals.map((s) => [`${s.dimension}\n${s.signal}`, s]));
  const groups = model.dimensions.map((d) => d.key);
  const candidates = shares.map(({ dimension, signal, share }): Candidate => {
    const column = columns.get(`${dimension}\n${signal}`);
    const base = { key: signal, group: groups.indexOf(dimension), prior: share, value: column?.value ?? null };
    return column ? { ...base, raw: column.raw } : base;
  });
  const fitted = yield* fitShares(obs, rows, candidates, seed);
  const after = shares.map((s, i) => ({ ...s, share: fitted.judged[i]?.share ?? s.share }));
  const moved = after.some((s, i) => Math.abs(s.share - (shares[i]?.share ?? 0)) > 1e-9);
  const usable = after.some((s) => s.share > 0);
  const weighed = moved && usable ? withShares(model, after) : model;
  const segments = yield* weighSegments(gathered, weighed, rows, seed);
  const banded = yield* placeBands(gathered, segments.model, rows, segments.changes);
  const { lost, stayed } = evidenceIn(obs, rows);
  const final = sharesOf(banded.model);
  return {
    model: banded.model,
    lost,
    stayed,
    choice: fitted.choice,
    reason: usable ? fitted.reason : 'every signal with a weight knows the outcome, so nothing is left to weigh',
    signals: shares.map((s, i) => ({
      dimension: s.dimension,
      signal: s.signal,
      label: labels.get(s.signal) ?? s.signal,
      before: s.share,
      after: final[i]?.share ?? 0,
      verdict: fitted.judged[i]?.verdict ?? 'never there',
      auc: fitted.judged[i]?.auc ?? null,
      present: fitted.judged[i]?.present ?? 0,
    })),
    bandsReason: banded.reason,
    segments: segments.changes,
  };
}

const rowsIn = ({ marks }: Gathered, rows: Int32Array, segment: string): Int32Array =>
  rows.filter((row) => marks.segmentOf(row) === segment);

/** Weights of dimensions for each segment, pulled towards those of the whole, and only where its accounts insist. */
function* weighSegments(
  gathered: Gathered,
  weighed: Model,
  rows: Int32Array,
  seed: number,
): Steps<{ model: Model; changes: SegmentChange[] }> {
  const { model, obs, marks } = gathered;
  const changes: SegmentChange[] = [];
  const own: Record<string, Record<string, number>> = {};
  for (const segment of new Set([...Object.keys(model.segments), ...marks.segments].sort())) {
    if (model.segments[segment]?.model !== undefined) continue;
    const some = rowsIn(gathered, rows, segment);
    const { lost, stayed } = evidenceIn(obs, some);
    const prior = priorOf(model, weighed, model.segments[segment]);
    const written = model.segments[segment]?.weights !== undefined;
    if (written && weighed !== model) own[segment] = named(weighed, percents(prior));
    const change = { segment, lost, stayed, weights: false, bands: false, choice: null };
    if (Math.min(lost, stayed) < FEWEST_IN_SEGMENT) {
      const reason = `${lost} accounts left and ${stayed} stayed; from ${FEWEST_IN_SEGMENT} of each on it gets figures of its own`;
      changes.push({ ...change, reason });
      continue;
    }
    const fitted = yield* fitShares(
      obs,
      some,
      yield* dimensionCandidates(gathered, weighed, segment, some, prior),
      seed,
    );
    const found = percents(fitted.judged.map((j) => j.share));
    const differs = isFitted(fitted) && found.some((w, i) => w !== percents(prior)[i]);
    if (differs) own[segment] = named(weighed, found);
    const reason = differs ? null : (fitted.reason ?? 'its accounts do not ask for other weights than the whole');
    changes.push({ ...change, weights: differs, reason, choice: fitted.choice });
  }
  const added = Object.fromEntries(Object.keys(own).map((segment) => [segment, {}]));
  const segments = mapSegments({ ...weighed, segments: { ...added, ...weighed.segments } }, (segment, key) =>
    own[key] ? { ...segment, weights: own[key] } : segment,
  );
  return { model: { ...weighed, segments }, changes };
}

const isFitted = ({ choice }: SharesFitted): boolean => choice !== null && Number.isFinite(choice.strength);
const named = (model: Model, weights: readonly number[]): Record<string, number> =>
  Object.fromEntries(model.dimensions.map((d, i) => [d.key, weights[i] ?? 0]));

/** What a segment says already moves with the whole: in the ratio to it in which it was. */
function priorOf(before: Model, after: Model, segment: Segment | undefined): number[] {
  const weights = after.dimensions.map((d, i) => {
    const [was, mine] = [before.dimensions[i]?.weight ?? 0, segment?.weights?.[d.key]];
    return mine === undefined ? d.weight : was > 0 ? (mine * d.weight) / was : mine;
  });
  const all = weights.reduce((a, b) => a + b, 0);
  return all > 0 ? weights.map((w) => w / all) : priorOf(before, after, undefined);
}

/** The scores of dimensions of a segment's accounts, by the weights that signals have in the whole. */
function* dimensionCandidates(
  { obs }: Gathered,
  model: Model,
  segment: string,
  rows: Int32Array,
  prior: readonly number[],
): Steps<Candidate[]> {
  const scheme = schemeOf(model, segmentOf(model, segment, null));
  const columns = scheme.signals.map(
    (s) => obs.signals.find((c) => c.signal === s.key && c.dimension === s.group)?.value ?? null,
  );
  const values = scheme.parts.map(() => new Uint16Array(obs.length).fill(ABSENT));
  for (const row of rows) {
    const present = columns.map((column) => {
      const value = column?.[row] ?? ABSENT;
      return value === ABSENT ? null : (value * POINT) / 100;
    });
    scheme.parts.forEach((part, d) => {
      const score = scheme.average(part, present);
      if (score !== null) (values[d] as Uint16Array)[row] = Math.round((score * 100) / POINT);
    });
  }
  yield;
  return scheme.parts.map((part, d) => ({
    key: part.dimension.key,
    group: d,
    prior: prior[d] ?? 0,
    value: values[d] as Uint16Array,
  }));
}

/** Bands where churn accelerates: of the whole, then of segments, pulled towards the whole. */
function* placeBands(
  gathered: Gathered,
  model: Model,
  rows: Int32Array,
  changes: SegmentChange[],
): Steps<{ model: Model; reason: string | null }> {
  const rescorer = new Rescorer(gathered, model);
  const find = (some: Int32Array): number[] | null => {
    const scored = some.filter((row) => rescorer.composite(row) !== null);
    const scores = Float64Array.from(scored, (row) => rescorer.rounded(rescorer.composite(row) ?? 0));
    const events = Uint8Array.from(scored, (row) => (gathered.obs.outcome[row] === LOST ? 1 : 0));
    return thresholdsOf({ scores, events, accounts: independent(gathered.obs, scored) }, model.bands.length);
  };
  const found = find(rows);
  yield;
  if (found === null)
    return { model, reason: 'churn does not divide into so many bands beyond chance, so they stay as they are' };
  const bands = model.bands.map((band, b) => ({ ...band, from: found[b] ?? band.from }));
  const own: Record<string, Segment['bands']> = {};
  for (const change of changes) {
    if (Math.min(change.lost, change.stayed) < FEWEST_IN_SEGMENT) continue;
    const mine = find(rowsIn(gathered, rows, change.segment));
    yield;
    if (mine === null) continue;
    const share = change.lost / (change.lost + WHOLE_COUNTS);
    const blended = bands.map((b, i) => ({
      ...b,
      from: Math.round(share * (mine[i] ?? b.from) + (1 - share) * b.from),
    }));
    if (blended.every((b, i) => b.from === bands[i]?.from)) continue;
    own[change.segment] = blended;
    change.bands = true;
  }
  const added = Object.fromEntries(Object.keys(own).map((segment) => [segment, {}]));
  // A segment that said other bands said them of other scores.
  const segments = mapSegments({ ...model, segments: { ...added, ...model.segments } }, (segment, key) => {
    const theirs = own[key] ?? (segment.bands && bands);
    return theirs ? { ...segment, bands: theirs } : segment;
  });
  return { model: { ...model, bands, segments }, reason: null };
}

/** Of an account at several dates, those that it left after count as one, and so do the others: as many as the rarer class has. */
function independent(obs: Observations, rows: Int32Array): number {
  const { lost, lostRows } = evidenceIn(obs, rows);
  return lostRows === 0 ? rows.length : (rows.length * lost) / lostRows;
}
