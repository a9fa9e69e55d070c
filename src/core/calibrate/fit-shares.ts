import { auc } from '../backtest/auc.ts';
import type { Observations } from '../backtest/observations.ts';
import { LOST } from '../backtest/outcome.ts';
import type { Steps } from '../steps.ts';
import { fitSlopes, type Strength } from './fit.ts';
import { evidenceIn } from './gathered.ts';
import { ABSENT, type Cases } from './likelihood.ts';
import { type Choice, chooseStrength } from './strength.ts';

/** Fewer accounts than this that left, or that stayed, say nothing of weights: the shipped ones stand. */
export const FEWEST = 10;
/** From here on a signal is too good to be true. */
const NEAR_PERFECT = 0.99;
/** Log-odds between the best and the worst score, below which weights mean nothing. */
const FLAT = 0.01;

/** A signal, or a dimension, whose share is asked for. */
export interface Candidate {
  key: string;
  group: number;
  /** Its share now; of all they add up to 1. */
  prior: number;
  /** In hundredths, ABSENT = missing; null = it was never measured. */
  value: Uint16Array | null;
  /** What was measured; absent = the value says all. */
  raw?: Float32Array;
}

/** What became of a candidate. Only what is `fitted` moves by evidence. */
export type Verdict = 'fitted' | 'never there' | 'always the same' | 'knows the outcome';

export interface Judged {
  verdict: Verdict;
  /** Share after the fit; 0 where it knows the outcome. */
  share: number;
  /** Of its value alone, on these rows; null = one class or never there. */
  auc: number | null;
  present: number;
}

export interface SharesFitted {
  /** In the order of candidates; shares add up to 1. */
  judged: Judged[];
  /** null = nothing was chosen, for the reason that is told. */
  choice: Choice | null;
  /** Why the shares are the prior's; null = they were fitted, or the choice itself was the prior. */
  reason: string | null;
}

/**
 * Shares of candidates by what became of the accounts. What was never there, or always the same, keeps its prior share, since nothing
 * can be learnt of it; what knows the outcome gets none.
 */
export function* fitShares(
  obs: Observations,
  rows: Int32Array,
  candidates: readonly Candidate[],
  seed: number,
): Steps<SharesFitted> {
  const { lost, stayed, lostRows } = evidenceIn(obs, rows);
  const enough = Math.min(lost, stayed) >= FEWEST;
  const judged: Judged[] = [];
  for (const candidate of candidates) {
    judged.push(judge(obs, rows, candidate, enough));
    yield;
  }
  const known = candidates.filter((_, c) => judged[c]?.verdict === 'knows the outcome');
  const rest = 1 - known.reduce((sum, c) => sum + c.prior, 0);
  for (const [c, own] of judged.entries())
    own.share = known.includes(candidates[c] as Candidate) ? 0 : rest > 1e-9 ? (candidates[c]?.prior ?? 0) / rest : 0;
  const unmoved = (reason: string): SharesFitted => ({ judged, choice: null, reason });
  if (!enough)
    return unmoved(
      `${lost} accounts left and ${stayed} stayed: weights are fitted from ${FEWEST} of each on, so they stay as they are`,
    );
  const fitted = [...candidates.keys()].filter((c) => judged[c]?.verdict === 'fitted');
  if (fitted.length < 2)
    return unmoved(`${fitted.length === 0 ? 'no signal' : 'only one signal'} differs from account to account`);
  const whole = fitted.reduce((sum, c) => sum + (judged[c]?.share ?? 0), 0);
  const columns = fitted.map((c) => {
    const { key, group, value } = candidates[c] as Candidate;
    const prior = whole > 0 ? (judged[c]?.share ?? 0) / whole : 1 / fitted.length;
    return { key, group, prior, value: value as Uint16Array };
  });
  const events = obs.outcome.map((code) => (code === LOST ? 1 : 0));
  const cases: Cases = { columns, events, weight: lost / lostRows };
  const choice = yield* chooseStrength(cases, rows, obs.account, lost, seed);
  const strength: Strength = choice.strength;
  if (strength === Number.POSITIVE_INFINITY) return { judged, choice, reason: null };
  const { slopes } = yield* fitSlopes(cases, rows, strength);
  const steepness = slopes.reduce((a, b) => a + b, 0);
  if (!(steepness > FLAT)) return { judged, choice, reason: 'no weighting of these signals tells who left' };
  for (const [at, c] of fitted.entries())
    (judged[c] as Judged).share = ((whole > 0 ? whole : rest) * (slopes[at] ?? 0)) / steepness;
  return { judged, choice, reason: null };
}

function judge(obs: Observations, rows: Int32Array, { value, raw, prior }: Candidate, enough: boolean): Judged {
  const none = { share: prior, auc: null, present: 0 };
  if (value === null) return { verdict: 'never there', ...none };
  const there = rows.filter((row) => value[row] !== ABSENT);
  if (there.length === 0) return { verdict: 'never there', ...none };
  const sampleOf = (of: (row: number) => number, some = rows) => obs.sample(some, of);
  const alone = auc(sampleOf((row) => value[row] ?? 0, there));
  const same = there.every((row) => value[row] === value[there[0] ?? 0]);
  const told = { share: prior, auc: alone, present: there.length };
  const measures = [
    alone,
    raw === undefined ? null : auc(sampleOf((row) => raw[row] ?? Number.NaN)),
    // Filled in, or emptied, only once an account has left.
    there.length < rows.length ? auc(sampleOf((row) => (value[row] === ABSENT ? 1 : 0))) : null,
  ];
  const knows = enough && measures.some((a) => a !== null && Math.max(a, 1 - a) >= NEAR_PERFECT);
  return { verdict: knows ? 'knows the outcome' : same ? 'always the same' : 'fitted', ...told };
}
