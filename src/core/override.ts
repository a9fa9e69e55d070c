import { dateOf, dayOf } from './days.ts';
import { dayAt, dayOn } from './derive.ts';
import type { FactOf, FactRef } from './fact.ts';
import { alternatives, shortDate } from './format.ts';
import { type CapApplied, type Computed, NOT_SCORED, type Override, POINT, type Points } from './result.ts';
import { oneLine, sentenceCase } from './text.ts';
import type { AccountView } from './view.ts';

/**
 * S10: what the account's manager says against the computed score. A person who knows better is believed, for a while and with a
 * reason; the computed score is kept beside.
 */

/** An override without a last day holds for so long: a quarter, after which nobody remembers why it was set. */
export const OPEN_ENDED_DAYS = 90;
/** Key of its line among the caps; no model can name a cap so. */
export const OVERRIDE_LINE = 'csm override';

type Bands = readonly { key: string; from: number }[];
type Pulse = FactOf<'pulse'> & { source: string };

export interface OverrideInput {
  view: AccountView;
  /** Day number in the company's time zone, and the instant at which it starts. */
  today: number;
  dayStart: number;
  /** The bands by which the account is scored, best first. */
  bands: Bands;
}
/** What holds, or why what is set does not. */
export interface OverrideFound {
  override: Override | null;
  /** null = nothing is wrong: none is set, or it holds. */
  ignored: string | null;
  /** Whether it simply came to its end: then nobody needs to mend it. */
  ended: boolean;
  evidence: FactRef[];
}

/** The override of an account on a day; the last day counts. */
export function overrideOf({ view, today, dayStart, bands }: OverrideInput): OverrideFound {
  const pulse = pulseOf(view);
  const set = pulse && { band: filled(pulse.data.overrideBand), score: pulse.data.overrideScore ?? null };
  if (!pulse || !set || (set.band === null && set.score === null))
    return { override: null, ignored: null, ended: false, evidence: [] };
  const told = set.band === null ? String(set.score) : sentenceCase(oneLine(set.band));
  const not = (why: string): OverrideFound => ({
    override: null,
    ignored: `override to ${told} ${why}`,
    ended: false,
    evidence: [],
  });
  const band = set.band === null ? undefined : bandNamed(set.band, bands);
  if (set.band !== null && band === undefined)
    return not(`is ignored: there is no such band, only ${alternatives(bands.map((b) => sentenceCase(b.key)))}`);
  if (set.score !== null && !(set.score >= 0 && set.score <= 100))
    return not('is ignored: a score is a number from 0 to 100');
  const reason = filled(pulse.data.overrideReason);
  if (reason === null) return not('is ignored: it has no reason');
  const since = setBy(view, pulse);
  const last = filled(pulse.data.overrideUntil);
  const day = last === null ? dayAt({ today, dayStart }, since.at) + OPEN_ENDED_DAYS : dayOn(last);
  if (day === null) return not(`is ignored: “${oneLine(last ?? '')}” is no date`);
  const until = dateOf(day);
  if (day < today) return { ...not(`ended on ${shortDate(until, today)}`), ended: true };
  const override: Override = {
    ...(band === undefined ? {} : { band: band.key }),
    ...(set.score === null ? {} : { score: set.score }),
    reason: oneLine(reason).replace(/\.$/, ''),
    until,
    byId: since.data.byId ?? null,
  };
  return {
    override,
    ignored: null,
    ended: false,
    evidence: [{ source: since.source, kind: 'pulse', id: since.id, at: since.at }],
  };
}

/** What is said of the account itself: in its own record, else in a linked system that says it last. */
export function pulseOf(view: AccountView): Pulse | null {
  const all = view.states('pulse');
  const own = view.states('account').find((a) => a.id === view.account)?.source;
  const mine = all.find((p) => p.id === view.account && (own === undefined || p.source === own));
  // Records of the same system under another id are of other accounts, scored together with this one.
  const others = all.filter((p) => p.source !== own).sort((a, b) => b.at - a.at || (a.source < b.source ? -1 : 1));
  return mine ?? others[0] ?? null;
}

const FIELDS = ['overrideBand', 'overrideScore', 'overrideReason', 'overrideUntil'] as const;

/** The first of the unbroken line of versions that say the same of the override: when it was set, and by whom. */
function setBy(view: AccountView, pulse: Pulse): Pulse {
  let first = pulse;
  for (;;) {
    const before = view.stateAt('pulse', pulse.source, pulse.id, first.at - 1);
    if (!before || FIELDS.some((f) => (before.data[f] ?? null) !== (pulse.data[f] ?? null))) return first;
    first = before;
  }
}

const filled = (text: string | null | undefined): string | null => (text?.trim() ? text.trim() : null);
/** A CRM shows "At risk" for at-risk. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
const bandNamed = (text: string, bands: Bands) => bands.find((b) => plain(b.key) === plain(text));

/** What stands instead of the computed score, and the line that makes it up. */
export interface Overridden extends Computed {
  override: Override | null;
  /** Σ contributions + Σ caps + line = points. */
  line: CapApplied[];
}

export interface ApplyInput {
  computed: Computed;
  found: OverrideFound;
  /** Who set it; null = not known. */
  by: string | null;
  today: number;
  bands: Bands;
  bandOf: (score: number) => string;
}

/** A score that is set takes or adds the points that it lacks; a band that is set leaves the score as it is. */
export function applied({ computed, found, by, today, bands, bandOf }: ApplyInput): Overridden {
  const { override, evidence } = found;
  if (!override) return { ...computed, override, line: [] };
  if (override.score === undefined) {
    const band = override.band ?? computed.band;
    return {
      ...computed,
      band,
      override: { ...override, standsFor: nearestIn(band, computed.score, bands) },
      line: [],
    };
  }
  const points: Points = Math.round(override.score * POINT);
  const score = Math.floor(override.score + 0.5);
  const label = wordsOf(override, by, today);
  return {
    points,
    score,
    band: override.band ?? bandOf(score),
    override,
    line: [{ cap: OVERRIDE_LINE, label, points: points - (computed.points ?? 0), evidence }],
  };
}

/** What could not be scored counts as the best of its band, so that no urgency is made up. */
function nearestIn(band: string, score: number | null, bands: Bands): number {
  const at = bands.findIndex((b) => b.key === band);
  const better = at > 0 ? bands[at - 1] : undefined;
  const most = better ? better.from - 1 : 100;
  return Math.min(most, Math.max(bands[at]?.from ?? 0, score ?? most));
}

/** "Set to Yellow by Priya Shah until 14 Jan: waiting for the reorganisation" */
function wordsOf(override: Override, by: string | null, today: number): string {
  const { band, score, reason, until } = override;
  const what = [band === undefined ? null : sentenceCase(band), score ?? null].filter((part) => part !== null);
  const who = by === null ? '' : ` by ${oneLine(by)}`;
  return `Set to ${what.join(', ')}${who} until ${shortDate(until, today)}: ${reason}`;
}

/** The same as a sentence, with what the model says. */
export function overrideSentence(override: Override, by: string | null, computed: Computed, today: string): string {
  const model = computed.score === null ? NOT_SCORED : `${computed.score}, ${computed.band}`;
  return `${wordsOf(override, by, dayOf(today))} (computed: ${model}).`;
}
