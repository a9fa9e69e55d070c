import type { World } from '../../../src/sandbox/world.types.ts';
import type { TypeName } from './types.ts';

/**
 * World → record ids. Pure, so that a proof can name the record of anything in the world without asking the server, and so that
 * the story of a record can be told again from its id. Company ids gain a digit on their way: whoever sorts them as text loses.
 */
const FIRST_COMPANY = 9_999_999_990;
const SPAN = 100_000;
const BASES = {
  contacts: 20_000_000_000,
  deals: 40_000_000_000,
  tickets: 60_000_000_000,
  /** One numbering for all activities of an account: the position says which. */
  activities: 80_000_000_000,
} as const;
/** Records that the API creates are numbered from here. */
export const FIRST_NEW = 400_000_000_000;
const FIRST_OWNER = 101;
const FIRST_USER = 50_000_001;

export const companyNumber = (index: number): number => FIRST_COMPANY + index;
const nth = (base: number, account: number, position: number): number => base + (account + 1) * SPAN + position;
export const contactNumber = (account: number, position: number): number => nth(BASES.contacts, account, position);
export const dealNumber = (account: number, position: number): number => nth(BASES.deals, account, position);
export const ticketNumber = (account: number, position: number): number => nth(BASES.tickets, account, position);
export const activityNumber = (account: number, position: number): number => nth(BASES.activities, account, position);

export const companyId = (index: number): string => String(companyNumber(index));
export const contactId = (account: number, position: number): string => String(contactNumber(account, position));
export const dealId = (account: number, position: number): string => String(dealNumber(account, position));
export const ticketId = (account: number, position: number): string => String(ticketNumber(account, position));
export const activityId = (account: number, position: number): string => String(activityNumber(account, position));

/** Position among the world's users → owner id, which is what records hold; never the user id. */
export const ownerId = (position: number): string => String(FIRST_OWNER + position);
export const userId = (position: number): number => FIRST_USER + position;

/** The account whose story a record belongs to; null = the API made it. */
export function accountOf(type: TypeName, id: number, size: number): number | null {
  if (id >= FIRST_NEW) return null;
  const base = type === 'contacts' || type === 'deals' || type === 'tickets' ? BASES[type] : BASES.activities;
  const index = type === 'companies' ? id - FIRST_COMPANY : Math.floor((id - base) / SPAN) - 1;
  return index >= 0 && index < size ? index : null;
}

/** The account index in a world key ("acct-000017" → 17). */
export function indexOf(key: string): number {
  const digits = /(\d+)$/.exec(key)?.[1];
  if (digits === undefined) throw new Error(`World key without a number: ${key}`);
  return Number(digits);
}

/** World user key → owner id. */
export function ownerIds(world: World): Map<string, string> {
  return new Map(world.users.map((user, position) => [user.key, ownerId(position)]));
}
