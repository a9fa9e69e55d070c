import type { WorldDiscount, WorldSubscription, WorldSubscriptionItem } from '../world.types.ts';

/** Intervals a year as a fraction: a year has 12 months and 52 weeks. */
export function perYear({ interval, intervalCount }: Pick<WorldSubscription, 'interval' | 'intervalCount'>): {
  times: bigint;
  over: bigint;
} {
  return { times: { week: 52n, month: 12n, year: 1n }[interval], over: BigInt(intervalCount) };
}

/** Prices are told to 12 decimal places, so that any yearly amount can be met whatever the interval. */
const SCALE = 10n ** 12n;
const MODULES = 'Analytics,Audit,Automation,Connect,Data,Forecast,Inbox,Insights,Mobile,Planner,Reports,Studio'.split(
  ',',
);

export interface Priced {
  /** Minor units a year, discount taken off. */
  arr: number;
  seats: number;
  /** How many items the seats are sold as. */
  modules: number;
  metered: boolean;
}

/**
 * Items whose yearly amount is exactly the given one: whole minor units for each seat, and what is left over as one fee. A
 * discount of 100 % leaves nothing to be met; then the seats have a list price.
 */
export function priceItems(
  key: string,
  rhythm: Pick<WorldSubscription, 'interval' | 'intervalCount'>,
  { arr, seats, modules, metered }: Priced,
  discount: WorldDiscount | null,
): WorldSubscriptionItem[] {
  const { times, over } = perYear(rhythm);
  const quantity = BigInt(seats);
  const recurring = discount?.duration === 'once' ? null : discount;
  const kept = 100n - BigInt(recurring?.percent ?? 0);
  const free = kept === 0n;
  // One interval's amount before discount, times SCALE.
  const net = roundDiv(BigInt(arr) * over * SCALE, times);
  const gross = free
    ? LIST_PRICE * quantity * SCALE
    : roundDiv(net * 100n, kept) + BigInt(recurring?.amount ?? 0) * SCALE;
  const perSeat = gross / (quantity * SCALE);
  const seatsCost = perSeat * quantity * SCALE;
  const left = recurring?.on === 'item' ? net - roundDiv(seatsCost * kept, 100n) : gross - seatsCost;

  const items: WorldSubscriptionItem[] = [];
  const add = (product: string, unit: string, count: number | null): void => {
    items.push({ key: `${key}-${String(items.length + 1).padStart(2, '0')}`, product, unit, quantity: count });
  };
  const share = perSeat / BigInt(modules);
  for (let n = 0; n < modules; n++) {
    const unit = n === 0 ? perSeat - share * BigInt(modules - 1) : share;
    add(n === 0 ? 'Seats' : `${MODULES[(n - 1) % MODULES.length]} module`, String(unit), seats);
  }
  if (left > 0n) add('Platform fee', decimal(left), 1);
  if (metered) add('Overage', '0.25', null);
  return items;
}
const LIST_PRICE = 4000n;

/** Rounded to the nearest, halves up; for amounts that are not negative. */
const roundDiv = (a: bigint, b: bigint): bigint => (2n * a + b) / (2n * b);

function decimal(scaled: bigint): string {
  const places = (scaled % SCALE).toString().padStart(12, '0').replace(/0+$/, '');
  return places === '' ? String(scaled / SCALE) : `${scaled / SCALE}.${places}`;
}
