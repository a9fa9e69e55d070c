import { auc } from './auc.ts';
import { duplicatesIn } from './duplicates.ts';
import type { Observations } from './observations.ts';
import { LOST } from './outcome.ts';
import type { BacktestReport } from './report.ts';
import { signalSteps } from './signals.ts';

/** The part of a report that tells what makes the data doubtful, whoever scores by them. */
export type Evidence = Pick<
  BacktestReport,
  'signals' | 'accounts' | 'lostAccounts' | 'observations' | 'lost' | 'duplicates'
> & { auc: { value: number | null } };

/** That part alone, for who needs no report. */
export function* evidenceSteps(obs: Observations): Generator<void, Evidence> {
  const rows = obs.judged();
  const lost = rows.filter((row) => obs.outcome[row] === LOST);
  const value = auc(obs.sample(rows, obs.scoreAt));
  yield;
  return {
    observations: rows.length,
    lost: lost.length,
    accounts: obs.accountsIn(rows),
    lostAccounts: obs.accountsIn(lost),
    auc: { value },
    signals: yield* signalSteps(obs, rows),
    duplicates: duplicatesIn(obs, rows),
  };
}
