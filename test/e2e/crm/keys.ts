import * as hubspot from '../../../connectors/hubspot/sandbox/keys.ts';
import * as salesforce from '../../../connectors/salesforce/sandbox/keys.ts';
import type { World } from '../../../src/sandbox/world.types.ts';

/** Record id → key of the world, for everything of which there is a record. */
export type Keys = ReadonlyMap<string, string>;

export const KEYS: Record<string, (world: World) => Keys> = {
  salesforce: (world) =>
    keysOf(world, salesforce.userIds(world), {
      account: salesforce.accountId,
      contact: salesforce.contactId,
      opportunity: salesforce.opportunityId,
      activity: salesforce.activityId,
    }),
  hubspot: (world) =>
    keysOf(world, hubspot.ownerIds(world), {
      account: hubspot.companyId,
      contact: hubspot.contactId,
      opportunity: hubspot.dealId,
      activity: hubspot.activityId,
    }),
};

interface Ids {
  account(index: number): string;
  contact(account: number, position: number): string;
  opportunity(account: number, position: number): string;
  activity(account: number, position: number, type: string): string;
}

function keysOf(world: World, users: Map<string, string>, ids: Ids): Keys {
  const keys = new Map([...users].map(([key, id]) => [id, key]));
  for (const { index, key, contacts, opportunities, activities } of world.accounts()) {
    keys.set(ids.account(index), key);
    for (const [n, contact] of contacts.entries()) keys.set(ids.contact(index, n), contact.key);
    for (const [n, opportunity] of opportunities.entries()) keys.set(ids.opportunity(index, n), opportunity.key);
    for (const [n, activity] of activities.entries()) keys.set(ids.activity(index, n, activity.type), activity.key);
  }
  return keys;
}

/** A value with every record id in it told by its key. */
export function translated(value: unknown, keys: Keys): unknown {
  if (typeof value === 'string') return keys.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one) => translated(one, keys)).sort();
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, translated(one, keys)]));
}
