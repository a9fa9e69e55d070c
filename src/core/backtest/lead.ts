import { POINT } from '../result.ts';
import { aucWithInterval, type Estimate } from './auc.ts';
import { type Observations, unpacked } from './observations.ts';
import { LOST } from './outcome.ts';

/** Days before an account left, each give or take two weeks, earliest first. */
export const LEADS = [90, 60, 30] as const;
const EARLIER = 15;
const LATER = 14;
/** Each dimension is judged three times: fewer resamples than for the whole score are precise enough. */
const RESAMPLES = 300;

/** The mean score so many days before accounts left, and that of the others at the same dates. */
export interface Before {
  days: number;
  left: number;
  meanLeft: number | null;
  meanOthers: number | null;
  reason: string | null;
}

/** How long before accounts left a dimension told them from the others. */
export interface Lead {
  dimension: string;
  label: string;
  /** null = at none of the days looked at beyond doubt. */
  days: number | null;
  by: { days: number; left: number; auc: Estimate }[];
}

/** Those who left so many days later, and those at the same dates of whom that is not so. */
function around(obs: Observations, days: number): { left: Int32Array; others: Int32Array } {
  const [from, to] = [days - LATER, days + EARLIER];
  const scored = (i: number): boolean => (obs.points[i] ?? -1) >= 0;
  const left = obs.where((i) => scored(i) && (obs.daysLeft[i] ?? -1) >= from && (obs.daysLeft[i] ?? -1) <= to);
  const dates = new Set(Int32Array.from(left, (i) => obs.date[i] ?? 0));
  const latest = (LEADS[0] ?? 0) + EARLIER;
  const stays = (i: number): boolean => {
    const ahead = obs.daysLeft[i] ?? -1;
    return obs.isJudged(i) && obs.outcome[i] !== LOST && (ahead < 0 || ahead > latest);
  };
  return { left, others: obs.where((i) => dates.has(obs.date[i] ?? 0) && stays(i)) };
}

/** The others' mean counts each date as often as somebody left after it. */
export function meansBefore(obs: Observations): Before[] {
  return [...LEADS].reverse().map((days) => {
    const { left, others } = around(obs, days);
    const none = (reason: string): Before => ({ days, left: left.length, meanLeft: null, meanOthers: null, reason });
    if (left.length === 0) return none(`no date lies about ${days} days before somebody left`);
    const sums = new Map<number, { sum: number; count: number }>();
    for (const i of others) {
      const date = obs.date[i] ?? 0;
      const known = sums.get(date) ?? { sum: 0, count: 0 };
      sums.set(date, { sum: known.sum + (obs.points[i] ?? 0), count: known.count + 1 });
    }
    let [own, theirs, pairs] = [0, 0, 0];
    for (const i of left) {
      own += obs.points[i] ?? 0;
      const at = sums.get(obs.date[i] ?? 0);
      if (!at) continue;
      theirs += at.sum / at.count;
      pairs += 1;
    }
    if (pairs === 0) return none('nobody else was there at those dates');
    return {
      days,
      left: left.length,
      meanLeft: own / left.length / POINT,
      meanOthers: theirs / pairs / POINT,
      reason: null,
    };
  });
}

export function leadsOf(obs: Observations, resamples: number, seed: number): Lead[] {
  const moments = LEADS.map((days) => {
    const { left, others } = around(obs, days);
    const ofLeft = new Set(left);
    return { days, rows: Int32Array.from([...left, ...others]).sort(), isLeft: (i: number) => ofLeft.has(i) };
  });
  return obs.dimensions.map(({ dimension, label, score }) => {
    const by = moments.map(({ days, rows, isLeft }) => {
      const sample = obs.sample(rows, (i) => unpacked(score[i]), isLeft);
      const left = sample.events.reduce((sum, e) => sum + e, 0);
      return { days, left, auc: aucWithInterval(sample, Math.min(resamples, RESAMPLES), seed) };
    });
    return { dimension, label, days: by.find(({ auc }) => (auc.low ?? 0) > 0.5)?.days ?? null, by };
  });
}
