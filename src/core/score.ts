import { capsOf } from './caps.ts';
import { coverageText } from './coverage.ts';
import { DAY_MS, dateOf, dayOf } from './days.ts';
import { reasonsOf } from './explain.ts';
import type { FactRef } from './fact.ts';
import { type Flag, type Risk, risksOf } from './flags.ts';
import { hashText } from './hash.ts';
import { existed, type Judged, type Judging, judge, judgingOf, type ScoringInput } from './judge.ts';
import { enabledSignals, type Model, readsTone } from './model.ts';
import { outlookOf } from './outlook.ts';
import { applied, overrideOf, overrideSentence } from './override.ts';
import { tidy } from './peers.ts';
import { lifecycleOf } from './ramp.ts';
import {
  type CapApplied,
  type Computed,
  type Contribution,
  type DimensionScore,
  type Held,
  type Lifecycle,
  NOT_SCORED,
  type Outlook,
  type Override,
  POINT,
  type Points,
} from './result.ts';
import type { Row } from './rows.ts';
import { changeText, type Figures, plainText } from './texts.ts';
import { TREND_DAYS, type TrendResult, trendOf } from './trend.ts';
import type { AccountView } from './view.ts';
import { composite, sharesOf, toInteger, type Weighted } from './weights.ts';

export { rankedFigures, type ScoringInput } from './judge.ts';

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
  /** What a person set otherwise, and what the model says by itself. */
  override: Override | null;
  computed: Computed;
  /** Why what a person set does not hold, where it has not simply ended. */
  overrideIgnored: string | null;
  lifecycle: Lifecycle | null;
  /** Signals that keep their figures while a context lasts. */
  held: Held[];
  /** The figures behind the texts, by signal; not for storage. */
  figures: Map<string, Figures>;
}

export interface ScoredWithTrend extends ScoredPart, TrendResult {
  outlook: Outlook | null;
  /** At most three sentences. */
  reasons: string[];
  /** Hidden risks (S9). */
  flags: Flag[];
  /** What a flag rests on, in words with figures or names, where its meaning does not say all. */
  flagDetails: Record<string, string>;
  /** Equal where everything measured is equal: names these inputs of the model. */
  inputsHash: string;
}

/**
 * Scores one account at one date. Points are integers of 1/10,000; Σ contributions + Σ caps = points exactly, whatever the
 * order of facts or signals. Below the model's confidence floor the account is not scored (points null), never red.
 */
export const scoreAccount = (model: Model, input: ScoringInput): ScoredPart => scoreIn(judgingOf(model, input), input);

function scoreIn(judging: Judging, input: ScoringInput): ScoredPart {
  const { model, segment, context } = judging;
  const judged = model.dimensions.flatMap((dimension) =>
    enabledSignals(dimension).map((signal) => judge(judging, signal, dimension.key)),
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
  const computed = computedOf(scored ? caps.reduce((total, cap) => total + cap.points, sum.total) : null, model, bands);
  const found = overrideOf({ ...context.env, bands });
  const { line, ...stands } = applied({
    computed,
    found,
    by: nameOf(input, found.override),
    today: context.env.today,
    bands,
    bandOf: (score) => bandOf(bands, score),
  });
  const figures = new Map<string, Figures>();
  const place = new Map(present.map((p, i) => [p.key, i]));
  const contributions = judged.map((j): Contribution => {
    const at = place.get(j.signal.key);
    figures.set(j.signal.key, j.figures);
    const base = {
      dimension: j.dimension,
      signal: j.signal.key,
      label: j.signal.label,
      raw: typeof j.measured.value === 'number' && j.value !== null ? tidy(j.measured.value) : null,
      value: j.value,
      weight: (at !== undefined && sum?.shares[at]) || 0,
      points: scored && at !== undefined ? (sum.points[at] ?? 0) : 0,
      text: j.value === null ? `${j.signal.label}: ${j.missing ?? 'missing'}` : plainText(j.signal, j.figures),
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
  const gaps = coverageText(dimensions, input.staleSources, context.env);
  const { unknownContext } = judging;
  const strange = unknownContext === null ? '' : `context “${unknownContext}” is not known to the model`;
  return {
    ...stands,
    computed,
    overrideIgnored: found.ended ? null : found.ignored,
    confidence,
    dimensions,
    contributions,
    caps: [...caps, ...line],
    impossible: judged.flatMap((j) => j.measured.impossible.map((what) => `${j.signal.key}: ${what}`)),
    coverage: [gaps, found.ignored ?? '', strange].filter((part) => part !== '').join('; '),
    lifecycle: lifecycleOf(context.env),
    held: judged.flatMap((j) => j.held ?? []),
    figures,
  };
}

function computedOf(points: Points | null, model: Model, bands: Model['bands']): Computed {
  const score = points === null ? null : Math.max(model.lowest ?? 0, rounded(points));
  return { points, score, band: score === null ? NOT_SCORED : bandOf(bands, score) };
}

const nameOf = (input: ScoringInput, override: Override | null): string | null =>
  (override?.byId && input.nameOf?.(override.byId)) || null;

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

function evidenceOf(rows: Row[], most: number): FactRef[] {
  if (most === 0) return [];
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
export function scoreWithTrend(general: Model, now: ScoringInput, then: ScoringInput | null): ScoredWithTrend {
  const judging = judgingOf(general, now);
  const { model, segment } = judging;
  const part = scoreIn(judging, now);
  const risks = risksOf(judging.context, readsTone(general));
  const flags = risks.map(({ flag }) => flag);
  const past = then && existed(now, then) ? scoreAccount(general, then) : null;
  // What a person sets is no movement of the account: the trend is the model's.
  const trend = trendOf(part.computed.points, past?.computed.points ?? null);
  const scored = past?.computed.points == null ? null : past;
  const contributions = scored ? withChanges(model, part, scored, now.today) : part.contributions;
  const whole = { ...part, contributions };
  return {
    ...whole,
    ...trend,
    outlook: outlookOf(part.band, trend.trend, segment.bands ?? model.bands),
    reasons: reasonsOf({ ...whole, points: whole.computed.points }, scored, {
      renewal: now.renewal,
      today: now.today,
      floor: model.floor,
      override: part.override && overrideSentence(part.override, nameOf(now, part.override), part.computed, now.today),
    }),
    flags,
    flagDetails: Object.fromEntries(risks.flatMap(({ flag, detail }) => (detail === '' ? [] : [[flag, detail]]))),
    inputsHash: inputsHash(whole, risks, now, trend.change30),
  };
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

function inputsHash(part: ScoredPart, flags: Risk[], input: ScoringInput, change30: Points | null): string {
  const measured = part.contributions.map((c) => [c.signal, c.raw, c.value, c.missing, c.text]);
  const caps = part.caps.map((c) => [c.cap, c.points]);
  const { override, coverage, confidence } = part;
  // Lists in an order of their own: the same inputs are the same text.
  return hashText(
    JSON.stringify([measured, caps, flags, override, coverage, confidence, input.segment, input.renewal, change30]),
  );
}
