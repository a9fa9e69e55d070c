import type { FactRef } from './fact.ts';

/**
 * Points are integers in units of 1/10,000 of a score point, so that sums are exact and independent of order.
 * 79.1234 points = 791234.
 */
export type Points = number;
export const POINT = 10_000;
/** Points → number for people and JSON (at most four decimals). */
export const toNumber = (points: Points): number => points / POINT;

export type Trend = 'declining fast' | 'declining' | 'stable' | 'improving' | 'improving fast' | 'new';
/** What band and trend mean together (S7). */
export type Outlook = 'recovery possible' | 'urgent' | 'early warning';
export type Lifecycle = 'onboarding' | 'mature';
export const NOT_SCORED = 'not scored';

/** One signal's share of the score. Σ contributions + Σ caps = the score, to the last digit. */
export interface Contribution {
  dimension: string;
  signal: string;
  label: string;
  /** What was measured, in the signal's unit; null = missing (then points is 0 and weight is 0). */
  raw: number | null;
  /** The measured value on the 0–100 scale, in Points; null = missing. */
  value: Points | null;
  /** Share of the whole score that this signal carries after redistribution, 0–1. */
  weight: number;
  points: Points;
  /** Plain fact with figures and window: "Active users 41→22 of 50 seats since 20 Oct". */
  text: string;
  /** Why it is missing, where it is. */
  missing?: string;
  evidence: FactRef[];
}

export interface DimensionScore {
  dimension: string;
  label: string;
  /** Weight in the model before redistribution, 0–1. */
  weight: number;
  /** 0–100 in Points; null = no signal present. */
  score: Points | null;
}

export interface CapApplied {
  cap: string;
  label: string;
  /** Negative, or 0 where the score is already below; of a score that a person set, also positive. */
  points: Points;
  evidence: FactRef[];
}

export interface Renewal {
  /** YYYY-MM-DD */
  on: string;
  daysAway: number;
  /** ARR renewing then, minor units in its currency; null = unknown. */
  arr: { minor: number; currency: string } | null;
  /** Which rule gave it: "account field", "open renewal opportunity", … */
  source: string;
  /** Contract term in days where known: short terms raise no task. */
  termDays?: number;
}

export interface RecommendedAction {
  code: string;
  /** ≤ 255 characters. One verb, one person, one date. */
  text: string;
  ownerRole: 'csm' | 'manager';
  why: string;
}

/** A signal that keeps its figure for as long as a context lasts (S6). */
export interface Held {
  signal: string;
  /** The context's label. */
  context: string;
  /** YYYY-MM-DD; both days are within it. */
  since: string;
  until: string;
}

/** What a person set against the computed score (S10). */
export interface Override {
  /** A band of the model; absent = follows the score. */
  band?: string;
  /** 0–100; absent = the computed one stays. */
  score?: number;
  reason: string;
  /** The last day on which it holds, YYYY-MM-DD. */
  until: string;
  byId: string | null;
  /** Where only the band is set: the nearest score within it, by which tasks and plays judge the account. */
  standsFor?: number;
}
/** What the model says where a person says otherwise. */
export interface Computed {
  points: Points | null;
  score: number | null;
  band: string;
}

/** What a parent shows of the accounts below it (P9). */
export interface Family {
  /** Direct children in the population. */
  children: number;
  /** The lowest-scoring of them; null where none is scored. */
  worst: { account: string; name: string; score: number; band: string } | null;
  /** Σ ARR × points ÷ Σ ARR over the account and all below it that are scored with a known ARR; null where there is none. */
  weighted: Points | null;
}

export interface AccountScore {
  account: string;
  name: string;
  /** T, epoch ms. */
  asOf: number;
  model: string;
  modelHash: string;
  segment: string | null;
  /** null = not scored. Exact sum of contributions and caps, of which an overridden score is one line. */
  points: Points | null;
  /** Rounded points: decides the band. */
  score: number | null;
  /** A band key of the model ("green"), or `not scored`. */
  band: string;
  trend: Trend;
  /** null or absent: they say nothing more together. */
  outlook?: Outlook | null;
  /** null or absent: when it began is not known. */
  lifecycle?: Lifecycle | null;
  held?: Held[];
  /** Change against 30 days ago on unrounded scores; null where trend is new. */
  change30: Points | null;
  /** Present signal weight ÷ total signal weight, 0–1. */
  confidence: number;
  dimensions: DimensionScore[];
  contributions: Contribution[];
  caps: CapApplied[];
  /** Hidden-risk flags (codes). */
  flags: string[];
  /** What a flag rests on, in words with figures or names; absent where its meaning says all. */
  flagDetails?: Record<string, string>;
  /** At most three sentences; for a not-scored account, why. */
  reasons: string[];
  action: RecommendedAction | null;
  /** "usage stale since 3 Nov", "no support data": what the score does not rest on. */
  coverage: string;
  renewal: Renewal | null;
  /** ARR in minor units of its own currency. */
  arr: { minor: number; currency: string } | null;
  csmId: string | null;
  managerId: string | null;
  ownerId: string | null;
  /** null or absent: no account of the population lies below it. */
  family?: Family | null;
  /** null or absent: nobody set it otherwise, and `score` and `band` are the computed ones. */
  override?: Override | null;
  computed?: Computed;
  /** What somebody should mend: "override to Yellow is ignored: it has no reason"; null or absent = nothing. */
  overrideIgnored?: string | null;
}

/** The score by which tasks and plays judge an account; null = not scored. */
export const judgedScore = ({ score, override }: Pick<AccountScore, 'score' | 'override'>): number | null =>
  override?.standsFor ?? score;
