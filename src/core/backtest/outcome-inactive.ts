import { DAY_MS } from '../days.ts';
import type { AccountFacts } from '../fact.ts';
import { KEPT, LOST, NOT_CONCERNED, type StoryOf } from './outcome.ts';

/** Who used nothing for so long was no active account to lose. */
export const ACTIVE_DAYS = 90;
/** What an account has, not what it does. */
const STANDING = new Set(['seats', 'featuresAvailable', 'planUse', 'planLimit', 'integrations']);

/** Use or orders: an account that was active in the 90 days before is lost where none comes within the horizon. */
export const inactivityStory: StoryOf = (facts, { end, horizon }) => {
  const days = activeDays(facts);
  const any = (after: number, until: number): boolean => days.some((day) => day > after && day <= until);
  const last = days.length > 0 ? Math.max(...days) : null;
  return {
    left: last !== null && last + horizon <= end ? last : null,
    at({ day, until }) {
      if (!any(day - ACTIVE_DAYS, day)) return NOT_CONCERNED;
      return any(day, until) ? KEPT : LOST;
    },
  };
};

function activeDays({ facts }: AccountFacts): number[] {
  const days = new Set<number>();
  for (const fact of facts)
    if (fact.kind === 'usage' && !fact.deleted)
      for (const name in fact.data.metrics)
        if ((fact.data.metrics[name] ?? 0) > 0 && !STANDING.has(name)) {
          days.add(Math.floor(fact.at / DAY_MS));
          break;
        }
  return [...days];
}
