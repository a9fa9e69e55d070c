import nock from 'nock';
import { type Config, Config as ConfigSchema, limitsOf } from '../../../connectors/stripe/config.ts';
import type { Catalog, Reading } from '../../../connectors/stripe/subscription.ts';
import type { Coupon, Discount } from '../../../connectors/stripe/wire.ts';
import type { Ctx } from '../../../src/contract/index.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';

export const HOST = 'https://api.stripe.com';
export const NOW = Date.parse('2026-11-25T09:00:00Z');
export const KEY = 'rk_test_51Hx0Secret0Secret0Secret';
/** Seconds of a date-time: "2026-03-01" is its first instant in UTC. */
export const sec = (text: string): number => Date.parse(text) / 1000;

export interface Line {
  level: string;
  fields: object;
  message: string;
}

/** A context as the composition root would build it, with retries that do not wait. */
export function makeCtx(config: Record<string, unknown> = {}, extra: Partial<Ctx<Config>> = {}) {
  const lines: Line[] = [];
  const calls: string[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const signal = extra.signal ?? new AbortController().signal;
  const parsed = ConfigSchema.parse({ mode: 'test', ...config });
  const ctx: Ctx<Config> = {
    config: parsed,
    secrets: { apiKey: KEY },
    log,
    signal,
    now: () => NOW,
    timezone: 'Europe/London',
    currency: 'GBP',
    fields: [],
    file: (path) => path,
    attempt: makeAttempt({
      log,
      signal,
      buckets: limitsOf({ ...parsed, requestsPerSecond: 100, mode: 'live' }),
      sleep: async () => {},
      onCall: ({ label }) => void calls.push(label),
    }),
    state: { get: async () => null, set: async () => true },
    credentials: { get: async () => null, set: async () => true },
    ...extra,
  };
  return { ctx, lines, calls };
}

export const listOf = (data: unknown[], more = false) => ({ object: 'list', url: '/', has_more: more, data });
type Query = Record<string, unknown> | ((query: Record<string, unknown>) => boolean);
export const onGet = (path: string, query: Query | true = true): nock.Interceptor =>
  nock(HOST)
    .get(`/v1/${path}`)
    .query(query as never);
export const errorOf = (error: Record<string, unknown>) => ({ error: { type: 'invalid_request_error', ...error } });

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export interface PriceOptions {
  id?: string;
  unit?: number | string | null;
  interval?: string;
  count?: number;
  usage?: string;
  [key: string]: unknown;
}
export function price({
  id = 'price_1',
  unit = 1000,
  interval = 'month',
  count = 1,
  usage = 'licensed',
  ...rest
}: PriceOptions = {}) {
  return {
    id,
    object: 'price',
    nickname: 'Seats',
    product: 'prod_1',
    currency: 'gbp',
    billing_scheme: 'per_unit',
    tiers_mode: null,
    transform_quantity: null,
    unit_amount: typeof unit === 'number' ? unit : null,
    unit_amount_decimal: unit === null ? null : String(unit),
    recurring: { interval, interval_count: count, usage_type: usage },
    ...rest,
  };
}

export const item = (quantity: number, options: PriceOptions = {}, rest: Record<string, unknown> = {}) => ({
  id: 'si_1',
  object: 'subscription_item',
  quantity,
  price: price(options),
  discounts: [],
  current_period_start: sec('2026-06-01'),
  current_period_end: sec('2027-06-01'),
  ...rest,
});

export const subscription = (items: unknown[], rest: Record<string, unknown> = {}) => ({
  id: 'sub_1',
  object: 'subscription',
  livemode: false,
  test_clock: null,
  customer: 'cus_1',
  status: 'active',
  currency: 'gbp',
  created: sec('2024-06-01'),
  start_date: sec('2024-06-01'),
  trial_start: null,
  trial_end: null,
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  ended_at: null,
  pause_collection: null,
  discounts: [],
  items: { object: 'list', has_more: false, data: items },
  ...rest,
});

export const discount = (id: string, coupon: Partial<Coupon> & { id: string }, rest: Record<string, unknown> = {}) => ({
  id,
  object: 'discount',
  start: sec('2024-06-01'),
  end: null,
  source: { type: 'coupon', coupon: { duration: 'forever', ...coupon } },
  ...rest,
});

export const NOTHING: Catalog = { coupon: () => null, tiers: () => null, product: () => null, discount: () => null };
export const reading = (catalog: Partial<Catalog> = {}, config: Record<string, unknown> = {}): Reading => ({
  timezone: 'Europe/London',
  config: ConfigSchema.parse({ subscriptions: config }).subscriptions,
  catalog: { ...NOTHING, ...catalog },
});
export const catalogOf = (...discounts: Discount[]): Partial<Catalog> => ({
  discount: (id) => discounts.find((d) => d.id === id) ?? null,
});

export const event = (
  type: string,
  created: number,
  object: Record<string, unknown>,
  previous?: Record<string, unknown>,
) => ({
  id: `evt_${type}_${created}`,
  object: 'event',
  type,
  created,
  livemode: false,
  api_version: '2026-10-28.endive',
  data: { object, ...(previous ? { previous_attributes: previous } : {}) },
});
