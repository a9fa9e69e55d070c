import { z } from 'zod';
import type { Held, StreamSpec } from '../../src/contract/index.ts';
import type { Fact, FactKind } from '../../src/core/fact.ts';
import type { Config } from './config.ts';
import {
  accountFact,
  contactFact,
  eventFact,
  historyFact,
  type OpportunityReading,
  opportunityFact,
  roleFact,
  taskFact,
  userFact,
} from './facts.ts';
import { judgementFact } from './judgement.ts';
import { attributeFields, namedAccountFields, namedOpportunityFields, type Org } from './org.ts';
import { pages } from './pager.ts';
import { type Row, required, str } from './rows.ts';
import { requireFields } from './schema.ts';
import { select } from './soql.ts';
import { heldValues, readable } from './values.ts';

/** How one stream reads and maps its rows, once the org's describes are known. */
export interface Reader {
  fields: string[];
  where?: string;
  /** Lookup to the record that a row gets its account from: a row is read again when that record changed, since its own stamp stays. */
  parent?: string;
  /** Row → facts, pure. */
  facts: (row: Row) => Fact[];
  held?: (row: Row) => Held[];
}

export interface Stream {
  title: string;
  kinds: FactKind[];
  object: string;
  schedule: string;
  /** Objects whose ids make up the stream's kinds, for the reconciliation; none = another stream's kinds cover them. */
  idsOf: string[];
  /** Users know no deletion, so `queryAll` has nothing to add. */
  deletes: boolean;
  open: (org: Org) => Promise<Reader>;
}

const one = (fact: Fact | null): Fact[] => (fact ? [fact] : []);
const STAMPS = ['Id', 'SystemModstamp'];
const DELETABLE = [...STAMPS, 'IsDeleted'];

/** Those of `wanted` that the user may see. */
async function visible(org: Org, object: string, wanted: string[]): Promise<string[]> {
  const found = await Promise.all(wanted.map(async (f) => ((await org.schema.find(object, f)) ? [f] : [])));
  const fields = found.flat();
  const hidden = wanted.filter((f) => !fields.includes(f));
  if (hidden.length) org.ctx.log.debug({ object, hidden }, 'optional fields are not visible and left out');
  return fields;
}

async function openAccounts(org: Org): Promise<Reader> {
  const { mapping, ctx } = org;
  const named = namedAccountFields(mapping);
  await requireFields(org.schema, 'Account', named, org.file);
  const info = await org.schema.object('Account');
  const ours = readable(org.ours, info);
  if (ours.length < org.ours.length)
    ctx.log.warn(
      { fields: org.ours.filter((f) => !ours.includes(f)).map((f) => f.api) },
      'health fields are missing, not visible or of another type; run `pulseback setup`',
    );
  const reading = { mapping, currency: ctx.currency, attributes: attributeFields(mapping) };
  const said = ours.filter((f) => f.direction === 'theirs');
  const us = said.length > 0 ? await org.client.userId() : null;
  return {
    fields: [
      ...DELETABLE,
      ...(said.length > 0 ? ['LastModifiedById'] : []),
      'Name',
      'OwnerId',
      'CreatedDate',
      ...named.map((n) => n.field),
      ...(await visible(org, 'Account', [mapping.currency.field])),
      ...ours.map((f) => f.api),
    ],
    facts: (row) => [accountFact(row, reading), ...(said.length > 0 ? [judgementFact(row, said, us)] : [])],
    held: (row) =>
      row.IsDeleted === true || ours.length === 0
        ? []
        : [{ account: required(row, 'Id'), values: heldValues(ours, row) }],
  };
}

async function opportunityReading(org: Org): Promise<OpportunityReading> {
  const stages = new Map<string, { closed: boolean; won: boolean }>();
  const soql = select({ fields: ['Id', 'ApiName', 'MasterLabel', 'IsClosed', 'IsWon'], from: 'OpportunityStage' });
  for await (const page of pages(org.client, { label: 'query.OpportunityStage', soql: () => soql }))
    for (const row of page.rows)
      for (const name of [str(row, 'MasterLabel'), str(row, 'ApiName')])
        if (name) stages.set(name, { closed: row.IsClosed === true, won: row.IsWon === true });
  return { mapping: org.mapping, currency: org.ctx.currency, renewal: org.mapping.renewalOpportunity, stages };
}

async function openOpportunities(org: Org): Promise<Reader> {
  const named = namedOpportunityFields(org.mapping);
  await requireFields(org.schema, 'Opportunity', named, org.file);
  const reading: OpportunityReading = {
    mapping: org.mapping,
    currency: org.ctx.currency,
    renewal: org.mapping.renewalOpportunity,
    stages: new Map(),
  };
  const optional = await visible(org, 'Opportunity', [org.mapping.currency.field, 'Type', 'Amount']);
  return {
    fields: [
      ...DELETABLE,
      'AccountId',
      'Name',
      'StageName',
      'IsClosed',
      'IsWon',
      'CloseDate',
      'OwnerId',
      ...optional,
      ...named.map((n) => n.field),
    ],
    facts: (row) => [opportunityFact(row, reading)],
  };
}

