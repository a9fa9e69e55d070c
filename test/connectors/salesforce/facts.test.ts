import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
} from '../../../connectors/salesforce/facts.ts';
import { Mapping } from '../../../connectors/salesforce/mapping.ts';
import { attributeFields } from '../../../connectors/salesforce/org.ts';
import { mapRows, type Row } from '../../../connectors/salesforce/rows.ts';
import { FACTS, type Fact } from '../../../src/core/fact.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { sfId } from './support.ts';

const mapping = loadYaml('mappings/crm/salesforce.yaml', Mapping);
const reading = { mapping, currency: 'GBP', attributes: attributeFields(mapping) };
const STAMP = '2026-11-20T08:00:00.000+0000';
const AT = Date.parse('2026-11-20T08:00:00Z');
const KEY_FIELD = 'Health_Task_Key__c';

const account = (over: Row = {}): Row => ({
  attributes: { type: 'Account' },
  Id: sfId('001', 1),
  Name: 'Zoë & Søn',
  Website: 'https://www.Acme.com/about',
  OwnerId: sfId('005', 1),
  ParentId: sfId('001', 2),
  ARR__c: 84000.5,
  CurrencyIsoCode: 'EUR',
  Renewal_Date__c: '2027-01-14',
  Seats__c: 50,
  External_Key__c: 'CUST-1',
  Type: 'Customer',
  Segment__c: 'SMB',
  CSM__c: sfId('005', 2),
  Test_Account__c: false,
  CreatedDate: '2024-02-03T10:00:00.000+0000',
  SystemModstamp: STAMP,
  IsDeleted: false,
  ...over,
});

/** Every fact must pass the schema that the rest of the product reads it by. */
const sound = (fact: Fact | null): Fact | null => {
  if (fact && !fact.deleted) FACTS[fact.kind].data.parse(fact.data);
  return fact;
};

describe('an account row', () => {
  it('becomes an account fact', () => {
    expect(sound(accountFact(account(), reading))).toEqual({
      kind: 'account',
      id: sfId('001', 1),
      account: sfId('001', 1),
      at: AT,
      knownAt: AT,
      data: {
        name: 'Zoë & Søn',
        domains: ['acme.com'],
        keys: ['CUST-1'],
        ownerId: sfId('005', 1),
        parentId: sfId('001', 2),
        arr: { minor: 8400050, currency: 'EUR' },
        renewalOn: '2027-01-14',
        seats: 50,
        createdOn: '2024-02-03',
        attributes: { Type: 'Customer', Test_Account__c: false, Segment__c: 'SMB', CSM__c: sfId('005', 2) },
      },
    });
  });
  it('keeps unknown apart from zero', () => {
    const fact = accountFact(
      account({ ARR__c: null, Seats__c: 0, Renewal_Date__c: null, Website: 'n/a', External_Key__c: '' }),
      reading,
    );
    expect(fact.data).toMatchObject({ arr: null, seats: 0, renewalOn: null, domains: [], keys: [] });
  });
  it('takes the reporting currency where the org has one only', () => {
    const row = account();
    delete row.CurrencyIsoCode;
    expect(accountFact(row, reading).data).toMatchObject({ arr: { currency: 'GBP' } });
  });
  it('ends where it was deleted or merged', () => {
    const gone = accountFact(account({ IsDeleted: true, MasterRecordId: sfId('001', 9) }), reading);
    expect(gone).toMatchObject({ kind: 'account', id: sfId('001', 1), deleted: true, at: AT });
  });
  it('holds none of our own fields', () => {
    const fact = accountFact(account({ Health_Score__c: 12, Health_Band__c: 'red' }), reading);
    expect(JSON.stringify(fact)).not.toMatch(/Health_|"red"/);
  });
  it('is a reject where a value has the wrong type, and its neighbours pass', () => {
    const rows = [account({ ARR__c: 'lots' }), account({ Id: sfId('001', 5) }), account({ SystemModstamp: null })];
    const { mapped, rejects } = mapRows('Account', rows, (row) => [accountFact(row, reading)]);
    expect(mapped.map((f) => f.id)).toEqual([sfId('001', 5)]);
    expect(rejects).toEqual([
      { where: `Account ${sfId('001', 1)}`, reason: 'ARR__c: found string, expected a number' },
      { where: `Account ${sfId('001', 1)}`, reason: 'SystemModstamp: missing' },
    ]);
    expect(JSON.stringify(rejects)).not.toContain('lots');
  });
  it('keeps amounts exact and the id its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.nat(10 ** 9), (pence, n) => {
        const fact = accountFact(account({ Id: sfId('001', n), ARR__c: pence / 100 }), reading);
        expect(fact).toMatchObject({ id: sfId('001', n), account: sfId('001', n), data: { arr: { minor: pence } } });
      }),
    );
  });
});

