import { z } from 'zod';
import type { Held, StreamSpec } from '../../src/contract/index.ts';
import type { Fact, FactKind } from '../../src/core/fact.ts';
import { accountOf, type Link } from './associations.ts';
import type { Config } from './config.ts';
import { accountFacts, accountProperties, MERGED } from './facts-accounts.ts';
import { activityFact, ENGAGEMENTS, type Engagement } from './facts-activities.ts';
import { dealFacts, dealProperties, roleFacts, rolesOf } from './facts-deals.ts';
import { CONTACT, contactFact } from './facts-people.ts';
import { TICKET_TEXT, ticketFacts, ticketHistory } from './facts-tickets.ts';
import { heldValues, readable } from './held.ts';
import { judgementFacts } from './judgement.ts';
import type { Wanted } from './lists.ts';
import {
  attributeProperties,
  namedCompanyProperties,
  namedDealProperties,
  namedTicketProperties,
  requireProperties,
} from './named.ts';
import type { ObjectType } from './paths.ts';
import { dealStages, ticketStages } from './pipelines.ts';
import type { Portal } from './portal.ts';
import { type CrmRecord, valuesOf } from './record.ts';

/** What a record is associated with, targets in ascending order of id. */
export type Links = (to: ObjectType) => readonly Link[];

/** How one stream reads and maps its records, once the portal's definitions are known. */
export interface Reader extends Wanted {
  /** Associations that the facts are made of. */
  to: ObjectType[];
  /** Record → facts, pure. */
  facts: (record: CrmRecord, links: Links) => Fact[];
  held?: (record: CrmRecord) => Held;
  /** What each record tells of its children in full: their kind, and how their ids begin. */
  children?: { kind: FactKind; prefix: (id: string) => string };
}

export interface Stream {
  title: string;
  kinds: FactKind[];
  object: ObjectType;
  schedule: string;
  /** Objects whose ids make up the stream's kinds, for the reconciliation; none = another stream's cover them. */
  idsOf: ObjectType[];
  /** Records whose associations are read again in every pull, since no stamp tells of their change. */
  relink: 'open deals' | 'active companies' | null;
  /** Whether the whole list is read again every week, for what search never showed and associations that nothing else tells of. */
  relist: boolean;
  open: (portal: Portal) => Promise<Reader>;
}

const one = (fact: Fact | null): Fact[] => (fact ? [fact] : []);

async function openAccounts(portal: Portal): Promise<Reader> {
  const { mapping, ctx } = portal;
  await requireProperties(portal, 'companies', namedCompanyProperties(mapping));
  const known = await portal.schema.properties('companies');
  const ours = readable(portal.ours, known);
  if (ours.length < portal.ours.length)
    ctx.log.warn(
      { properties: portal.ours.filter((f) => !ours.includes(f)).map((f) => f.api) },
      'health properties are missing or of another type; run `pulseback setup`',
    );
  const said = ours.filter((f) => f.direction === 'theirs');
  const types = new Map(attributeProperties(mapping).map((name) => [name, known.get(name)?.type ?? 'string']));
  const reading = { mapping, currency: ctx.currency, timezone: ctx.timezone, types };
  return {
    properties: [...accountProperties(mapping), MERGED, ...ours.map((f) => f.api)],
    history: [...accountProperties(mapping), MERGED, ...said.map((f) => f.api)],
    to: [],
    facts: (record) => [...accountFacts(record, reading), ...(said.length > 0 ? judgementFacts(record, said) : [])],
    ...(ours.length === 0
      ? {}
      : { held: (record) => ({ account: record.id, values: heldValues(ours, valuesOf(record)) }) }),
  };
}

async function openDeals(portal: Portal): Promise<Reader> {
  const { mapping, ctx } = portal;
  await requireProperties(portal, 'deals', namedDealProperties(mapping));
  const reading = { mapping, currency: ctx.currency, timezone: ctx.timezone, stages: await dealStages(portal) };
  const properties = dealProperties(mapping);
  return {
    properties,
    history: properties,
    to: ['companies', 'contacts'],
    children: { kind: 'opportunityRole', prefix: rolesOf },
    facts: (record, links) => {
      const account = accountOf(links('companies'));
      return [...dealFacts(record, account, reading), ...roleFacts(record, account, links('contacts'), mapping)];
    },
  };
}

const openContacts = async (): Promise<Reader> => ({
  properties: CONTACT,
  history: [],
  to: ['companies'],
  facts: (record, links) => [contactFact(record, accountOf(links('companies')))],
});

