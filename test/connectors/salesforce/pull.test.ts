import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listIds, pullStream } from '../../../connectors/salesforce/pull.ts';
import { STREAMS, streamSpecs } from '../../../connectors/salesforce/streams.ts';
import { InputError } from '../../../src/contract/index.ts';
import {
  ACCOUNT,
  allowLogin,
  CUSTOM_ACCOUNT,
  collect,
  collectUntilError,
  DATA,
  describeAnswer,
  describeOf,
  HOST,
  makeOrg,
  OURS,
  sfId,
  TASK,
} from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

const ROLES =
  'SELECT Id, SystemModstamp, IsDeleted, OpportunityId, ContactId, Role, IsPrimary, Opportunity.AccountId FROM OpportunityContactRole';
const ORDER = ' ORDER BY SystemModstamp, Id';

const role = (n: number, stamp: string, over: object = {}) => ({
  attributes: { type: 'OpportunityContactRole' },
  Id: sfId('00K', n),
  SystemModstamp: stamp.replace('Z', '.000+0000'),
  IsDeleted: false,
  OpportunityId: sfId('006', n),
  ContactId: sfId('003', n),
  Role: 'Champion',
  IsPrimary: true,
  Opportunity: { AccountId: sfId('001', n) },
  ...over,
});
const page = (records: object[], next?: string, totalSize = records.length) => ({
  totalSize,
  done: next === undefined,
  ...(next ? { nextRecordsUrl: `${DATA}/query/${next}` } : {}),
  records,
});
const asked = (soql: string, answer: object, status = 200, path = 'queryAll') =>
  nock(HOST).get(`${DATA}/${path}`).query({ q: soql }).reply(status, answer);

