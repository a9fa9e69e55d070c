import { isDate } from '../calendar.ts';
import { DAY_MS, dayOf } from '../days.ts';
import type { AccountFacts, FactOf } from '../fact.ts';
import { GONE, KEPT, LOST, NOT_CONCERNED, type StoryOf } from './outcome.ts';

/** From when until when (day numbers) a subscription ran; it is not over where `to` is beyond what the data tell. */
interface Run {
  from: number;
  to: number;
}

/** Subscriptions: an account leaves on the day on which the last of them ends, trials apart. */
export const subscriptionStory: StoryOf = (facts, { end }) => {
  const runs = runsOf(facts, end);
  const live = (day: number): boolean => runs.some((r) => r.from <= day && r.to > day);
  const last = runs.length > 0 ? Math.max(...runs.map((r) => r.to)) : Number.POSITIVE_INFINITY;
  return {
    left: Number.isFinite(last) ? last : null,
    at({ day, until }) {
      if (!live(day)) return runs.some((r) => r.to <= day) && last <= day ? GONE : NOT_CONCERNED;
      return live(until) ? KEPT : LOST;
    },
  };
};

function runsOf({ facts }: AccountFacts, end: number): Run[] {
  const found = new Map<string, { first: number; last: FactOf<'subscription'>; over: number | null }>();
  for (const fact of facts) {
    if (fact.kind !== 'subscription') continue;
    const key = `${fact.source}\n${fact.id}`;
    const known = found.get(key);
    if (fact.deleted) {
      if (known) known.over ??= Math.floor(fact.at / DAY_MS);
    } else found.set(key, { first: known?.first ?? fact.at, last: fact, over: null });
  }
  return [...found.values()].flatMap(({ first, last: { data }, over }) => {
    if (data.trial === true) return [];
    const from = isDate(data.startOn) ? dayOf(data.startOn) : Math.floor(first / DAY_MS);
    // An end still to come is the term's, which may be renewed.
    const ended = isDate(data.endOn) && dayOf(data.endOn) <= end ? dayOf(data.endOn) : Number.POSITIVE_INFINITY;
    return [{ from, to: Math.min(ended, over ?? Number.POSITIVE_INFINITY) }];
  });
}
