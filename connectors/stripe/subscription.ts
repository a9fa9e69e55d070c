import type { FactData } from '../../src/core/fact.ts';
import { todayIn, unitsBefore } from '../../src/kit/dates.ts';
import type { Config } from './config.ts';
import { isLicensed, revenueOf } from './mrr.ts';
import type { Coupon, Discount, Item, Price, Subscription, Tier } from './wire.ts';

/** What the object itself only names by id. */
export interface Catalog {
  /** On an item, or on the whole (subscription, customer), where it may be for some products only. */
  coupon(id: string, on: 'item' | 'whole'): Coupon | null;
  tiers(price: string): Tier[] | null;
  product(id: string): string | null;
  /** A discount that was seen in full somewhere. */
  discount(id: string): Discount | null;
}

export interface Reading {
  timezone: string;
  config: Config['subscriptions'];
  catalog: Catalog;
}

export interface Version {
  /** Epoch ms */
  at: number;
  data: FactData<'subscription'>;
}

const ms = (seconds: number): number => seconds * 1000;

/** Never came into being: the first payment is awaited, or was given up. */
export const isStillborn = ({ status }: Subscription): boolean =>
  status === 'incomplete' || status === 'incomplete_expired';

/**
 * The subscription as it was at an instant (seconds), as far as it tells itself: its own dates say what began and ended when. Its
 * status is the present one, so `past` leaves it out.
 */
export function stateAt(sub: Subscription, at: number, reading: Reading, past = false): FactData<'subscription'> {
  const { timezone, config, catalog } = reading;
  const day = (seconds: number | null): string | null => (seconds === null ? null : todayIn(timezone, ms(seconds)));
  const trial = isTrial(sub, at, past) && !config.countTrials;
  const revenue =
    trial || (!past && paysNothing(sub))
      ? { mrr: { minor: 0, currency: sub.currency }, arr: { minor: 0, currency: sub.currency } }
      : revenueAt(sub, at, catalog);
  const licensed = sub.items.data.filter((item) => isLicensed(item.price));
  return {
    plan: planOf(licensed.length ? licensed : sub.items.data, catalog),
    seats: sub.items.has_more ? null : seatsOf(licensed, config.seatsFrom),
    mrr: revenue?.mrr ?? null,
    arr: revenue?.arr ?? null,
    startOn: day(sub.start_date),
    endOn: day(endAt(sub, at, config.termMonths)),
    trial,
  };
}

/**
 * Versions between two instants (seconds; `from` excluded, `to` included) that the dates of the subscription itself bring: trial,
 * discounts, terms, announced and real end. Its items are taken for unchanged all that time.
 */
export function versionsByDates(
  sub: Subscription,
  { from, to, past }: { from: number; to: number; past?: boolean },
  reading: Reading,
): Version[] {
  const discounts = [
    ...ownDiscounts(sub, reading.catalog),
    ...sub.items.data.flatMap((i) => known(i.discounts, reading.catalog)),
  ];
  const dates = [
    sub.created,
    sub.trial_start,
    sub.trial_end,
    sub.canceled_at,
    sub.ended_at,
    ...discounts.flatMap((d) => [d?.start, d?.end]),
    ...termStarts(sub, reading.config.termMonths),
  ];
  const cuts = dates.filter((d): d is number => typeof d === 'number' && d > from && d <= to && d >= sub.created);
  return [...new Set(cuts)].sort((a, b) => a - b).map((at) => ({ at: ms(at), data: stateAt(sub, at, reading, past) }));
}

/** When a discount of this subscription ends next, after an instant: nothing else tells that day. */
export function nextDiscountEnd(sub: Subscription, after: number, catalog: Catalog): number | null {
  const all = [...ownDiscounts(sub, catalog), ...sub.items.data.flatMap((i) => known(i.discounts, catalog))];
  const ends = all.flatMap((d) => (d?.end && d.end > after ? [d.end] : []));
  return sub.ended_at || !ends.length ? null : Math.min(...ends);
}

const isTrial = (sub: Subscription, at: number, past: boolean): boolean =>
  (!past && sub.status === 'trialing') ||
  (!!sub.trial_start && !!sub.trial_end && sub.trial_start <= at && at < sub.trial_end);

/** Service is off, or its price is waived. Invoices kept as drafts will be asked for later. */
export function paysNothing({ status, pause_collection }: Subscription): boolean {
  if (status === 'unpaid' || status === 'paused' || status === 'incomplete') return true;
  return status !== 'canceled' && !!pause_collection && pause_collection.behavior !== 'keep_as_draft';
}

