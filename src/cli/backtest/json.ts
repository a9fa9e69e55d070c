import { REFERENCE } from '../../core/backtest/reference.ts';
import { inputsToRetire } from '../../core/backtest/retire.ts';
import type { BacktestResult } from '../../pipeline/backtest.ts';

/** Digits of rates and AUCs that anybody could need. */
const DIGITS = 1e6;

/** The result for machines: dates by name instead of by position, and figures without the dust of binary fractions. */
export function backtestJson({ report, ...rest }: BacktestResult) {
  const { tested, byDate, duplicates, ...figures } = report;
  const named = (positions: number[] | null) => positions?.map((at) => rest.dates[at]) ?? null;
  return rounded({
    ...rest,
    ...figures,
    tested: { ...tested, fit: named(tested.fit), judge: named(tested.judge) },
    byDate: byDate.map((churn, at) => ({ date: rest.dates[at], ...churn })),
    duplicates: duplicates.accounts,
    reference: REFERENCE,
    retire: inputsToRetire(report),
  });
}

/** Plain data without the dust of binary fractions. */
export function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, v) => (typeof v === 'number' ? Math.round(v * DIGITS) / DIGITS : v));
}
