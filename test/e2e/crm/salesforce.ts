import { accountId, contactId, userIds } from '../../../connectors/salesforce/sandbox/keys.ts';
import { serveSalesforce } from '../../../connectors/salesforce/sandbox.ts';
import { SalesforcePerson } from './salesforce-person.ts';
import { type FieldName, LOST, ON_THE_WAY, type SeenAccount, type SeenTask, type Side } from './side.ts';

/** Field of the store → field of the org. */
const API_NAMES: Record<FieldName, string> = {
  score: 'Health_Score__c',
  band: 'Health_Band__c',
  trend: 'Health_Trend__c',
  change30: 'Health_Change_30__c',
  actionCode: 'Health_Action_Code__c',
  actionText: 'Health_Action_Text__c',
  reasons: 'Health_Reasons__c',
  dim_usage: 'Health_Dim_Usage__c',
  dim_support: 'Health_Dim_Support__c',
  dim_billing: 'Health_Dim_Billing__c',
  dim_engagement: 'Health_Dim_Engagement__c',
  dim_relationship: 'Health_Dim_Relationship__c',
  riskFlags: 'Health_Risk_Flags__c',
  confidence: 'Health_Confidence__c',
  coverage: 'Health_Coverage__c',
  scoredAt: 'Health_Scored_At__c',
  modelVersion: 'Health_Model_Version__c',
};

type Row = Record<string, unknown>;
const value = (name: string, held: unknown): string | number | null => {
  if (held === undefined || held === null) return null;
  return name === 'scoredAt' ? Date.parse(String(held)) : (held as string | number);
};
const account = (row: Row): SeenAccount => ({
  id: String(row.Id),
  name: String(row.Name),
  deleted: row.IsDeleted === true,
  customer: row.Type === 'Customer' && row.Test_Account__c === false,
  stamp: String(row.SystemModstamp),
  note: typeof row.Description === 'string' ? row.Description : null,
  fields: Object.fromEntries(
    Object.entries(API_NAMES).map(([name, api]) => [name, value(name, row[api])]),
  ) as SeenAccount['fields'],
  row,
});
const task = (row: Row): SeenTask => ({
  id: String(row.Id),
  key: String(row.Health_Task_Key__c),
  account: String(row.WhatId),
  owner: String(row.OwnerId),
  subject: String(row.Subject ?? ''),
  body: String(row.Description ?? ''),
  dueOn: String(row.ActivityDate ?? ''),
  closed: row.IsClosed === true,
  deleted: row.IsDeleted === true,
});

export const salesforce: Side = {
  name: 'salesforce',
  writeBatch: 200,
  idleReads: 25,
  accounts: (crm) => crm.rows('Account').map(account),
  tasks: (crm) =>
    crm
      .rows('Task')
      .filter((row) => typeof row.Health_Task_Key__c === 'string')
      .map(task),
  kinds: { describe: 'describe*', read: 'query*', fields: 'collections.update', tasks: 'collections.upsert' },
  notesTasks: false,
  lagMs: 0,
  ids: { account: accountId, contact: contactId, users: userIds },
  smallPages: { pageSize: 200 },
  accountId: /001\w{12,15}/,
  logIn: (host) => SalesforcePerson.logIn(host),
  serve: (world, { other, daily }) =>
    serveSalesforce({
      world,
      ...(other && { orgNumber: 77 }),
      ...(daily && { dailyLimit: daily.limit, usedByOthers: daily.used }),
    }),
  org: { strange: '00D000000000001AAA', told: /00D\w{12,15} \(.*, sandbox\)/ },
  faults: {
    pages: [
      ...ON_THE_WAY.map((name) => ({ name, on: 'query', skip: 4, times: 2 })),
      // These hit pages behind the first only.
      { name: 'invalid-locator', on: 'queryMore', times: 2 },
      { name: 'shrink-page', on: 'queryMore', times: 2 },
    ],
    lost: LOST,
    refuse: (ids, message) => ({ name: 'validation', on: 'collections.update', with: { ids, message } }),
    lock: (ids) => ({ name: 'lock-row', on: 'collections.update', times: 6, with: { ids } }),
    exhausted: (on, skip) => ({ name: 'limit-exhausted', on, skip }),
    barred: (skip = 0) => ({ name: 'persistent-401', on: 'query', skip }),
  },
  words: {
    refused: /FIELD_CUSTOM_VALIDATION_EXCEPTION/,
    exhausted: /REQUEST_LIMIT_EXCEEDED/,
    barred: /INVALID_SESSION_ID/,
    gone: /ENTITY_IS_DELETED|NOT_FOUND|INVALID_CROSS_REFERENCE_KEY/,
    hangs: /query\.\w+: no answer within 1 s/,
    page: /a page, not data/,
    taskCall: /collections\.upsert/,
    optionMissing: /Health_Action_Code__c lacks the values .*Monthly coffee/,
    optionRefused: /INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.*Health_Action_Code__c/,
    fieldMissing: /Account\.Health_\w+__c is missing, hidden or read-only/,
  },
  settings: {
    spoiled: [
      [
        'an unknown setting of a connector',
        'flow: jwt',
        'flow: jwt\n      privateKeyfile: x',
        ['crm.config.auth', 'nearest is `privateKeyFile`'],
      ],
      ['an unknown flow', 'flow: jwt', 'flow: jtw', ['crm.config.auth', 'jtw', 'nearest is `jwt`']],
    ],
    csm: 'CSM__c',
    arr: 'ARR__c',
    secret: { name: 'privateKey', env: 'SALESFORCE_PRIVATE_KEY' },
  },
};
