import { DAY_MS } from '../days.ts';
import type { Observations } from './observations.ts';
import { CONTRACTED, EXPANDED, KEPT, LOST, type Moment } from './outcome.ts';
import { type Share, wilson } from './proportions.ts';

/** A task is about a renewal so many days ahead: one that is older than this at a date was about another. */
const AHEAD_DAYS = 90;

/** What became of accounts of one band, of those with a manager task and of those without. */
export interface TaskOutcomes {
  band: string;
  task: boolean;
  cases: number;
  accounts: number;
  lost: number;
  contracted: number;
  kept: number;
  expanded: number;
  /** Of being lost, with its interval over accounts. */
  rate: number;
  low: number;
  high: number;
}

/**
 * Whether a task was created that may have changed what came after a date: from 90 days before it until the horizon's end, and before
 * the account left. @param created epoch ms @param left day number; null = it has not left
 */
export function hadTask(created: readonly number[], { at, until }: Moment, left: number | null): boolean {
  const end = Math.min(until + 1, left ?? Number.POSITIVE_INFINITY) * DAY_MS;
  return created.some((instant) => instant > at - AHEAD_DAYS * DAY_MS && instant < end);
}

/** By band, those with a task first; bands in which nobody had one compare nothing, and are left out. */
export function taskOutcomes(obs: Observations, rows: Int32Array): TaskOutcomes[] {
  return obs.bands.flatMap((band, at) => {
    const own = rows.filter((i) => obs.band[i] === at);
    const [tasked, others] = [own.filter((i) => obs.tasked[i] === 1), own.filter((i) => obs.tasked[i] === 0)];
    if (tasked.length === 0) return [];
    return [outcomesOf(obs, band, true, tasked), outcomesOf(obs, band, false, others)].filter((part) => part !== null);
  });
}

function outcomesOf(obs: Observations, band: string, task: boolean, rows: Int32Array): TaskOutcomes | null {
  const count = (code: number): number => rows.reduce((sum, i) => sum + (obs.outcome[i] === code ? 1 : 0), 0);
  const [lost, accounts] = [count(LOST), obs.accountsIn(rows)];
  const share: Share | null = wilson(lost, rows.length, accounts);
  if (!share) return null;
  const others = { contracted: count(CONTRACTED), kept: count(KEPT), expanded: count(EXPANDED) };
  return { band, task, cases: rows.length, accounts, lost, ...others, ...share };
}