const stages = new Map([
  ['Proposal', { closed: false, won: false }],
  ['Closed Won', { closed: true, won: true }],
  ['Closed Lost', { closed: true, won: false }],
]);
const opp: OpportunityReading = { mapping, currency: 'GBP', renewal: { field: 'Type', is: 'Renewal' }, stages };

describe('an opportunity', () => {
  const now: Row = {
    Id: sfId('006', 1),
    AccountId: sfId('001', 1),
    Name: 'Renewal 2027',
    StageName: 'Proposal',
    IsClosed: false,
    IsWon: false,
    Amount: 1000,
    CurrencyIsoCode: 'USD',
    CloseDate: '2027-01-14',
    Type: 'Renewal',
    OwnerId: sfId('005', 1),
    SystemModstamp: STAMP,
    IsDeleted: false,
  };
  const then: Row = {
    Id: sfId('008', 1),
    OpportunityId: sfId('006', 1),
    StageName: 'Proposal',
    Amount: 1000,
    CurrencyIsoCode: 'USD',
    CloseDate: '2027-01-14',
    CreatedDate: '2026-10-01T08:00:00.000+0000',
    SystemModstamp: '2026-10-05T08:00:00.000+0000', // a history row's stamp moves with mass updates
    IsDeleted: false,
    Opportunity: { AccountId: sfId('001', 1), Name: 'Renewal 2027', Type: 'Renewal', OwnerId: sfId('005', 1) },
  };
  it('is the same from its history as from itself, but for the date', () => {
    const current = sound(opportunityFact(now, opp));
    const version = sound(historyFact(then, opp));
    expect(version?.data).toEqual(current?.data);
    expect(version).toMatchObject({
      kind: 'opportunity',
      id: sfId('006', 1),
      account: sfId('001', 1),
      at: Date.parse('2026-10-01T08:00:00Z'),
    });
    expect(current?.data).toMatchObject({ renewal: true, amount: { minor: 100000, currency: 'USD' } });
  });
  it('was closed and won as its stage says', () => {
    expect(historyFact({ ...then, StageName: 'Closed Won' }, opp)?.data).toMatchObject({ closed: true, won: true });
    expect(historyFact({ ...then, StageName: 'Closed Lost' }, opp)?.data).toMatchObject({ closed: true, won: false });
    expect(() => historyFact({ ...then, StageName: 'Gone' }, opp)).toThrow(/OpportunityStage/);
  });
  it('is no renewal by another type, and none where the type is missing', () => {
    expect(opportunityFact({ ...now, Type: 'Expansion' }, opp).data).toMatchObject({ renewal: false });
    expect(opportunityFact({ ...now, Type: null }, opp).data).toMatchObject({ renewal: false });
  });
  it('is closed and won as it says itself', () => {
    const won = opportunityFact({ ...now, StageName: 'Signed', IsClosed: true, IsWon: true }, opp);
    const lost = opportunityFact({ ...now, StageName: 'Gone', IsClosed: true, IsWon: false }, opp);
    expect(won.data).toMatchObject({ stage: 'Signed', closed: true, won: true });
    expect(lost.data).toMatchObject({ closed: true, won: false });
  });
  it('ends when deleted; its history then says nothing', () => {
    expect(opportunityFact({ ...now, IsDeleted: true }, opp)).toMatchObject({ deleted: true });
    expect(historyFact({ ...then, IsDeleted: true }, opp)).toBeNull();
  });
});

const task = (over: Row = {}): Row => ({
  Id: sfId('00T', 1),
  AccountId: sfId('001', 1),
  WhoId: sfId('003', 1),
  WhatId: sfId('006', 1),
  OwnerId: sfId('005', 1),
  Subject: 'Call',
  IsClosed: true,
  TaskSubtype: 'Call',
  ActivityDate: '2026-11-18',
  CompletedDateTime: '2026-11-18T15:30:00.000+0000',
  SystemModstamp: STAMP,
  IsDeleted: false,
  [KEY_FIELD]: null,
  ...over,
});

