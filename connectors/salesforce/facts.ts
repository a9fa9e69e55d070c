import type { Fact, FactKind, FactOf } from '../../src/core/fact.ts';
import { domainOf } from '../../src/core/match-keys.ts';
import { type Condition, satisfies } from '../../src/core/rules.ts';
import type { Mapping } from './mapping.ts';
import { at, bool, date, instant, money, num, type Row, RowError, required, requiredInstant, str } from './rows.ts';

/**
 * Rows → facts, pure. A state holds from its modification stamp on, since the org keeps no earlier version of it;
 * an opportunity's earlier versions come from its history rows.
 */

/** A deletion of any kind; for a merge the loser's. */
export function tombstone(kind: FactKind, id: string, account: string | null, stamp: number): Fact {
  const data = kind === 'activity' ? { type: 'other' } : {};
  return { kind, id, account, at: stamp, knownAt: stamp, deleted: true, data } as Fact;
}

const stampOf = (row: Row): number => requiredInstant(row, 'SystemModstamp');
const isDeleted = (row: Row): boolean => bool(row, 'IsDeleted') ?? false;

/** A record's own currency where the org has several, else the one for the whole org. */
function currencyOf(row: Row, mapping: Mapping, fallback: string): string {
  const code = str(row, mapping.currency.field);
  return code && /^[A-Z]{3}$/.test(code) ? code : (mapping.currency.default ?? fallback);
}

export interface AccountReading {
  mapping: Mapping;
  /** For amounts that name no currency. */
  currency: string;
  /** Raw fields that rules and roles name. */
  attributes: string[];
}

export function accountFact(row: Row, reading: AccountReading): Fact {
  const { mapping } = reading;
  const id = required(row, 'Id');
  const stamp = stampOf(row);
  if (isDeleted(row)) return tombstone('account', id, id, stamp);
  const currency = currencyOf(row, mapping, reading.currency);
  const { arr, renewalOn, seats, keys, domains, parent } = mapping.account;
  const fact: FactOf<'account'> = {
    kind: 'account',
    id,
    account: id,
    at: stamp,
    knownAt: stamp,
    data: {
      name: str(row, 'Name'),
      domains: unique(domains.map((f) => domainOf(str(row, f) ?? ''))),
      keys: unique(keys.map((f) => textOf(row, f))),
      ownerId: str(row, 'OwnerId'),
      parentId: str(row, parent),
      arr: arr ? money(row, arr, currency) : null,
      renewalOn: renewalOn ? date(row, renewalOn) : null,
      seats: seats ? num(row, seats) : null,
      createdOn: date(row, 'CreatedDate'),
      attributes: Object.fromEntries(reading.attributes.map((f) => [f, attribute(row, f)])),
    },
  };
  return fact;
}

function attribute(row: Row, path: string): string | number | boolean | null {
  const value = at(row, path);
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new RowError(`${path}: found a compound value, expected a text, number or checkbox`);
}

const textOf = (row: Row, path: string): string | null => {
  const value = attribute(row, path);
  return value === null ? null : String(value);
};

const unique = (values: (string | null)[]): string[] => [...new Set(values.filter((v): v is string => v !== null))];

export function userFact(row: Row): Fact {
  const stamp = stampOf(row);
  return {
    kind: 'user',
    id: required(row, 'Id'),
    account: null,
    at: stamp,
    knownAt: stamp,
    data: {
      name: str(row, 'Name'),
      email: str(row, 'Email'),
      active: bool(row, 'IsActive'),
      managerId: str(row, 'ManagerId'),
    },
  };
}

export function contactFact(row: Row): Fact {
  const id = required(row, 'Id');
  const stamp = stampOf(row);
  const account = str(row, 'AccountId');
  if (isDeleted(row)) return tombstone('contact', id, account, stamp);
  return {
    kind: 'contact',
    id,
    account,
    at: stamp,
    knownAt: stamp,
    data: {
      name: str(row, 'Name'),
      email: str(row, 'Email'),
      title: str(row, 'Title'),
      bounced: bool(row, 'IsEmailBounced'),
    },
  };
}

export function roleFact(row: Row): Fact {
  const id = required(row, 'Id');
  const stamp = stampOf(row);
  const account = str(row, 'Opportunity.AccountId');
  if (isDeleted(row)) return tombstone('opportunityRole', id, account, stamp);
  return {
    kind: 'opportunityRole',
    id,
    account,
    at: stamp,
    knownAt: stamp,
    data: {
      opportunityId: required(row, 'OpportunityId'),
      contactId: str(row, 'ContactId'),
      role: str(row, 'Role'),
      primary: bool(row, 'IsPrimary'),
    },
  };
}

export interface OpportunityReading {
  mapping: Mapping;
  currency: string;
  renewal: Condition;
  /** Closed and won by stage name. */
  stages: ReadonlyMap<string, { closed: boolean; won: boolean }>;
}

/** The opportunity as it is now. */
export function opportunityFact(row: Row, reading: OpportunityReading): Fact {
  const id = required(row, 'Id');
  const stamp = stampOf(row);
  if (isDeleted(row)) return tombstone('opportunity', id, str(row, 'AccountId'), stamp);
  return {
    kind: 'opportunity',
    id,
    account: str(row, 'AccountId'),
    at: stamp,
    knownAt: stamp,
    data: {
      name: str(row, 'Name'),
      stage: str(row, 'StageName'),
      closed: bool(row, 'IsClosed'),
      won: bool(row, 'IsWon'),
      amount: money(row, 'Amount', currencyOf(row, reading.mapping, reading.currency)),
      closeOn: date(row, 'CloseDate'),
      type: str(row, 'Type'),
      renewal: satisfies(reading.renewal, (f) => at(row, f)),
      ownerId: str(row, 'OwnerId'),
    },
  };
}