async function openTickets(portal: Portal): Promise<Reader> {
  const { mapping, ctx } = portal;
  await requireProperties(portal, 'tickets', namedTicketProperties(mapping));
  const reading = { mapping, stages: await ticketStages(portal), now: ctx.now() };
  return {
    properties: [...ticketHistory(mapping), TICKET_TEXT],
    history: ticketHistory(mapping),
    to: ['companies'],
    facts: (record, links) => ticketFacts(record, accountOf(links('companies')), reading),
  };
}

const openEngagements =
  (type: Engagement) =>
  async ({ mapping }: Portal): Promise<Reader> => ({
    properties: [...ENGAGEMENTS[type].properties, 'hubspot_owner_id', mapping.taskKey],
    history: [],
    to: ['companies', 'contacts', 'deals'],
    facts: (record, links) => {
      const ids = (to: ObjectType): string[] => links(to).map((link) => link.id);
      const about = { companies: ids('companies'), contacts: ids('contacts'), deals: ids('deals') };
      return one(activityFact(type, record, about, mapping.taskKey));
    },
  });

const DAILY = '0 2 * * *';
const WEEKLY = '0 3 * * 1';
const ALL_ENGAGEMENTS = Object.keys(ENGAGEMENTS) as Engagement[];

/** All engagements are one kind of fact, so one stream lists the ids of all: each alone would make the others look deleted. */
const engagement = (object: Engagement): Stream => ({
  title: object,
  kinds: ['activity'],
  object,
  schedule: WEEKLY,
  idsOf: object === 'tasks' ? ALL_ENGAGEMENTS : [],
  relink: null,
  relist: false, // by far the most records, and the least changed
  open: openEngagements(object),
});

const stream = (object: ObjectType, kind: FactKind, open: Stream['open'], more: Partial<Stream> = {}): Stream => ({
  title: object,
  kinds: [kind],
  object,
  schedule: DAILY,
  idsOf: [object],
  relink: null,
  relist: true,
  open,
  ...more,
});

const TICKETS = stream('tickets', 'ticket', openTickets);
const STREAMS: Record<string, Stream> = {
  accounts: stream('companies', 'account', openAccounts, { kinds: ['account', 'pulse'] }),
  contacts: stream('contacts', 'contact', openContacts, { relink: 'active companies' }),
  opportunities: stream('deals', 'opportunity', openDeals, {
    title: 'deals and their contacts',
    kinds: ['opportunity', 'opportunityRole'],
    relink: 'open deals',
  }),
  ...Object.fromEntries(ALL_ENGAGEMENTS.map((object) => [object, engagement(object)])),
};
/** Owners are no CRM records: no stamp, no search, no associations. */
export const USERS = 'users';

/** Streams of CRM records by name. */
export const recordStreams = (config: Config): Record<string, Stream> =>
  config.tickets ? { ...STREAMS, tickets: TICKETS } : STREAMS;

const Instant = z.int().nonnegative();
const RecordId = z.string().regex(/^\d+$/);

/** Instants are epoch ms. */
export const StreamCursor = z.union([
  /** The first load: where its list goes on, and the newest stamp that there was when it began. */
  z.strictObject({ list: z.strictObject({ after: z.string().min(1).nullable(), newest: Instant }) }),
  /** Everything up to `t` is stored; of the changes in `window` those up to `id` too. */
  z.strictObject({
    t: Instant,
    window: z.strictObject({ from: z.int(), to: Instant, id: RecordId, newest: Instant }).optional(),
    /** By our clock, when the whole list was last read. */
    listed: Instant.optional(),
  }),
]);
export type StreamCursor = z.infer<typeof StreamCursor>;

export function streamSpecs(config: Config): Record<string, StreamSpec> {
  const users: StreamSpec = {
    title: 'owners',
    kinds: ['user'],
    cursor: StreamCursor,
    mode: 'full',
    overlapMs: 0,
    schedule: DAILY,
    deletions: 'none',
  };
  const records = Object.entries(recordStreams(config)).map(([name, s]): [string, StreamSpec] => [
    name,
    {
      title: s.title,
      kinds: s.kinds,
      cursor: StreamCursor,
      mode: 'incremental',
      overlapMs: config.overlapMinutes * 60_000,
      schedule: s.schedule,
      deletions: s.idsOf.length > 0 ? 'ids' : 'tombstones',
    },
  ]);
  return { [USERS]: users, ...Object.fromEntries(records) };
}
