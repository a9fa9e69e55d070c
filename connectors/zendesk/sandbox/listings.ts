import { type Call, listed } from './call.ts';
import { type Context, one, type Row, sightOf } from './context.ts';
import { invalid } from './errors.ts';
import type { OrganizationStory } from './homes.ts';
import type { Kept } from './kept.ts';
import { agentOf } from './keys.ts';
import { type Listing, listPage } from './lists.ts';
import { showOrganization } from './organizations.ts';
import { type Person, TEAM } from './people.ts';
import { showRating } from './ratings.ts';
import { iso } from './show.ts';
import type { TicketStory } from './story.ts';
import { showSurveyResponse } from './surveys.ts';
import { showMetric, showTicket } from './tickets.ts';

const DELETED_SHOWN_MS = 30 * 86_400_000;
/** Records that exist now. */
export const LIVE = 'r.stamp IS NOT NULL AND (r.gone IS NULL OR r.gone > ?)';
const RATED = 'ratings a JOIN tickets r ON r.id = a.ticket';

/** The list endpoints. */
export function listings(context: Context) {
  const page =
    <T>(of: (context: Context, call: Call) => Listing<T>) =>
    (call: Call): Row =>
      listPage(context.desk, of(context, call), call);
  return {
    tickets: page(tickets),
    ticket_metrics: page(metrics),
    deleted_tickets: page(deleted),
    satisfaction_ratings: page(ratings),
    'guide/survey_responses': page(surveys),
    organizations: page(organizations),
    organization_memberships: page(memberships),
  };
}

/** Archived tickets, 120 days after they were closed, are in no list. */
function inLists(call: Call): Pick<Listing<TicketStory>, 'from' | 'where' | 'params'> {
  // No ticket of this help desk has an external id.
  const none = call.query.has('external_id') ? ' AND 0' : '';
  const where = `${LIVE} AND (r.archives IS NULL OR r.archives > ?)${none}`;
  return { from: 'tickets r', where, params: [call.now, call.now] };
}
const tickets = (context: Context, call: Call): Listing<TicketStory> => ({
  ...inLists(call),
  name: 'tickets',
  show: (kept) => showTicket(kept, sightOf(context, call)),
});
/** Newest tickets first. */
const metrics = (context: Context, call: Call): Listing<TicketStory> => ({
  ...inLists(call),
  name: 'ticket_metrics',
  sort: 'r.opened',
  descending: true,
  show: (kept) => showMetric(kept, sightOf(context, call)),
});

const DELETED_SORTS: Record<string, string> = {
  id: 'r.id',
  deleted_at: 'r.gone',
  subject: "json_extract(r.story, '$.world.subject')",
};
const deleted = (_: Context, call: Call): Listing<TicketStory> => ({
  name: 'deleted_tickets',
  from: 'tickets r',
  where: 'r.gone <= ? AND r.gone > ?',
  params: [call.now, call.now - DELETED_SHOWN_MS],
  sort: DELETED_SORTS[call.query.get('sort_by') ?? ''] ?? 'r.opened',
  descending: call.query.get('sort_order') === 'desc',
  show: ({ story }) => {
    const actor = TEAM.find((person) => person.id === agentOf(story.account));
    return {
      id: story.id,
      subject: story.world.subject,
      actor: { id: actor?.id, name: actor?.name },
      deleted_at: iso(story.deletedAt ?? 0),
      previous_state: 'new',
    };
  },
});

function ratings({ desk, options }: Context, call: Call): Listing<TicketStory> {
  const { query } = call;
  const score = query.get('score') ?? 'all';
  const [, word = '', comment] =
    /^(all|received|good|bad|offered|unoffered)(?:_(with|without)_comment)?$/.exec(score) ?? [];
  if (word === '') throw invalid(400, `score ${score} is unknown`);
  const conditions = ['a.at <= ?', 'a.at >= ?', 'a.at <= ?'];
  if (word === 'received') conditions.push("a.score IN ('good', 'bad')");
  else if (word !== 'all') conditions.push(`a.score = '${word}'`);
  if (comment) conditions.push(`a.told = ${comment === 'with' ? 1 : 0}`);
  if (options.satisfaction !== 'legacy') conditions.push('0');
  return {
    name: 'satisfaction_ratings',
    from: RATED,
    where: conditions.join(' AND '),
    params: [desk.now(), ...range(query, 'start_time', 'end_time')],
    sort: 'a.at',
    show: (kept) => showRating(kept, call.now, call.base),
  };
}

function surveys({ desk, options }: Context, call: Call): Listing<TicketStory> {
  const { query } = call;
  const zrns = listed(query.get('filter[subject_zrns]')).map((zrn) => Number(zrn.split(':').at(-1)));
  const conditions = ["a.score <> 'offered'", 'a.at <= ?', 'a.at >= ?', 'a.at <= ?'];
  if (query.has('filter[subject_zrns]')) conditions.push(`a.ticket IN (${zrns.map(() => '?').join(', ')})`);
  if (options.satisfaction !== 'surveys') conditions.push('0');
  return {
    name: 'survey_responses',
    from: RATED,
    where: conditions.join(' AND '),
    params: [desk.now(), ...range(query, 'filter[created_at_start]', 'filter[created_at_end]'), ...zrns],
    sort: 'a.at',
    show: (kept) => showSurveyResponse(kept, call.now),
  };
}

const organizations = (_: Context, call: Call): Listing<OrganizationStory> => ({
  name: 'organizations',
  from: 'organizations r',
  where: LIVE,
  params: [call.now],
  show: (kept: Kept<OrganizationStory>) => showOrganization(kept, call.now, call.base),
});

const MEMBERSHIP_OF = 1_000_000_000;
const memberships = ({ desk }: Context, call: Call): Listing<Person> => ({
  name: 'organization_memberships',
  from: 'users r',
  where: "r.stamp IS NOT NULL AND json_extract(r.story, '$.organization') IS NOT NULL",
  params: [],
  show: ({ story }) => ({
    id: story.id + MEMBERSHIP_OF,
    url: `${call.base}/organization_memberships/${story.id + MEMBERSHIP_OF}.json`,
    user_id: story.id,
    organization_id: story.organization,
    organization_name: one(desk.organization(story.organization ?? 0), (o) => o.story.name)[0] ?? '',
    default: true,
    view_tickets: false,
    created_at: iso(story.createdAt),
    updated_at: iso(story.createdAt),
  }),
});

/** Two Unix times, in seconds or, as some endpoints take them, milliseconds; absent = no bound. */
function range(query: URLSearchParams, from: string, to: string): [number, number] {
  const read = (name: string, otherwise: number): number => {
    const text = query.get(name);
    if (text === null) return otherwise;
    if (!/^\d+$/.test(text)) throw invalid(400, `${name} must be a Unix time`);
    return Number(text) > 99_999_999_999 ? Math.floor(Number(text) / 1000) : Number(text);
  };
  return [read(from, 0), read(to, Number.MAX_SAFE_INTEGER)];
}
