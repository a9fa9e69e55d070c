import { foldsOf } from '../backtest/folds.ts';
import type { Steps } from '../steps.ts';
import { fitSlopes, type Strength } from './fit.ts';
import { type Cases, type Fit, lossOf, Odds } from './likelihood.ts';

/** What is tried, the strongest first. */
export const STRENGTHS: readonly Strength[] = [Number.POSITIVE_INFINITY, 1000, 300, 100, 30, 10];
const PARTS = 5;
/** Standard errors by which other weights must be better for the prior to be left at all. */
const SURE = 2;
/** Accounts that left for each weight that is fitted: fewer do not carry it by themselves (Peduzzi et al. 1996). */
const FOR_EACH = 10;

export interface Choice {
  strength: Strength;
  /** −log-likelihood of accounts that a fit had not seen, per observation, and its standard error against the best. */
  tried: { strength: Strength; loss: number; worse: number; error: number }[];
}

/** The fewer accounts left, the more the least pull: where there are ten for each of n weights it is 10 n, with twice as many half of it. */
export const strengthsFor = (weights: number, lost: number): Strength[] =>
  STRENGTHS.filter((strength) => !Number.isFinite(strength) || strength * lost >= (FOR_EACH * weights) ** 2);

/**
 * How strongly the prior pulls, by cross-validation over parts of the accounts: the strongest pull that is not worse than the best by
 * more than one standard error (Breiman's rule). The prior alone stands unless it is worse by two: weights move only where the data insist. @param lost how many accounts left
 */
export function* chooseStrength(
  cases: Cases,
  rows: Int32Array,
  accounts: Int32Array,
  lost: number,
  seed: number,
): Steps<Choice> {
  const allowed = strengthsFor(cases.columns.length, lost);
  const most = rows.reduce((max, row) => Math.max(max, accounts[row] ?? 0), 0) + 1;
  const folds = foldsOf(most, PARTS, seed);
  const losses = allowed.map(() => new Float64Array(most));
  for (let part = 0; part < PARTS; part++) {
    const inside = (row: number): boolean => folds[accounts[row] ?? 0] === part;
    const [others, own] = [rows.filter((row) => !inside(row)), rows.filter(inside)];
    let fit: Fit | undefined;
    for (const [at, strength] of allowed.entries()) {
      fit = yield* fitSlopes(cases, others, strength, fit);
      const odds = new Odds(cases.columns, fit);
      const loss = losses[at] as Float64Array;
      for (const row of own) {
        const said = odds.of(row);
        const account = accounts[row] ?? 0;
        const level = Number.isNaN(said) ? fit.intercept : said;
        loss[account] = (loss[account] ?? 0) + lossOf(level, cases.events[row] === 1);
      }
      yield;
    }
  }
  const sums = losses.map((loss) => loss.reduce((a, b) => a + b, 0));
  const best = losses[sums.indexOf(Math.min(...sums))] as Float64Array;
  const tried = allowed.map((strength, at) => {
    const loss = losses[at] as Float64Array;
    const apart = loss.map((l, account) => l - (best[account] ?? 0));
    const worse = apart.reduce((a, b) => a + b, 0);
    const mean = worse / most;
    const error = Math.sqrt(apart.reduce((sum, d) => sum + (d - mean) ** 2, 0));
    return { strength, loss: (sums[at] ?? 0) / rows.length, worse: worse / rows.length, error: error / rows.length };
  });
  const chosen =
    tried.find(({ strength, worse, error }) => worse <= (Number.isFinite(strength) ? 1 : SURE) * error) ?? tried.at(-1);
  return { strength: chosen?.strength ?? Number.POSITIVE_INFINITY, tried };
}
