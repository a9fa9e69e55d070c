import nock from 'nock';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import { ratesOf } from '../../../connectors/hubspot/rates.ts';
import { HOST, makeCtx } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const rate = (from: string, to: string, conversionRate: number, effectiveAt: string) => ({
  id: `${from}${effectiveAt}`,
  fromCurrencyCode: from,
  toCurrencyCode: to,
  conversionRate,
  effectiveAt,
  createdAt: effectiveAt,
  updatedAt: effectiveAt,
  visibleInUI: true,
});
const PATH = '/settings/currencies/2026-03/exchange-rates';

it("a portal's own rates are read page by page, from their day on, against the company currency that it has now", async () => {
  nock(HOST)
    .get(PATH)
    .query({ limit: 100 })
    .reply(200, { results: [rate('USD', 'EUR', 0.5, '2024-01-01T00:00:00Z')], paging: { next: { after: '7' } } });
  nock(HOST)
    .get(PATH)
    .query({ limit: 100, after: '7' })
    .reply(200, {
      results: [rate('USD', 'GBP', 0.8, '2026-01-01T00:00:00Z'), rate('USD', 'GBP', 0.5, '2026-06-01T12:00:00+02:00')],
    });
  expect(await ratesOf(portalOf(makeCtx({ currencies: true }).ctx))).toEqual({
    base: 'GBP',
    rates: [
      { currency: 'USD', from: '2026-01-01', rate: 1.25 },
      { currency: 'USD', from: '2026-06-01', rate: 2 },
    ],
  });
});

it('a portal that keeps none, or is not to be asked, has none', async () => {
  nock(HOST).get(PATH).query({ limit: 100 }).reply(200, { results: [] });
  expect(await ratesOf(portalOf(makeCtx({ currencies: true }).ctx))).toBeNull();
  expect(await ratesOf(portalOf(makeCtx().ctx))).toBeNull();
});
