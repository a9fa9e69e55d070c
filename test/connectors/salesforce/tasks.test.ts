import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { crmOf } from '../../../connectors/salesforce/crm.ts';
import { raiseTasks } from '../../../connectors/salesforce/tasks.ts';
import { InputError, type TaskIntent } from '../../../src/contract/index.ts';
import {
  allowLogin,
  collect,
  collectUntilError,
  DATA,
  describeOf,
  HOST,
  loopback,
  makeOrg,
  sfId,
  stream,
  TASK,
} from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

const intent = (n: number, over: Partial<TaskIntent> = {}): TaskIntent => ({
  id: `t${n}`,
  key: `acct${n}_2027-01-14_low`,
  account: sfId('001', n),
  ownerId: sfId('005', 1),
  subject: `Renewal at risk ${n}`,
  body: 'Why and what',
  dueOn: '2026-12-01',
  priority: 'high',
  ...over,
});
const record = (n: number) => ({
  attributes: { type: 'Task' },
  Health_Task_Key__c: `acct${n}_2027-01-14_low`,
  WhatId: sfId('001', n),
  OwnerId: sfId('005', 1),
  Subject: `Renewal at risk ${n}`,
  Description: 'Why and what',
  ActivityDate: '2026-12-01',
  Priority: 'High',
});
const UPSERT = `${DATA}/composite/sobjects/Task/Health_Task_Key__c`;
const noPause = async (): Promise<void> => {};
const raise = (list: TaskIntent[], config = {}) => raiseTasks(makeOrg(config).org, stream(list), noPause);

const lookUp = (numbers: number[], found: { n: number; deleted?: boolean; id?: number }[]) =>
  nock(HOST)
    .get(`${DATA}/queryAll`)
    .query({
      q: `SELECT Id, Health_Task_Key__c, IsDeleted FROM Task WHERE Health_Task_Key__c IN (${numbers.map((n) => `'acct${n}_2027-01-14_low'`).join(',')})`,
    })
    .reply(200, {
      totalSize: found.length,
      done: true,
      records: found.map((f) => ({
        Id: sfId('00T', f.id ?? f.n),
        Health_Task_Key__c: `acct${f.n}_2027-01-14_low`,
        IsDeleted: f.deleted ?? false,
      })),
    });
const made = (n: number, created = true) => ({ id: sfId('00T', n), success: true, created, errors: [] });
const failed = (statusCode: string, message = 'words') => ({ success: false, errors: [{ statusCode, message }] });

const begin = () => {
  allowLogin();
  describeOf(TASK);
};

