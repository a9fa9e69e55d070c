import type { AccountFacts } from '../fact.ts';
import { GONE, KEPT, LOST, NOT_CONCERNED, type Story } from './outcome.ts';

/** What became of accounts as a file tells it, by the account's id. Days are day numbers. */
export type OutcomeLog =
  /** On which days accounts left, in order. `back`: some left more than once, so that they come back. */
  | { kind: 'days'; file: string; days: ReadonlyMap<string, readonly number[]>; back: boolean }
  /** Whether they left after some days, within a horizon that whoever made the file knows. */
  | { kind: 'labels'; file: string; labels: ReadonlyMap<string, ReadonlyMap<number, boolean>> };

export const accountsOf = (log: OutcomeLog): ReadonlyMap<string, unknown> =>
  log.kind === 'days' ? log.days : log.labels;

/** The days that a file of labels tells of, in order; a file of days tells of any. */
export function daysOf(log: OutcomeLog): number[] | null {
  if (log.kind === 'days') return null;
  const days = new Set<number>();
  for (const own of log.labels.values()) for (const day of own.keys()) days.add(day);
  return [...days].sort((a, b) => a - b);
}

/** Who is in no line of a file of days has stayed; of whom a file of labels says nothing, nothing is known. */
export function logStory(log: OutcomeLog, { account }: Pick<AccountFacts, 'account'>): Story {
  if (log.kind === 'labels') {
    const labels = log.labels.get(account);
    return {
      left: null,
      at({ day }) {
        const label = labels?.get(day);
        return label === undefined ? NOT_CONCERNED : label ? LOST : KEPT;
      },
    };
  }
  const days = log.days.get(account) ?? [];
  const last = days.at(-1) ?? null;
  return {
    left: last,
    at({ day, until }) {
      if (days.some((d) => d > day && d <= until)) return LOST;
      // Where accounts come back, nobody says when: whoever is a customer by the rule is one.
      return last !== null && last <= day && !log.back ? GONE : KEPT;
    },
  };
}
