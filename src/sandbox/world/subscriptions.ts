import type { Timeline, WorldDiscount, WorldInvoice, WorldPayer, WorldSubscription } from '../world.types.ts';
import { type Life, lifeOf } from './billing-life.ts';
import { statusOf } from './billing-status.ts';
import { cancellationsOf } from './cancellations.ts';
import { type CustomerDraft, childKey, streamOf } from './draft.ts';
import { makePayers } from './payers.ts';
import { priceItems } from './prices.ts';
import type { Random } from './random.ts';
import { addMonths, DAY, dayOf, HOUR } from './time.ts';

export interface Billing {
  payers: WorldPayer[];
  subscriptions: WorldSubscription[];
}

/**
 * How the account's revenue is billed: one subscription or two, over time, so that what they cost a year is the account's ARR at
 * every instant, to the minor unit. Drawn from streams of their own; the ARR, the seats and the invoices are given.
 */
export function makeSubscriptions(draft: CustomerDraft, invoices: WorldInvoice[]): Billing {
  const random = streamOf(draft, 'subscriptions');
  const life = lifeOf(draft, random);
  if (!life) return { payers: [], subscriptions: [] };
  const traits = traitsOf(draft, random);
  const payers = makePayers(draft, life, traits.split && random.chance(0.5));
  const shares = traits.split ? ([0, 1] as const) : ([0] as const);
  const subscriptions = shares.map((nth) => {
    const payer = payers[nth === 1 && payers.filter((p) => p.deletedAt === null).length > 1 ? 1 : 0];
    if (!payer) throw new Error(`${draft.id.key} has no payer`);
    return subscribe(draft, life, traits, nth, payer.key, nth === 0 ? invoices : []);
  });
  return { payers, subscriptions };
}

interface Traits {
  rhythm: Pick<WorldSubscription, 'interval' | 'intervalCount'>;
  collection: WorldSubscription['collection'];
  split: boolean;
  modules: number;
  metered: boolean;
  discounted: number;
  percent: number;
  months: number;
  where: WorldDiscount['on'];
}

function traitsOf({ contract }: CustomerDraft, random: Random): Traits {
  const monthly = contract.billing === 'monthly';
  const odd = random.next();
  const rhythm: Traits['rhythm'] =
    odd < 0.05
      ? { interval: 'week', intervalCount: 1 }
      : odd < 0.2
        ? { interval: 'month', intervalCount: 3 }
        : { interval: monthly ? 'month' : 'year', intervalCount: 1 };
  const collection = random.chance(monthly ? 0.5 : 0.05) ? 'automatic' : 'invoice';
  const split = random.chance(0.08);
  const modules = random.chance(0.03) ? 11 : 1;
  const metered = random.chance(0.06);
  const [discounted, percent, months] = [random.next(), random.pick([5, 10, 15, 20, 25, 50]), random.pick([3, 6, 12])];
  const placed = random.next();
  const where = placed < 0.7 || split || modules > 1 ? 'subscription' : placed < 0.85 ? 'payer' : 'item';
  return { rhythm, collection, split, modules, metered, discounted, percent, months, where };
}

function subscribe(
  draft: CustomerDraft,
  life: Life,
  traits: Traits,
  nth: 0 | 1,
  payerKey: string,
  invoices: WorldInvoice[],
): WorldSubscription {
  const key = childKey(draft, 'b', nth);
  const { rhythm, collection } = traits;
  const anchorAt = dayOf(life.earnsFrom ?? life.trialEndsAt ?? life.createdAt);
  const base = { key, payerKey, ...rhythm, collection, anchorAt };
  const { createdAt, trialEndsAt, endedAt } = life;
  return {
    ...base,
    createdAt,
    trialEndsAt,
    status: statusOf(life, collection, invoices),
    terms: termsOf(draft, life, traits, nth, key),
    cancellations: cancellationsOf(draft, life, base),
    endedAt,
    invoiceKeys: invoices.map((i) => i.key),
    disputes: nth === 0 && collection === 'automatic' ? disputesOf(draft, invoices) : [],
  };
}

