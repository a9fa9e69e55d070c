import { describe, expect, it } from 'vitest';
import { crossRate, mergedRates, Rates, rateOn, tableOf } from '../../src/core/currency.ts';
import { converter } from '../../src/pipeline/currency.ts';

describe('rates', () => {
  const dated = tableOf('GBP', [
    { from: '2026-07-01', EUR: 1.2 },
    { from: '2026-01-01', EUR: 1.1, USD: 1.3 },
  ]);

  it('hold from their day on, and a currency that a later table leaves out keeps its rate', () => {
    expect(rateOn(dated, 'EUR', '2026-06-30')).toBe(1.1);
    expect(rateOn(dated, 'EUR', '2026-07-01')).toBe(1.2);
    expect(rateOn(dated, 'USD', '2026-12-31')).toBe(1.3);
    expect(rateOn(dated, 'EUR', '2025-12-31')).toBeNull();
    expect(rateOn(dated, 'GBP', '1999-01-01')).toBe(1);
    expect(rateOn(tableOf('GBP', { EUR: 1.5 }), 'EUR', '1999-01-01')).toBe(1.5);
  });

  it('of the first author who has both currencies count, by way of its own', () => {
    const crm = {
      base: 'USD',
      rates: [
        { currency: 'EUR', from: null, rate: 0.8 },
        { currency: 'GBP', from: '2026-06-01', rate: 0.5 },
      ],
    };
    expect(crossRate([crm, dated], 'EUR', 'GBP', '2026-06-01')).toBe(0.625);
    expect(crossRate([crm, dated], 'EUR', 'GBP', '2026-05-31')).toBe(1 / 1.1);
    expect(crossRate([crm, dated], 'SEK', 'GBP', '2026-06-01')).toBeNull();
    expect(crossRate([], 'SEK', 'SEK', '2026-06-01')).toBe(1);
  });

  it('bring amounts with none, two and three decimals into each other', () => {
    const convert = converter('JPY', [tableOf('JPY', { GBP: 0.005, BHD: 0.0025 })], '2026-06-01');
    expect(convert({ minor: 100, currency: 'GBP' })).toEqual({ minor: 200, currency: 'JPY' });
    expect(convert({ minor: 1_000, currency: 'BHD' })).toEqual({ minor: 400, currency: 'JPY' });
    expect(convert({ minor: -1_000, currency: 'BHD' })).toEqual({ minor: -400, currency: 'JPY' });
    const dinars = converter('BHD', [tableOf('BHD', { JPY: 400 })], '2026-06-01');
    expect(dinars({ minor: 1, currency: 'JPY' })).toEqual({ minor: 3, currency: 'BHD' }); // 2.5 fils
  });

  it.each([
    [[{ from: '2026-01-01', EUR: -1 }], 'EUR'],
    [[{ from: '2026-01-01', euro: 1 }], 'ISO 4217'],
    [
      [
        { from: '2026-01-01', EUR: 1 },
        { from: '2026-01-01', USD: 1 },
      ],
      'there twice',
    ],
    [[{ EUR: 1 }], 'from'],
    [{ EUR: 0 }, 'EUR'],
  ])('are refused: %j', (rates, words) => {
    const { error } = Rates.safeParse(rates);
    expect(JSON.stringify(error?.issues)).toContain(words);
  });

  it('that a source tells anew hold from then on, where it does not date them itself', () => {
    const table = (rates: [string, string | null, number][]) => ({
      base: 'GBP',
      rates: rates.map(([currency, from, rate]) => ({ currency, from, rate })),
    });
    const first = mergedRates(
      null,
      table([
        ['EUR', null, 1.1],
        ['USD', '2026-01-01', 1.3],
      ]),
      '2026-02-01',
    );
    const second = mergedRates(
      first,
      table([
        ['EUR', null, 1.2],
        ['USD', '2026-01-01', 1.25],
        ['SEK', null, 13],
      ]),
      '2026-03-01',
    );
    expect(rateOn(second, 'EUR', '2026-02-28')).toBe(1.1);
    expect(rateOn(second, 'EUR', '2026-03-01')).toBe(1.2);
    expect(rateOn(second, 'USD', '2026-02-01')).toBe(1.25); // corrected by who dates it
    expect(rateOn(second, 'SEK', '2026-01-01')).toBe(13);
    const same = table([
      ['EUR', null, 1.2],
      ['USD', '2026-01-01', 1.25],
      ['SEK', null, 13],
    ]);
    expect(mergedRates(second, same, '2026-04-01')).toEqual(second);
    // Twice on one day: the last one counts, and yesterday stays.
    const again = mergedRates(second, table([['EUR', null, 1.3]]), '2026-03-01');
    expect([rateOn(again, 'EUR', '2026-03-01'), rateOn(again, 'EUR', '2026-02-28')]).toEqual([1.3, 1.1]);
    expect(rateOn(again, 'SEK', '2026-03-01')).toBe(13);
    expect(mergedRates(second, { base: 'USD', rates: [] }, '2026-04-01')).toEqual({ base: 'USD', rates: [] });
  });
});
