import { ticketChanges } from '../../../src/sandbox/asof.ts';
import { agentOf, auditId, ESCALATED_TAG, entryId, GROUPS } from './keys.ts';
import { storyAt, type TicketStory } from './story.ts';

/** One entry of a ticket's history: who did what at once. */
export interface Audit {
  id: number;
  ticket: number;
  at: number;
  author: number;
  via: 'web' | 'email' | 'rule';
  comment: Comment | null;
  changes: { field: string; value: string | number | null; previous: string | number | null }[];
}
export interface Comment {
  id: number;
  body: string;
  public: boolean;
}
type Draft = Omit<Audit, 'id' | 'ticket' | 'comment'> & { comment: Omit<Comment, 'id'> | null };

export const REDACTED = '▇▇▇▇▇▇▇▇';
export const SCRUBBED = 'SCRUBBED';
const [REPLY, SOLUTION, BACK, NOTE] = [
  'Hello, thanks for writing. I am looking into it and come back to you.',
  'This should be solved now. Please tell us if it is not.',
  'Sorry, it happens again.',
  'Very unhappy customer, this is a terrible mess on our side. Escalating.',
];

/** The whole history of a ticket, oldest first, by the same instants as its record changes. */
export function auditsOf(story: TicketStory): Audit[] {
  const { world, requester, closedAt } = story;
  const drafts: Draft[] = [];
  for (const at of ticketChanges(world)) drafts.push(...draftsAt(story, at));
  if (closedAt !== null) {
    drafts.push({ at: closedAt, author: -1, via: 'rule', comment: null, changes: [status('closed', 'solved')] });
  }
  return drafts.map((draft, nth) => {
    const id = auditId(story.id, nth);
    return { ...draft, id, ticket: story.id, comment: draft.comment && { ...draft.comment, id: entryId(id, 0) } };
  });

  function draftsAt(s: TicketStory, at: number): Draft[] {
    const before = storyAt(s, at - 1);
    const after = storyAt(s, at);
    if (!after) return [];
    const found: Draft[] = [];
    const add = (author: number, text: string, isPublic: boolean, changes: Audit['changes']) =>
      found.push({
        at,
        author,
        via: author === requester ? 'email' : 'web',
        comment: { body: text, public: isPublic },
        changes,
      });
    const agent = agentOf(s.account);
    const held = before?.status ?? null;
    const wait = s.waiting ?? 'open';
    if (at === world.openedAt) {
      const created = [{ field: 'priority', value: world.priority, previous: null }, status('new', null)];
      add(requester, world.text, true, created);
    }
    const replied = at === world.firstReplyAt;
    if (replied) add(agent, REPLY, true, [status(wait, 'new')]);
    if (after.ticket.escalated && !before?.ticket.escalated) {
      const group = { field: 'group_id', value: GROUPS.escalations, previous: GROUPS.support };
      add(agent, NOTE, false, [{ field: 'tags', value: ESCALATED_TAG, previous: null }, group]);
    }
    const now = replied ? wait : (held ?? 'new');
    for (let n = before?.ticket.reopens ?? 0; n < after.ticket.reopens; n++) {
      add(agent, SOLUTION, true, [status('solved', now)]);
      add(requester, BACK, true, [status(now, 'solved')]);
    }
    if (at === world.solvedAt) add(agent, SOLUTION, true, [status('solved', now)]);
    return found;
  }
}

const status = (value: string, previous: string | null) => ({ field: 'status', value, previous });
