import type { Estimate } from '../../core/backtest/auc.ts';
import type { BacktestOptions } from '../../pipeline/backtest.ts';
import type { Verdict } from '../../pipeline/judge-model.ts';
import { rounded } from '../backtest/json.ts';

/** What a model was judged by, for machines and for the record: plain data, without the dust of binary fractions. */
export function figuresOf({ result, against, shortfalls, retire }: Verdict, options: BacktestOptions) {
  const { report, dates, outcome, findings } = result;
  return rounded({
    dates,
    outcome,
    horizonDays: options.horizon,
    resamples: options.resamples,
    seed: options.seed,
    observations: report.observations,
    accounts: report.accounts,
    lost: report.lost,
    lostAccounts: report.lostAccounts,
    churn: report.rate,
    auc: report.auc,
    bands: report.bands.map(({ band, cases, lost, rate, low, high }) => ({ band, cases, lost, rate, low, high })),
    against: against && {
      model: `${against.model.name} ${against.model.version}`,
      ...against.comparison,
      bestBandChurn: against.bestBandChurn,
      today: { accounts: against.today.accounts, changed: against.today.changed },
    },
    findings: findings.map(({ code, text }) => ({ code, text })),
    shortfalls,
    retire,
  });
}
export type Figures = ReturnType<typeof figuresOf>;

/** The AUC of what a publication was judged by, as it is kept; null = it was not judged, or not so. */
export function aucKept(figures: Record<string, unknown> | null): Estimate['value'] {
  const auc = figures?.auc;
  if (typeof auc !== 'object' || auc === null || !('value' in auc)) return null;
  return typeof auc.value === 'number' ? auc.value : null;
}
