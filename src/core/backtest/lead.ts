import { POINT } from '../result.ts';
import type { Estimate } from './auc.ts';
import { aucOfClusters } from './clustered.ts';
import { type Observations, unpacked } from './observations.ts';
import { LOST } from './outcome.ts';
import { eventsIn } from './sample.ts';

/** Days before an account left, each give or take two weeks, earliest first. */
export const LEADS = [90, 60, 30] as const;
const EARLIER = 15;
const LATER = 14;

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

/**
 * Those who left so many days later, and those at the same dates of whom that is not so. Where there is a day of decision, both stand as
 * far from theirs: else whatever moves with the contract (its age, its last invoice) would seem to tell who leaves.
 */
function around(obs: Observations, days: number): { left: Int32Array; others: Int32Array } {
  const within = (ahead = -1): boolean => ahead >= days - LATER && ahead <= days + EARLIER;
  if (obs.dueIn.some((due) => due >= 0)) {
    const due = obs.where((i) => obs.isJudged(i) && within(obs.dueIn[i]));
    const left = due.filter((i) => obs.outcome[i] === LOST);
    const dates = new Set(Int32Array.from(left, (i) => obs.date[i] ?? 0));
    return { left, others: due.filter((i) => obs.outcome[i] !== LOST && dates.has(obs.date[i] ?? 0)) };
  }
  const scored = (i: number): boolean => (obs.points[i] ?? -1) >= 0;
  const left = obs.where((i) => scored(i) && within(obs.daysLeft[i]));
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

/** A dimension tells them apart from the earliest day on whose interval lies above chance. In steps: three passes each. */
export function* leadSteps(obs: Observations): Generator<void, Lead[]> {
  const moments = LEADS.map((days) => {
    const { left, others } = around(obs, days);
    const isLeft = new Uint8Array(obs.length);
    for (const i of left) isLeft[i] = 1;
    const rows = new Int32Array(left.length + others.length);
    rows.set(left);
    rows.set(others, left.length);
    return { days, rows: rows.sort(), isLeft: (i: number) => isLeft[i] === 1 };
  });
  const leads: Lead[] = [];
  for (const { dimension, label, score } of obs.dimensions) {
    const by: Lead['by'] = [];
    for (const { days, rows, isLeft } of moments) {
      const sample = obs.sample(rows, (i) => unpacked(score[i]), isLeft);
      by.push({ days, left: eventsIn(sample), auc: aucOfClusters(sample) });
      yield;
    }
    leads.push({ dimension, label, days: by.find(({ auc }) => (auc.low ?? 0) > 0.5)?.days ?? null, by });
  }
  return leads;
}
