import { capsOf } from './caps.ts';
import { type Coverage, coverageText, type StaleSource } from './coverage.ts';
import { scoreOn } from './curves.ts';
import { DAY_MS, dateOf, dayOf } from './days.ts';
import { reasonsOf } from './explain.ts';
import type { FactRef } from './fact.ts';
import type { Aggregated } from './figure.ts';
import { type Flag, flagsOf } from './flags.ts';
import { hashText } from './hash.ts';
import { enabledSignals, type Model, type Segment, type Signal } from './model.ts';
import {
  type CapApplied,
  type Contribution,
  type DimensionScore,
  NOT_SCORED,
  POINT,
  type Points,
  type Renewal,
} from './result.ts';
import { makeEnv, type Row, type ToReporting } from './rows.ts';
import { type MeasureContext, type Measured, measure } from './signals.ts';
import { changeText, type Figures, figuresOf, plainText } from './texts.ts';
import { TREND_DAYS, type TrendResult, trendOf } from './trend.ts';
import type { AccountView } from './view.ts';
import { composite, sharesOf, toInteger, type Weighted } from './weights.ts';

export interface ScoringInput {
  /** The account as of T. */
  view: AccountView;
  /** T's date in the company's time zone, YYYY-MM-DD. */
  today: string;
  /** Epoch ms at which `today` starts in the company's time zone; default midnight UTC. */
  dayStart?: number;
  segment: string | null;
  renewal: Renewal | null;
  /** User id of the account's manager, who is the one that signals call the CSM; absent or null = nobody is known. */
  csmId?: string | null;
  staleSources: StaleSource[];
  coverage: Coverage;
  /** Units of one reporting currency, null = no rate; absent = amounts of a second currency are missing. */
  toReporting?: ToReporting;
  /** Figures that come without their rows; absent = everything is measured from rows. */
  aggregated?: Aggregated;
  /** How many source records each contribution names; default 5, the newest. */
  evidence?: number;
}

/** What scoring one account at one date gives. The rest of an AccountScore is about the account, not the model. */
export interface ScoredPart {
  points: Points | null;
  score: number | null;
  band: string;
  confidence: number;
  dimensions: DimensionScore[];
  contributions: Contribution[];
  caps: CapApplied[];
  /** Impossible values that were left out, each named. */
  impossible: string[];
  /** What the score does not rest on: "usage stale since 3 Nov; no support data". */
  coverage: string;
  /** The figures behind the texts, by signal; not for storage. */
  figures: Map<string, Figures>;
}

export interface ScoredWithTrend extends ScoredPart, TrendResult {
  /** At most three sentences. */
  reasons: string[];
  /** Hidden risks (S9). */
  flags: Flag[];
  /** Equal where everything measured is equal: names these inputs of the model. */
  inputsHash: string;
}

/** What one signal of one account is worth. */
interface Judged {
  signal: Signal;
  dimension: string;
  weight: number;
  measured: Measured;
  value: Points | null;
  missing: string | null;
}

/**
 * Scores one account at one date. Points are integers of 1/10,000; Σ contributions + Σ caps = points exactly, whatever the
 * order of facts or signals. Below the model's confidence floor the account is not scored (points null), never red.
 */
export const scoreAccount = (model: Model, input: ScoringInput): ScoredPart =>
  scoreIn(contextOf(model, input), model, input);

function contextOf(model: Model, input: ScoringInput): MeasureContext {
  const today = dayOf(input.today);
  return {
    env: makeEnv({
      view: input.view,
      today,
      dayStart: input.dayStart ?? today * DAY_MS,
      people: model.people,
      renewal: input.renewal,
      csmId: input.csmId,
      toReporting: input.toReporting,
      aggregated: input.aggregated ?? null,
    }),
    coverage: input.coverage,
    stale: input.staleSources,
    shifts: new Map(),
  };
}

function scoreIn(context: MeasureContext, model: Model, input: ScoringInput): ScoredPart {
  const segment: Segment = (input.segment !== null && model.segments[input.segment]) || {};
  const judged = model.dimensions.flatMap((dimension) =>
    enabledSignals(dimension).map((signal) => judge(context, signal, dimension.key, segment)),
  );
  const weightOf = (key: string, base: number): number => toInteger(segment.weights?.[key] ?? base);
  const groupWeights = new Map(model.dimensions.map((d) => [d.key, weightOf(d.key, d.weight)]));
  const weighted = judged.map((j) => asWeighted(j, groupWeights.get(j.dimension) ?? 0));
  const confidence = confidenceOf(judged, weighted);
  const present = weighted.filter((_, i) => judged[i]?.value !== null);
  const sum = composite(present);
  const scored = sum !== null && confidence >= model.floor;

  const bands = segment.bands ?? model.bands;
  const caps = scored ? capsOf(model, bands, context, sum.total) : [];
  const points = scored ? caps.reduce((total, cap) => total + cap.points, sum.total) : null;
  const score = points === null ? null : Math.max(model.lowest ?? 0, rounded(points));
  const figures = new Map<string, Figures>();
  const place = new Map(present.map((p, i) => [p.key, i]));
  const contributions = judged.map((j): Contribution => {
    const at = place.get(j.signal.key);
    const own = figuresOf(j.measured, j.signal, context.env);
    figures.set(j.signal.key, own);
    const base = {
      dimension: j.dimension,
      signal: j.signal.key,
      label: j.signal.label,
      raw: typeof j.measured.value === 'number' && j.value !== null ? tidy(j.measured.value) : null,
      value: j.value,
      weight: (at !== undefined && sum?.shares[at]) || 0,
      points: scored && at !== undefined ? (sum.points[at] ?? 0) : 0,
      text: j.value === null ? `${j.signal.label}: ${j.missing ?? 'missing'}` : plainText(j.signal, own),
      evidence: evidenceOf(j.measured.rows, input.evidence ?? 5),
    };
    return j.missing === null ? base : { ...base, missing: j.missing };
  });
  const dimensions = model.dimensions.map((dimension): DimensionScore => {
    const all = [...groupWeights.values()].reduce((a, b) => a + b, 0);
    const weight = all === 0 ? 0 : (groupWeights.get(dimension.key) ?? 0) / all;
    const own = present.filter((p) => p.group === dimension.key).map((p) => ({ ...p, groupWeight: 1 }));
    return { dimension: dimension.key, label: dimension.label, weight, score: composite(own)?.total ?? null };
  });
  return {
    points,
    score,
    band: score === null ? NOT_SCORED : bandOf(bands, score),
    confidence,
    dimensions,
    contributions,
    caps,
    impossible: judged.flatMap((j) => j.measured.impossible.map((what) => `${j.signal.key}: ${what}`)),
    coverage: coverageText(dimensions, input.staleSources, context.env),
    figures,
  };
}

