import { expect, test } from 'vitest';
import {
  accountId,
  activityId,
  contactId,
  opportunityId,
  roleId,
  userIds,
} from '../../../connectors/salesforce/sandbox/keys.ts';
import { existsAt, valueAt } from '../../../src/sandbox/asof.ts';
import type { World, WorldAccount } from '../../../src/sandbox/world.types.ts';
import { DAY, NOW, type Org, start } from './support.ts';

type Rows = Map<unknown, Record<string, unknown>>;
const live = ({ sandbox }: Org, object: string): Rows =>
  new Map(
    sandbox
      .rows(object)
      .filter((r) => r.IsDeleted === false)
      .map((r) => [r.Id, r]),
  );
const MINOR: Record<string, number> = { JPY: 1 };
const amount = (minor: number | undefined, currency: string) =>
  minor === undefined ? null : minor / (MINOR[currency] ?? 100);
const iso = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('Z', '+0000');
/** A merge hands children to the winner: they are checked where nothing was handed over. */
const untouched = (world: World): WorldAccount[] => {
  const all = [...world.accounts()];
  const winners = new Set(all.flatMap((a) => (a.merged ? [a.merged.intoKey] : [])));
  return all.filter((a) => existsAt(a, world.now()) && !winners.has(a.key));
};

function expectAccounts(org: Org): number {
  const { world } = org;
  const now = world.now();
  const users = userIds(world);
  const rows = live(org, 'Account');
  const all = [...world.accounts()];
  for (const account of all) {
    const row = rows.get(accountId(account.index));
    if (!existsAt(account, now)) {
      expect(row).toBeUndefined();
      continue;
    }
    const status = valueAt(account.status, now) ?? account.status[0]?.value;
    const types = {
      customer: 'Customer',
      prospect: 'Prospect',
      partner: 'Partner',
      churned: 'Former Customer',
      test: 'Customer',
    };
    expect(row).toMatchObject({
      Name: account.name,
      Website: account.website,
      Industry: account.industry,
      NumberOfEmployees: account.employees,
      CurrencyIsoCode: account.currency,
      External_Key__c: account.externalKey,
      CreatedDate: iso(account.createdAt),
      Type: types[status ?? 'customer'],
      Test_Account__c: status === 'test',
      Segment__c: { enterprise: 'Enterprise', 'mid-market': 'Mid-Market', smb: 'SMB' }[account.segment],
      ARR__c: amount(valueAt(account.arr, now) ?? account.arr[0]?.value, account.currency),
      Seats__c: valueAt(account.seats, now) ?? account.seats[0]?.value ?? null,
      Renewal_Date__c: valueAt(account.renewalOn, now) ?? account.renewalOn[0]?.value ?? null,
      MasterRecordId: null,
    });
    if (account.ownerKey !== null) expect(row?.OwnerId).toBe(users.get(account.ownerKey));
  }
  expect(rows.size).toBe(all.filter((a) => existsAt(a, now)).length);
  return rows.size;
}

function expectChildren(org: Org): void {
  const { world } = org;
  const now = world.now();
  const users = userIds(world);
  const [contacts, opportunities, tasks, events, history] = [
    'Contact',
    'Opportunity',
    'Task',
    'Event',
    'OpportunityHistory',
  ].map((o) => live(org, o)) as [Rows, Rows, Rows, Rows, Rows];
  const roles = live(org, 'OpportunityContactRole');
  const steps = Map.groupBy(history.values(), (h) => h.OpportunityId);
  for (const account of untouched(world)) {
    const AccountId = accountId(account.index);
    for (const [i, c] of account.contacts.entries()) {
      const row = contacts.get(contactId(account.index, i));
      if (c.createdAt > now) expect(row).toBeUndefined();
      else
        expect(row).toMatchObject({
          AccountId,
          FirstName: c.firstName,
          LastName: c.lastName,
          Email: c.email,
          Title: c.title,
          IsEmailBounced: c.email !== null && c.leftAt !== null && c.leftAt <= now,
        });
    }
    for (const [i, o] of account.opportunities.entries()) {
      const id = opportunityId(account.index, i);
      const states = o.states.filter((s, n) => (n === 0 ? o.createdAt : s.at) <= now);
      const state = states.at(-1)?.value;
      if (!state) {
        expect(opportunities.get(id)).toBeUndefined();
        continue;
      }
      expect(opportunities.get(id)).toMatchObject({
        AccountId,
        Name: o.name,
        Type: o.type,
        StageName: state.stage,
        IsClosed: state.closed,
        IsWon: state.won,
        CloseDate: state.closeOn,
        Amount: amount(state.amount, account.currency),
      });
      const rows = (steps.get(id) ?? []).sort((a, b) => (String(a.Id) < String(b.Id) ? -1 : 1));
      expect(rows.map((r) => r.StageName)).toEqual(states.map((s) => s.value.stage));
      for (const [n, r] of o.roles.entries()) {
        const role = roles.get(roleId(account.index, i, n));
        const contact = account.contacts.findIndex((c) => c.key === r.contactKey);
        if (r.at > now) expect(role).toBeUndefined();
        else {
          const ContactId = contactId(account.index, contact);
          expect(role).toMatchObject({ OpportunityId: id, ContactId, Role: r.role, IsPrimary: r.primary });
        }
      }
    }
    for (const [i, a] of account.activities.entries()) {
      const row = (a.type === 'meeting' ? events : tasks).get(activityId(account.index, i, a.type));
      if (!a.inCrm || a.createdAt > now) {
        expect(row).toBeUndefined();
        continue;
      }
      const contact = account.contacts.findIndex((c) => c.key === a.contactKey);
      const opportunity = account.opportunities.findIndex((o) => o.key === a.opportunityKey);
      expect(row).toMatchObject({
        WhatId: opportunity < 0 ? AccountId : opportunityId(account.index, opportunity),
        WhoId: contact < 0 ? null : contactId(account.index, contact),
        AccountId,
        Subject: a.subject,
        OwnerId: users.get(a.userKey),
        CreatedDate: iso(a.createdAt),
      });
      if (a.type === 'meeting') expect(row).toMatchObject({ StartDateTime: iso(a.at), DurationInMinutes: a.minutes });
      else
        expect(row).toMatchObject({
          TaskSubtype: { call: 'Call', email: 'Email', task: 'Task' }[a.type],
          IsClosed: a.completedAt !== null && a.completedAt <= now,
        });
    }
  }
}

