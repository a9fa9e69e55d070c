import type { Answer, Route } from '../../../src/sandbox/kit-types.ts';
import type { AccountOptions } from './account.ts';
import { invalid } from './errors.ts';

/** What one pound is worth, in all years: the world's amounts do not know of changing rates. */
const PER_POUND: Record<string, number> = { GBP: 1, USD: 1.27, EUR: 1.17, JPY: 190 };
/** Before everything that a world tells. */
const SINCE = '2000-01-01T00:00:00.000Z';
const MAX_PAGE = 100;

/** Any one of them does: https://developers.hubspot.com/docs/api-reference/latest/account/settings/multicurrency/guide */
export const CURRENCY_SCOPES = ['settings.currencies.read', 'multi-currency-read'];

/**
 * The portal's own rates: of each additional currency into the company currency, with the six decimals that the vendor keeps.
 * https://developers.hubspot.com/docs/api-reference/latest/account/settings/multicurrency/exchange-rates/get-exchange-rates
 */
export class Currencies {
  readonly #rates: readonly Record<string, unknown>[];
  readonly #minPages: number;

  constructor({ companyCurrency, additionalCurrencies }: AccountOptions, minPages: number) {
    this.#rates = additionalCurrencies.map((code, position) => ({
      id: String(9_001 + position),
      fromCurrencyCode: code,
      toCurrencyCode: companyCurrency,
      conversionRate: Math.round((worth(companyCurrency) / worth(code)) * 1e6) / 1e6,
      effectiveAt: SINCE,
      createdAt: SINCE,
      updatedAt: SINCE,
      visibleInUI: true,
    }));
    this.#minPages = minPages;
  }

  get several(): boolean {
    return this.#rates.length > 0;
  }

  list(query: URLSearchParams): Answer {
    const wanted = Number(query.get('limit') ?? MAX_PAGE);
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > MAX_PAGE)
      throw invalid(`limit must be between 1 and ${MAX_PAGE}`);
    const from = Number(query.get('after') ?? 0);
    const limit = Math.min(wanted, Math.max(1, Math.ceil(this.#rates.length / this.#minPages)));
    const results = this.#rates.slice(from, from + limit);
    const next = from + results.length;
    const paging = next < this.#rates.length ? { paging: { next: { after: String(next) } } } : {};
    return { status: 200, body: { results, ...paging } };
  }
}

function worth(code: string): number {
  const rate = PER_POUND[code];
  if (rate === undefined) throw new Error(`the sandbox knows no rate of ${code}, only of ${Object.keys(PER_POUND)}`);
  return rate;
}

/** /settings/{version}/currencies/…; null where there is no such path. */
export function currencyRoute(currencies: Currencies, method: string, url: URL, segments: string[]): Route | null {
  if (method !== 'GET' || segments.join('/') !== 'exchange-rates') return null;
  return { kind: 'currencies.rates', type: 'read', handle: () => currencies.list(url.searchParams) };
}
