import type { Fact, FactOf } from '../../src/core/fact.ts';
import { byId, tombstone } from './facts.ts';
import { type CrmRecord, instant, num, RowError, str, type Values, valuesOf } from './record.ts';

export type Engagement = 'tasks' | 'meetings' | 'calls' | 'emails' | 'notes';

/** What an engagement is about, by record id; the ids of each in ascending order. */
export interface About {
  companies: string[];
  contacts: string[];
  deals: string[];
}

interface Happening {
  type: FactOf<'activity'>['data']['type'];
  at: number;
  subject: string | null;
  /** Meetings only; null = nobody said whether it took place. */
  cancelled?: boolean | null;
}

interface Kind {
  properties: string[];
  /** null = it did not take place, or not yet. */
  happened(values: Values, record: CrmRecord): Happening | null;
}

/** What a call's or e-mail's status says where the other side was not reached, or not yet. */
const UNREACHED = new Set([
  ...['BUSY', 'CALLING_CRM_USER', 'CANCELED', 'CONNECTING', 'FAILED', 'IN_PROGRESS', 'MISSED', 'NO_ANSWER', 'QUEUED'],
  ...['RINGING', 'BOUNCED', 'SCHEDULED', 'SENDING'],
]);

function timestamp(values: Values): number {
  const at = instant(values, 'hs_timestamp');
  if (at === null) throw new RowError('hs_timestamp: missing');
  return at;
}

/** Of each kind what it is read from, and since when it counts: what takes a while counts from its end on, as planned ones must. */
export const ENGAGEMENTS: Record<Engagement, Kind> = {
  tasks: {
    properties: ['hs_task_subject', 'hs_task_status', 'hs_task_completion_date', 'hs_timestamp'],
    happened(values, record) {
      if (str(values, 'hs_task_status') !== 'COMPLETED') return null;
      const done = instant(values, 'hs_task_completion_date') ?? record.updatedAt;
      return { type: 'task', at: done, subject: str(values, 'hs_task_subject') };
    },
  },
  meetings: {
    properties: [
      'hs_meeting_title',
      'hs_meeting_outcome',
      'hs_meeting_start_time',
      'hs_meeting_end_time',
      'hs_timestamp',
    ],
    happened(values) {
      const outcome = str(values, 'hs_meeting_outcome');
      if (outcome === 'RESCHEDULED') return null; // held under another record
      const end =
        instant(values, 'hs_meeting_end_time') ?? instant(values, 'hs_meeting_start_time') ?? timestamp(values);
      const cancelled = outcome === 'CANCELED' || outcome === 'NO_SHOW' ? true : outcome === 'COMPLETED' ? false : null;
      return { type: 'meeting', at: end, subject: str(values, 'hs_meeting_title'), cancelled };
    },
  },
  calls: {
    properties: ['hs_call_title', 'hs_call_status', 'hs_call_duration', 'hs_timestamp'],
    happened(values) {
      if (UNREACHED.has(str(values, 'hs_call_status') ?? '')) return null;
      const duration = Math.max(0, num(values, 'hs_call_duration') ?? 0);
      return { type: 'call', at: Math.round(timestamp(values) + duration), subject: str(values, 'hs_call_title') };
    },
  },
  emails: {
    properties: ['hs_email_subject', 'hs_email_status', 'hs_email_direction', 'hs_timestamp'],
    happened(values) {
      const draft = str(values, 'hs_email_direction') === 'DRAFT_EMAIL';
      if (draft || UNREACHED.has(str(values, 'hs_email_status') ?? '')) return null;
      return { type: 'email', at: timestamp(values), subject: str(values, 'hs_email_subject') };
    },
  },
  notes: {
    properties: ['hs_timestamp'],
    happened: (values) => ({ type: 'note', at: timestamp(values), subject: null }),
  },
};

/**
 * An engagement → an activity, or its withdrawal where it is none (any more). Ours, known by the property that carries our key, are never
 * activity (W10).
 */
export function activityFact(type: Engagement, record: CrmRecord, about: About, keyProperty: string): Fact | null {
  const values = valuesOf(record);
  if (str(values, keyProperty) !== null) return null;
  const account = about.companies[0];
  const happened = ENGAGEMENTS[type].happened(values, record);
  if (account === undefined || happened === null) return tombstone('activity', record.id, record.updatedAt);
  const { at, ...told } = happened;
  return {
    kind: 'activity',
    id: record.id,
    account,
    at,
    knownAt: record.updatedAt,
    data: {
      ...told,
      userId: str(values, 'hubspot_owner_id'),
      contactIds: about.contacts.toSorted(byId),
      opportunityId: about.deals[0] ?? null,
    },
  };
}
