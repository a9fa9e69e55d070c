import type { WorldAccount, WorldActivity } from '../../../src/sandbox/world.types.ts';
import { type Change, instant, type Owners, type Props } from './change.ts';
import { activityNumber, companyNumber, contactNumber, dealNumber } from './keys.ts';
import type { TypeName } from './types.ts';

const TYPES = { call: 'calls', email: 'emails', meeting: 'meetings', task: 'tasks' } as const satisfies Record<
  WorldActivity['type'],
  TypeName
>;
const MINUTE = 60_000;

/** Calls, e-mails, meetings and tasks of an account, as the CRM shows them. */
export function activityChanges(account: WorldAccount, owners: Owners): Change[] {
  return account.activities.flatMap((activity, position) =>
    activity.inCrm ? oneActivity(account, activity, position, owners) : [],
  );
}

function oneActivity(account: WorldAccount, activity: WorldActivity, position: number, owners: Owners): Change[] {
  const record = { type: TYPES[activity.type], id: activityNumber(account.index, position) };
  const contact = account.contacts.findIndex((c) => c.key === activity.contactKey);
  const deal = account.opportunities.findIndex((o) => o.key === activity.opportunityKey);
  const at = activity.createdAt;
  const create: Change = {
    ...record,
    at,
    kind: 'create',
    homes: {
      company: companyNumber(account.index),
      ...(contact < 0 ? {} : { contact: contactNumber(account.index, contact) }),
      ...(deal < 0 ? {} : { deal: dealNumber(account.index, deal) }),
    },
    set: {
      hs_timestamp: instant(activity.at),
      hubspot_owner_id: owners(activity.userKey),
      ...planned(activity),
    },
  };
  const outcome = activity.cancelledAt === null ? done(activity) : { at: activity.cancelledAt, set: CANCELLED };
  if (!outcome) return [create];
  if (outcome.at > at) return [create, { ...record, kind: 'edit', ...outcome }];
  return [{ ...create, set: { ...create.set, ...outcome.set } }];
}

const CANCELLED: Props = { hs_meeting_outcome: 'CANCELED' };

/** What the record says from the start. */
function planned(activity: WorldActivity): Props {
  const { subject, minutes, at } = activity;
  switch (activity.type) {
    case 'call':
      return { hs_call_title: subject, hs_call_direction: 'OUTBOUND', hs_call_duration: String(minutes * MINUTE) };
    case 'email':
      return { hs_email_subject: subject, hs_email_direction: 'EMAIL' };
    case 'meeting':
      return {
        hs_meeting_title: subject,
        hs_meeting_start_time: instant(at),
        hs_meeting_end_time: instant(at + minutes * MINUTE),
        hs_meeting_outcome: 'SCHEDULED',
      };
    case 'task':
      return {
        hs_task_subject: subject,
        hs_task_status: 'NOT_STARTED',
        hs_task_priority: 'NONE',
        hs_task_type: 'TODO',
      };
  }
}

/** What it says once it has happened; null = never, or it says nothing more. */
function done({ type, completedAt }: WorldActivity): { at: number; set: Props } | null {
  if (completedAt === null) return null;
  switch (type) {
    case 'call':
      return { at: completedAt, set: { hs_call_status: 'COMPLETED' } };
    case 'email':
      return { at: completedAt, set: { hs_email_status: 'SENT' } };
    case 'meeting':
      return { at: completedAt, set: { hs_meeting_outcome: 'COMPLETED' } };
    case 'task':
      return { at: completedAt, set: { hs_task_status: 'COMPLETED', hs_task_completion_date: instant(completedAt) } };
  }
}

/** The company is touched when an activity is logged and when it has taken place: HubSpot keeps last-activity properties on it. */
export function touches(account: WorldAccount): Change[] {
  const record = { type: 'companies' as const, id: companyNumber(account.index), kind: 'edit' as const };
  return account.activities
    .filter((a) => a.inCrm)
    .flatMap((a): Change[] => {
      const logged = { ...record, at: a.createdAt, set: { notes_last_updated: instant(a.createdAt) } };
      const happened = a.completedAt;
      if (happened === null || a.type === 'task') return [logged];
      const at = Math.max(happened, a.createdAt);
      return [logged, { ...record, at, set: { notes_last_contacted: instant(a.at) } }];
    });
}
