import { type Convert, sumAmounts } from './amount.ts';
import type { FactData, Money } from './fact.ts';
import type { AccountView } from './view.ts';

/**
 * What an account pays a year: the account record's own figure, else the sum of its running subscriptions (trials apart).
 * null = unknown; never zero for want of data.
 *
 * @param today company-zone date `YYYY-MM-DD`
 * @param convert only for subscriptions in several currencies
 */
export function arrOf(view: AccountView, today: string, convert?: Convert): Money | null {
  if (view.record?.arr) return view.record.arr;
  const running = view.states('subscription').filter(({ data }) => isRunning(data, today));
  return running.length > 0
    ? sumAmounts(
        running.map(({ data }) => yearly(data)),
        convert,
      )
    : null;
}

function isRunning({ trial, startOn, endOn }: FactData<'subscription'>, today: string): boolean {
  const begun = !startOn || startOn <= today;
  return begun && trial !== true && (!endOn || endOn > today);
}

/** A subscription's ARR, from its MRR where only that is told. */
export const yearly = ({ arr, mrr }: FactData<'subscription'>): Money | null =>
  arr ?? (mrr ? { minor: mrr.minor * 12, currency: mrr.currency } : null);
