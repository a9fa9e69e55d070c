import type { WorldContact, WorldTicket } from '../world.types.ts';
import { presentAt } from './contacts.ts';
import { type CustomerDraft, childKey, customerSpan, type PeopledDraft, streamOf } from './draft.ts';
import type { Random } from './random.ts';
import { HOUR, MINUTE, moments, toSecond } from './time.ts';

const PER_YEAR = { smb: 7, 'mid-market': 10, enterprise: 14 } as const;
const TOPICS = [
  'Export takes very long',
  'Cannot sign in',
  'Report shows wrong totals',
  'How do I add a user?',
  'Invoice question',
  'Integration stopped syncing',
  'Mobile app crashes',
  'Request: bulk edit',
  'Permission denied on a dashboard',
  'Notifications arrive twice',
] as const;
const CALM = [
  'Could you please have a look? No rush.',
  'We would like to know how this is meant to work. Thanks for your help!',
  'Everything else works great. Just this one question.',
  'Steps: open the page, press the button, nothing happens. Thank you.',
] as const;
const FRUSTRATED = [
  'This is the third time we report this and it is still broken. Very disappointing.',
  'We are losing hours every week. This is unacceptable, and nobody answers us.',
  'My team is really frustrated. If this is not fixed soon we have to look for an alternative.',
  'Terrible experience. It was promised for last month and it still fails.',
] as const;

/** More, more severe, slower and worse rated where health is low. */
export function makeTickets(draft: PeopledDraft): WorldTicket[] {
  const { id, health } = draft;
  const living = customerSpan(draft);
  if (!living) return [];
  const random = streamOf(draft, 'tickets');
  const pace = (at: number): number => PER_YEAR[id.segment] * (0.5 + 5 * (1 - health(at)) ** 2);
  return moments(random, living.from, living.to, pace).map((openedAt, n) => ({
    key: childKey(draft, 't', n),
    ...ticket(draft, openedAt, health(openedAt), random),
  }));
}

function ticket(draft: PeopledDraft, openedAt: number, h: number, random: Random): Omit<WorldTicket, 'key'> {
  const trouble = 1 - h;
  const severity = random.next();
  const share = { urgent: 0.01 + 0.25 * trouble, high: 0.06 + 0.6 * trouble };
  const priority =
    severity < share.urgent
      ? 'urgent'
      : severity < share.urgent + share.high
        ? 'high'
        : severity < share.urgent + share.high + 0.25
          ? 'low'
          : 'normal';
  const haste = { urgent: 0.4, high: 0.7, normal: 1, low: 1.6 }[priority];
  const replyMinutes = haste * (30 + 420 * trouble) * Math.exp(0.6 * random.normal());
  const hours = haste * (10 + 190 * trouble ** 1.3) * Math.exp(0.7 * random.normal());
  const firstReplyAt = toSecond(openedAt + replyMinutes * MINUTE);
  const forgotten = random.chance(0.12 * trouble ** 2);
  const solvedAt = forgotten ? null : toSecond(firstReplyAt + hours * HOUR);
  const rating = Math.round(0.7 + 4.35 * h + 0.5 * random.normal());
  const [rates, angry] = [random.chance(0.65), random.chance(0.04 + 0.75 * trouble ** 1.5)];
  return {
    subject: random.pick(TOPICS),
    text: random.pick(angry ? FRUSTRATED : CALM),
    openedAt,
    firstReplyAt,
    solvedAt,
    priority,
    escalated: random.chance((priority === 'urgent' ? 0.35 : 0.03) + 0.25 * trouble ** 2),
    reopens: random.poisson(0.03 + 0.5 * trouble ** 1.5),
    rating: rates && solvedAt !== null ? Math.min(5, Math.max(1, rating)) : null,
    requesterEmail: requester(draft, draft.contacts, openedAt, random),
  };
}

/** Somebody who is there; a shared mailbox where nobody is known. */
export function requester(draft: CustomerDraft, contacts: WorldContact[], at: number, random: Random): string {
  const people = presentAt(contacts, at).flatMap((c) => (c.email === null ? [] : [c.email]));
  return people.length ? random.pick(people) : `office@${draft.id.domain}`;
}
