import { dayOf } from './days.ts';
import type { FactRef } from './fact.ts';
import { flagWords } from './flags.ts';
import { alternatives, listed, percent, shortDate, shortMoney } from './format.ts';
import { OVERRIDE_LINE } from './override.ts';
import {
  type AccountScore,
  type Computed,
  type Contribution,
  type Family,
  type Held,
  type Lifecycle,
  type Outlook,
  type Override,
  POINT,
  type Points,
  type Renewal,
  toNumber,
} from './result.ts';

/** What an earlier score says of each signal. */
export interface Before {
  contributions: readonly Pick<Contribution, 'signal' | 'value'>[];
}
type Scored = Pick<AccountScore, 'points' | 'confidence' | 'dimensions' | 'contributions' | 'caps'>;

export interface ReasonContext {
  renewal: Renewal | null;
  /** YYYY-MM-DD */
  today: string;
  /** The model's confidence floor. */
  floor: number;
  /** What a person set otherwise, as a sentence; null or absent = nothing. */
  override?: string | null;
}

const MOST = 3;
/** A driver below this is noise and is left out. */
const LEAST: Points = POINT;
/** Renewals beyond this are not near. */
const NEAR_DAYS = 120;

/**
 * Why the score is what it is, in at most three sentences, the weightiest first: fact, figure, window, effect; then the
 * renewal where it is near. Readable by the customer: dates, no blame, no prophecy.
 */
export function reasonsOf(now: Scored, then: Before | null, context: ReasonContext): string[] {
  const renewal = renewalSentence(context);
  const first = context.override ? [context.override] : [];
  const last = renewal ? [renewal] : [];
  const drivers = now.points === null ? [notScored(now)] : scoredReasons(now, then);
  return [...first, ...drivers.slice(0, MOST - first.length - last.length), ...last];
}

function scoredReasons(now: Scored, then: Before | null): string[] {
  const before = new Map(then?.contributions.map((c) => [c.signal, c]));
  const drivers: Driver[] = [];
  for (const { cap, label, points } of now.caps)
    if (points < 0 && cap !== OVERRIDE_LINE)
      drivers.push({ key: label, importance: -2 * points, text: label, effect: () => signed(points) });
  for (const c of now.contributions) if (c.value !== null) drivers.push(driverOf(c, before.get(c.signal)));
  const told = drivers.filter((d) => d.importance >= LEAST).sort((a, b) => b.importance - a.importance || order(a, b));
  return told.length > 0
    ? told.slice(0, MOST).map((d) => `${d.text} (${d.effect()}).`)
    : strengths(now.contributions).slice(0, MOST);
}

interface Driver {
  key: string;
  importance: Points;
  text: string;
  /** In words, which only the weightiest need. */
  effect: () => string;
}
const order = (a: Driver, b: Driver): number => (a.key < b.key ? -1 : 1);

/** A move within 30 days weighs twice: it is news, and it is why somebody looks. */
function driverOf(now: Contribution, then: Before['contributions'][number] | undefined): Driver {
  const most = Math.round(now.weight * 100 * POINT);
  const loss = Math.max(0, most - now.points);
  // At today's weight: points that came or went because a neighbour's data did are not this signal's news.
  const change =
    then && then.value !== null && now.value !== null ? Math.round((now.value - then.value) * now.weight) : 0;
  const moved = Math.abs(change) >= LEAST && 2 * Math.abs(change) >= loss;
  return {
    key: now.signal,
    importance: Math.max(loss, 2 * Math.abs(change)),
    text: now.text,
    effect: () => (moved ? signed(change) : `${whole(now.points)} of ${whole(most)} points`),
  };
}

/** Nothing is lost and nothing moved: say what carries the score. */
function strengths(contributions: Contribution[]): string[] {
  return [...contributions]
    .filter((c) => c.points > 0)
    .sort((a, b) => b.points - a.points || (a.signal < b.signal ? -1 : 1))
    .map((c) => `${c.text} (${signed(c.points)}).`);
}

const whole = (points: Points): string => String(Math.round(toNumber(points)));
const signed = (points: Points): string => {
  const rounded = Math.round(Math.abs(toNumber(points)));
  return `${points < 0 ? '−' : '+'}${rounded} ${rounded === 1 ? 'point' : 'points'}`;
};

/** "Not scored: billing only (20 %), no support data." */
function notScored(now: Scored): string {
  const label = (d: { label: string }): string => d.label.toLowerCase();
  const carrying = now.dimensions.filter((d) => d.weight > 0);
  const present = carrying.filter((d) => d.score !== null).map(label);
  const absent = carrying.filter((d) => d.score === null).map(label);
  const known = `${percent(now.confidence)}`;
  if (present.length === 0) return 'Not scored: no data (0 %).';
  const lacks = absent.length > 0 ? `, no ${alternatives(absent)} data` : '';
  return `Not scored: ${listed(present)} only (${known})${lacks}.`;
}

