import { z } from 'zod';
import { isStillborn, paysNothing, type Reading, stateAt, type Version, versionsByDates } from './subscription.ts';
import { type Event, Subscription } from './wire.ts';

/** How a subscription was come by. All instants in seconds. */
export interface Timing {
  /** The first reading of all: what came before is told from its own dates. */
  first: boolean;
  /** When it was last read in full. */
  since: number;
  /** When it was read now. */
  now: number;
}

type Raw = Record<string, unknown>;

/**
 * A subscription's versions, from its present form (read after the events) back through its events: each tells what it changed.
 * Where no event tells, its own dates do, and what they cannot tell holds from when it was first seen.
 * @throws ZodError where the present form cannot be read; an event of a form that is not known is left out
 */
export function historyOf(raw: Raw, events: readonly Event[], timing: Timing, reading: Reading): Version[] {
  const present = Subscription.parse(raw);
  if (isStillborn(present)) return [];
  const steps = [...events].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  const versions: Version[] = [];
  let form: Raw = raw;
  let sub: Subscription | null = present;
  let until = timing.now;
  for (const event of steps.toReversed()) {
    const from = event.created;
    if (sub && from <= until && !isStillborn(sub)) {
      versions.push(...versionsByDates(sub, { from, to: until }, reading));
      versions.push({ at: from * 1000, data: stateAt(sub, from, reading) });
    }
    until = Math.min(until, from - 1);
    if (isBeginning(event)) return inOrder(versions);
    form = undo(form, event);
    sub = Subscription.safeParse(form).data ?? null;
  }
  if (!sub || isStillborn(sub)) return inOrder(versions);
  if (timing.first) versions.push(...beginning(sub, until, timing.now, steps.length === 0, reading));
  else if (!steps.length) {
    versions.push(...versionsByDates(sub, { from: timing.since, to: timing.now }, reading));
    versions.push({ at: timing.now * 1000, data: stateAt(sub, timing.now, reading) });
  }
  return inOrder(versions);
}

/** Before anything was told: from the creation on, by dates. What is paused or unpaid was not always so. */
function beginning(sub: Subscription, until: number, now: number, unheard: boolean, reading: Reading): Version[] {
  const off = paysNothing(sub);
  const versions = versionsByDates(sub, { from: -1, to: until, past: off }, reading);
  if (!off || !unheard) return versions;
  const at = Math.max(sub.status_details?.paused?.transitioned_at ?? now, sub.created);
  return [...versions, { at: at * 1000, data: stateAt(sub, at, reading) }];
}

const isBeginning = ({ type }: Event): boolean => type === 'customer.subscription.created';
const inOrder = (versions: Version[]): Version[] => {
  const last = new Map(versions.map((v) => [v.at, v]));
  return [...last.values()].sort((a, b) => a.at - b.at);
};

const DiscountScope = z.object({ subscription: z.string().nullish(), subscription_item: z.string().nullish() });

/** The form before an event. */
export function undo(form: Raw, event: Event): Raw {
  const { object, previous_attributes: previous } = event.data;
  if (event.type.startsWith('customer.discount.')) {
    const scope = DiscountScope.safeParse(object).data;
    // A subscription's own discounts stand in its own events.
    if (!scope || scope.subscription || scope.subscription_item) return form;
    const customer = isRaw(form.customer) ? form.customer : { id: form.customer };
    const before = event.type === 'customer.discount.created' ? null : previous ? merged(object, previous) : object;
    return { ...form, customer: { ...customer, discount: before } };
  }
  if (!previous) return form;
  const before = { ...merged(form, previous), items: itemsBefore(form, event) };
  // Before version 2025-03-31 the period stood at the subscription.
  const { current_period_start: start, current_period_end: end, items } = previous;
  if (items !== undefined || (start === undefined && end === undefined) || !isRaw(before.items)) return before;
  const period = { ...(start ? { current_period_start: start } : {}), ...(end ? { current_period_end: end } : {}) };
  const data = Array.isArray(before.items.data) ? before.items.data : [];
  return { ...before, items: { ...before.items, data: data.map((i) => (isRaw(i) ? { ...i, ...period } : i)) } };
}

/** The items before an event. It shows the first ten only: of the others nothing but the period may have changed, or they are unknown. */
function itemsBefore(form: Raw, { data }: Event): unknown {
  const earlier = Items.safeParse(data.previous_attributes?.items).data;
  const present = Items.safeParse(form.items).data;
  if (!earlier || !present) return form.items;
  if (!Items.safeParse(data.object.items).data?.has_more) return { ...present, data: earlier.data };
  const told = new Map(earlier.data.map((item) => [item.id, item]));
  const kept = earlier.data.every((item) => {
    const now = present.data.find((other) => other.id === item.id);
    return now?.price?.id === item.price?.id && now?.quantity === item.quantity;
  });
  return { ...present, has_more: !kept, data: present.data.map((item) => told.get(item.id) ?? item) };
}
const Items = z.looseObject({
  has_more: z.boolean().optional(),
  data: z.array(
    z.looseObject({
      id: z.string(),
      price: z.looseObject({ id: z.string() }).optional(),
      quantity: z.number().nullish(),
    }),
  ),
});

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Earlier values over present ones; lists are told whole. */
function merged(present: Raw, earlier: Raw): Raw {
  const result: Raw = { ...present };
  for (const [key, value] of Object.entries(earlier)) {
    const now = present[key];
    result[key] = isRaw(now) && isRaw(value) ? merged(now, value) : value;
  }
  return result;
}