/** What is billed, from each change of ARR or seats, and from each coming and going of a discount. */
function termsOf(
  draft: CustomerDraft,
  life: Life,
  traits: Traits,
  nth: 0 | 1,
  key: string,
): WorldSubscription['terms'] {
  const levels = levelsOf(draft, life, traits, nth);
  const [first] = levels;
  if (!first) throw new Error(`${key} is never sold`);
  const discount = discountOf(draft, life, traits, nth, key, first.value.arr);
  const starts = new Set(levels.map((l) => l.at));
  for (const at of [discount?.from, discount?.until ?? undefined])
    if (at !== undefined && at > life.createdAt && at < (life.endedAt ?? at + 1)) starts.add(at);
  const { modules, metered } = traits;
  return [...starts]
    .sort((a, b) => a - b)
    .map((at) => {
      const { arr, seats } = levels.findLast((l) => l.at <= at)?.value ?? first.value;
      const holds = discount && discount.from <= at && at < (discount.until ?? at + 1) ? discount : null;
      const priced = { arr, seats, modules: holds?.on === 'item' ? 1 : modules, metered: metered && nth === 0 };
      return { at, value: { items: priceItems(key, traits.rhythm, priced, holds), discount: holds, arr } };
    });
}

/** The subscription's share of ARR and seats over time; what a trial would cost from its start. */
function levelsOf(
  { id, contract }: CustomerDraft,
  life: Life,
  { split }: Traits,
  nth: 0 | 1,
): Timeline<{ arr: number; seats: number }> {
  const share = (whole: number, least: number): number => {
    if (!split) return whole;
    const second = Math.max(least, Math.round(whole * 0.3));
    return nth === 1 ? second : Math.max(least, whole - second);
  };
  if (life.earnsFrom === null) {
    const arr = life.outcome === 'free' ? 0 : contract.first;
    return [{ at: life.createdAt, value: { arr: share(arr, 0), seats: share(Math.max(1, id.seats), 1) } }];
  }
  return contract.arr
    .filter((e) => e.value > 0)
    .map((e) => {
      const seats = contract.seats.findLast((s) => s.at <= e.at)?.value ?? 1;
      const at = e.at === life.earnsFrom ? life.createdAt : e.at;
      return { at, value: { arr: share(e.value, 0), seats: share(Math.max(1, seats), 1) } };
    });
}

function discountOf(
  draft: CustomerDraft,
  life: Life,
  traits: Traits,
  nth: 0 | 1,
  key: string,
  arr: number,
): WorldDiscount | null {
  const { percent, months, where, rhythm } = traits;
  const from = life.createdAt;
  const base = { key: `${key}-d`, percent: null, amount: null, months: null, from, until: null, on: where };
  if (life.outcome === 'free') return { ...base, percent: 100, duration: 'forever', on: 'subscription' };
  const kind = traits.discounted;
  if (nth === 1 || kind >= 0.3 || life.earnsFrom === null) return null;
  if (kind < 0.1) return { ...base, percent, duration: 'forever' };
  if (kind < 0.2) return { ...base, percent, duration: 'repeating', months, until: addMonths(from, months) };
  if (kind < 0.25) {
    const intervals = rhythm.interval === 'week' ? 52 : rhythm.interval === 'year' ? 1 : 12 / rhythm.intervalCount;
    const whole = draft.id.currency === 'JPY' ? 1 : 100;
    const amount = Math.max(1, Math.round(((arr / intervals) * 0.0005 * percent) / whole)) * whole;
    return { ...base, on: where === 'item' ? 'subscription' : where, amount, duration: 'forever' };
  }
  // A favour lately promised, seen until the next invoice takes it.
  const promised = dayOf(draft.span.now - (kind - 0.25) * 1000 * DAY) + 10 * HOUR;
  return promised <= from ? null : { ...base, percent, duration: 'once', from: promised, until: promised + 21 * DAY };
}

function disputesOf(draft: CustomerDraft, invoices: WorldInvoice[]): WorldSubscription['disputes'] {
  const random = streamOf(draft, 'disputes');
  return invoices.flatMap((invoice) => {
    const [odds, wait, open] = [random.next(), random.int(5, 40), random.int(20, 60)];
    const reason = random.pick(['fraudulent', 'product_not_received', 'subscription_canceled', 'duplicate'] as const);
    const won = random.chance(0.4);
    if (odds >= 0.02 || invoice.paidAt === null) return [];
    const at = invoice.paidAt + wait * DAY;
    return [{ key: `${invoice.key}-q`, invoiceKey: invoice.key, at, reason, closedAt: at + open * DAY, won }];
  });
}