/**
 * The opportunity as it was from one history row on. Stage, amount and close date are the row's; name, type and owner, of which
 * Salesforce keeps no history, are today's. Rows of deleted opportunities say nothing (the opportunity's tombstone does).
 */
export function historyFact(row: Row, reading: OpportunityReading): Fact | null {
  const id = required(row, 'OpportunityId');
  if (isDeleted(row)) return null;
  const since = requiredInstant(row, 'CreatedDate');
  const stage = required(row, 'StageName');
  const state = reading.stages.get(stage);
  if (!state) throw new RowError(`StageName: "${stage}" is no stage of OpportunityStage`);
  const parent = (path: string): string => `Opportunity.${path}`;
  const ownCurrency = str(row, reading.mapping.currency.field) ?? str(row, parent(reading.mapping.currency.field));
  return {
    kind: 'opportunity',
    id,
    account: str(row, parent('AccountId')),
    at: since,
    knownAt: since,
    data: {
      name: str(row, parent('Name')),
      stage,
      closed: state.closed,
      won: state.won,
      amount: money(row, 'Amount', ownCurrency ?? reading.mapping.currency.default ?? reading.currency),
      closeOn: date(row, 'CloseDate'),
      type: str(row, parent('Type')),
      renewal: satisfies(reading.renewal, (f) => at(row, parent(f))),
      ownerId: str(row, parent('OwnerId')),
    },
  };
}

/** A date without zone, as an instant that falls on this calendar day from UTC−12 to UTC+11. */
const noon = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const CONTACT = '003';
const OPPORTUNITY = '006';
const USER = '005';
const withPrefix = (id: string | null, prefix: string): string | null => (id?.startsWith(prefix) ? id : null);

/**
 * A completed task → an activity. Open tasks, series definitions and our own manager tasks are none; where an earlier version was one,
 * it is taken back. A logged call or e-mail happened on its own date, a to-do when it was completed.
 */
export function taskFact(row: Row, keyField: string): Fact | null {
  const id = required(row, 'Id');
  if (str(row, keyField) !== null) return null; // ours: never activity (W10)
  const stamp = stampOf(row);
  const account = str(row, 'AccountId');
  const counts = bool(row, 'IsClosed') === true && account !== null && bool(row, 'IsRecurrence') !== true;
  if (isDeleted(row) || !counts) return tombstone('activity', id, account, stamp);
  const type = taskType(str(row, 'TaskSubtype'));
  const completed = instant(row, 'CompletedDateTime');
  const day = date(row, 'ActivityDate');
  const logged = completed ?? stamp;
  const happened = type === 'task' ? (completed ?? (day ? noon(day) : stamp)) : onDay(day, logged);
  return activity(row, { id, account, type, at: Math.min(happened, logged), stamp, subject: str(row, 'Subject') });
}

/** Precise where the record was completed on the day it names, else noon of that day. */
const onDay = (day: string | null, logged: number): number =>
  day === null || new Date(logged).toISOString().startsWith(day) ? logged : noon(day);

function taskType(subtype: string | null): 'call' | 'email' | 'task' | 'other' {
  if (subtype === 'Call') return 'call';
  if (subtype === 'Email') return 'email';
  return subtype === null || subtype === 'Task' ? 'task' : 'other'; // ListEmail, LinkedIn, Cadence: not one person to one person
}

/**
 * A calendar event → a meeting at its end: a planned one lies in the future until then, so that no score sees it early and none has
 * to be read again. Attendees' copies and series definitions do not count.
 */
export function eventFact(row: Row): Fact {
  const id = required(row, 'Id');
  const stamp = stampOf(row);
  const account = str(row, 'AccountId');
  const end = instant(row, 'EndDateTime') ?? instant(row, 'StartDateTime') ?? dayEnd(date(row, 'ActivityDate'));
  const copy = bool(row, 'IsChild') === true || bool(row, 'IsRecurrence') === true;
  if (isDeleted(row) || copy || account === null) return tombstone('activity', id, account, stamp);
  if (end === null) throw new RowError('EndDateTime: missing');
  return activity(row, { id, account, type: 'meeting', at: end, stamp, subject: str(row, 'Subject') });
}
const dayEnd = (day: string | null): number | null => (day ? noon(day) : null);

function activity(
  row: Row,
  of: {
    id: string;
    account: string;
    type: FactOf<'activity'>['data']['type'];
    at: number;
    stamp: number;
    subject: string | null;
  },
): Fact {
  const contact = withPrefix(str(row, 'WhoId'), CONTACT);
  return {
    kind: 'activity',
    id: of.id,
    account: of.account,
    at: of.at,
    knownAt: of.stamp,
    data: {
      type: of.type,
      subject: of.subject,
      userId: withPrefix(str(row, 'OwnerId'), USER),
      contactIds: contact ? [contact] : [],
      opportunityId: withPrefix(str(row, 'WhatId'), OPPORTUNITY),
    },
  };
}
