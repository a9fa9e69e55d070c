import { Cron } from 'croner';

/**
 * Five fields, or six with seconds first. Only what every cron library reads alike: numbers, names, `*`, lists, ranges and steps, so
 * that a schedule means the same with and without Redis.
 */
const SHAPE = /^(?:[\da-z*,/-]+\s+){4,5}[\da-z*,/-]+$/i;
const LETTERS = /[a-z]+/gi;
const NAMES = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;

const options = (timezone: string) => ({ timezone, mode: '5-or-6-parts' }) as const;

/** What is wrong with a cron expression, or null. */
export function cronProblem(pattern: string): string | null {
  const strange = (pattern.match(LETTERS) ?? []).find((word) => !NAMES.test(word));
  if (!SHAPE.test(pattern.trim()) || strange !== undefined)
    return 'expected a cron expression like `0 6 * * *` (minute hour day month weekday, seconds first where there are six)';
  try {
    return new Cron(pattern, { ...options('UTC'), paused: true }).nextRun() === null ? 'it never comes due' : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The latest instant at or before `now` at which the schedule was due; null = never yet. */
export function lastDue(pattern: string, timezone: string, now: number): number | null {
  // croner looks strictly before its reference, which it reads to the second.
  const runs = new Cron(pattern, { ...options(timezone), paused: true }).previousRuns(2, new Date(now + 1000));
  return runs.map((run) => run.getTime()).find((run) => run <= now) ?? null;
}

/** Calls back whenever the schedule is due, with the instant it was due at. @returns how to stop it. */
export function whenDue(pattern: string, timezone: string, call: (due: number) => void): () => void {
  const job = new Cron(pattern, options(timezone), (self: Cron) => call((self.currentRun() ?? new Date()).getTime()));
  return () => job.stop();
}
