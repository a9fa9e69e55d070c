import { z } from 'zod';
import { IsoDate } from './fact.ts';

/** How many units of a currency one unit of the table's base is worth, from a day on. */
export interface DatedRate {
  currency: string;
  /** YYYY-MM-DD; null = always. */
  from: string | null;
  rate: number;
}

/** Rates against one currency, from one author: the CRM, or the configuration. */
export interface RateTable {
  base: string;
  rates: readonly DatedRate[];
}

const Code = z.string().regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code like GBP');
const Rate = z.number().positive();
const Period = z
  .object({ from: IsoDate.describe('The first day on which these rates hold.') })
  .catchall(Rate)
  .superRefine((period, ctx) => {
    for (const key of Object.keys(period))
      if (key !== 'from' && !Code.safeParse(key).success)
        ctx.addIssue({ code: 'custom', path: [key], message: `found ${key}; expected an ISO 4217 code like GBP` });
  });

/** As written in a configuration: one table for all days, or several that each hold from a day on. */
export type Rates = Record<string, number> | { from: string; [currency: string]: string | number }[];
export const Rates: z.ZodType<Rates> = z.union([
  z.record(Code, Rate),
  z.array(Period).superRefine((periods, ctx) => {
    for (const [i, { from }] of periods.entries())
      if (periods.findIndex((p) => p.from === from) < i)
        ctx.addIssue({ code: 'custom', path: [i, 'from'], message: `${from} is there twice` });
  }),
]);

export function tableOf(base: string, rates: Rates): RateTable {
  const periods = Array.isArray(rates) ? rates : [{ ...rates, from: null }];
  return {
    base,
    rates: periods.flatMap(({ from, ...of }) =>
      Object.entries(of).map(([currency, rate]) => ({ currency, from, rate: Number(rate) })),
    ),
  };
}

/**
 * The rate of a currency on a day: that of the latest day on or before it. A currency that a later table does not name keeps its rate; before
 * its first day it has none (null), since a rate of another time would be a guess.
 */
export function rateOn({ base, rates }: RateTable, currency: string, day: string): number | null {
  if (currency === base) return 1;
  let found: DatedRate | null = null;
  for (const rate of rates) {
    if (rate.currency !== currency || (rate.from !== null && rate.from > day)) continue;
    if (found === null || found.from === null || (rate.from !== null && rate.from >= found.from)) found = rate;
  }
  return found?.rate ?? null;
}

/** Units of `to` for one of `from` on a day, by the first table that has both; null = none has. */
export function crossRate(tables: readonly RateTable[], from: string, to: string, day: string): number | null {
  if (from === to) return 1;
  for (const table of tables) {
    const [a, b] = [rateOn(table, from, day), rateOn(table, to, day)];
    if (a !== null && b !== null) return b / a;
  }
  return null;
}

/**
 * What is known after a source told its rates anew. Rates that it dates itself replace what was known of their currency; of others a
 * change holds from today on, so that a past day keeps the rate that it had.
 */
export function mergedRates(known: RateTable | null, told: RateTable, today: string): RateTable {
  if (known === null || known.base !== told.base) return told;
  const dated = new Set(told.rates.filter((r) => r.from !== null).map((r) => r.currency));
  const rates = told.rates.flatMap((rate): DatedRate[] => {
    if (dated.has(rate.currency)) return [rate];
    const own = known.rates.filter((r) => r.currency === rate.currency && (r.from === null || r.from < today));
    if (own.length === 0) return [rate];
    return rateOn({ base: told.base, rates: own }, rate.currency, today) === rate.rate
      ? own
      : [...own, { ...rate, from: today }];
  });
  // A currency that is told no longer had its rate in its time.
  const gone = known.rates.filter((r) => !told.rates.some((t) => t.currency === r.currency));
  return { base: told.base, rates: [...rates, ...gone] };
}
