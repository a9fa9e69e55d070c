import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import type { Timeline, WorldAccount } from '../../../src/sandbox/world.types.ts';
import type { Change, People } from './change.ts';
import { activityChanges } from './changes-activity.ts';
import { opportunityChanges } from './changes-opportunity.ts';
import { accountId, contactId, indexOf } from './keys.ts';
import { major, second } from './values.ts';

export const SEGMENTS = { enterprise: 'Enterprise', 'mid-market': 'Mid-Market', smb: 'SMB' } as const;
const TYPES = {
  customer: 'Customer',
  prospect: 'Prospect',
  churned: 'Former Customer',
  partner: 'Partner',
  test: 'Customer',
} as const;

/** Value at t; before the first entry, the first. */
export function valueAt<T>(timeline: Timeline<T>, t: number): T | undefined {
  let value = timeline[0]?.value;
  for (const entry of timeline) if (entry.at <= t) value = entry.value;
  return value;
}

/** A CSM field that repeats the owner, except where RevOps never filled it in. */
export const csmKey = (account: WorldAccount): string | null => (account.index % 23 === 7 ? null : account.ownerKey);

/** Everything that ever happens to an account and its children, in order of time. */
export function changesOf(account: WorldAccount, people: People): Change[] {
  const id = accountId(account.index);
  const changes: Change[] = [
    ...accountChanges(account, id, people),
    ...contactChanges(account, id, people),
    ...opportunityChanges(account, id, people),
    ...activityChanges(account, id, people),
  ];
  changes.sort((a, b) => a.at - b.at); // stable: a create stays before its edits
  return end(account, changes);
}

function accountChanges(account: WorldAccount, id: string, people: People): Change[] {
  const facts = {
    status: (v: WorldAccount['status'][number]['value']) => ({ Type: TYPES[v], Test_Account__c: v === 'test' ? 1 : 0 }),
    seats: (v: number) => ({ Seats__c: v }),
    arr: (v: number) => ({ ARR__c: major(v, account.currency) }),
    renewalOn: (v: string | null) => ({ Renewal_Date__c: v }),
  };
  const csm = csmKey(account);
  const set: Record<string, Cell> = {
    Name: account.name,
    Website: account.website,
    Industry: account.industry,
    BillingCountry: account.country,
    NumberOfEmployees: account.employees,
    CurrencyIsoCode: account.currency,
    OwnerId: people.id(account.ownerKey),
    CSM__c: csm === null ? null : people.id(csm),
    ParentId: account.parentKey === null ? null : accountId(indexOf(account.parentKey)),
    Segment__c: SEGMENTS[account.segment],
    External_Key__c: account.externalKey,
  };
  const changes: Change[] = [{ at: account.createdAt, object: 'Account', id, kind: 'create', set }];
  const follow = <T>(timeline: Timeline<T>, columns: (value: T) => Record<string, Cell>) => {
    const first = valueAt(timeline, account.createdAt);
    if (first !== undefined) Object.assign(set, columns(first));
    for (const { at, value } of timeline) {
      if (at > account.createdAt) changes.push({ at, object: 'Account', id, kind: 'edit', set: columns(value) });
    }
  };
  follow(account.status, facts.status);
  follow(account.seats, facts.seats);
  follow(account.arr, facts.arr);
  follow(account.renewalOn, facts.renewalOn);
  return changes;
}

function contactChanges(account: WorldAccount, id: string, people: People): Change[] {
  return account.contacts.flatMap((contact, position) => {
    const record = { object: 'Contact', id: contactId(account.index, position) };
    const create: Change = {
      ...record,
      at: contact.createdAt,
      kind: 'create',
      set: {
        AccountId: id,
        FirstName: contact.firstName,
        LastName: contact.lastName,
        Name: `${contact.firstName} ${contact.lastName}`,
        Email: contact.email,
        Title: contact.title,
        CurrencyIsoCode: account.currency,
        OwnerId: people.id(account.ownerKey),
      },
    };
    if (contact.leftAt === null || contact.email === null) return [create];
    const at = Math.max(contact.leftAt, contact.createdAt);
    const bounced = { IsEmailBounced: 1, EmailBouncedDate: second(at), EmailBouncedReason: '550 5.1.1 no such user' };
    return [create, { ...record, at, kind: 'touch', set: bounced }];
  });
}

/** Deletion takes the children along; a merge hands them to the winner and deletes the loser. */
function end(account: WorldAccount, changes: Change[]): Change[] {
  const id = accountId(account.index);
  const { merged, deletedAt } = account;
  const at = Math.min(merged?.at ?? Number.POSITIVE_INFINITY, deletedAt ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(at)) return changes;
  const winner = merged && merged.at === at ? accountId(indexOf(merged.intoKey)) : null;
  const before = changes.filter((c) => c.at <= at);
  const ended: Change[] = [];
  for (const c of before) {
    if (c.kind !== 'create') continue;
    const record = { at, object: c.object, id: c.id };
    if (c.id === id) ended.push({ ...record, kind: 'edit', set: { IsDeleted: 1, MasterRecordId: winner } });
    else if (winner === null) ended.push({ ...record, kind: 'edit', set: { IsDeleted: 1 } });
    else if ('AccountId' in c.set) ended.push({ ...record, kind: 'edit', set: handOver(c.set, id, winner) });
  }
  if (winner === null) return [...before, ...ended];
  const later = changes.filter((c) => c.at > at && c.id !== id);
  const moved = later.map((c) =>
    c.kind === 'create' && 'AccountId' in c.set ? { ...c, set: { ...c.set, ...handOver(c.set, id, winner) } } : c,
  );
  return [...before, ...ended, { at, object: 'Account', id: winner, kind: 'touch', set: {} }, ...moved];
}

function handOver(set: Record<string, Cell>, loser: string, winner: string): Record<string, Cell> {
  return set.WhatId === loser ? { AccountId: winner, WhatId: winner } : { AccountId: winner };
}
