import { figureOf, firstDay, rowsOf } from './aggregate.ts';
import type { Coverage, StaleSource } from './coverage.ts';
import { DAY_MS, dayOf } from './days.ts';
import { FACTS, type FactKind } from './fact.ts';
import type { Figure, Window } from './figure.ts';
import { counted, shortDay } from './format.ts';
import type { Measure, Term } from './measure.ts';
import { type Env, onboardingDay, type Row, shifted } from './rows.ts';
import type { Condition } from './rules.ts';
import { comparedAt } from './season.ts';
import { type CoverageKey, isStock, KINDS, type SimpleAggregation } from './vocabulary.ts';

/** What a signal measured of one account, or why it could not. */
export interface Measured {
  value: number | string | null;
  /** Why it is missing, in plain words. */
  missing: string | null;
  /** ratio, share: the two figures; trend, deviation: now and before. */
  top: number | null;
  bottom: number | null;
  /** How many rows the figure rests on. */
  count: number;
  /** These rows, where they were read. */
  rows: readonly Row[];
  on: number | null;
  /** Whether the value is what `empty` says, since there is no row. */
  empty: boolean;
  impossible: readonly string[];
  /** 1 = up to date, falling to 0 as the sources behind it stay stale. */
  freshness: number;
}

export interface MeasureContext {
  env: Env;
  coverage: Coverage;
  stale: StaleSource[];
  /** Filled on first use: the same account as of the day since which sources are stale. */
  shifts: Map<number, Env>;
}

/** Trends are clipped here, in percent: from nothing to something is no infinite growth. */
const MOST_GROWTH = 300;
/** How long a signal without a window outlives a stale source. */
const DEFAULT_AGE_DAYS = 90;

/** A figure on its way: also whether it is missing only because there are no rows. */
interface Part extends Measured {
  none: boolean;
}
const NONE: readonly never[] = [];
const lacking = (missing: string, none = false, impossible: readonly string[] = NONE): Part => ({
  value: null,
  missing,
  top: null,
  bottom: null,
  count: 0,
  rows: NONE,
  on: null,
  empty: false,
  impossible,
  freshness: 1,
  none,
});

/** Measures an account. Of several `from`, the first that gives a figure counts. */
export function measure(context: MeasureContext, what: Measure, needs: readonly CoverageKey[] = NONE): Measured {
  if (!Array.isArray(what.from)) return measureTerm(context, what, what.from, needs);
  let first: Measured | null = null;
  for (const term of what.from) {
    const measured = measureTerm(context, what, term, needs);
    if (measured.value !== null) return measured;
    first ??= measured;
  }
  return first ?? lacking('nothing to read');
}

function measureTerm(context: MeasureContext, what: Measure, term: Term, needs: readonly CoverageKey[]): Measured {
  const gap = gapOf(context.coverage, term, needs);
  if (gap !== null) return lacking(gap);
  const { env, freshness, since } = aged(context, what, term);
  const stale = freshness <= 0;
  const part = stale ? lacking(`${KINDS[term.kind].plural} stale since ${since}`) : aggregate(env, what, term);
  part.freshness = freshness;
  if (!stale && part.value === null && part.none && part.impossible.length === 0 && what.empty !== undefined) {
    part.value = emptyValue(env, what, what.empty);
    part.missing = null;
    part.empty = true;
  }
  return part;
}

/** Why what a measure rests on is not covered: first the rows themselves, then what it needs beside them. */
function gapOf({ gaps }: Coverage, { kind }: Term, needs: readonly CoverageKey[]): string | null {
  const own = KINDS[kind].coverage;
  const gap = own && gaps[own];
  if (gap !== null) return gap;
  for (const key of needs) if (gaps[key] !== null) return gaps[key];
  return null;
}

/** Nothing has happened for longer than an account exists. */
const emptyValue = (env: Env, { aggregation }: Measure, empty: number): number =>
  aggregation === 'daysSince' ? Math.min(empty, onboardingDay(env) ?? empty) : empty;

