import { capsOf } from './caps.ts';
import { coverageText } from './coverage.ts';
import { DAY_MS, dateOf, dayOf } from './days.ts';
import { type Before, reasonsOf } from './explain.ts';
import type { FactRef } from './fact.ts';
import { type Flag, type Risk, risksOf } from './flags.ts';
import { hashText } from './hash.ts';
import { existed, figuresIn, heldIn, type Judged, type Judging, judge, judgingOf, type ScoringInput } from './judge.ts';
import { type Model, readsTone } from './model.ts';
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
  /** The figures behind a signal's texts; not for storage. */
  figures: (signal: string) => Figures | undefined;
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
export function scoreAccount(model: Model, input: ScoringInput): ScoredPart {
  const judging = judgingOf(model, input);
  return told(judging, sumOf(judging), input, null);
}

/** What the signals of an account come to at one date, before a word is said of it. */
interface Sum {
  judged: readonly Judged[];
  /** In the order of `judged`; null = nothing that is present weighs. */
  composite: ReturnType<Judging['scheme']['composite']>;
  values: readonly (Points | null)[];
  confidence: number;
  scored: boolean;
  bands: Model['bands'];
  caps: CapApplied[];
  computed: Computed;
}

function sumOf(judging: Judging): Sum {
  const { model, segment, context, scheme } = judging;
  const judged = scheme.signals.map((signal) => judge(judging, signal));
  const values = judged.map((j) => j.value);
  const confidence = confidenceOf(judged, scheme.shares);
  const composite = scheme.composite(values);
  const scored = composite !== null && confidence >= model.floor;
  const bands = segment.bands ?? model.bands;
  const caps = scored ? capsOf(model, bands, context, composite.total) : [];
  const points = scored ? caps.reduce((total, cap) => total + cap.points, composite.total) : null;
  return { judged, composite, values, confidence, scored, bands, caps, computed: computedOf(points, model, bands) };
}

/** A sum in words: of signals that moved since the past, how they did. */
function told(judging: Judging, sum: Sum, input: ScoringInput, past: Sum | null): ScoredPart {
  const { scheme, unknownContext } = judging;
  const { env } = judging.context;
  const { judged, composite, values, confidence, scored, bands, caps, computed } = sum;
  const found = overrideOf({ view: env.view, today: env.today, dayStart: env.dayStart, bands });
  const { line, ...stands } = applied({
    computed,
    found,
    by: nameOf(input, found.override),
    today: env.today,
    bands,
    bandOf: (score) => bandOf(bands, score),
  });
  const contributions = judged.map((j, i): Contribution => {
    const { signal, measured, value, missing } = j;
    const base = {
      dimension: j.dimension,
      signal: signal.key,
      label: signal.label,
      raw: typeof measured.value === 'number' && value !== null ? tidy(measured.value) : null,
      value,
      weight: composite?.shares[i] ?? 0,
      points: scored ? (composite?.points[i] ?? 0) : 0,
      text: textOf(
        j,
        past?.judged.find((then) => then.signal.key === signal.key),
        env.today,
      ),
      evidence: evidenceOf(measured.rows, input.evidence ?? 5),
    };
    return missing === null ? base : { ...base, missing };
  });
  const dimensions = scheme.parts.map(
    (part): DimensionScore => ({
      dimension: part.dimension.key,
      label: part.dimension.label,
      weight: part.weight,
      score: scheme.average(part, values),
    }),
  );
  const gaps = coverageText(dimensions, input.staleSources, env);
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
    lifecycle: lifecycleOf(env),
    held: judged.flatMap((j) => heldIn(j) ?? []),
    figures: (key) => {
      const own = judged.find((j) => j.signal.key === key);
      return own && figuresIn(own, env.today);
    },
  };
}

function computedOf(points: Points | null, model: Model, bands: Model['bands']): Computed {
  const score = points === null ? null : Math.max(model.lowest ?? 0, rounded(points));
  return { points, score, band: score === null ? NOT_SCORED : bandOf(bands, score) };
}

const nameOf = (input: ScoringInput, override: Override | null): string | null =>
  (override?.byId && input.nameOf?.(override.byId)) || null;

/** Present signal weight ÷ total signal weight; what is stale counts as much as it is still fresh. */
function confidenceOf(judged: readonly Judged[], shares: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < judged.length; i++) {
    const one = judged[i];
    if (one && one.value !== null) sum += (shares[i] ?? 0) * one.measured.freshness;
  }
  return Math.round(sum * 1e6) / 1e6;
}

/** Half up, on integers: 59.5 is 60. */
export const rounded = (points: Points): number => Math.floor((2 * points + POINT) / (2 * POINT));

/** The rounded score decides: the first band from the best down that it reaches. */
export function bandOf(bands: Model['bands'], score: number): string {
  return (bands.find((band) => score >= band.from) ?? bands.at(-1))?.key ?? NOT_SCORED;
}

function evidenceOf(rows: readonly Row[], most: number): FactRef[] {
  if (rows.length === 0 || most === 0) return [];
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
  const { model } = judging;
  const sum = sumOf(judging);
  const risks = risksOf(judging.context, readsTone(general));
  const flags = risks.map(({ flag }) => flag);
  // Of the past only what the present is compared with: nobody reads its texts.
  const past = then && existed(now, then) ? sumOf(judgingOf(general, then)) : null;
  const scored = past?.computed.points == null ? null : past;
  const part = told(judging, sum, now, scored);
  // What a person sets is no movement of the account: the trend is the model's.
  const trend = trendOf(part.computed.points, past?.computed.points ?? null);
  const { confidence, dimensions, contributions, caps } = part;
  return {
    ...part,
    ...trend,
    outlook: outlookOf(part.band, trend.trend, sum.bands),
    reasons: reasonsOf(
      { points: part.computed.points, confidence, dimensions, contributions, caps },
      scored && valuesIn(scored),
      {
        renewal: now.renewal,
        today: now.today,
        floor: model.floor,
        override:
          part.override && overrideSentence(part.override, nameOf(now, part.override), part.computed, now.today),
      },
    ),
    flags,
    flagDetails: Object.fromEntries(risks.flatMap(({ flag, detail }) => (detail === '' ? [] : [[flag, detail]]))),
    inputsHash: inputsHash(part, risks, now, trend.change30),
  };
}

/** What a signal came to on a date. */
const valuesIn = ({ judged }: Sum): Before => ({
  contributions: judged.map(({ signal, value }) => ({ signal: signal.key, value })),
});

/** Tells the way, "41→22 of 50 seats since 20 Oct", where a signal moved; else what it is now, or why it is missing. */
function textOf(now: Judged, then: Judged | undefined, today: number): string {
  const { signal, value, missing } = now;
  if (value === null) return `${signal.label}: ${missing ?? 'missing'}`;
  const figures = figuresIn(now, today);
  const change = then && changeText(signal, figures, figuresIn(then, today - TREND_DAYS), today - TREND_DAYS, today);
  return change ?? plainText(signal, figures);
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
