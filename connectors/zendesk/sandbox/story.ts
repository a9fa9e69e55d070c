import { ticketAt, ticketChanges } from '../../../src/sandbox/asof.ts';
import type { WorldAccount, WorldTicket } from '../../../src/sandbox/world.types.ts';
import { ticketId } from './keys.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const [CLOSES_AFTER, SCRUBBED_AFTER, TOUCHED_AFTER] = [4 * DAY, 30 * DAY, 9 * DAY];
export const ARCHIVED_AFTER = 120 * DAY;

/** A ticket as the help desk keeps it, from beginning to end: the world's ticket and what only a help desk adds. */
export interface TicketStory {
  id: number;
  account: number;
  world: WorldTicket;
  requester: number;
  organization: number | null;
  /** It belongs to this organization until then, when that is merged into `organization`. */
  before: { organization: number; until: number } | null;
  /** What an agent sets while waiting for the customer (pending) or for somebody else (hold). */
  waiting: 'pending' | 'hold' | null;
  /** Sent twice by mistake: an agent deletes it. The world does not know it. */
  deletedAt: number | null;
  closedAt: number | null;
}
export interface Home {
  organization: number | null;
  before: { organization: number; until: number } | null;
}

const WAITING = ['pending', null, 'hold', null, null] as const;

export function ticketStory(
  account: WorldAccount,
  n: number,
  world: WorldTicket,
  requester: number,
  home: Home,
): TicketStory {
  const moved = home.before !== null && n % 3 === 1 && world.openedAt < home.before.until;
  return {
    id: ticketId(account.index, n),
    account: account.index,
    world,
    requester,
    organization: home.organization,
    before: moved ? home.before : null,
    waiting: WAITING[(account.index + n) % WAITING.length] ?? null,
    deletedAt: null,
    closedAt: world.solvedAt === null ? null : world.solvedAt + CLOSES_AFTER,
  };
}

/** The same message again five minutes later for every 17th ticket; an agent deletes it within the hour. */
export function duplicateOf(story: TicketStory, n: number): TicketStory | null {
  if ((story.account + n) % 17 !== 0) return null;
  const openedAt = story.world.openedAt + 5 * MINUTE;
  const untouched = { firstReplyAt: null, solvedAt: null, escalated: false, reopens: 0, rating: null };
  return {
    ...story,
    id: ticketId(story.account, n, true),
    world: { ...story.world, ...untouched, key: `${story.world.key}-again`, openedAt },
    before: null,
    waiting: null,
    deletedAt: openedAt + 50 * MINUTE,
    closedAt: null,
  };
}

/**
 * When its record changes. A system's change moves `generated_timestamp` alone: a merge of its organization, a recalculation, the
 * scrubbing of deleted text; a person's or a rule's moves `updated_at` too.
 */
export function storyChanges(story: TicketStory): { at: number; bySystem: boolean }[] {
  const { before, deletedAt, closedAt, world } = story;
  const people = [...ticketChanges(world), closedAt, deletedAt];
  const recalculated = world.solvedAt !== null && story.id % 5 === 0 ? world.solvedAt + TOUCHED_AFTER : null;
  const system = [before?.until ?? null, recalculated, deletedAt === null ? null : deletedAt + SCRUBBED_AFTER];
  const all = (list: (number | null)[], bySystem: boolean) =>
    list.flatMap((at) => (at === null ? [] : [{ at, bySystem }]));
  return [...all(people, false), ...all(system, true)].sort((a, b) => a.at - b.at);
}

export type TicketStatus = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed' | 'deleted';
export interface TicketState {
  status: TicketStatus;
  organization: number | null;
  ticket: NonNullable<ReturnType<typeof ticketAt>>;
  /** Its text is gone, 30 days after it was deleted. */
  scrubbed: boolean;
  /** Too old for lists; exports and single reads still have it. */
  archived: boolean;
}

/** What the record says at an instant; null before it is opened. */
export function storyAt(story: TicketStory, t: number): TicketState | null {
  const ticket = ticketAt(story.world, t);
  if (!ticket) return null;
  const reached = (at: number | null, after = 0): boolean => at !== null && at + after <= t;
  return {
    ticket,
    status: reached(story.deletedAt)
      ? 'deleted'
      : reached(story.closedAt)
        ? 'closed'
        : ticket.status === 'open'
          ? (story.waiting ?? 'open')
          : ticket.status,
    organization: story.before && story.before.until > t ? story.before.organization : story.organization,
    scrubbed: reached(story.deletedAt, SCRUBBED_AFTER),
    archived: reached(story.closedAt, ARCHIVED_AFTER),
  };
}
