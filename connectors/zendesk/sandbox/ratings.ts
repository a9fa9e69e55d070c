import type { Kept } from './kept.ts';
import { agentOf, GROUPS, ratingId } from './keys.ts';
import { iso } from './show.ts';
import { storyAt, type TicketStory } from './story.ts';

type Row = Record<string, unknown>;

/** Four and five of five are good; a solved ticket that nobody rated was offered to be. */
export const scoreOf = (rating: number | null): 'good' | 'bad' | 'offered' =>
  rating === null ? 'offered' : rating >= 4 ? 'good' : 'bad';
/** What people wrote along. */
export const ratingComment = (rating: number | null): string =>
  rating === 5 ? 'Quick and friendly.' : rating === 1 ? 'Far too slow.' : '';

/** The ticket's legacy rating, offered or given; null before it is solved. */
export function showRating(kept: Kept<TicketStory>, now: number, base: string): Row | null {
  const state = storyAt(kept.story, now);
  const { rating = null, solvedAt = null } = state?.ticket ?? {};
  if (solvedAt === null) return null;
  return {
    url: `${base}/satisfaction_ratings/${ratingId(kept.story.id)}.json`,
    id: ratingId(kept.story.id),
    assignee_id: agentOf(kept.story.account),
    group_id: state?.ticket.escalated ? GROUPS.escalations : GROUPS.support,
    requester_id: kept.story.requester,
    ticket_id: kept.story.id,
    score: scoreOf(rating),
    comment: ratingComment(rating),
    created_at: iso(solvedAt),
    updated_at: iso(solvedAt),
    reason: 'No reason provided',
    reason_id: 0,
    reason_code: 0,
  };
}
