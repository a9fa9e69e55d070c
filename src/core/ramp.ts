import { interpolate } from './curves.ts';
import { figure as written } from './format.ts';
import type { Ramp, Signal } from './model.ts';
import type { Lifecycle } from './result.ts';
import { type Env, onboardingDay } from './rows.ts';

/** S5: an account in onboarding is judged against what is normal so many days after it began, not against mature accounts. */

export const lifecycleOf = (env: Pick<Env, 'beginning' | 'today'>): Lifecycle | null =>
  env.beginning === null ? null : onboardingDay(env) === null ? 'mature' : 'onboarding';

/** What is normal on a day: straight lines between the ramp's points. */
export const normalOn = (ramp: Ramp, day: number): number => interpolate(ramp, day);

/**
 * A figure of day N as what it would be of a mature account: × normal at the ramp's end ÷ normal on day N. Never worse than the figure
 * itself: being new is no fault.
 */
export function ramped(ramp: Ramp, direction: Signal['direction'], day: number, value: number): number {
  const end = normalOn(ramp, Number.POSITIVE_INFINITY);
  const grown = (value * end) / normalOn(ramp, day);
  return direction === 'lower is better' ? Math.min(value, grown) : Math.max(value, grown);
}

/** "day 20 of onboarding, 10 is usual by then": of a ratio the figure above the line. */
export function rampNote(ramp: Ramp, day: number, { aggregation }: Signal, bottom: number | null): string {
  const normal = normalOn(ramp, day);
  const usual = aggregation === 'ratio' && bottom !== null ? (normal * bottom) / 100 : normal;
  return `day ${day} of onboarding, ${written(usual)} is usual by then`;
}