async function openHistory(org: Org): Promise<Reader> {
  const named = namedOpportunityFields(org.mapping);
  await requireFields(org.schema, 'Opportunity', named, org.file);
  const reading = await opportunityReading(org);
  const own = await visible(org, 'OpportunityHistory', ['Amount', org.mapping.currency.field]);
  const parent = await visible(org, 'Opportunity', ['Name', 'Type', 'OwnerId', org.mapping.currency.field]);
  return {
    fields: [
      ...DELETABLE,
      'OpportunityId',
      'StageName',
      'CloseDate',
      'CreatedDate',
      'Opportunity.AccountId',
      ...own,
      ...[...parent, ...named.map((n) => n.field)].map((f) => `Opportunity.${f}`),
    ],
    facts: (row) => one(historyFact(row, reading)),
  };
}

const ACTIVITY = [...DELETABLE, 'AccountId', 'WhoId', 'WhatId', 'OwnerId', 'Subject'];

async function openTasks(org: Org): Promise<Reader> {
  const optional = ['ActivityDate', 'CompletedDateTime', 'TaskSubtype', 'IsRecurrence', org.mapping.taskKey];
  return {
    fields: [...ACTIVITY, 'IsClosed', ...(await visible(org, 'Task', optional))],
    facts: (row) => one(taskFact(row, org.mapping.taskKey)),
  };
}

async function openEvents(org: Org): Promise<Reader> {
  const optional = ['StartDateTime', 'EndDateTime', 'ActivityDate', 'IsChild', 'IsRecurrence'];
  return { fields: [...ACTIVITY, ...(await visible(org, 'Event', optional))], facts: (row) => [eventFact(row)] };
}

async function openUsers(org: Org): Promise<Reader> {
  // Portal and community people are users too, and may outnumber the staff by far.
  const staffOnly = (await visible(org, 'User', ['UserType'])).length > 0;
  return {
    fields: [...STAMPS, 'Name', 'Email', 'IsActive', 'ManagerId'],
    ...(staffOnly ? { where: "UserType = 'Standard'" } : {}),
    facts: (row) => [userFact(row)],
  };
}

async function openContacts(org: Org): Promise<Reader> {
  const optional = await visible(org, 'Contact', ['Email', 'Title', 'IsEmailBounced']);
  return { fields: [...DELETABLE, 'AccountId', 'Name', ...optional], facts: (row) => [contactFact(row)] };
}

const openRoles = async (): Promise<Reader> => ({
  fields: [...DELETABLE, 'OpportunityId', 'ContactId', 'Role', 'IsPrimary', 'Opportunity.AccountId'],
  parent: 'Opportunity',
  facts: (row) => [roleFact(row)],
});

const DAILY = '0 2 * * *';
const WEEKLY = '0 3 * * 1';

export const STREAMS: Record<string, Stream> = {
  users: {
    title: 'users',
    kinds: ['user'],
    object: 'User',
    schedule: DAILY,
    idsOf: [],
    deletes: false,
    open: openUsers,
  },
  accounts: {
    title: 'accounts',
    kinds: ['account', 'pulse'],
    object: 'Account',
    schedule: DAILY,
    idsOf: ['Account'],
    deletes: true,
    open: openAccounts,
  },
  contacts: {
    title: 'contacts',
    kinds: ['contact'],
    object: 'Contact',
    schedule: DAILY,
    idsOf: ['Contact'],
    deletes: true,
    open: openContacts,
  },
  opportunities: {
    title: 'opportunities',
    kinds: ['opportunity'],
    object: 'Opportunity',
    schedule: DAILY,
    idsOf: ['Opportunity'],
    deletes: true,
    open: openOpportunities,
  },
  opportunityHistory: {
    title: 'opportunity history',
    kinds: ['opportunity'],
    object: 'OpportunityHistory',
    schedule: DAILY,
    idsOf: [],
    deletes: true,
    open: openHistory,
  },
  opportunityRoles: {
    title: 'opportunity contact roles',
    kinds: ['opportunityRole'],
    object: 'OpportunityContactRole',
    schedule: DAILY,
    idsOf: ['OpportunityContactRole'],
    deletes: true,
    open: openRoles,
  },
  // Tasks and events are one kind of fact, so one stream lists the ids of both: each alone would make the other look deleted.
  tasks: {
    title: 'tasks',
    kinds: ['activity'],
    object: 'Task',
    schedule: WEEKLY,
    idsOf: ['Task', 'Event'],
    deletes: true,
    open: openTasks,
  },
  events: {
    title: 'events',
    kinds: ['activity'],
    object: 'Event',
    schedule: WEEKLY,
    idsOf: [],
    deletes: true,
    open: openEvents,
  },
};

/** The last row stored: (SystemModstamp, Id). */
export const StreamCursor = z.strictObject({ t: z.iso.datetime(), id: z.string().regex(/^[A-Za-z0-9]{15,18}$/) });

export function streamSpecs(config: Config): Record<string, StreamSpec> {
  return Object.fromEntries(
    Object.entries(STREAMS).map(([name, s]): [string, StreamSpec] => [
      name,
      {
        title: s.title,
        kinds: s.kinds,
        cursor: StreamCursor,
        mode: 'incremental',
        overlapMs: config.overlapMinutes * 60_000,
        schedule: s.schedule,
        deletions: s.idsOf.length ? 'ids' : 'none',
      },
    ]),
  );
}