describe('a pull', () => {
  it('asks for everything in keyset order, deleted rows too, and follows the locator', async () => {
    allowLogin();
    asked(ROLES + ORDER, page([role(1, '2026-11-01T00:00:00Z'), role(2, '2026-11-01T00:00:00Z')], '01gA-2', 3));
    nock(HOST)
      .get(`${DATA}/query/01gA-2`)
      .reply(200, page([role(3, '2026-11-02T00:00:00Z', { IsDeleted: true })], undefined, 3));
    const pages = await collect(pullStream(makeOrg().org, 'opportunityRoles', null));
    expect(pages.map((p) => p.cursor)).toEqual([
      { t: '2026-11-01T00:00:00.000Z', id: sfId('00K', 2) },
      { t: '2026-11-02T00:00:00.000Z', id: sfId('00K', 3) },
    ]);
    expect(pages.flatMap((p) => p.facts.map((f) => [f.id, f.deleted ?? false]))).toEqual([
      [sfId('00K', 1), false],
      [sfId('00K', 2), false],
      [sfId('00K', 3), true],
    ]);
    expect(pages.at(-1)?.progress).toEqual({ done: 3, total: 3 });
    for (const p of pages)
      expect(streamSpecs(makeOrg().org.ctx.config).opportunityRoles?.cursor.safeParse(p.cursor).success).toBe(true);
  });

  it('reaches back by the overlap, inclusive, and its cursor never goes back', async () => {
    allowLogin();
    const changed =
      'SystemModstamp >= 2026-11-10T11:45:00.000Z OR Opportunity.SystemModstamp >= 2026-11-10T11:45:00.000Z';
    asked(`${ROLES} WHERE ${changed}${ORDER}`, page([role(1, '2026-11-10T11:50:00Z')]));
    const cursor = { t: '2026-11-10T12:00:00.000Z', id: sfId('00K', 9) };
    const pages = await collect(pullStream(makeOrg().org, 'opportunityRoles', cursor));
    expect(pages.map((p) => p.cursor)).toEqual([cursor]);
    expect(pages[0]?.facts).toHaveLength(1);
  });

  it('goes on behind an old row of a changed parent among changed rows only', async () => {
    allowLogin();
    const changed =
      'SystemModstamp >= 2026-11-10T11:45:00.000Z OR Opportunity.SystemModstamp >= 2026-11-10T11:45:00.000Z';
    const old = role(1, '2026-01-01T00:00:00Z');
    asked(`${ROLES} WHERE ${changed}${ORDER}`, page([old], '01gA-1', 2));
    nock(HOST)
      .get(`${DATA}/query/01gA-1`)
      .reply(400, [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'gone' }]);
    const behind = `(SystemModstamp > 2026-01-01T00:00:00.000Z) OR (SystemModstamp = 2026-01-01T00:00:00.000Z AND Id > '${old.Id}')`;
    asked(`${ROLES} WHERE (${changed}) AND (${behind})${ORDER}`, page([role(2, '2026-11-10T11:50:00Z')]));
    const cursor = { t: '2026-11-10T12:00:00.000Z', id: sfId('00K', 9) };
    const pages = await collect(pullStream(makeOrg().org, 'opportunityRoles', cursor));
    expect(pages.flatMap((p) => p.facts).length).toBe(2);
    expect(pages.map((p) => p.cursor)).toEqual([cursor, cursor]); // an old stamp never takes the cursor back
  });

  it('yields nothing where nothing is there', async () => {
    allowLogin();
    asked(ROLES + ORDER, page([]));
    expect(await collect(pullStream(makeOrg().org, 'opportunityRoles', null))).toEqual([]);
  });

  it('goes on behind the last row where the org has dropped the locator', async () => {
    allowLogin();
    asked(ROLES + ORDER, page([role(1, '2026-11-01T00:00:00Z'), role(2, '2026-11-01T00:00:00Z')], '01gA-2', 4));
    nock(HOST)
      .get(`${DATA}/query/01gA-2`)
      .reply(400, [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'gone' }]);
    asked(
      `${ROLES} WHERE (SystemModstamp > 2026-11-01T00:00:00.000Z) OR (SystemModstamp = 2026-11-01T00:00:00.000Z AND Id > '${sfId('00K', 2)}')${ORDER}`,
      page([role(3, '2026-11-01T00:00:00Z'), role(4, '2026-11-03T00:00:00Z')]),
    );
    const pages = await collect(pullStream(makeOrg().org, 'opportunityRoles', null));
    expect(pages.flatMap((p) => p.facts.map((f) => f.id))).toEqual([1, 2, 3, 4].map((n) => sfId('00K', n)));
    expect(pages.at(-1)?.progress).toEqual({ done: 4, total: 4 });
  });

  it('gives up where the locator is lost again and again without a row', async () => {
    allowLogin();
    nock(HOST)
      .get(`${DATA}/queryAll`)
      .query(true)
      .times(6)
      .reply(400, [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'gone' }]);
    await expect(collect(pullStream(makeOrg().org, 'opportunityRoles', null))).rejects.toMatchObject({
      code: 'INVALID_QUERY_LOCATOR',
    });
  });

  it('asks in pieces where the whole times out, until a piece is not full', async () => {
    allowLogin();
    const timeout = [{ errorCode: 'QUERY_TIMEOUT', message: 'Your query request was running for too long.' }];
    asked(ROLES + ORDER, timeout, 400);
    for (const limit of [10_000, 2_000, 500]) asked(`${ROLES}${ORDER} LIMIT ${limit}`, timeout, 400);
    const rows = Array.from({ length: 200 }, (_, i) => role(i + 1, '2026-11-01T00:00:00Z'));
    asked(`${ROLES}${ORDER} LIMIT 200`, page(rows));
    asked(
      `${ROLES} WHERE (SystemModstamp > 2026-11-01T00:00:00.000Z) OR (SystemModstamp = 2026-11-01T00:00:00.000Z AND Id > '${sfId('00K', 200)}')${ORDER} LIMIT 200`,
      page([role(201, '2026-11-01T00:00:00Z')]),
    );
    const pages = await collect(pullStream(makeOrg().org, 'opportunityRoles', null));
    expect(pages.flatMap((p) => p.facts)).toHaveLength(201);
  });

  it('keeps the pages before a failure', async () => {
    allowLogin();
    asked(ROLES + ORDER, page([role(1, '2026-11-01T00:00:00Z')], '01gA-1', 2));
    nock(HOST)
      .get(`${DATA}/query/01gA-1`)
      .reply(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]);
    const { got, error } = await collectUntilError(pullStream(makeOrg().org, 'opportunityRoles', null));
    expect(got).toHaveLength(1);
    expect(error).toMatchObject({ action: 'wait' });
  });

  it('fails where more rows exist and no next page is named: the end it never saw would be lost', async () => {
    allowLogin();
    asked(ROLES + ORDER, { ...page([role(1, '2026-11-01T00:00:00Z')]), totalSize: 2, done: false });
    const { got, error } = await collectUntilError(pullStream(makeOrg().org, 'opportunityRoles', null));
    expect(got).toEqual([]);
    expect(error).toMatchObject({ code: 'NO_NEXT_PAGE' });
  });

  it('never sends the token to another host', async () => {
    allowLogin();
    asked(ROLES + ORDER, {
      ...page([role(1, '2026-11-01T00:00:00Z')], 'x'),
      nextRecordsUrl: 'https://evil.example/steal',
    });
    await expect(collect(pullStream(makeOrg().org, 'opportunityRoles', null))).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
    });
  });

  it('hints a page size where one is set', async () => {
    allowLogin();
    nock(HOST, { reqheaders: { 'sforce-query-options': 'batchSize=200' } })
      .get(`${DATA}/queryAll`)
      .query({ q: ROLES + ORDER })
      .reply(200, page([]));
    await collect(pullStream(makeOrg({ pageSize: 200 }).org, 'opportunityRoles', null));
  });

  it('refuses a cursor that it cannot read, with the way out', async () => {
    await expect(collect(pullStream(makeOrg().org, 'accounts', { since: 5 }))).rejects.toThrow(InputError);
    await expect(collect(pullStream(makeOrg().org, 'nothing', null))).rejects.toThrow(/Streams are|no stream/);
  });
});

