import { z } from 'zod';
import { Lookup } from './catalog.ts';
import { type Client, PAGE } from './client.ts';
import { historyOf } from './history.ts';
import { everyRow, idOf, mapRow, type Raw } from './rows.ts';
import { objectId, type Reader } from './stream.ts';
import { nextDiscountEnd, type Reading } from './subscription.ts';
import { type Event, Subscription } from './wire.ts';

const EXPAND = ['discounts', 'items.data.discounts', 'customer'];
const MoreItems = z.looseObject({ items: z.looseObject({ has_more: z.literal(true) }) });
const DiscountOf = z.object({ customer: z.string().nullish(), subscription: z.string().nullish() });
const customerKey = (id: string): string => `discount of ${id}`;

/** Subscriptions of every status: the default of the list hides those that have ended, and with them all churn. */
export function openSubscriptions(client: Client): Reader {
  const lookup = new Lookup(client);
  const { config, timezone } = client.ctx;
  const reading: Reading = { timezone, config: config.subscriptions, catalog: lookup };
  return {
    list: ({ starting_after }) =>
      client.list('subscriptions.list', (sdk) =>
        sdk.subscriptions.list({
          status: 'all',
          limit: PAGE,
          expand: EXPAND.map((path) => `data.${path}`),
          ...(starting_after ? { starting_after } : {}),
        }),
      ),
    read: (id) =>
      client.retrieve('subscriptions.retrieve', (sdk) => sdk.subscriptions.retrieve(id, { expand: EXPAND })),
    named: async (events) => (await Promise.all(events.map((event) => subscriptionsOf(client, event)))).flat(),
    keys: (event) => {
      const discount = discountOf(event);
      if (!discount) return [objectId(event)];
      if (discount.subscription) return [discount.subscription];
      return discount.customer ? [customerKey(discount.customer)] : [];
    },
    rows: async (objects, events, timing) => {
      const full = await Promise.all(objects.map((object) => withAllItems(client, object)));
      const parsed = full.map((object) => Subscription.safeParse(object).data ?? null);
      await lookup.prepare(parsed.filter((sub) => sub !== null));
      const toldOf = (object: unknown, sub: Subscription | null): Event[] => [
        ...(events.get(idOf(object) ?? '') ?? []),
        ...(sub ? (events.get(customerKey(sub.customer.id)) ?? []) : []),
      ];
      await lookup.prepareHistory(full.flatMap((object, i) => toldOf(object, parsed[i] ?? null)));
      return full.map((object, i) => {
        const sub = parsed[i] ?? null;
        const id = idOf(object) ?? '';
        const told = toldOf(object, sub);
        const when = timing(id);
        const row = mapRow('subscription', object, () =>
          historyOf(object as Raw, told, when, reading).map(({ at, data }) => ({
            kind: 'subscription' as const,
            id,
            account: sub?.customer.id ?? null,
            at,
            knownAt: at,
            data,
          })),
        );
        return { ...row, due: sub && nextDiscountEnd(sub, when.now, lookup) };
      });
    },
  };
}

const discountOf = (event: Event) =>
  event.type.startsWith('customer.discount.') ? (DiscountOf.safeParse(event.data.object).data ?? null) : null;

/** A customer's own discount is about all of its subscriptions. */
async function subscriptionsOf(client: Client, event: Event): Promise<string[]> {
  const discount = discountOf(event);
  if (!discount) return [objectId(event)];
  if (discount.subscription) return [discount.subscription];
  const { customer } = discount;
  if (!customer) return [];
  const ids: string[] = [];
  for await (const row of everyRow(client, 'subscriptions.list', (sdk, after) =>
    sdk.subscriptions.list({ customer, status: 'all', limit: PAGE, ...after }),
  ))
    ids.push(idOf(row) ?? '');
  return ids.filter((id) => id !== '');
}

/** A subscription shows its first items only. */
async function withAllItems(client: Client, object: unknown): Promise<unknown> {
  const cut = MoreItems.safeParse(object);
  const subscription = idOf(object);
  if (!cut.success || subscription === null) return object;
  const data: unknown[] = [];
  for await (const item of everyRow(client, 'subscriptionItems.list', (sdk, after) =>
    sdk.subscriptionItems.list({ subscription, limit: PAGE, expand: ['data.discounts'], ...after }),
  ))
    data.push(item);
  return { ...cut.data, items: { ...cut.data.items, data, has_more: false } };
}
