import { auditsOf, REDACTED, SCRUBBED } from './audits.ts';
import { minutesBetween, NO_MINUTES } from './hours.ts';
import type { Kept } from './kept.ts';
import { agentOf, BRAND, ESCALATED_TAG, GROUPS, metricId, ratingId } from './keys.ts';
import { ratingComment, scoreOf } from './ratings.ts';
import { iso, isoOrNull } from './show.ts';
import { storyAt, type TicketState, type TicketStory } from './story.ts';

type Row = Record<string, unknown>;

const TOPIC_TAGS: [RegExp, string][] = [
  [/invoice/i, 'billing'],
  [/crash|wrong|stopped|twice/i, 'bug'],
  [/how do i|request/i, 'question'],
];
/** Custom statuses, one for each status that tickets pass through. */
const CUSTOM_STATUS = { new: 1, open: 2, pending: 3, hold: 4, solved: 5, closed: 5, deleted: 5 } as const;

/** What is shown about tickets beside the story itself. */
export interface Sight {
  now: number;
  base: string;
  /** Tickets whose first message was redacted. */
  redacted: ReadonlySet<number>;
  /** Legacy satisfaction is part of tickets; accounts with the new surveys do not have it. */
  satisfaction: 'legacy' | 'none';
}

/** The first message, as it can still be read. */
export const firstText = (story: TicketStory, state: TicketState, sight: Sight): string =>
  state.scrubbed ? SCRUBBED : sight.redacted.has(story.id) ? REDACTED : story.world.text;

export function showTicket(kept: Kept<TicketStory>, sight: Sight): Row | null {
  const { story, stamp, updated } = kept;
  const state = storyAt(story, sight.now);
  if (!state) return null;
  const { ticket } = state;
  const subject = state.scrubbed ? SCRUBBED : ticket.subject;
  const replied = ticket.firstReplyAt !== null;
  const topics = TOPIC_TAGS.filter(([words]) => words.test(ticket.subject)).map(([, tag]) => tag);
  return {
    url: `${sight.base}/tickets/${story.id}.json`,
    id: story.id,
    external_id: null,
    via: { channel: 'email', source: { from: {}, to: {}, rel: null } },
    created_at: iso(ticket.openedAt),
    updated_at: iso(updated * 1000),
    generated_timestamp: stamp,
    type: story.id % 3 ? 'incident' : 'question',
    subject,
    raw_subject: subject,
    description: firstText(story, state, sight),
    priority: ticket.priority,
    status: state.status,
    recipient: 'support@ourcompany.example',
    requester_id: story.requester,
    submitter_id: story.requester,
    assignee_id: replied ? agentOf(story.account) : null,
    organization_id: state.organization,
    group_id: ticket.escalated ? GROUPS.escalations : GROUPS.support,
    collaborator_ids: [],
    follower_ids: [],
    email_cc_ids: [],
    forum_topic_id: null,
    problem_id: null,
    has_incidents: false,
    is_public: true,
    due_at: null,
    tags: [...(ticket.escalated ? [ESCALATED_TAG] : []), ...topics],
    custom_fields: [],
    satisfaction_rating: satisfaction(story, state, sight),
    sharing_agreement_ids: [],
    custom_status_id: CUSTOM_STATUS[state.status],
    followup_ids: [],
    brand_id: BRAND,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: false,
  };
}

function satisfaction(story: TicketStory, { ticket, status }: TicketState, sight: Sight): Row {
  if (sight.satisfaction === 'none' || (status !== 'solved' && status !== 'closed')) return { score: 'unoffered' };
  if (ticket.rating === null) return { score: 'offered' };
  return { score: scoreOf(ticket.rating), id: ratingId(story.id), comment: ratingComment(ticket.rating) };
}

/** Times by the calendar and by the account's schedule, both in minutes; null while the ticket has not come so far. */
export function showMetric(kept: Kept<TicketStory>, sight: Sight): Row | null {
  const { story, updated } = kept;
  const state = storyAt(story, sight.now);
  if (!state) return null;
  const { openedAt, firstReplyAt, solvedAt, reopens, escalated } = state.ticket;
  const past = auditsOf(story).filter((a) => a.at <= sight.now);
  const replies = past.filter((a) => a.comment?.public && a.author !== story.requester);
  const statusAt = past.findLast((a) => a.changes.some((c) => c.field === 'status'))?.at ?? openedAt;
  const firstSolved = past.find((a) => a.changes.some((c) => c.field === 'status' && c.value === 'solved'))?.at ?? null;
  const lastComment = past.findLast((a) => a.comment !== null)?.at ?? openedAt;
  const requesterAt = past.findLast((a) => a.author === story.requester)?.at ?? openedAt;
  return {
    url: `${sight.base}/ticket_metrics/${metricId(story.id)}.json`,
    id: metricId(story.id),
    ticket_id: story.id,
    created_at: iso(openedAt),
    updated_at: iso(updated * 1000),
    group_stations: escalated ? 2 : 1,
    assignee_stations: firstReplyAt === null ? 0 : 1,
    reopens,
    replies: replies.length,
    assignee_updated_at: isoOrNull(firstReplyAt),
    requester_updated_at: iso(requesterAt),
    status_updated_at: iso(statusAt),
    initially_assigned_at: isoOrNull(firstReplyAt),
    assigned_at: isoOrNull(firstReplyAt),
    solved_at: isoOrNull(solvedAt),
    latest_comment_added_at: iso(lastComment),
    custom_status_updated_at: iso(statusAt),
    reply_time_in_minutes: minutesBetween(openedAt, firstReplyAt),
    first_resolution_time_in_minutes: minutesBetween(openedAt, firstSolved),
    full_resolution_time_in_minutes: minutesBetween(openedAt, solvedAt),
    agent_wait_time_in_minutes:
      story.waiting === 'pending' && firstReplyAt !== null ? minutesBetween(firstReplyAt, solvedAt) : NO_MINUTES,
    requester_wait_time_in_minutes: minutesBetween(openedAt, story.waiting === 'pending' ? firstReplyAt : solvedAt),
    on_hold_time_in_minutes:
      story.waiting === 'hold' && firstReplyAt !== null
        ? minutesBetween(firstReplyAt, solvedAt)
        : { calendar: 0, business: 0 },
  };
}

/** The custom statuses behind the plain ones. */
export const showCustomStatuses = (): Row[] =>
  (['new', 'open', 'pending', 'hold', 'solved'] as const).map((status) => ({
    id: CUSTOM_STATUS[status],
    status_category: status,
    agent_label: status,
    end_user_label: status,
    description: '',
    end_user_description: '',
    active: true,
    default: true,
    created_at: '2019-03-04T09:00:00Z',
    updated_at: '2019-03-04T09:00:00Z',
  }));