describe('accounts', () => {
  const row = {
    Id: sfId('001', 1),
    SystemModstamp: '2026-11-01T00:00:00.000+0000',
    IsDeleted: false,
    Name: 'Acme',
    Type: 'Customer',
    Health_Score__c: 71.0,
    Health_Band__c: 'green',
    Health_Csm_Pulse__c: null,
    Health_Scored_At__c: '2026-11-01T10:00:00.000+0000',
  };
  it('bring what the org holds in our fields, apart from the facts', async () => {
    allowLogin();
    describeOf(ACCOUNT);
    nock(HOST)
      .get(`${DATA}/queryAll`)
      .query(true)
      .reply(200, page([row, { ...row, Id: sfId('001', 2), IsDeleted: true }]));
    const [first] = await collect(pullStream(makeOrg().org, 'accounts', null));
    expect(first?.held).toEqual([
      {
        account: sfId('001', 1),
        values: {
          score: 71,
          band: 'green',
          change30: null,
          reasons: null,
          scoredAt: '2026-11-01T10:00:00.000Z',
          csmPulse: null,
        },
      },
    ]);
    expect(JSON.stringify(first?.facts)).not.toContain('Health_');
  });

  it('leave out our fields while they are hidden, with a warning', async () => {
    allowLogin();
    describeOf({ ...ACCOUNT, fields: ACCOUNT.fields.filter((f) => !f.name.startsWith('Health_')) });
    let soql = '';
    nock(HOST)
      .get(`${DATA}/queryAll`)
      .query((q) => {
        soql = String(q.q);
        return true;
      })
      .reply(200, page([row]));
    const { org, lines } = makeOrg();
    const [first] = await collect(pullStream(org, 'accounts', null));
    expect(soql).not.toContain('Health_');
    expect(first?.held).toEqual([]);
    expect(lines.filter((l) => l.level === 'warn')).toHaveLength(1);
  });

  it('do not touch a field of our name that is something else', async () => {
    allowLogin();
    describeOf(
      describeAnswer('Account', {
        Type: 'picklist',
        Website: 'url',
        ParentId: 'reference',
        ...CUSTOM_ACCOUNT,
        ...OURS,
        Health_Score__c: 'textarea',
      }),
    );
    nock(HOST)
      .get(`${DATA}/queryAll`)
      .query(true)
      .reply(200, page([{ ...row, Health_Score__c: 'Great!' }]));
    const [first] = await collect(pullStream(makeOrg().org, 'accounts', null));
    expect(first?.rejects).toEqual([]);
    expect(first?.held?.[0]?.values).not.toHaveProperty('score');
  });

  it('are not read where the mapping names a field that the org lacks', async () => {
    allowLogin();
    describeOf({
      ...ACCOUNT,
      fields: ACCOUNT.fields
        .filter((f) => f.name !== 'ARR__c')
        .concat({ ...ACCOUNT.fields[0], name: 'ARR_2__c' } as never),
    });
    const error = await collect(pullStream(makeOrg().org, 'accounts', null)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).problems).toEqual([
      'mappings/crm/salesforce.yaml: account.arr: Account has no visible field ARR__c; nearest is ARR_2__c',
    ]);
  });
});

