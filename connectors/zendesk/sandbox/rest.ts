import { type Call, listed } from './call.ts';
import { type Context, inOnePage, LAST_PAGE, one, type Row, sightOf } from './context.ts';
import { forbidden, invalid, noRecord } from './errors.ts';
import { showAudits, showComments } from './history.ts';
import type { OrganizationStory } from './homes.ts';
import type { Kept } from './kept.ts';
import { ticketOfRating } from './keys.ts';
import { LIVE, listings } from './listings.ts';
import { showMerges, showOrganization, showOrganizationFields } from './organizations.ts';
import { showGroups, showUser } from './people.ts';
import { showRating } from './ratings.ts';
import { iso } from './show.ts';
import type { TicketStory } from './story.ts';
import { sideloads, streams } from './streams.ts';
import { showCustomStatuses, showMetric, showTicket } from './tickets.ts';

type Endpoint = (call: Call) => Row;
/** Paths that an admin alone may read. */
const ADMIN_ONLY = /^(incremental\/|satisfaction_ratings(\/\*)?$|guide\/|organizations\/\*\/merges$)/;

/** The endpoints by their paths below /api/v2, `*` for one part of a path. */
export class Rest {
  readonly #endpoints: Record<string, Endpoint>;

  constructor(context: Context) {
    this.#endpoints = { ...streams(context), ...listings(context), ...singles(context) };
  }

  /** The endpoint of a path and what the path leaves open; null = unknown. */
  find(path: string): { kind: string; params: string[] } | null {
    if (path in this.#endpoints) return { kind: path, params: [] };
    const parts = path.split('/');
    for (const kind of Object.keys(this.#endpoints)) {
      const own = kind.split('/');
      if (own.length !== parts.length || !own.every((part, n) => part === '*' || part === parts[n])) continue;
      return { kind, params: parts.filter((_, n) => own[n] === '*') };
    }
    return null;
  }

  answer(call: Call): Row {
    const endpoint = this.#endpoints[call.kind];
    if (!endpoint) throw noRecord();
    if (ADMIN_ONLY.test(call.kind) && call.caller.role !== 'admin') throw forbidden();
    return endpoint(call);
  }
}

/** Single records, records by their ids, and lists that are never long. */
function singles(context: Context): Record<string, Endpoint> {
  const { desk } = context;
  /** A deleted ticket is found by exports and in the list of deleted ones only. */
  const live = (id: number): Kept<TicketStory> | null => {
    const found = desk.ticket(id);
    const gone = found?.story.deletedAt ?? null;
    return found && (gone === null || gone > desk.world.now()) ? found : null;
  };
  const ticket = (call: Call) => required(live(idOf(call)));
  const count = (name: string, call: Call): Row => {
    const found = desk.tables.get(`SELECT count(*) AS n FROM ${name} r WHERE ${LIVE}`, [call.now]);
    return { count: { value: Number(found?.n ?? 0), refreshed_at: iso(call.now) } };
  };
  return {
    'tickets/count': (call) => count('tickets', call),
    'tickets/show_many': (call) => {
      const ids = listed(call.query.get('ids')).map(Number);
      const tickets = ids.flatMap((id) => one(live(id), (t) => showTicket(t, sightOf(context, call))));
      return { ...inOnePage('tickets', tickets), ...sideloads(context, call, tickets) };
    },
    'tickets/*': (call) => ({ ticket: showTicket(ticket(call), sightOf(context, call)) }),
    'tickets/*/metrics': (call) => ({ ticket_metric: showMetric(ticket(call), sightOf(context, call)) }),
    'tickets/*/comments': (call) => {
      const comments = showComments(ticket(call), sightOf(context, call));
      if (call.query.get('sort_order') === 'desc' || call.query.get('sort') === '-created_at') comments.reverse();
      const byCursor = call.query.has('page[size]') || call.query.has('page[after]');
      return byCursor ? { comments, ...LAST_PAGE } : inOnePage('comments', comments);
    },
    'tickets/*/audits': (call) => {
      const audits = showAudits(ticket(call), sightOf(context, call));
      return call.query.has('page[size]') ? { audits, ...LAST_PAGE } : inOnePage('audits', audits);
    },
    'satisfaction_ratings/*': (call) => {
      const rated = context.options.satisfaction === 'legacy' ? desk.ticket(ticketOfRating(idOf(call))) : null;
      return { satisfaction_rating: [required(rated && showRating(rated, call.now, call.base))] };
    },
    'organizations/count': (call) => count('organizations', call),
    'organizations/show_many': (call) => {
      const { query } = call;
      if (!query.has('ids') && !query.has('external_ids')) throw invalid(400, 'ids or external_ids is required');
      const byKey = listed(query.get('external_ids')).flatMap((key) =>
        desk.select<OrganizationStory>('organizations', 'external = ?', [key.toLowerCase()]),
      );
      const byId = listed(query.get('ids')).flatMap((id) => one(desk.organization(Number(id)), (o) => o));
      const found = [...byId, ...byKey].filter((o) => !desk.isGone(o.story));
      const rows = found.map((o) => showOrganization(o, call.now, call.base));
      return inOnePage('organizations', rows);
    },
    'organizations/*': (call) => {
      const found = required(desk.organization(idOf(call)));
      return { organization: showOrganization(found, call.now, call.base) };
    },
    'organizations/*/merges': (call) => {
      const [found = null] = desk.select<OrganizationStory>('organizations', 'id = ?', [idOf(call)]);
      return { organization_merges: showMerges(required(found).story, call.now, call.base), ...LAST_PAGE };
    },
    organization_fields: ({ base }) => inOnePage('organization_fields', showOrganizationFields(base)),
    groups: ({ base }) => inOnePage('groups', showGroups(base)),
    custom_statuses: () => ({ custom_statuses: showCustomStatuses() }),
    'users/me': ({ caller, base }) => ({ user: showUser(caller, base) }),
    'users/show_many': (call) => {
      const ids = listed(call.query.get('ids')).map(Number);
      const users = ids.flatMap((id) => one(desk.user(id), (u) => showUser(u.story, call.base)));
      return inOnePage('users', users);
    },
    'users/*': (call) => ({ user: showUser(required(desk.user(idOf(call))).story, call.base) }),
  };
}

function required<T>(found: T | null): T {
  if (found === null) throw noRecord();
  return found;
}

const idOf = ({ params }: Call): number => {
  const text = params[0] ?? '';
  if (!/^\d{1,15}$/.test(text)) throw noRecord();
  return Number(text);
};