/** The env as of when the sources of a kind were last whole, and how much that still says. */
export function aged(
  context: MeasureContext,
  what: Pick<Measure, 'windowDays'>,
  term: Term,
): { env: Env; freshness: number; since: string } {
  const { env, stale } = context;
  const sources = term.kind === 'renewal' ? undefined : context.coverage.sources[term.kind];
  if (stale.length === 0 || !sources) return { env, freshness: 1, since: '' };
  const days = sources.map((source) => {
    const entries = stale.filter((s) => s.source === source && (s.kind === undefined || s.kind === term.kind));
    return Math.max(0, ...entries.map((s) => Math.ceil((env.dayStart - s.since) / DAY_MS)));
  });
  const shift = Math.min(...days);
  if (shift === 0) return { env, freshness: 1, since: '' };
  let then = context.shifts.get(shift);
  if (!then) {
    then = shifted(env, shift);
    context.shifts.set(shift, then);
  }
  const age = what.windowDays ?? DEFAULT_AGE_DAYS;
  return { env: then, freshness: Math.max(0, 1 - shift / age), since: shortDay(then.today, env.today) };
}

function aggregate(env: Env, what: Measure, term: Term): Part {
  const window = what.windowDays === undefined ? null : { from: env.today - what.windowDays, to: env.today };
  switch (what.aggregation) {
    case 'ratio':
      return ratio(env, what, term, window);
    case 'share':
      return share(env, what, term, window);
    case 'trend':
    case 'deviation':
      return change(env, what, term);
    default: {
      const figure = figureOf(env, term, what.aggregation, window);
      const part = fromFigure(term, figure, window);
      if (what.perDays !== undefined && what.windowDays !== undefined && typeof part.value === 'number')
        part.value = (part.value * what.perDays) / daysSeen(env, what.windowDays);
      return part;
    }
  }
}

function fromFigure(term: Term, figure: Figure, window: Window | null): Part {
  const { value, count, rows, on, impossible, none } = figure;
  const top = typeof value === 'number' ? value : null;
  const missing = value === null ? whyNot(term, figure, window) : null;
  return { value, missing, top, bottom: null, count, rows, on, empty: false, impossible, freshness: 1, none };
}

function whyNot(term: Term, figure: Figure, window: Window | null): string {
  if (figure.impossible.length > 0)
    return `impossible value: ${[...new Set(figure.impossible)].slice(0, 3).join(', ')}`;
  const { plural } = KINDS[term.kind];
  const known = term.metric ? `no ${term.metric} known` : '';
  if (!figure.none || isStock(term.kind)) return known || `no ${plural} known`;
  return `no ${term.where ? 'matching ' : ''}${plural}${window ? ` in ${counted(window.to - window.from, 'day')}` : ''}`;
}

function ratio(env: Env, what: Measure, term: Term, window: Window | null): Part {
  const using = what.using ?? 'sum';
  const top = figureOf(env, term, using, window);
  if (typeof top.value !== 'number') return lacking(whyNot(term, top, window), top.none, top.impossible);
  let { impossible } = top;
  let why = 'nothing to measure against';
  for (const [i, to] of (what.to ?? []).entries()) {
    const bottom =
      'constant' in to ? null : figureOf(env, to, to.using, windowOf(env, to.windowDays ?? what.windowDays));
    if (bottom) impossible = joined(impossible, bottom.impossible);
    const value = 'constant' in to ? to.constant : bottom?.value;
    if (typeof value === 'number' && value > 0) {
      const share = Math.min((top.value / value) * (what.per ?? 100), what.ceiling ?? Number.POSITIVE_INFINITY);
      const last = bottom?.rows.at(-1);
      const rows = last ? [...top.rows, last] : top.rows;
      // A better source gave the figure: what an earlier one could not say is no matter.
      return told(share, top, value, rows, top.impossible);
    }
    if (i === 0 && 'kind' in to && bottom) why = value === 0 ? `${to.metric} is 0` : whyNot(to, bottom, null);
  }
  return lacking(impossible.length > 0 ? `impossible value: ${impossible[0]}` : why, false, impossible);
}

const windowOf = (env: Env, days: number | undefined): Window | null =>
  days === undefined ? null : { from: env.today - days, to: env.today };

function share(env: Env, what: Measure, term: Term, window: Window | null): Part {
  const { which } = what;
  if (!which) return lacking('nothing to share');
  const { asked, met } = shareTerms(term, which);
  const [all, some] = [figureOf(env, asked, 'count', window), figureOf(env, met, 'count', window)];
  const [bottom, top] = [Number(all.value), Number(some.value)];
  if (bottom === 0) return lacking(whyNot(term, { ...all, value: null, none: true }, window), true);
  return told((top / bottom) * 100, { value: top, count: bottom, on: null }, bottom, all.rows, NONE);
}