function revenueAt(sub: Subscription, at: number, catalog: Catalog) {
  if (sub.items.has_more) return null;
  const items = sub.items.data.map((item) => ({
    price: priced(item.price, catalog),
    quantity: item.quantity ?? 1,
    coupons: couponsAt(known(item.discounts, catalog), at, 'item', catalog),
  }));
  const own = couponsAt(known(sub.discounts, catalog), at, 'whole', catalog);
  // A customer's discount holds only where the subscription has none of its own.
  const coupons = own?.length === 0 ? couponsAt([sub.customer.discount ?? []].flat(), at, 'whole', catalog) : own;
  return revenueOf(items, coupons, sub.currency);
}

const priced = (price: Price, catalog: Catalog): Price => {
  const tiers = price.tiers ?? catalog.tiers(price.id);
  return tiers && price.billing_scheme === 'tiered' ? { ...price, tiers } : price;
};

const known = (discounts: Item['discounts'], catalog: Catalog): (Discount | null)[] =>
  (discounts ?? []).map((d) => (typeof d === 'string' ? catalog.discount(d) : d));

const ownDiscounts = (sub: Subscription, catalog: Catalog): (Discount | null)[] => [
  ...known(sub.discounts, catalog),
  ...(sub.customer.discount ? [sub.customer.discount] : []),
];

export const couponIn = (discount: Discount): string | Coupon | null =>
  discount.source?.coupon ?? discount.coupon ?? null;

/** Coupons that recur and are in force at an instant; null where one is not known. One for a single invoice does not recur. */
function couponsAt(
  discounts: (Discount | null)[],
  at: number,
  on: 'item' | 'whole',
  catalog: Catalog,
): Coupon[] | null {
  const coupons: Coupon[] = [];
  for (const discount of discounts) {
    if (discount === null) return null;
    if (discount.start > at || (discount.end && discount.end <= at)) continue;
    const named = couponIn(discount);
    const coupon = typeof named === 'string' ? catalog.coupon(named, on) : named;
    if (!coupon) return null;
    if (coupon.duration !== 'once') coupons.push(coupon);
  }
  return coupons;
}

/** The real end, else the announced one, else the day on which a contract renews; null = runs on. */
function endAt(sub: Subscription, at: number, termMonths: number): number | null {
  if (sub.ended_at && sub.ended_at <= at) return sub.ended_at;
  const term = termAt(sub, at, termMonths);
  const announced = (sub.canceled_at ?? (sub.cancel_at ? sub.created : null)) as number | null;
  if (announced === null || announced > at) return term;
  const end = sub.cancel_at ?? sub.ended_at ?? (sub.cancel_at_period_end ? periodOf(sub.items.data)?.end : null);
  return end ?? term;
}

function periodOf(items: Item[]): { start: number; end: number; item: Item } | null {
  let first: { start: number; end: number; item: Item } | null = null;
  for (const item of items) {
    const { current_period_start: start, current_period_end: end } = item;
    if (start !== undefined && end !== undefined && (first === null || end < first.end)) first = { start, end, item };
  }
  return first;
}

const MONTHS = { year: 12, month: 1, week: 12 / 52, day: 12 / 365 } as const;

/** The period of the items that are billed for whole terms; the one that ends first. */
function termPeriod(sub: Subscription, termMonths: number) {
  return periodOf(
    sub.items.data.filter(({ price: { recurring } }) => {
      return (
        recurring?.usage_type === 'licensed' && MONTHS[recurring.interval] * recurring.interval_count >= termMonths
      );
    }),
  );
}

/** Starts of the present term and the ones before it, back to the beginning. */
function termStarts(sub: Subscription, termMonths: number): number[] {
  const period = termPeriod(sub, termMonths);
  const recurring = period?.item.price.recurring;
  if (!period || !recurring) return [];
  const starts = [period.start];
  for (let n = 1; ; n++) {
    const start = unitsBefore(ms(period.start), recurring.interval, recurring.interval_count * n) / 1000;
    if (start <= sub.created) return starts;
    starts.push(start);
  }
}

/** When the term that runs at an instant ends. */
function termAt(sub: Subscription, at: number, termMonths: number): number | null {
  const period = termPeriod(sub, termMonths);
  if (!period) return null;
  if (at >= period.start) return period.end;
  const later = termStarts(sub, termMonths).filter((start) => start > at);
  return later.length ? Math.min(...later) : period.end;
}

/** Prices' names in their order: "Seats + Analytics module". */
function planOf(items: Item[], catalog: Catalog): string | null {
  const names = items.map(({ price }) => nameOf(price, catalog));
  return names.length ? [...new Set(names)].join(' + ') : null;
}

const nameOf = (price: Price, catalog: Catalog): string =>
  price.nickname || catalog.product(price.product) || price.lookup_key || price.product;

function seatsOf(licensed: Item[], from: string[] | undefined): number | null {
  const counted = licensed.filter(
    ({ price }) =>
      from === undefined ||
      [price.id, price.nickname, price.lookup_key, price.product].some((name) => !!name && from.includes(name)),
  );
  return counted.length ? counted.reduce((total, item) => total + (item.quantity ?? 1), 0) : null;
}
