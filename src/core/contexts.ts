import { DAY_MS } from './days.ts';
import { dayAt, dayOn } from './derive.ts';
import type { FactOf } from './fact.ts';
import { shortDay } from './format.ts';
import type { Model } from './model.ts';
import { OPEN_ENDED_DAYS, pulseOf } from './override.ts';
import { type Env, makeEnv } from './rows.ts';
import type { MeasureContext } from './signals.ts';
import { oneLine } from './text.ts';

/** S6: what an account's manager says of it for a time, such as a migration. The signals that it disturbs are held meanwhile. */
export interface Hold {
  /** Its label in the model. */
  context: string;
  /** Dimensions and signals. */
  holds: readonly string[];
  /** Day numbers; both are within it. */
  since: number;
  until: number;
}

type Pulse = FactOf<'pulse'> & { source: string };

/** What was said, as far as it holds today: as the model knows it, or in the words that it does not know. */
export interface Said {
  hold: Hold | null;
  unknown: string | null;
}
const NONE: Said = { hold: null, unknown: null };

/** Without an end it holds as long as an override does. */
export function saidOf(env: Env, contexts: Model['contexts']): Said {
  const pulse = pulseOf(env.view);
  const text = pulse?.data.context?.trim();
  if (!pulse || !text) return NONE;
  const keyOf = (said: string): string =>
    Object.keys(contexts).find((key) =>
      [key, contexts[key]?.label ?? ''].some((name) => plain(name) === plain(said)),
    ) ?? plain(said);
  const key = keyOf(text);
  const known = Object.hasOwn(contexts, key) ? contexts[key] : undefined;
  const since = dayAt(
    env,
    saidSince(env, pulse, (said) => keyOf(said) === key),
  );
  const until = dayOn(pulse.data.contextUntil) ?? since + OPEN_ENDED_DAYS;
  if (env.today > until) return NONE;
  if (!known) return { hold: null, unknown: oneLine(text) };
  return { hold: { context: known.label, holds: known.holds, since, until }, unknown: null };
}

const plain = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');

/** When the first of the unbroken line of versions that say so began. */
function saidSince(env: Env, pulse: Pulse, isSame: (said: string) => boolean): number {
  let since = pulse.at;
  for (;;) {
    const before = env.view.stateAt('pulse', pulse.source, pulse.id, since - 1);
    if (!before || !isSame(before.data.context ?? '')) return since;
    since = before.at;
  }
}

/**
 * The account as a held signal sees it: as of the start of the day on which the context began, by what was known then. Sources that
 * became stale since do not matter to it.
 */
export function heldContext(context: MeasureContext, { since }: Hold): MeasureContext {
  const { env } = context;
  const days = env.today - since;
  const dayStart = env.dayStart - days * DAY_MS;
  const renewal = env.renewal && { ...env.renewal, daysAway: env.renewal.daysAway + days };
  const view = env.view.earlier(dayStart);
  return {
    ...context,
    env: makeEnv({ ...env, view, today: since, dayStart, renewal, aggregated: null }),
    shifts: new Map(),
  };
}

/** "held since 3 Nov for migration until 1 Dec" */
export const holdNote = ({ context, since, until }: Hold, today: number): string =>
  `held since ${shortDay(since, today)} for ${context.toLowerCase()} until ${shortDay(until, today)}`;
