import type { Kept } from './kept.ts';
import { ratingId } from './keys.ts';
import { iso } from './show.ts';
import { storyAt, type TicketStory } from './story.ts';

const EDITABLE_MS = 28 * 86_400_000;
const SURVEY = { id: '01J58KJ9RAE0D2EK7HRVM7Z8F2', version: 3, state: 'enabled' };
const TEXT = { type: 'static', value: 'How would you rate your experience?' };

/**
 * The ticket's answer to the newer, customizable survey on a scale of five; null while it has none.
 * https://developer.zendesk.com/api-reference/ticketing/ticket-management/csat_survey_responses/
 */
export function showSurveyResponse({ story }: Kept<TicketStory>, now: number): Record<string, unknown> | null {
  const state = storyAt(story, now);
  const { rating = null, solvedAt = null } = state?.ticket ?? {};
  if (rating === null || solvedAt === null) return null;
  const zrn = `zen:ticket:${story.id}`;
  const at = { created_at: iso(solvedAt), updated_at: iso(solvedAt) };
  const question = {
    id: '01GFYBENPDGN1R6NAA4WRDNVFQ',
    type: 'rating_scale',
    sub_type: 'customer_satisfaction',
    headline: TEXT,
  };
  return {
    id: `01J1WB51MG6H${String(ratingId(story.id)).padStart(14, '0')}`,
    responder_id: story.requester,
    expires_at: iso(solvedAt + EDITABLE_MS),
    subject_zrns: [zrn],
    subjects: [{ id: String(story.id), type: 'ticket', zrn }],
    survey: SURVEY,
    answers: [
      { type: 'rating_scale', rating, rating_category: rating >= 4 ? 'good' : 'bad', question, ...at },
      {
        type: 'skipped',
        question: { id: '01GFYBENPDGN1R6NAA4WRDNVFR', alias: 'comment', type: 'open_ended', headline: TEXT },
        ...at,
      },
    ],
  };
}
