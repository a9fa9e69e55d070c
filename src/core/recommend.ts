import { dayText, dueDay, weekdayText } from './calendar.ts';
import { shortMoney } from './format.ts';
import { isPlaceholder, type Placeholder, type Play, type Playbook, type Range, type When } from './playbook.ts';
import { type AccountScore, judgedScore, NOT_SCORED, POINT, type RecommendedAction } from './result.ts';
import { cutAtWord, oneLine } from './text.ts';

/** Fields of a score that conditions and texts read; the action itself is what comes out. */
export type Scored = Pick<
  AccountScore,
  | 'name'
  | 'score'
  | 'band'
  | 'trend'
  | 'outlook'
  | 'lifecycle'
  | 'segment'
  | 'dimensions'
  | 'contributions'
  | 'caps'
  | 'flags'
  | 'renewal'
  | 'arr'
  | 'override'
>;

export interface RecommendContext {
  /** Company-zone date, `YYYY-MM-DD`. */
  today: string;
  csm: string | null;
  manager: string | null;
  /** Name of the customer's key person. */
  contact: string | null;
}

/** Longest text that the CRM's field takes. */
const MAX_TEXT = 255;

/** A1: the first play that fits. A valid playbook has one for every account. */
export function recommend(score: Scored, playbook: Playbook, context: RecommendContext): RecommendedAction {
  const play = playbook.plays.find((p) => fits(p.when ?? ALWAYS, score));
  if (!play) throw new Error('the playbook has no play for some account; check it with checkPlaybook first');
  return { code: play.code, text: fill(play, score, context), ownerRole: play.owner, why: play.why };
}

const ALWAYS: When = {};

function fits(when: When, score: Scored): boolean {
  // What a person has given a band is judged by it, though the model could not.
  if ((when.scored ?? true) !== (score.band !== NOT_SCORED)) return false;
  if (when.trend && !when.trend.includes(score.trend)) return false;
  if (when.band && !when.band.includes(score.band)) return false;
  if (when.score && !within(judgedScore(score), when.score)) return false;
  if (when.segment && (score.segment === null || !when.segment.includes(score.segment))) return false;
  if (when.lifecycle && when.lifecycle !== score.lifecycle) return false;
  if (when.outlook && !(score.outlook && when.outlook.includes(score.outlook))) return false;
  if (when.renewalDays && !within(score.renewal?.daysAway ?? null, when.renewalDays)) return false;
  if (when.flag && !when.flag.some((flag) => score.flags.includes(flag))) return false;
  if (when.cap && !when.cap.some((cap) => score.caps.some((c) => c.cap === cap))) return false;
  return (!when.dimension || dimensionsFit(when.dimension, score)) && (!when.signal || signalsFit(when.signal, score));
}

const dimensionsFit = (ranges: Record<string, Range>, { dimensions }: Scored): boolean =>
  Object.entries(ranges).every(([key, range]) => {
    const points = dimensions.find((d) => d.dimension === key)?.score ?? null;
    // Rounded, as the record shows it.
    return within(points === null ? null : Math.round(points / POINT), range);
  });

const signalsFit = (ranges: Record<string, Range>, { contributions }: Scored): boolean =>
  Object.entries(ranges).every(([key, range]) =>
    within(contributions.find((c) => c.signal === key)?.raw ?? null, range),
  );

function within(value: number | null, range: Range): boolean {
  if (value === null) return false;
  return (range.atLeast === undefined || value >= range.atLeast) && (range.below === undefined || value < range.below);
}

/** A7 text of a play for one account, on one line and never longer than the field. */
function fill(play: Play, score: Scored, context: RecommendContext): string {
  const { today } = context;
  const renewal = score.renewal;
  const name = oneLine(score.name) || 'this account';
  const csm = oneLine(context.csm ?? '') || 'the account owner';
  // Days and amounts take long to write, and are never shortened: only where the text names them.
  const named = (key: Placeholder, write: () => string): string => (play.text.includes(`{${key}}`) ? write() : '');
  const values: Record<Placeholder, string> = {
    name,
    csm,
    manager: oneLine(context.manager ?? '') || 'the manager',
    contact: oneLine(context.contact ?? '') || name,
    date: named('date', () => weekdayText(dueDay(today, play.withinDays, renewal?.on ?? null), today)),
    renewalDate: named('renewalDate', () => (renewal ? dayText(renewal.on, today) : 'the renewal')),
    arr: named('arr', () => (score.arr ? shortMoney(score.arr) : 'ARR unknown')),
    score: score.score === null ? 'not scored' : String(score.score),
  };
  return fillWithin(play.text, values, MAX_TEXT);
}

/** What stands in for a name that is too long even for its first word. */
const PLAIN: Partial<Record<Placeholder, string>> = {
  name: 'this account',
  contact: 'the main contact',
  csm: 'the account owner',
  manager: 'the manager',
};

/**
 * Fills a template; where the text would be too long, names are shortened between words, longest first, so that verb and date
 * stay whole.
 */
export function fillWithin(template: string, values: Record<Placeholder, string>, max: number): string {
  const put = (from: Record<Placeholder, string>): string => {
    let text = '';
    // Names in braces lie between the parts.
    for (const [i, part] of partsOf(template).entries())
      text += i % 2 === 0 ? part : isPlaceholder(part) ? from[part] : `{${part}}`;
    return oneLine(text);
  };
  const whole = put(values);
  if (whole.length <= max) return whole;
  const fitted = { ...values };
  const names = (Object.keys(PLAIN) as Placeholder[]).sort((a, b) => values[b].length - values[a].length);
  for (const key of names) {
    const excess = put(fitted).length - max;
    if (excess <= 0) break;
    const uses = template.split(`{${key}}`).length - 1;
    if (uses === 0) continue;
    const room = Math.floor(fitted[key].length - excess / uses);
    const plain = PLAIN[key] ?? '';
    const cut = room > plain.length ? cutAtWord(fitted[key], room) : '';
    if (fitted[key].length > plain.length) fitted[key] = cut || plain;
  }
  return cutAtWord(put(fitted), max);
}

const templates = new Map<string, string[]>();

function partsOf(template: string): string[] {
  const known = templates.get(template);
  if (known) return known;
  const parts = template.split(/\{([^{}]*)\}/);
  if (templates.size > 1_000) templates.clear();
  templates.set(template, parts);
  return parts;
}