describe('a task', () => {
  it('that is completed is an activity', () => {
    expect(sound(taskFact(task(), KEY_FIELD))).toMatchObject({
      kind: 'activity',
      id: sfId('00T', 1),
      account: sfId('001', 1),
      at: Date.parse('2026-11-18T15:30:00Z'),
      knownAt: AT,
      data: { type: 'call', userId: sfId('005', 1), contactIds: [sfId('003', 1)], opportunityId: sfId('006', 1) },
    });
  });
  it.each([
    ['Email', 'email'],
    ['Task', 'task'],
    [null, 'task'],
    ['ListEmail', 'other'],
  ])('of subtype %s is of type %s', (TaskSubtype, type) => {
    expect(taskFact(task({ TaskSubtype }), KEY_FIELD)?.data).toMatchObject({ type });
  });
  it('logged later happened on its own date', () => {
    const fact = taskFact(task({ ActivityDate: '2026-11-10' }), KEY_FIELD);
    expect(fact?.at).toBe(Date.parse('2026-11-10T12:00:00Z'));
  });
  it('never lies in the future of its completion', () => {
    expect(taskFact(task({ ActivityDate: '2026-12-24' }), KEY_FIELD)?.at).toBe(Date.parse('2026-11-18T15:30:00Z'));
    expect(taskFact(task({ ActivityDate: '2026-12-24', CompletedDateTime: undefined }), KEY_FIELD)?.at).toBe(AT);
  });
  it('that a person has done counts when it was done, not when it was due', () => {
    expect(taskFact(task({ TaskSubtype: 'Task', ActivityDate: '2026-11-01' }), KEY_FIELD)?.at).toBe(
      Date.parse('2026-11-18T15:30:00Z'),
    );
  });
  it('that is open is none, and takes back what it may have been', () => {
    expect(taskFact(task({ IsClosed: false }), KEY_FIELD)).toMatchObject({ id: sfId('00T', 1), deleted: true });
  });
  it('of ours is never activity, whatever its state', () => {
    for (const over of [{}, { IsClosed: false }, { IsDeleted: true }])
      expect(taskFact(task({ [KEY_FIELD]: 'k1', ...over }), KEY_FIELD)).toBeNull();
  });
  it('owned by a queue has no user; one for a lead no contact', () => {
    expect(taskFact(task({ OwnerId: sfId('00G', 1), WhoId: sfId('00Q', 1) }), KEY_FIELD)?.data).toMatchObject({
      userId: null,
      contactIds: [],
    });
  });
});

describe('an event', () => {
  const event: Row = {
    Id: sfId('00U', 1),
    AccountId: sfId('001', 1),
    OwnerId: sfId('005', 1),
    Subject: 'QBR',
    StartDateTime: '2026-12-01T10:00:00.000+0000',
    EndDateTime: '2026-12-01T11:00:00.000+0000',
    SystemModstamp: STAMP,
    IsDeleted: false,
  };
  it('is a meeting once it has ended', () => {
    expect(sound(eventFact(event))).toMatchObject({
      kind: 'activity',
      at: Date.parse('2026-12-01T11:00:00Z'),
      knownAt: AT,
      data: { type: 'meeting' },
    });
  });
  it('is counted once, not once for each attendee', () => {
    expect(eventFact({ ...event, IsChild: true })).toMatchObject({ deleted: true });
  });
  it('that was called off is taken back', () => {
    expect(eventFact({ ...event, IsDeleted: true })).toMatchObject({ deleted: true });
  });
});

describe('people and roles', () => {
  it('are read', () => {
    expect(
      sound(
        userFact({
          Id: sfId('005', 1),
          Name: 'Ann',
          Email: 'a@x.io',
          IsActive: false,
          ManagerId: null,
          SystemModstamp: STAMP,
        }),
      ),
    ).toEqual({
      kind: 'user',
      id: sfId('005', 1),
      account: null,
      at: AT,
      knownAt: AT,
      data: { name: 'Ann', email: 'a@x.io', active: false, managerId: null },
    });
    const contact = {
      Id: sfId('003', 1),
      AccountId: sfId('001', 1),
      Name: 'Bo',
      Email: null,
      Title: 'CFO',
      IsEmailBounced: true,
      SystemModstamp: STAMP,
    };
    expect(sound(contactFact(contact))).toMatchObject({
      account: sfId('001', 1),
      data: { title: 'CFO', bounced: true, email: null },
    });
    const role = {
      Id: sfId('00K', 1),
      OpportunityId: sfId('006', 1),
      ContactId: sfId('003', 1),
      Role: 'Champion',
      IsPrimary: true,
      Opportunity: { AccountId: sfId('001', 1) },
      SystemModstamp: STAMP,
    };
    expect(sound(roleFact(role))).toMatchObject({
      account: sfId('001', 1),
      data: { opportunityId: sfId('006', 1), contactId: sfId('003', 1), role: 'Champion', primary: true },
    });
    expect(roleFact({ ...role, IsDeleted: true })).toMatchObject({ deleted: true });
  });
});
