import { z } from 'zod';
import type { RateTable } from '../../src/contract/index.ts';
import type { Portal } from './portal.ts';

const Row = z.object({
  fromCurrencyCode: z.string(),
  toCurrencyCode: z.string(),
  /** Units of `to` for one of `from`. */
  conversionRate: z.number().positive(),
  effectiveAt: z.iso.datetime({ offset: true }),
});
const Answer = z.object({
  results: z.array(Row),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

/**
 * The portal's own rates against its company currency, each with the day on which it takes effect; null where it keeps none, or is not to be
 * asked. https://developers.hubspot.com/docs/api-reference/latest/account/settings/multicurrency/exchange-rates/get-exchange-rates
 */
export async function ratesOf(portal: Portal): Promise<RateTable | null> {
  if (!portal.ctx.config.currencies) return null;
  const rows: z.infer<typeof Row>[] = [];
  for (let after: string | undefined; ; ) {
    const { results, paging } = await portal.client.json({
      label: 'rates',
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: portal.paths.exchangeRates(),
      query: { limit: 100, after },
      schema: Answer,
    });
    rows.push(...results);
    after = paging?.next?.after;
    if (after === undefined) break;
  }
  // A portal that changed its company currency keeps old rates into the earlier one: the newest tells which it is.
  const newest = rows.reduce<z.infer<typeof Row> | null>(
    (last, row) => (last && Date.parse(last.effectiveAt) >= Date.parse(row.effectiveAt) ? last : row),
    null,
  );
  if (!newest) return null;
  const base = newest.toCurrencyCode;
  return {
    base,
    rates: rows
      .filter((row) => row.toCurrencyCode === base)
      .map((row) => ({ currency: row.fromCurrencyCode, from: dayOf(row.effectiveAt), rate: 1 / row.conversionRate })),
  };
}

/** The UTC day. */
const dayOf = (instant: string): string => new Date(instant).toISOString().slice(0, 10);
