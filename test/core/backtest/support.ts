import { Observations } from '../../../src/core/backtest/observations.ts';
import type { OutcomeCode } from '../../../src/core/backtest/outcome.ts';
import type { Sample } from '../../../src/core/backtest/sample.ts';
import { type AccountScore, NOT_SCORED, POINT } from '../../../src/core/result.ts';
import { score } from '../../cli/support.ts';

/** Cases of accounts that come once each. */
export const sampleOf = (values: number[], events: number[]): Sample => ({
  values: Float64Array.from(values),
  events: Uint8Array.from(events),
  groups: Int32Array.from(values, (_, i) => i),
});

/** Nothing to say of what a report rests on. */
export const BASIS = {
  judged: 1,
  notOver: 0,
  accounts: 0,
  knownThen: 0,
  ages: new Set<string>(),
  idOf: (account: number) => `A${account}`,
  odd: { later: 0, leaveLater: 0, unread: null },
};

export const BANDS = ['green', 'yellow', 'red'];
export interface Case {
  account: number;
  date: number;
  outcome: OutcomeCode;
  daysLeft?: number | null;
  dueIn?: number | null;
  /** 0–100 by signal; null = missing. Each weighs the same. */
  signals: (number | null)[];
  /** What was measured, where it is not that value. */
  raw?: (number | null)[];
}

/** The score of a model with one dimension a signal. */
export function scoreOfCase({ account, signals, raw = signals }: Case): AccountScore {
  const present = signals.filter((s) => s !== null);
  const points = present.length > 0 ? Math.round((POINT * present.reduce((a, b) => a + b, 0)) / present.length) : null;
  const whole = points === null ? null : Math.round(points / POINT);
  return score({
    account: `A${account}`,
    points,
    score: whole,
    band: whole === null ? NOT_SCORED : whole >= 80 ? 'green' : whole >= 60 ? 'yellow' : 'red',
    dimensions: signals.map((s, i) => ({
      dimension: `d${i}`,
      label: `D${i}`,
      weight: 1,
      score: s === null ? null : s * POINT,
    })),
    contributions: signals.map((s, i) => ({
      dimension: `d${i}`,
      signal: `s${i}`,
      label: `S${i}`,
      raw: raw[i] ?? null,
      value: s === null ? null : s * POINT,
      weight: s === null ? 0 : 1 / present.length,
      points: s === null ? 0 : (s * POINT) / present.length,
      text: '',
      evidence: [],
    })),
  });
}

export function observed(cases: Case[]): Observations {
  const obs = new Observations(BANDS);
  for (const one of cases) obs.add(scoreOfCase(one), { daysLeft: null, ...one });
  return obs;
}
