import { accountsOf, aucDifference, aucWithInterval, type Estimate } from '../backtest/auc.ts';
import { LOST, OBSERVED, type OutcomeCode } from '../backtest/outcome.ts';
import type { Sample } from '../backtest/sample.ts';

/** What two models were worth on the very same observations. */
export interface Comparison {
  /** Observations with a known outcome that both score, and their accounts by what became of them. */
  cases: number;
  lostAccounts: number;
  keptAccounts: number;
  /** Of those that each scores at all; `auc` is over the cases of both. */
  live: { cases: number; auc: Estimate };
  candidate: { cases: number; auc: Estimate };
  /** AUC of the candidate − that of the live model, with the interval of a paired bootstrap over accounts. */
  difference: Estimate;
}

export type Side = 'live' | 'candidate';
interface Column {
  /** By account; −1 = not scored, or not seen. */
  points: Record<Side, number[]>;
  outcome: OutcomeCode[];
}

/** Scores of two models of the same accounts at the same dates. Packed numbers, so that 600,000 of them are no burden. */
export class Pairs {
  readonly #accounts = new Map<string, number>();
  readonly #dates = new Map<string, Column>();

  /** One account at one date (in any order), by one of the models. Outcomes that are not known are left out. */
  add(side: Side, seen: { account: string; date: string; outcome: OutcomeCode; points: number | null }): void {
    if (seen.points === null || !OBSERVED.has(seen.outcome)) return;
    const account = this.#accounts.get(seen.account) ?? this.#accounts.size;
    this.#accounts.set(seen.account, account);
    const column = this.#dates.get(seen.date) ?? { points: { live: [], candidate: [] }, outcome: [] };
    this.#dates.set(seen.date, column);
    while (column.outcome.length <= account) {
      column.outcome.push(seen.outcome);
      column.points.live.push(-1);
      column.points.candidate.push(-1);
    }
    column.outcome[account] = seen.outcome;
    column.points[side][account] = seen.points;
  }

  compare(resamples: number, seed: number): Comparison {
    const counts = { live: 0, candidate: 0 };
    const both: Both = { live: [], candidate: [], event: [], account: [] };
    for (const { points, outcome } of this.#dates.values())
      for (const [account, code] of outcome.entries()) {
        const [live, candidate] = [points.live[account] ?? -1, points.candidate[account] ?? -1];
        if (live >= 0) counts.live += 1;
        if (candidate >= 0) counts.candidate += 1;
        if (live < 0 || candidate < 0) continue;
        both.live.push(live);
        both.candidate.push(candidate);
        both.event.push(code === LOST ? 1 : 0);
        both.account.push(account);
      }
    const [live, candidate] = [sampleOf(both, 'live'), sampleOf(both, 'candidate')];
    return {
      cases: both.account.length,
      lostAccounts: accountsOf(live, 1),
      keptAccounts: accountsOf(live, 0),
      live: { cases: counts.live, auc: aucWithInterval(live, resamples, seed) },
      candidate: { cases: counts.candidate, auc: aucWithInterval(candidate, resamples, seed) },
      difference: aucDifference(live, candidate.values, resamples, seed),
    };
  }
}

type Both = Record<Side | 'event' | 'account', number[]>;
const sampleOf = (both: Both, side: Side): Sample => ({
  values: Float64Array.from(both[side]),
  events: Uint8Array.from(both.event),
  groups: Int32Array.from(both.account),
});
