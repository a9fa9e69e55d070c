import { counted, dateText } from '../format.ts';
import type { BacktestReport } from './report.ts';
import type { BacktestResult } from './result.ts';

/** What the screen and the report file say in the same words. */

/** What "left" means here, and who decided that. @param horizon days */
export function outcomeWords(outcome: BacktestResult['outcome'], horizon: number): string {
  if (outcome === null) return 'none: no renewal opportunity, no end of a subscription, no use tells who left';
  const { kind, field, chosen, snapshot, unknown } = outcome;
  const how = chosen ? ' (chosen by what the data carry)' : '';
  const within = `within ${counted(horizon, 'day')} after each date`;
  if (snapshot) return `column ${field}, as of the end of the data: it has no history, so nobody can tell since when`;
  const strangers = unknown ? `; ${counted(unknown, 'account')} in it that nobody here is` : '';
  if (kind === 'file') return `${field}, ${within}${strangers}`;
  if (field !== null) return `the account's ${field}, ${within}${how}`;
  if (kind === 'renewal') return `renewal opportunities that were closed ${within}${how}`;
  if (kind === 'churn-date') return `the end of the last subscription, ${within}${how}`;
  return `no use or order ${within}, of accounts active in the 90 days before${how}`;
}

/** Observations that no figure counts, and why; those of which there are none are not named. */
export function leftOutWords(
  { notScored, notScoredLost, open, gone, deleted, notConcerned, outside, outsideLost }: BacktestReport['leftOut'],
  notOver: BacktestResult['notOver'],
): { count: number; what: string }[] {
  return [
    { count: notScored, what: `not scored (${notScoredLost} of them lost)` },
    { count: open, what: 'whose outcome is still open' },
    { count: gone, what: 'that had left before' },
    { count: deleted, what: 'deleted since, so that nobody can tell' },
    { count: notConcerned, what: 'that the outcome does not concern' },
    { count: outside, what: `that are no customers by the rule (${outsideLost} of them lost)` },
  ]
    .filter(({ count }) => count > 0)
    .concat(
      notOver.map(({ date, accounts }) => ({
        count: accounts,
        what: `at ${dateText(date)}, whose horizon is not over in the data`,
      })),
    );
}
