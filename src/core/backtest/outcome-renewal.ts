import { isDate } from '../calendar.ts';
import { DAY_MS, dayOf } from '../days.ts';
import type { AccountFacts, FactOf, Money, StoredFact } from '../fact.ts';
import {
  CONTRACTED,
  EXPANDED,
  KEPT,
  LOST,
  type Moment,
  NOT_CONCERNED,
  OPEN,
  type OutcomeCode,
  type StoryOf,
} from './outcome.ts';

/** An amount within this of the one before is a plain renewal. */
const SAME_AMOUNT = 0.05;

/** A renewal opportunity as it ended, or stands. */
interface Renewed {
  /** Day number of its close date, else of the day on which it was closed. */
  day: number;
  /** Epoch ms of the version that closed it; null = it is open. */
  closedAt: number | null;
  won: boolean;
  amount: Money | null;
}

/** Renewal opportunities: lost, or won for less, as much, or more than the account brought before. */
export const renewalStory: StoryOf = (facts, { primary }) => {
  const renewals = renewalsOf(facts).sort((a, b) => a.day - b.day);
  const settled = renewals.filter((r) => r.closedAt !== null);
  const last = settled.at(-1);
  const dueAt = ({ at, day, until }: Moment): Renewed[] =>
    renewals.filter((r) => r.day > day && r.day <= until && (r.closedAt === null || r.closedAt > at));
  return {
    left: last && !last.won ? last.day : null,
    dueIn(moment) {
      const due = dueAt(moment).filter((r) => r.closedAt !== null);
      const decides = due.find((r) => !r.won) ?? due[0];
      return decides === undefined ? null : decides.day - moment.day;
    },
    at(moment) {
      const { at, day } = moment;
      const due = dueAt(moment);
      const closed = due.filter((r) => r.closedAt !== null);
      if (closed.some((r) => !r.won)) return LOST;
      if (closed.length < due.length) return OPEN;
      if (closed.length === 0) return NOT_CONCERNED;
      const before = arrAt(facts, primary, at) ?? settled.findLast((r) => r.won && r.day <= day)?.amount ?? null;
      return byAmount(before, closed);
    },
  };
};

function byAmount(before: Money | null, closed: readonly Renewed[]): OutcomeCode {
  const amounts = closed.map((r) => r.amount);
  if (!before || before.minor <= 0 || amounts.some((a) => a?.currency !== before.currency)) return KEPT;
  const ratio = amounts.reduce((sum, a) => sum + (a?.minor ?? 0), 0) / before.minor;
  return ratio < 1 - SAME_AMOUNT ? CONTRACTED : ratio > 1 + SAME_AMOUNT ? EXPANDED : KEPT;
}

function renewalsOf({ facts }: AccountFacts): Renewed[] {
  const versions = new Map<string, (FactOf<'opportunity'> & { source: string })[]>();
  for (const fact of facts) {
    if (fact.kind !== 'opportunity') continue;
    const key = `${fact.source}\n${fact.id}`;
    const known = versions.get(key);
    if (known) known.push(fact);
    else versions.set(key, [fact]);
  }
  return [...versions.values()].flatMap((all) => {
    const last = all.at(-1);
    if (!last || last.deleted || last.data.renewal !== true) return [];
    const closed = isClosed(last);
    if (!closed) return isDate(last.data.closeOn) ? [standing(last, dayOf(last.data.closeOn), null)] : [];
    const open = all.findLastIndex((version) => !isClosed(version));
    const closedAt = all[open + 1]?.at ?? last.at;
    const day = isDate(last.data.closeOn) ? dayOf(last.data.closeOn) : Math.floor(closedAt / DAY_MS);
    return [standing(last, day, closedAt)];
  });
}

const isClosed = ({ data, deleted }: FactOf<'opportunity'>): boolean =>
  !deleted && (data.closed === true || data.won === true);
const standing = ({ data }: FactOf<'opportunity'>, day: number, closedAt: number | null): Renewed => ({
  day,
  closedAt,
  won: data.won === true,
  amount: data.amount ?? null,
});

/** What the account record said it brings, at an instant. */
function arrAt({ facts, account }: AccountFacts, primary: string, at: number): Money | null {
  const isRecord = (f: StoredFact): f is StoredFact & { kind: 'account' } =>
    f.kind === 'account' && f.source === primary && f.id === account && f.at <= at && !f.deleted;
  return facts.filter(isRecord).at(-1)?.data.arr ?? null;
}
