import type { World, WorldAccount } from '../../../src/sandbox/world.types.ts';
import { recordId } from './ids.ts';

/**
 * World → record ids. Pure, so that a proof can name the record of any person, account or activity without asking
 * the server. Children count from their account's index; ids of one type sort by it.
 */
const SPAN = 100_000;
const nth = (account: number, position: number): number => (account + 1) * SPAN + position;

export const accountId = (index: number): string => recordId('001', index + 1);
export const userId = (position: number): string => recordId('005', position + 1);
export const contactId = (account: number, position: number): string => recordId('003', nth(account, position));
export const opportunityId = (account: number, position: number): string => recordId('006', nth(account, position));
export const historyId = (account: number, opportunity: number, state: number): string =>
  recordId('008', nth(account, opportunity * 100 + state));
export const roleId = (account: number, opportunity: number, role: number): string =>
  recordId('00K', nth(account, opportunity * 100 + role));
/** Position among the account's activities; meetings are events, all else tasks. */
export const activityId = (account: number, position: number, type: string): string =>
  recordId(type === 'meeting' ? '00U' : '00T', nth(account, position));

/** The account index in a world key ("acct-000017" → 17). */
export function indexOf(key: string): number {
  const digits = /(\d+)$/.exec(key)?.[1];
  if (digits === undefined) throw new Error(`World key without a number: ${key}`);
  return Number(digits);
}

/** Fails loudly should the world ever number its keys differently. */
export function checkKey(account: WorldAccount): void {
  if (indexOf(account.key) !== account.index)
    throw new Error(`World key ${account.key} is not number ${account.index}`);
}

/** World user key → record id. */
export function userIds(world: World): Map<string, string> {
  return new Map(world.users.map((user, position) => [user.key, userId(position)]));
}
