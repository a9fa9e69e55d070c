/**
 * World → record ids. Pure, so that a proof can name the record of any ticket without asking the server.
 * Tickets count from their account's index.
 */
const SPAN = 10_000;
/** Where duplicates of an account's tickets are counted from. */
const DUPLICATES = 5_000;

export const ticketId = (account: number, position: number, duplicate = false): number =>
  (account + 1) * SPAN + (duplicate ? DUPLICATES : 0) + position + 1;
/** `second` = the account's duplicate organization, until somebody merges it away. */
export const organizationId = (account: number, second = false): number =>
  900_000_000_000 + account * 2 + (second ? 1 : 0);
export const requesterId = (position: number): number => 500_000_000_000 + position;
export const metricId = (ticket: number): number => 700_000_000_000 + ticket;
export const ratingId = (ticket: number): number => 800_000_000_000 + ticket;
export const ticketOfRating = (rating: number): number => rating - 800_000_000_000;
/** The nth audit of a ticket, and the nth entry of an audit (a comment's id too). */
export const auditId = (ticket: number, nth: number): number => ticket * 1_000 + nth * 10;
export const entryId = (audit: number, nth: number): number => audit + 1 + nth;
export const mergeId = (loser: number): string => `01HPZM6206BF4G${String(loser).padStart(12, '0')}`;

export const GROUPS = { support: 360_001, escalations: 360_002 } as const;
export const STAFF = { admin: 400_001, agent: 400_002, second: 400_003 } as const;
export const BRAND = 360_100;
export const ESCALATED_TAG = 'escalated';

/** Who in support answers an account. */
export const agentOf = (account: number): number => (account % 2 ? STAFF.agent : STAFF.second);