describe('raising tasks', () => {
  it('looks the keys up, deleted ones too, and creates only what is missing', async () => {
    begin();
    lookUp([1, 2, 3], [{ n: 1 }, { n: 2, deleted: true }]);
    nock(HOST)
      .patch(UPSERT, { allOrNone: false, records: [record(3)] })
      .reply(200, [made(3)]);
    expect(await collect(raise([intent(1), intent(2), intent(3)]))).toEqual([
      { intent: 't1', result: 'unchanged', recordId: sfId('00T', 1), created: false },
      { intent: 't2', result: 'unchanged', recordId: sfId('00T', 2), created: false },
      { intent: 't3', result: 'written', recordId: sfId('00T', 3), created: true },
    ]);
  });

  it('sends nothing where all exist', async () => {
    begin();
    lookUp([1], [{ n: 1 }]);
    expect(await collect(raise([intent(1)]))).toHaveLength(1);
  });

  it('finds tasks by key without creating any', async () => {
    allowLogin();
    lookUp([1, 2, 3], [{ n: 1 }, { n: 3, deleted: true }]);
    const found = await crmOf(makeOrg().org).findTasks([1, 2, 3].map((n) => intent(n)));
    expect(found).toEqual(
      new Map([
        [intent(1).key, sfId('00T', 1)],
        [intent(3).key, sfId('00T', 3)],
      ]),
    );
  });

  it('names the living task of a key before a deleted one', async () => {
    begin();
    lookUp(
      [1],
      [
        { n: 1, id: 8 },
        { n: 1, id: 9, deleted: true },
      ],
    );
    expect(await collect(raise([intent(1)]))).toMatchObject([{ recordId: sfId('00T', 8) }]);
  });

  it('says that a task existed where another worker was faster', async () => {
    begin();
    lookUp([1, 2], []);
    nock(HOST)
      .patch(UPSERT)
      .reply(200, [made(1, false), failed('DUPLICATE_VALUE', `duplicate value found: id ${sfId('00T', 2)}`)]);
    lookUp([2], [{ n: 2 }]);
    expect(await collect(raise([intent(1), intent(2)]))).toEqual([
      { intent: 't1', result: 'unchanged', recordId: sfId('00T', 1), created: false },
      { intent: 't2', result: 'unchanged', recordId: sfId('00T', 2), created: false },
    ]);
  });

  it('reads back after a lost answer: what was created is ours, what was not is sent again', async () => {
    nock.enableNetConnect('127.0.0.1');
    const existing = new Map<string, string>();
    const upserts: string[][] = [];
    const server = await loopback(({ method, url, body }, lose) => {
      if (url.pathname.endsWith('/describe')) return { status: 200, body: TASK };
      if (method === 'GET') {
        const asked = [...(url.searchParams.get('q') ?? '').matchAll(/'([^']+)'/g)].map((m) => String(m[1]));
        const records = asked.flatMap((key) =>
          existing.has(key) ? [{ Id: existing.get(key), Health_Task_Key__c: key, IsDeleted: false }] : [],
        );
        return { status: 200, body: { totalSize: records.length, done: true, records } };
      }
      const keys = JSON.parse(body).records.map((r: { Health_Task_Key__c: string }) => r.Health_Task_Key__c);
      upserts.push(keys);
      const committed = upserts.length === 1 ? keys.slice(0, 1) : keys;
      for (const key of committed) existing.set(key, sfId('00T', existing.size + 1));
      if (upserts.length === 1) return lose();
      return {
        status: 200,
        body: keys.map((key: string) => ({ id: existing.get(key), success: true, created: true, errors: [] })),
      };
    });
    try {
      expect(await collect(raise([intent(1), intent(2)], { loginUrl: server.origin }))).toEqual([
        { intent: 't1', result: 'written', recordId: sfId('00T', 1), created: true },
        { intent: 't2', result: 'written', recordId: sfId('00T', 2), created: true },
      ]);
      expect(upserts).toEqual([[intent(1).key, intent(2).key], [intent(2).key]]);
    } finally {
      nock.disableNetConnect();
      await server.close();
    }
  });

  it('tries a locked account again and rejects an inactive manager with the vendor’s words', async () => {
    begin();
    lookUp([1, 2, 3], []);
    nock(HOST)
      .patch(UPSERT)
      .reply(200, [failed('UNABLE_TO_LOCK_ROW'), failed('INACTIVE_OWNER_OR_USER', 'inactive user'), made(3)]);
    nock(HOST)
      .patch(UPSERT, { allOrNone: false, records: [record(1)] })
      .reply(200, [made(1)]);
    const outcomes = await collect(raise([intent(1), intent(2), intent(3)]));
    expect(outcomes).toHaveLength(3);
    expect(outcomes).toContainEqual({ intent: 't1', result: 'written', recordId: sfId('00T', 1), created: true });
    expect(outcomes).toContainEqual({
      intent: 't2',
      result: 'rejected',
      reason: 'INACTIVE_OWNER_OR_USER: inactive user',
    });
  });

  it('rejects a key that does not belong into an address, without a call', async () => {
    begin();
    expect(
      await collect(raise([intent(1, { key: "a'b" }), intent(2, { key: '' }), intent(3, { ownerId: 'ann' })])),
    ).toMatchObject([
      { intent: 't1', result: 'rejected' },
      { intent: 't2', result: 'rejected' },
      { intent: 't3', result: 'rejected', reason: '"ann" is not a Salesforce record id' },
    ]);
  });

  it('creates one task for one key, however often it is asked in a run', async () => {
    begin();
    lookUp([1], []);
    nock(HOST)
      .patch(UPSERT, { allOrNone: false, records: [record(1)] })
      .reply(200, [made(1)]);
    lookUp([1], [{ n: 1 }]);
    expect(await collect(raise([intent(1), intent(1, { id: 'again' })]))).toMatchObject([
      { intent: 't1', result: 'written' },
      { intent: 'again', result: 'unchanged', recordId: sfId('00T', 1) },
    ]);
  });

  it('looks up long keys in several queries, since a query travels in the address', async () => {
    begin();
    const many = Array.from({ length: 150 }, (_, i) =>
      intent(i + 1, { key: `${String(i).padStart(4, '0')}${'k'.repeat(76)}` }),
    );
    const queries: string[] = [];
    nock(HOST)
      .get(`${DATA}/queryAll`)
      .query((q) => {
        queries.push(String(q.q));
        return true;
      })
      .times(3)
      .reply(200, { totalSize: 0, done: true, records: [] });
    nock(HOST)
      .patch(UPSERT)
      .reply(
        200,
        many.map((_, i) => made(i)),
      );
    expect(await collect(raise(many))).toHaveLength(150);
    expect(Math.max(...queries.map((q) => q.length))).toBeLessThan(8_000);
  });

  it('sends no priority that the org’s picklist lacks', async () => {
    begin();
    lookUp([1], []);
    const { Priority: _, ...rest } = record(1);
    nock(HOST)
      .patch(UPSERT, { allOrNone: false, records: [rest] })
      .reply(200, [made(1)]);
    await collect(raise([intent(1)], { taskObject: { high: 'Urgent' } }));
  });

  it('leaves every intent it took open where the quota ends', async () => {
    begin();
    lookUp([1], []);
    nock(HOST)
      .patch(UPSERT)
      .reply(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]);
    const { got, error } = await collectUntilError(raise([intent(1)]));
    expect(error).toMatchObject({ action: 'wait' });
    expect(got).toMatchObject([{ intent: 't1', result: 'retry' }]);
  });

  it('refuses to start without the key field: a task could be raised twice', async () => {
    allowLogin();
    describeOf({ ...TASK, fields: TASK.fields.map((f) => ({ ...f, externalId: false, idLookup: false })) });
    await expect(collect(raise([intent(1)]))).rejects.toThrow(InputError);
  });
});