function judge(context: MeasureContext, signal: Signal, dimension: string, segment: Segment): Judged {
  const own = segment.signals?.[signal.key];
  const measured = measure(context, signal, signal.needs);
  const value = measured.value === null ? null : scoreOn(own?.curve ?? signal.curve, measured.value);
  const unknown = value === null && measured.missing === null ? `no score is set for “${measured.value}”` : null;
  const weight = toInteger(own?.weight ?? signal.weight);
  return { signal, dimension, weight, measured, value, missing: measured.missing ?? unknown };
}

const asWeighted = (j: Judged, groupWeight: number): Weighted => ({
  key: j.signal.key,
  group: j.dimension,
  groupWeight,
  weight: j.weight,
  value: j.value ?? 0,
});

/** Present signal weight ÷ total signal weight; what is stale counts as much as it is still fresh. */
function confidenceOf(judged: Judged[], weighted: Weighted[]): number {
  const all = sharesOf(weighted);
  let sum = 0;
  for (const [i, j] of judged.entries()) if (j.value !== null) sum += (all[i] ?? 0) * j.measured.freshness;
  return Math.round(sum * 1e6) / 1e6;
}

/** Half up, on integers: 59.5 is 60. */
export const rounded = (points: Points): number => Math.floor((2 * points + POINT) / (2 * POINT));

/** The rounded score decides: the first band from the best down that it reaches. */
export function bandOf(bands: Model['bands'], score: number): string {
  return (bands.find((band) => score >= band.from) ?? bands.at(-1))?.key ?? NOT_SCORED;
}

const tidy = (value: number): number => Math.round(value * 1e6) / 1e6;

function evidenceOf(rows: Row[], most: number): FactRef[] {
  return rows
    .slice(-most)
    .reverse()
    .map(({ source, kind, id, at }) => ({ source, kind, id, at }));
}

/** View and dates of 30 days before, for the past input of `scoreWithTrend`: fixed for the whole day. */
export function thirtyDaysBefore(input: ScoringInput): { view: AccountView; today: string; dayStart: number } {
  const day = dayOf(input.today) - TREND_DAYS;
  const dayStart = (input.dayStart ?? dayOf(input.today) * DAY_MS) - TREND_DAYS * DAY_MS;
  return { view: input.view.earlier(dayStart), today: dateOf(day), dayStart };
}

/**
 * Scores an account now and by the same model 30 days ago. The trend is `new` where it was not scored then, was not known
 * yet, or was created later. `then` null = no past is wanted.
 */
export function scoreWithTrend(model: Model, now: ScoringInput, then: ScoringInput | null): ScoredWithTrend {
  const context = contextOf(model, now);
  const part = scoreIn(context, model, now);
  const flags = flagsOf(context);
  const past = then && existed(now, then) ? scoreAccount(model, then) : null;
  const trend = trendOf(part.points, past?.points ?? null);
  const scored = past?.points == null ? null : past;
  const contributions = scored ? withChanges(model, part, scored, now.today) : part.contributions;
  const whole = { ...part, contributions };
  return {
    ...whole,
    ...trend,
    reasons: reasonsOf(whole, scored, { renewal: now.renewal, today: now.today, floor: model.floor }),
    flags,
    inputsHash: inputsHash(whole, flags, now, trend.change30),
  };
}

function existed(now: ScoringInput, then: ScoringInput): boolean {
  const created = now.view.record?.createdOn;
  return created ? dayOf(created) <= dayOf(then.today) : then.view.record !== null;
}

/** Texts that tell the way: "41→22 of 50 seats since 20 Oct" where a signal moved, else what it is now. */
function withChanges(model: Model, now: ScoredPart, then: ScoredPart, today: string): Contribution[] {
  const signals = new Map(model.dimensions.flatMap((d) => d.signals.map((s) => [s.key, s])));
  const since = dayOf(today) - TREND_DAYS;
  return now.contributions.map((c) => {
    const [signal, own, before] = [signals.get(c.signal), now.figures.get(c.signal), then.figures.get(c.signal)];
    if (!signal || !own || !before || c.value === null) return c;
    const text = changeText(signal, own, before, since, dayOf(today));
    return text === null ? c : { ...c, text };
  });
}

function inputsHash(part: ScoredPart, flags: Flag[], input: ScoringInput, change30: Points | null): string {
  const measured = part.contributions.map((c) => [c.signal, c.raw, c.value, c.missing, c.text]);
  const caps = part.caps.map((c) => [c.cap, c.points]);
  // Lists in an order of their own: the same inputs are the same text.
  return hashText(
    JSON.stringify([measured, caps, flags, part.coverage, part.confidence, input.segment, input.renewal, change30]),
  );
}
