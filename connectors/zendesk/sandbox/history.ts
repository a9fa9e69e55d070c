import { type Audit, auditsOf } from './audits.ts';
import type { Kept } from './kept.ts';
import { entryId } from './keys.ts';
import { html, iso, seconds } from './show.ts';
import { storyAt, type TicketStory } from './story.ts';
import { firstText, type Sight } from './tickets.ts';

type Row = Record<string, unknown>;
const VIA = { web: 'Web form', email: 'Mail', rule: 'Rule' } as const;

/** One row of the ticket events export; texts are in it only where they are asked for. */
export function showEvent(audit: Audit, kept: Kept<TicketStory>, sight: Sight, withComments: boolean): Row {
  const changes = audit.changes.map((change, n) => ({
    id: entryId(audit.id, 1 + n),
    via: VIA[audit.via],
    via_reference_id: null,
    ...(change.field === 'tags'
      ? { tags: [change.value], added_tags: [change.value], removed_tags: [] }
      : { [change.field]: change.value, previous_value: change.previous }),
    event_type: change.previous === null && change.field !== 'tags' ? 'Create' : 'Change',
  }));
  const comment = withComments ? showComment(audit, kept, sight) : null;
  return {
    id: audit.id,
    ticket_id: audit.ticket,
    timestamp: seconds(audit.at),
    created_at: iso(audit.at),
    updater_id: audit.author,
    via: VIA[audit.via],
    system: {},
    metadata: {},
    event_type: 'Audit',
    child_events: [...(comment ? [{ ...comment, event_type: 'Comment' }] : []), ...changes],
  };
}

/** The comments of a ticket that can be read now, oldest first. */
export const showComments = (kept: Kept<TicketStory>, sight: Sight): Row[] =>
  auditsOf(kept.story)
    .filter((audit) => audit.at <= sight.now)
    .flatMap((audit): Row[] => {
      const shown = showComment(audit, kept, sight);
      return shown ? [shown] : [];
    });

/** The audits of a ticket up to now, oldest first; what it was created with counts as created. */
export const showAudits = (kept: Kept<TicketStory>, sight: Sight): Row[] =>
  auditsOf(kept.story)
    .filter((audit) => audit.at <= sight.now)
    .map((audit): Row => {
      const comment = showComment(audit, kept, sight);
      const created = audit.at === kept.story.world.openedAt;
      const changes = audit.changes.map(({ field, value, previous }, n) => ({
        id: entryId(audit.id, 1 + n),
        type: created ? 'Create' : 'Change',
        field_name: field,
        value: field === 'tags' ? [value] : String(value),
        ...(created ? {} : { previous_value: field === 'tags' ? [] : previous === null ? null : String(previous) }),
      }));
      return {
        id: audit.id,
        ticket_id: audit.ticket,
        created_at: iso(audit.at),
        author_id: audit.author,
        via: { channel: audit.via, source: { from: {}, to: {}, rel: null } },
        metadata: { system: {}, custom: {} },
        events: [...(comment ? [{ ...comment, type: 'Comment' }] : []), ...changes],
      };
    });

function showComment(audit: Audit, kept: Kept<TicketStory>, sight: Sight): Row | null {
  const { comment } = audit;
  const state = storyAt(kept.story, sight.now);
  if (!comment || !state) return null;
  const first =
    audit.at === kept.story.world.openedAt && audit.author === kept.story.requester && audit.changes.length > 1;
  const body = first || state.scrubbed ? firstText(kept.story, state, sight) : comment.body;
  return {
    id: comment.id,
    type: 'Comment',
    author_id: audit.author,
    body,
    html_body: html(body),
    plain_body: body,
    public: comment.public,
    attachments: [],
    audit_id: audit.id,
    via: { channel: audit.via, source: { from: {}, to: {}, rel: null } },
    created_at: iso(audit.at),
    metadata: { system: {}, custom: {} },
  };
}
