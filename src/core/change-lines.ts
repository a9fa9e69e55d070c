import type { Difference, Faded, Parts } from './change-parts.ts';
import { capDifferences, differences, totalOf } from './change-parts.ts';
import { dayOf } from './days.ts';
import { counted, listed, shortDate } from './format.ts';
import type { Model } from './model.ts';
import { type CapApplied, type Contribution, type Points, toNumber } from './result.ts';
import type { ScoredPart } from './score.ts';
import { changeText, valueText } from './texts.ts';

/** One reason why the score changed. */
export interface ChangeLine {
  /** null = of the whole score: a cap, the segment, corrections. */
  dimension: string | null;
  signal: string | null;
  label: string;
  points: Points;
  /** With figures and dates. */
  text: string;
  /** What was measured before and after, in the signal's unit; null = missing, or no figure of a signal. */
  from: number | string | null;
  to: number | string | null;
}

/** What the lines are told by. */
export interface Telling {
  since: string;
  until: string;
  model: Model;
  modelThen: Model;
}

const day = (date: string, { until }: Telling): string => shortDate(date, dayOf(until));
const outOf100 = (c: Contribution): string => (c.value === null ? 'nothing' : String(Math.round(toNumber(c.value))));
const share = (c: Contribution): string => `${Math.round(c.weight * 1000) / 10} %`;

const whole = (label: string, points: Points, text: string): ChangeLine => ({
  dimension: null,
  signal: null,
  label,
  points,
  text,
  from: null,
  to: null,
});

type Measured = number | string | null;
function lineOf({ before, after, points }: Difference, text: string, [from, to]: [Measured, Measured]): ChangeLine {
  const { dimension, signal, label } = after ?? before ?? { dimension: null, signal: null, label: '' };
  return { dimension, signal, label, points, text, from, to };
}

function valueIn(part: ScoredPart, signal: string): string | null {
  const figures = part.figures(signal);
  return figures ? valueText(figures) : null;
}

/** A category is told as its text. */
function rawOf(c: Contribution | null, part: ScoredPart): Measured {
  if (!c || c.value === null) return null;
  return c.raw ?? valueIn(part, c.signal);
}

/** The same signals from other facts. */
export function dataLines(before: ScoredPart, after: ScoredPart, telling: Telling): ChangeLine[] {
  const signals = differences(before, after).map((d) =>
    lineOf(d, moved(d, before, after, telling), [rawOf(d.before, before), rawOf(d.after, after)]),
  );
  const since = day(telling.since, telling);
  return [...signals, ...capLines(before, after, `did not hold on ${since}`, `held on ${since}, no longer`)];
}

function moved({ before, after }: Difference, then: ScoredPart, now: ScoredPart, telling: Telling): string {
  const c = after ?? before;
  if (!c) return '';
  const signal = telling.model.dimensions.flatMap((d) => d.signals).find((s) => s.key === c.signal);
  const [own, earlier] = [now.figures(c.signal), then.figures(c.signal)];
  const text =
    signal && own && earlier ? changeText(signal, own, earlier, dayOf(telling.since), dayOf(telling.until)) : null;
  if (text !== null) return text;
  return before && after && before.text !== after.text
    ? `${after.text}; on ${day(telling.since, telling)}: ${before.text}`
    : c.text;
}

/** The same facts under another model. */
export function modelLines(before: Parts, after: Parts, telling: Telling): ChangeLine[] {
  const names = `${telling.model.name} ${telling.model.version}`;
  const signals = differences(before, after).map((d) =>
    lineOf(d, judged(d, names), [rawNumber(d.before), rawNumber(d.after)]),
  );
  return [...signals, ...capLines(before, after, `new in ${names}`, `no cap of ${names}`)];
}
const rawNumber = (c: Contribution | null): number | null => c?.raw ?? null;

function judged({ before, after }: Difference, model: string): string {
  if (!before || !after) {
    const label = before?.label ?? after?.label ?? '';
    return before ? `${label}: no longer measured by ${model}` : `${label}: new in ${model}`;
  }
  const parts = [
    share(before) === share(after) ? '' : `weighs ${share(after)} instead of ${share(before)}`,
    before.value === after.value ? '' : `gives ${outOf100(after)} instead of ${outOf100(before)} of 100`,
  ].filter((part) => part !== '');
  return parts.length > 0 ? `${after.label} ${listed(parts)}` : after.text;
}