test('what the org holds is what the world knows, now and as time goes on', async () => {
  const org = await start({ customers: 150 });
  expect(expectAccounts(org)).toBeGreaterThan(150);
  expectChildren(org);
  for (const step of [3_600_000, DAY, 20 * DAY]) {
    org.world.advance(step);
    expectAccounts(org);
    expectChildren(org);
  }
});

test('after time went on, the org equals one that was loaded later, stamps included', async () => {
  const org = await start({ customers: 60 });
  org.world.advance(12 * DAY);
  await org.query('SELECT COUNT() FROM Account');
  const { makeWorld } = await import('../../../src/sandbox/world.ts');
  const world = makeWorld({ seed: 7, customers: 60, now: NOW });
  world.advance(12 * DAY);
  const later = await start({ world });
  for (const object of [
    'Account',
    'Contact',
    'Opportunity',
    'OpportunityHistory',
    'OpportunityContactRole',
    'Task',
    'Event',
  ]) {
    expect([object, org.sandbox.rows(object)]).toEqual([object, later.sandbox.rows(object)]);
  }
});

test('what changes in a day carries the stamp of its own time, and nothing else moves', async () => {
  const org = await start({ customers: 150 });
  const before = new Map(org.sandbox.rows('Account').map((r) => [r.Id, JSON.stringify(r)]));
  const from = org.world.now();
  org.world.advance(DAY);
  const changed = org.sandbox.rows('Account').filter((r) => JSON.stringify(r) !== before.get(r.Id));
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.length).toBeLessThan(before.size);
  for (const row of changed) {
    const at = Date.parse(String(row.SystemModstamp));
    expect(at).toBeGreaterThan(from - 1_000);
    expect(at).toBeLessThanOrEqual(from + DAY);
  }
  const seen = await org.query(`SELECT Id FROM Account WHERE SystemModstamp >= ${new Date(from).toISOString()}`);
  expect(seen.length).toBeGreaterThan(0);
});

test('a merge deletes the loser, names the winner and hands over the children', async () => {
  const org = await start({ customers: 400 });
  const now = org.world.now();
  const merged = [...org.world.accounts()].filter(
    (a) => a.merged !== null && a.merged.at <= now && (a.deletedAt === null || a.deletedAt >= a.merged.at),
  );
  expect(merged.length).toBeGreaterThan(0);
  const accounts = new Map(org.sandbox.rows('Account').map((r) => [r.Id, r]));
  const contacts = org.sandbox.rows('Contact');
  for (const loser of merged) {
    const row = accounts.get(accountId(loser.index));
    expect(row).toMatchObject({ IsDeleted: true, MasterRecordId: expect.stringMatching(/^001/) });
    expect(contacts.filter((c) => c.AccountId === row?.Id)).toEqual([]);
    const own = loser.contacts.map((_, i) => contactId(loser.index, i));
    for (const c of contacts.filter((r) => own.includes(String(r.Id)))) expect(c.AccountId).toBe(row?.MasterRecordId);
  }
});