describe('opportunity history', () => {
  it('knows from the stages what was closed and won', async () => {
    allowLogin();
    describeOf(
      describeAnswer('Opportunity', {
        Name: 'string',
        Type: 'picklist',
        OwnerId: 'reference',
        CurrencyIsoCode: 'picklist',
        Amount: 'currency',
      }),
    );
    describeOf(describeAnswer('OpportunityHistory', { Amount: 'currency', CurrencyIsoCode: 'picklist' }));
    asked(
      'SELECT Id, ApiName, MasterLabel, IsClosed, IsWon FROM OpportunityStage',
      page([{ Id: sfId('01J', 1), ApiName: 'Closed Won', MasterLabel: 'Won', IsClosed: true, IsWon: true }]),
      200,
      'query',
    );
    const history = {
      Id: sfId('008', 1),
      SystemModstamp: '2026-11-01T00:00:00.000+0000',
      IsDeleted: false,
      OpportunityId: sfId('006', 1),
      StageName: 'Closed Won',
      CloseDate: '2026-11-01',
      CreatedDate: '2026-10-31T00:00:00.000+0000',
      Amount: 10,
      CurrencyIsoCode: 'USD',
      Opportunity: {
        AccountId: sfId('001', 1),
        Name: 'R',
        Type: 'Renewal',
        OwnerId: sfId('005', 1),
        CurrencyIsoCode: 'USD',
      },
    };
    asked(
      `SELECT Id, SystemModstamp, IsDeleted, OpportunityId, StageName, CloseDate, CreatedDate, Opportunity.AccountId, Amount, CurrencyIsoCode, Opportunity.Name, Opportunity.Type, Opportunity.OwnerId, Opportunity.CurrencyIsoCode FROM OpportunityHistory${ORDER}`,
      page([history, { ...history, Id: sfId('008', 2), StageName: 'Unheard of' }]),
    );
    const [first] = await collect(pullStream(makeOrg().org, 'opportunityHistory', null));
    expect(first?.facts).toMatchObject([{ id: sfId('006', 1), data: { closed: true, won: true, renewal: true } }]);
    expect(first?.rejects).toEqual([
      { where: `OpportunityHistory ${sfId('008', 2)}`, reason: expect.stringContaining('Unheard of') },
    ]);
  });
});

describe('ids', () => {
  it('of activities are those of tasks and events, archived ones too', async () => {
    allowLogin();
    asked('SELECT Id FROM Task WHERE IsDeleted = false ORDER BY Id', page([{ Id: sfId('00T', 1) }]));
    asked('SELECT Id FROM Event WHERE IsDeleted = false ORDER BY Id', page([{ Id: sfId('00U', 1) }]));
    expect(await collect(listIds(makeOrg().org, 'tasks'))).toEqual([
      { kind: 'activity', ids: [sfId('00T', 1)] },
      { kind: 'activity', ids: [sfId('00U', 1)] },
    ]);
  });
  it('are listed for each kind by one stream only', () => {
    const listing = Object.values(STREAMS).filter((s) => s.idsOf.length);
    const kinds = listing.flatMap((s) => s.kinds);
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});

it('our tasks are read for what they are: nobody’s activity', async () => {
  allowLogin();
  describeOf(TASK);
  const base = {
    SystemModstamp: '2026-11-01T00:00:00.000+0000',
    IsDeleted: false,
    IsClosed: true,
    AccountId: sfId('001', 1),
    Subject: 'x',
  };
  nock(HOST)
    .get(`${DATA}/queryAll`)
    .query((q) => String(q.q).includes('Health_Task_Key__c'))
    .reply(
      200,
      page([
        { ...base, Id: sfId('00T', 1), Health_Task_Key__c: 'k' },
        { ...base, Id: sfId('00T', 2), Health_Task_Key__c: null },
      ]),
    );
  const [first] = await collect(pullStream(makeOrg().org, 'tasks', null));
  expect(first?.facts.map((f) => f.id)).toEqual([sfId('00T', 2)]);
});
