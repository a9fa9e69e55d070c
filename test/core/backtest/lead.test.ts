import { describe, expect, it } from 'vitest';
import { leadSteps, meansBefore } from '../../../src/core/backtest/lead.ts';
import { KEPT, LOST } from '../../../src/core/backtest/outcome.ts';
import { finish } from '../../../src/core/steps.ts';
import { type Case, observed } from './support.ts';

/** Each renewal from 10 to 90 days away, one in four of them lost. One signal knows the distance alone, the other who leaves. */
const renewals: Case[] = Array.from({ length: 640 }, (_, account) => {
  const dueIn = 10 + (account % 81);
  const lost = account % 4 === 0;
  return {
    account,
    date: 0,
    outcome: lost ? LOST : KEPT,
    daysLeft: lost ? dueIn : null,
    dueIn,
    signals: [100 - dueIn, lost ? 30 : 70],
  };
});

describe('how early a dimension tells who leaves', () => {
  it('is told among renewals that are as far away, so that the calendar tells nothing', () => {
    const [calendar, sign] = finish(leadSteps(observed(renewals)));
    for (const { auc } of calendar?.by ?? []) {
      expect(auc.value).toBeGreaterThan(0.4);
      expect(auc.value).toBeLessThan(0.6);
    }
    expect(calendar?.days).toBeNull();
    expect(sign).toMatchObject({ days: 90 });
    for (const { auc } of sign?.by ?? []) expect(auc.value).toBe(1);
  });

  it('is told at any distance where there is no day of decision', () => {
    const [calendar] = finish(leadSteps(observed(renewals.map(({ dueIn: _, ...one }) => one))));
    expect(calendar?.by.map(({ days }) => days)).toEqual([90, 60, 30]);
    expect(Math.min(...(calendar?.by ?? []).map(({ auc }) => auc.value ?? 0.5))).toBeLessThan(0.4);
  });

  it('compares mean scores at the same distance, too', () => {
    const means = meansBefore(observed(renewals.map((one) => ({ ...one, signals: [100 - (one.dueIn ?? 0)] }))));
    for (const { meanLeft, meanOthers } of means)
      expect(Math.abs((meanLeft ?? 0) - (meanOthers ?? 99))).toBeLessThan(3);
  });
});