/** Reasons with one more sentence, which goes before the renewal and takes the place of the least driver where they are too many. */
export function reasonsWith(reasons: string[], sentence: string, renewal: Renewal | null, today: string): string[] {
  const last = renewalSentence({ renewal, today });
  const drivers = reasons.filter((reason) => reason !== last);
  const end = last === null ? [sentence] : [sentence, last];
  return [...drivers.slice(0, MOST - end.length), ...end];
}

/** "Renewal 14 Jan, £84k." An overdue one keeps its date. */
function renewalSentence({ renewal, today }: Pick<ReasonContext, 'renewal' | 'today'>): string | null {
  if (!renewal || renewal.daysAway > NEAR_DAYS) return null;
  const date = shortDate(renewal.on, dayOf(today));
  return `Renewal ${date}${renewal.arr ? `, ${shortMoney(renewal.arr)}` : ''}.`;
}

export interface ExplainedSignal {
  signal: string;
  label: string;
  raw: number | null;
  /** 0–100 */
  value: number | null;
  /** Share of the whole score, 0–1. */
  weight: number;
  points: number;
  text: string;
  missing: string | null;
  /** Newest first: source, kind and the source's own id. */
  evidence: FactRef[];
}
export interface ExplainedDimension {
  dimension: string;
  label: string;
  /** In the model, 0–1. */
  weight: number;
  score: number | null;
  /** Points that it brings to the whole. */
  points: number;
  signals: ExplainedSignal[];
}
export interface Explanation {
  score: number | null;
  points: number | null;
  band: string;
  confidence: number;
  dimensions: ExplainedDimension[];
  caps: { cap: string; label: string; points: number; evidence: FactRef[] }[];
  /** Hidden risks, which take no points: code, what it means in words, and what it rests on. */
  flags: { flag: string; text: string; detail: string | null }[];
  /** The accounts below it; `weighted` is 0–100. null = none. */
  family: { children: number; worst: Family['worst']; weighted: number | null } | null;
  /** What a person set otherwise, and what the model says by itself (`points` 0–100); null = nothing is set. */
  override: Override | null;
  computed: Computed | null;
  /** What band and trend mean together, whether it is in onboarding, and signals that a context holds. */
  outlook: Outlook | null;
  lifecycle: Lifecycle | null;
  held: Held[];
  /** Σ contributions + Σ caps, equal to `points`. */
  sum: number;
}

/** Score → dimensions → signals → source records, as plain data. */
export function explainTree(
  score: Scored &
    Pick<
      AccountScore,
      'score' | 'band' | 'flags' | 'flagDetails' | 'family' | 'override' | 'computed' | 'outlook' | 'lifecycle' | 'held'
    >,
): Explanation {
  const points = (items: { points: Points }[]): Points => items.reduce((sum, item) => sum + item.points, 0);
  return {
    score: score.score,
    points: score.points === null ? null : toNumber(score.points),
    band: score.band,
    confidence: score.confidence,
    dimensions: score.dimensions.map((d) => {
      const own = score.contributions.filter((c) => c.dimension === d.dimension);
      return {
        dimension: d.dimension,
        label: d.label,
        weight: d.weight,
        score: d.score === null ? null : toNumber(d.score),
        points: toNumber(points(own)),
        signals: own.map((c) => ({
          signal: c.signal,
          label: c.label,
          raw: c.raw,
          value: c.value === null ? null : toNumber(c.value),
          weight: c.weight,
          points: toNumber(c.points),
          text: c.text,
          missing: c.missing ?? null,
          evidence: c.evidence,
        })),
      };
    }),
    caps: score.caps.map((c) => ({ ...c, points: toNumber(c.points) })),
    flags: score.flags.map((flag) => ({ flag, text: flagWords(flag), detail: score.flagDetails?.[flag] ?? null })),
    family: score.family
      ? { ...score.family, weighted: score.family.weighted === null ? null : toNumber(score.family.weighted) }
      : null,
    override: score.override ?? null,
    computed: score.override && score.computed ? inPoints(score.computed) : null,
    outlook: score.outlook ?? null,
    lifecycle: score.lifecycle ?? null,
    held: score.held ?? [],
    sum: toNumber(points(score.contributions) + points(score.caps)),
  };
}

const inPoints = (computed: Computed): Computed => ({
  ...computed,
  points: computed.points === null ? null : toNumber(computed.points),
});
