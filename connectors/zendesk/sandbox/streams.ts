import { type Audit, auditsOf } from './audits.ts';
import { type Call, included } from './call.ts';
import { type Context, one, type Row, sightOf } from './context.ts';
import { cursorExport, type Exported, timeExport } from './exports.ts';
import { showEvent } from './history.ts';
import type { Kept } from './kept.ts';
import { showOrganization } from './organizations.ts';
import { showGroups, showUser } from './people.ts';
import type { TicketStory } from './story.ts';
import { showMetric, showTicket } from './tickets.ts';

/** What can be exported, and what each record of it shows. */
export function streams(context: Context) {
  const { desk } = context;
  const paging = ({ kind }: Call) => ({
    most: context.options.pageRows,
    minPages: context.options.minPages,
    empty: context.faults.take('empty-page', kind) !== null,
  });
  const byCursor = (of: (call: Call) => Exported) => (call: Call) => cursorExport(desk, of(call), call, paging(call));
  const byTime = (of: (call: Call) => Exported) => (call: Call) => timeExport(desk, of(call), call, paging(call));
  const tickets = (call: Call) => ticketStream(context, call);
  const users = (call: Call): Exported => ({
    ...plain('users'),
    show: (ids) => ids.flatMap((id) => one(desk.user(id), (u) => showUser(u.story, call.base))),
  });
  const organizations = (call: Call): Exported => ({
    ...plain('organizations'),
    where: '(gone IS NULL OR gone > ?)',
    params: [call.now],
    show: (ids) => ids.flatMap((id) => one(desk.organization(id), (o) => showOrganization(o, call.now, call.base))),
  });
  return {
    'incremental/tickets/cursor': byCursor(tickets),
    'incremental/tickets': byTime(tickets),
    'incremental/users/cursor': byCursor(users),
    'incremental/users': byTime(users),
    'incremental/organizations': byTime(organizations),
    'incremental/ticket_events': byTime((call) => eventStream(context, call)),
  };
}

const plain = (name: string) => ({ name, table: name, stamp: 'stamp', where: '1', params: [] });

function ticketStream(context: Context, call: Call): Exported {
  const { desk } = context;
  const skip = call.query.get('exclude_deleted') === 'true';
  return {
    ...plain('tickets'),
    where: skip ? '(gone IS NULL OR gone > ?)' : '1',
    params: skip ? [call.now] : [],
    show: (ids) => ids.flatMap((id) => one(desk.ticket(id), (t) => showTicket(t, sightOf(context, call)))),
    sideloads: (rows) => sideloads(context, call, rows),
  };
}

function eventStream(context: Context, call: Call): Exported {
  const { desk } = context;
  const withComments = included(call).has('comment_events');
  const histories = new Map<number, Audit[]>();
  const history = ({ story }: Kept<TicketStory>): Audit[] => {
    const known = histories.get(story.id) ?? auditsOf(story);
    histories.set(story.id, known);
    return known;
  };
  return {
    ...plain('ticket_events'),
    table: 'events',
    stamp: 'at',
    show: (ids) =>
      ids.flatMap((id) => {
        const kept = desk.ticket(Math.floor(id / 1000));
        const audit = kept && history(kept).find((a) => a.id === id);
        return audit ? [showEvent(audit, kept, sightOf(context, call), withComments)] : [];
      }),
  };
}

/** Records that the caller wants along with tickets (`include=users,organizations,groups,metric_sets`). */
export function sideloads(context: Context, call: Call, tickets: Row[]): Row {
  const { desk, options } = context;
  const wanted = included(call);
  const ids = (name: string) => [...new Set(tickets.map((t) => t[name]))].filter((id) => typeof id === 'number');
  const found: Row = {};
  if (wanted.has('users')) {
    const people = new Set([...ids('requester_id'), ...ids('assignee_id')]);
    found.users = [...people].flatMap((id) => one(desk.user(id), (u) => showUser(u.story, call.base)));
  }
  if (wanted.has('organizations')) {
    const show = (id: number) => one(desk.organization(id), (o) => showOrganization(o, call.now, call.base));
    found.organizations = ids('organization_id').flatMap(show);
  }
  if (wanted.has('groups')) found.groups = showGroups(call.base);
  if (wanted.has('metric_sets') && options.metricSets) {
    found.metric_sets = ids('id').flatMap((id) => one(desk.ticket(id), (t) => showMetric(t, sightOf(context, call))));
  }
  return found;
}