const shared = new WeakMap<Term, Map<Condition, { asked: Term; met: Term }>>();

/**
 * The rows that a share is of, and those of them that count. A row that does not tell what is asked is neither: an invoice that is
 * not due yet is neither on time nor late. The same objects for the same measure, so that a store may know them.
 */
export function shareTerms(term: Term, which: Condition): { asked: Term; met: Term } {
  const ofTerm = shared.get(term) ?? new Map<Condition, { asked: Term; met: Term }>();
  shared.set(term, ofTerm);
  const known = ofTerm.get(which);
  if (known) return known;
  const where = term.where ? [term.where] : [];
  const told = 'field' in which && which.exists === undefined ? [{ field: which.field, exists: true }] : [];
  const made = {
    asked: { ...term, where: { all: [...where, ...told] } },
    met: { ...term, where: { all: [...where, ...told, which] } },
  };
  ofTerm.set(which, made);
  return made;
}

/** The window against an earlier one; see season.ts. */
function change(env: Env, what: Measure, term: Term): Part {
  const using: SimpleAggregation = what.using ?? 'sum';
  const { now, before, scale, unseen } = comparedAt(env.today, what);
  const day = onboardingDay(env);
  if (day !== null && env.today - day > seenBy(before)) return lacking(`the account began ${counted(day, 'day')} ago`);
  if (!begun(env, term, before)) return lacking(unseen);
  const then = figureOf(env, term, using, before);
  // Who held nothing yet has not grown from nothing.
  if (isStock(term.kind) && then.count === 0)
    return lacking('no earlier figure to compare with', false, then.impossible);
  return compare(term, figureOf(env, term, using, now), then, now, scale);
}

/** Of a window that reaches before an account in onboarding began, the days since then. */
export const daysSeen = (env: Env, windowDays: number): number =>
  Math.min(windowDays, Math.max(1, onboardingDay(env) ?? windowDays));

function compare(term: Term, now: Figure, before: Figure, window: Window, scale: number): Part {
  const impossible = joined(now.impossible, before.impossible);
  if (typeof now.value !== 'number') return lacking(whyNot(term, now, window), now.none, impossible);
  if (typeof before.value !== 'number') return lacking('no earlier figure to compare with', false, impossible);
  const base = before.value * scale;
  if (base === 0 && now.value === 0) return lacking('nothing to compare: zero now and before', true, impossible);
  const change = base === 0 ? 100 : ((now.value - base) / Math.abs(base)) * 100;
  const value = Math.max(-100, Math.min(MOST_GROWTH, change));
  return told(value, now, base, joined(before.rows, now.rows), impossible);
}

/** A figure made of two others. */
const told = (
  value: number,
  { value: top, count, on }: Pick<Figure, 'value' | 'count' | 'on'>,
  bottom: number,
  rows: readonly Row[],
  impossible: readonly string[],
): Part => ({
  value,
  missing: null,
  top: typeof top === 'number' ? top : null,
  bottom,
  count,
  rows,
  on,
  empty: false,
  impossible,
  freshness: 1,
  none: false,
});

/** Figures that come without their rows have nothing to join. */
const joined = <V>(a: readonly V[], b: readonly V[]): readonly V[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];

/** What began later than in the first quarter of the earlier window would look like growth. */
const seenBy = (before: Window): number => before.from + (before.to - before.from) / 4;

/** Whether the earlier window was seen: at least three quarters of it. */
function begun(env: Env, term: Term, before: Window): boolean {
  if (term.kind === 'renewal' || isStock(term.kind)) return true; // known then or not: the figure itself says
  const kind = term.kind as FactKind;
  const first = FACTS[kind].shape === 'state' ? firstPlaced(env, term) : firstDay(env, kind);
  return first !== null && first <= seenBy(before);
}

function firstPlaced(env: Env, term: Term): number | null {
  const created = env.view.record?.createdOn;
  if (created) return dayOf(created);
  const rows = rowsOf(env, { kind: term.kind, date: term.date }, { from: Number.NEGATIVE_INFINITY, to: env.today });
  const first = rows[0];
  return first ? env.today - Math.ceil((env.dayStart - first.at) / DAY_MS) : null;
}
