import { beganOn } from './beginning.ts';
import { type Hold, heldContext, holdNote, saidOf } from './contexts.ts';
import type { Coverage, StaleSource } from './coverage.ts';
import type { Curve } from './curves.ts';
import { DAY_MS, dateOf, dayOf } from './days.ts';
import type { Aggregated } from './figure.ts';
import { type Model, modelFor, type Segment, type Signal } from './model.ts';
import { curveIn, type Peers, pointsOn, rankedSignals, tableKey } from './peers.ts';
import { ramped, rampNote } from './ramp.ts';
import { type Held, POINT, type Points, type Renewal } from './result.ts';
import { type Env, makeEnv, onboardingDay, type ToReporting } from './rows.ts';
import { type Scheme, schemeOf, type Weighing } from './scheme.ts';
import { segmentOf } from './shrink.ts';
import { type MeasureContext, type Measured, measure } from './signals.ts';
import type { Figures } from './texts.ts';
import type { AccountView } from './view.ts';

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
  /** Absent = amounts of a second currency are missing. */
  toReporting?: ToReporting;
  /** Figures that come without their rows; absent = everything is measured from rows. */
  aggregated?: Aggregated;
  /** The population at this date; absent or null = not known: percentiles are missing, and no segment is shrunk. */
  peers?: Peers | null;
  /** A user's name, for texts that say who; absent = nobody is named. */
  nameOf?: (userId: string) => string | null;
  /** How many source records each contribution names; default 5, the newest. */
  evidence?: number;
}

/** Everything by which the signals of one account are judged at one date. */
export interface Judging {
  /** The whole model of its segment. */
  model: Model;
  /** What is different in its segment. */
  segment: Segment;
  segmentKey: string | null;
  scheme: Scheme;
  context: MeasureContext;
  peers: Peers | null;
  /** The context that its manager named, and the account as held signals see it. */
  hold: Hold | null;
  held: MeasureContext | null;
  /** What its manager said that the model does not know. */
  unknownContext: string | null;
}

export function judgingOf(general: Model, input: ScoringInput): Judging {
  const model = modelFor(general, input.segment);
  const peers = input.peers ?? null;
  const today = dayOf(input.today);
  const began = beganOn(input.view, model.onboarding.from);
  const env = makeEnv({
    view: input.view,
    today,
    dayStart: input.dayStart ?? today * DAY_MS,
    people: model.people,
    renewal: input.renewal,
    csmId: input.csmId,
    beginning: began === null ? null : { day: began, days: model.onboarding.days },
    toReporting: input.toReporting,
    aggregated: input.aggregated ?? null,
    stale: input.staleSources,
  });
  const context = { env, coverage: input.coverage, stale: input.staleSources, shifts: new Map() };
  const { hold, unknown } = saidOf(env, model.contexts);
  const segment = segmentOf(model, input.segment, peers?.accounts ?? null);
  return {
    model,
    segment,
    segmentKey: input.segment,
    scheme: schemeOf(model, segment),
    context,
    peers,
    hold,
    held: hold && heldContext(context, hold),
    unknownContext: unknown,
  };
}

/** What one signal of one account is worth. */
export interface Judged {
  signal: Signal;
  dimension: string;
  measured: Measured;
  value: Points | null;
  missing: string | null;
  /** How many accounts it was ranked among; 0 = it was not. */
  peers: number;
  /** The account as it was measured, and the context that holds it; null = none does. */
  env: Env;
  hold: Hold | null;
  /** Of its amounts; null = there are none. */
  currency: string | null;
}

export function judge(judging: Judging, { signal, group: dimension }: Weighing): Judged {
  const { measured, figure, context, hold } = judgedFigure(judging, signal, dimension);
  const curve = curveIn(signal, judging.segment);
  const ranked = figure === null ? null : pointsOn(curve, signal, figure, judging, judging.segmentKey);
  return {
    signal,
    dimension,
    measured,
    value: ranked?.value ?? null,
    missing: measured.missing ?? ranked?.missing ?? null,
    peers: ranked?.peers ?? 0,
    env: context.env,
    hold,
    currency: context.env.currency,
  };
}

/** What a signal's texts may say of it. */
export function figuresIn({ signal, measured, value, peers, env, hold, currency }: Judged, today: number): Figures {
  const day = signal.ramp && !measured.empty ? onboardingDay(env) : null;
  let note = '';
  if (signal.ramp && day !== null) note += `; ${rampNote(signal.ramp, day, signal, measured.bottom)}`;
  if (peers > 0) note += `; better than ${Math.floor((value ?? 0) / POINT)} % of ${peers} accounts`;
  if (hold) note += `; ${holdNote(hold, today)}`;
  return { signal, measured, env, currency, note };
}

export const heldIn = ({ signal, hold }: Judged): Held | null =>
  hold && { signal: signal.key, context: hold.context, since: dateOf(hold.since), until: dateOf(hold.until) };

/** What was measured, and as what it is judged: held while a context lasts, and against the ramp while the account is new. */
function judgedFigure(judging: Judging, signal: Signal, dimension: string) {
  const isHeld = judging.hold?.holds.some((name) => name === signal.key || name === dimension) ?? false;
  const hold = isHeld ? judging.hold : null;
  const context = (isHeld && judging.held) || judging.context;
  const measured = readNumber(measure(context, signal, signal.needs), curveIn(signal, judging.segment));
  const day = onboardingDay(context.env);
  let figure = measured.value;
  if (typeof figure === 'number' && signal.ramp && day !== null && !measured.empty)
    figure = Math.min(ramped(signal.ramp, signal.direction, day, figure), signal.ceiling ?? Number.POSITIVE_INFINITY);
  return { measured, figure, context, hold };
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/;

/** A column of an export is text, also where it holds numbers: a curve over numbers reads it as one, one of categories as it stands. */
function readNumber(measured: Measured, { lookup }: Curve): Measured {
  const { value } = measured;
  return typeof value === 'string' && !lookup && NUMBER.test(value) ? { ...measured, value: Number(value) } : measured;
}

/** An account's figures that its peers are ranked by, by table key; those that are missing are not among them. */
export function rankedFigures(general: Model, input: ScoringInput): Map<string, number> {
  const judging = judgingOf(general, input);
  const { model } = judging;
  const figures = new Map<string, number>();
  for (const signal of rankedSignals(model)) {
    const dimension = model.dimensions.find((d) => d.signals.includes(signal));
    const { figure } = judgedFigure(judging, signal, dimension?.key ?? '');
    if (typeof figure === 'number' && Number.isFinite(figure)) figures.set(tableKey(model, signal), figure);
  }
  return figures;
}

/** Whether the account was there 30 days ago. */
export function existed(now: ScoringInput, then: ScoringInput): boolean {
  const created = now.view.record?.createdOn;
  return created ? dayOf(created) <= dayOf(then.today) : then.view.record !== null;
}
