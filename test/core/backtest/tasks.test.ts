import { describe, expect, it } from 'vitest';
import { CONTRACTED, KEPT, LOST, type Moment, type OutcomeCode } from '../../../src/core/backtest/outcome.ts';
import { hadTask, taskOutcomes } from '../../../src/core/backtest/tasks.ts';
import { DAY_MS } from '../../../src/core/days.ts';
import { observed } from './support.ts';

describe('a task that may have changed what came after a date', () => {
  const moment: Moment = { at: 1000 * DAY_MS, day: 999, until: 1089 };
  const on = (day: number): number[] => [day * DAY_MS];
  it('was created within the 90 days before it, or within the horizon', () => {
    expect([909, 911, 1000, 1089].map((day) => hadTask(on(day), moment, null))).toEqual([false, true, true, true]);
    expect(hadTask(on(1091), moment, null)).toBe(false);
  });
  it('and before the account left', () => {
    expect(hadTask(on(1020), moment, 1010)).toBe(false);
    expect(hadTask(on(1005), moment, 1010)).toBe(true);
    expect(hadTask([], moment, null)).toBe(false);
  });
});

it('what became of accounts with a task stands beside those of the same band without one', () => {
  const one = (account: number, score: number, outcome: OutcomeCode, tasked: boolean) => ({
    account,
    date: 0,
    outcome,
    tasked,
    signals: [score],
  });
  const obs = observed([
    one(1, 30, LOST, true),
    one(2, 40, KEPT, true),
    one(3, 50, CONTRACTED, true),
    one(4, 20, LOST, false),
    one(5, 35, LOST, false),
    one(6, 90, KEPT, false), // of a band without any task
  ]);
  const told = taskOutcomes(obs, obs.judged());
  expect(told).toMatchObject([
    { band: 'red', task: true, cases: 3, accounts: 3, lost: 1, contracted: 1, kept: 1, expanded: 0 },
    { band: 'red', task: false, cases: 2, accounts: 2, lost: 2, contracted: 0, kept: 0 },
  ]);
  expect(told[0]?.rate).toBeCloseTo(1 / 3, 12);
  expect(told[0]?.low).toBeGreaterThan(0);
});
