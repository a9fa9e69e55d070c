import type { Convert } from '../core/amount.ts';
import { exponentOf } from '../kit/money.ts';

/** Brings amounts into the reporting currency by the configured rates (units of a currency per unit of the reporting one). */
export function converter(reporting: string, rates: Record<string, number>): Convert {
  return (money) => {
    if (money.currency === reporting) return money;
    const rate = rates[money.currency];
    if (rate === undefined) return null;
    const shift = exponentOf(reporting) - exponentOf(money.currency);
    return { minor: Math.round((money.minor / rate) * 10 ** shift), currency: reporting };
  };
}
