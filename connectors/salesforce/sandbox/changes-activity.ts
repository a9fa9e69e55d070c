import type { WorldAccount, WorldActivity } from '../../../src/sandbox/world.types.ts';
import type { Change, People } from './change.ts';
import { activityId, contactId, opportunityId } from './keys.ts';
import { day, second } from './values.ts';

const SUBTYPES = { call: 'Call', email: 'Email', task: 'Task' } as const;
const MINUTE = 60_000;

/** Tasks and events of an account; each also moves the account's stamp, as the vendor recalculates LastActivityDate. */
export function activityChanges(account: WorldAccount, id: string, people: People): Change[] {
  const changes = account.activities.flatMap((activity, position) =>
    activity.inCrm ? oneActivity(account, activity, position, id, people) : [],
  );
  return [...changes, ...touches(account, id)];
}

function oneActivity(
  account: WorldAccount,
  activity: WorldActivity,
  position: number,
  id: string,
  people: People,
): Change[] {
  const record = activityId(account.index, position, activity.type);
  const contact = account.contacts.findIndex((c) => c.key === activity.contactKey);
  const opportunity = account.opportunities.findIndex((o) => o.key === activity.opportunityKey);
  const common = {
    Subject: activity.subject,
    AccountId: id,
    WhatId: opportunity < 0 ? id : opportunityId(account.index, opportunity),
    WhoId: contact < 0 ? null : contactId(account.index, contact),
    OwnerId: people.id(activity.userKey),
    CreatedById: people.id(activity.userKey),
    LastModifiedById: people.id(activity.userKey),
    CurrencyIsoCode: account.currency,
    ActivityDate: day(activity.at),
  };
  const at = activity.createdAt;
  if (activity.type === 'meeting') {
    const start = second(activity.at);
    const when = { StartDateTime: start, ActivityDateTime: start, EndDateTime: start + activity.minutes * MINUTE };
    const set = { ...common, ...when, DurationInMinutes: activity.minutes, EventSubtype: 'Event' };
    return [{ at, object: 'Event', id: record, kind: 'create', set }];
  }
  const open = { Status: 'Not Started', IsClosed: 0 };
  const done = (ms: number) => ({ Status: 'Completed', IsClosed: 1, CompletedDateTime: second(ms) });
  const kind = {
    TaskSubtype: SUBTYPES[activity.type],
    Priority: 'Normal',
    CallDurationInSeconds: activity.type === 'call' ? activity.minutes * 60 : null,
  };
  const completed = activity.completedAt;
  const atOnce = completed !== null && completed <= at;
  const create: Change = {
    at,
    object: 'Task',
    id: record,
    kind: 'create',
    set: { ...common, ...kind, ...(atOnce ? done(completed) : open) },
  };
  if (completed === null || atOnce) return [create];
  return [create, { at: completed, object: 'Task', id: record, kind: 'edit', set: done(completed) }];
}

/** The account is touched when an activity is added and when it becomes the latest that has happened. */
function touches(account: WorldAccount, id: string): Change[] {
  const moments = account.activities
    .filter((a) => a.inCrm)
    .flatMap((a) => {
      const happened = a.type === 'meeting' ? Math.max(a.at, a.createdAt) : a.completedAt;
      const added = { at: a.createdAt, date: null as string | null };
      return happened === null ? [added] : [added, { at: Math.max(happened, a.createdAt), date: day(a.at) }];
    })
    .sort((a, b) => a.at - b.at);
  let last: string | null = null;
  return moments.map(({ at, date }): Change => {
    if (date !== null && (last === null || date > last)) last = date;
    return { at, object: 'Account', id, kind: 'touch', set: last === null ? {} : { LastActivityDate: last } };
  });
}