/** The same facts and model among other peers. */
export function peerLines(before: Parts, after: Parts, telling: Telling): ChangeLine[] {
  const signals = differences(before, after).map((d) => {
    const c = d.after ?? d.before;
    const text =
      d.before && d.after && d.before.value !== d.after.value
        ? `${c?.label}: among its peers ${outOf100(d.after)} instead of ${outOf100(d.before)} of 100`
        : judged(d, `${telling.model.name} ${telling.model.version}`);
    return lineOf(d, text, [rawNumber(d.before), rawNumber(d.after)]);
  });
  return [...signals, ...capLines(before, after, 'holds', 'holds no longer')];
}

/** Signals that are known at one of the dates only. */
export function missingLines(
  lost: Faded,
  came: Faded,
  then: ScoredPart,
  now: ScoredPart,
  telling: Telling,
): ChangeLine[] {
  const reason = (c: Contribution): string =>
    now.contributions.find((n) => n.signal === c.signal)?.text ?? `${c.label}: missing`;
  const before = (c: Contribution): string =>
    then.contributions.find((n) => n.signal === c.signal)?.missing ?? 'missing';
  const since = day(telling.since, telling);
  return [
    ...lost.shares.map(({ signal, points }) =>
      lineOf({ before: signal, after: null, points: -points }, `${reason(signal)}; on ${since}: ${signal.text}`, [
        rawOf(signal, then),
        null,
      ]),
    ),
    ...came.shares.map(({ signal, points }) =>
      lineOf({ before: null, after: signal, points }, `${signal.text}; on ${since}: ${before(signal)}`, [
        null,
        rawOf(signal, now),
      ]),
    ),
    ...capLines(then, lost.end, 'holds', 'holds no longer'),
    ...capLines(came.end, now, 'holds', 'holds no longer'),
  ];
}

/** What caps take, and what to say of one that only holds after or before. */
function capLines(before: Parts, after: Parts, onlyNow: string, onlyThen: string): ChangeLine[] {
  const taken = (cap: CapApplied): string =>
    `${cap.points > 0 ? 'adds' : 'takes'} ${counted(Math.round(Math.abs(toNumber(cap.points))), 'point')}`;
  return capDifferences(before, after).map(({ label, points, before: was, after: is }) => {
    const text = was && is ? `${taken(is)} instead of ${taken(was).replace('takes ', '')}` : is ? onlyNow : onlyThen;
    return whole(label, points, `${label}: ${text}`);
  });
}

/** Another segment weighs the same signals otherwise. */
export function segmentLine(before: Parts, after: Parts, from: string | null, to: string | null): ChangeLine[] {
  const points = totalOf(after) - totalOf(before);
  if (points === 0) return [];
  return [whole('Segment', points, `Segment ${to ?? 'none'} instead of ${from ?? 'none'}: signals weigh otherwise`)];
}

/** What a stored score and the same one worked out today differ by. */
export function correctedLine(stored: Parts, today: Parts, date: string, telling: Telling, sign: 1 | -1): ChangeLine[] {
  const points = sign * (totalOf(today) - totalOf(stored));
  if (points === 0) return [];
  const where = [...corrected(stored, today), ...capDifferences(stored, today).filter((d) => !d.before || !d.after)];
  const what = where.length > 0 ? ` (${listed(shortened(where.map((d) => d.label)))})` : '';
  return [
    whole(
      'Corrected since',
      points,
      `What is known of ${day(date, telling)} has been corrected or completed since${what}`,
    ),
  ];
}

/** Signals that come out otherwise; one that only takes a neighbour's weight is not at the root of it. */
function corrected(stored: Parts, today: Parts): { label: string }[] {
  const now = new Map(today.contributions.map((c) => [c.signal, c]));
  return stored.contributions
    .filter((c) => c.value !== (now.get(c.signal)?.value ?? null) || c.raw !== (now.get(c.signal)?.raw ?? null))
    .sort((a, b) => b.weight - a.weight);
}

const NAMED = 3;
const shortened = (labels: string[]): string[] =>
  labels.length > NAMED ? [...labels.slice(0, NAMED), `${labels.length - NAMED} more`] : labels;
