import {
  type ChangeLine,
  correctedLine,
  dataLines,
  missingLines,
  modelLines,
  peerLines,
  segmentLine,
  type Telling,
} from './change-lines.ts';
import { fade, type Parts } from './change-parts.ts';
import { type Model, modelFor, type PlainModel } from './model.ts';
import type { Points } from './result.ts';
import type { ScoredPart } from './score.ts';

export type { ChangeLine } from './change-lines.ts';

/** S8: every change between two dates is the exact sum of four effects. */
export const EFFECTS = ['data', 'model', 'missing', 'peers'] as const;
export type EffectKey = (typeof EFFECTS)[number];
export type End = 'from' | 'to';

/** By which date's facts, model, peers and segment an account is scored, and by which signals (null = all). */
export interface Counterfactual {
  facts: End;
  model: End;
  peers: End;
  segment: End;
  only: ReadonlySet<string> | null;
}

export interface ChangeInput {
  /** What stood at both ends; both were scored. */
  from: Parts;
  to: Parts;
  /** The two dates, YYYY-MM-DD. */
  since: string;
  until: string;
  /** The model of the later score, and of the earlier one; null = not kept, so that the later one stands in for it. */
  model: Model;
  modelThen: Model | null;
  segments: Record<End, string | null>;
  /** Scores the account otherwise than it was, whatever its confidence (see `counterfactual`). */
  score(what: Counterfactual): ScoredPart;
}

export interface Effect {
  total: Points;
  /** Largest first; they add up to the total. */
  lines: ChangeLine[];
}
export interface Change {
  /** to − from = Σ totals. */
  sum: Points;
  effects: Record<EffectKey, Effect>;
}

/**
 * Why the score changed, to the last digit. The account is scored again with one thing changed at a time: the model, its peers, which
 * signals are present, segment and facts. Each step is a difference of two sums of integers, so the steps add up exactly. What stored
 * scores and the same ones worked out today differ by is told as corrected since.
 */
export function changeOf(input: ChangeInput): Change {
  const telling: Telling = { ...input, modelThen: input.modelThen ?? input.model };
  const earlier = (what: Partial<Counterfactual> = {}): ScoredPart =>
    input.score({ facts: 'from', model: 'from', peers: 'from', segment: 'from', only: null, ...what });
  const later = (what: Partial<Counterfactual> = {}): ScoredPart =>
    input.score({ facts: 'to', model: 'to', peers: 'to', segment: 'to', only: null, ...what });

  const first = earlier();
  const judged = earlier({ model: 'to' });
  const compared = earlier({ model: 'to', peers: 'to' });
  const last = later();
  const common = new Set([...presentIn(compared)].filter((signal) => presentIn(last).has(signal)));
  const lost = fade(compared, common, (only) => earlier({ model: 'to', peers: 'to', only }));
  const came = fade(last, common, (only) => later({ only }));
  const moved =
    input.segments.from === input.segments.to ? lost.end : earlier({ ...ANEW, segment: 'to', only: common });

  const before = correctedLine(input.from, first, input.since, telling, 1);
  const data = [
    ...segmentLine(lost.end, moved, input.segments.from, input.segments.to),
    ...dataLines(moved, came.end, telling),
    ...correctedLine(input.to, last, input.until, telling, -1),
  ];
  const model = modelLines(first, judged, telling);
  const effects = {
    data: effectOf(input.modelThen ? [...before, ...data] : data),
    model: effectOf(input.modelThen ? model : before.map(unkept)),
    missing: effectOf(missingLines(lost, came, compared, last, telling)),
    peers: effectOf(peerLines(judged, compared, telling)),
  };
  return { sum: EFFECTS.reduce((sum, key) => sum + effects[key].total, 0), effects };
}

const ANEW = { model: 'to', peers: 'to' } as const;

const presentIn = (part: ScoredPart): Set<string> =>
  new Set(part.contributions.filter((c) => c.value !== null).map((c) => c.signal));

/** Without the earlier model, what it judged otherwise and what was corrected cannot be told apart. */
const unkept = (line: ChangeLine): ChangeLine => ({
  ...line,
  label: 'Earlier model',
  text: 'Scored by a model that is not kept: what it judged otherwise, with what has been corrected since',
});

function effectOf(lines: ChangeLine[]): Effect {
  const key = (line: ChangeLine): string => `${line.signal ?? '~'} ${line.label}`;
  const told = lines
    .filter((line) => line.points !== 0)
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points) || (key(a) < key(b) ? -1 : 1));
  return { total: told.reduce((sum, line) => sum + line.points, 0), lines: told };
}

/** A model for a counterfactual: it scores whatever the confidence, by the given signals only. */
export function counterfactual(model: Model, only: ReadonlySet<string> | null): Model {
  const segments = Object.fromEntries(
    Object.keys(model.segments).map((key) => {
      const own = modelFor(model, key);
      return [key, own === model ? model.segments[key] : { ...model.segments[key], model: limited(own, only) }];
    }),
  );
  return { ...limited(model, only), segments } as Model;
}

function limited<M extends PlainModel | Model>(model: M, only: ReadonlySet<string> | null): M {
  const dimensions = model.dimensions.map((dimension) => ({
    ...dimension,
    signals: dimension.signals.map((s) => (only === null || only.has(s.key) ? s : { ...s, enabled: false })),
  }));
  return { ...model, floor: 0, dimensions };
}
