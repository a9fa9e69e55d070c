import { expect, test } from 'vitest';
import { type Org, type Row, start } from './support.ts';

const liveAccounts = ({ sandbox }: Org) => sandbox.rows('Account').filter((r) => r.IsDeleted === false);
const ids = (org: Org, n: number): string[] =>
  liveAccounts(org)
    .slice(0, n)
    .map((r) => String(r.Id));
const rowOf = ({ sandbox }: Org, object: string, id: string) => sandbox.rows(object).find((r) => r.Id === id);
const update = (org: Org, records: object[], allOrNone = false) =>
  org.call('PATCH', 'composite/sobjects', {
    allOrNone,
    records: records.map((r) => ({ attributes: { type: 'Account' }, ...r })),
  });
type Result = { id?: string; success: boolean; errors: { statusCode: string; message: string; fields: string[] }[] };

test('200 records in one call move their stamps to now; 201 are refused and nothing is written', async () => {
  const org = await start({ customers: 200 });
  const some = ids(org, 201);
  const result = await org.conn.update(
    'Account',
    some.slice(0, 200).map((Id) => ({ Id, Seats__c: 77 })),
  );
  expect(result.map((r) => r.id)).toEqual(some.slice(0, 200));
  expect(result.every((r) => r.success)).toBe(true);
  const stamp = new Date(org.world.now()).toISOString().replace('Z', '+0000');
  expect(rowOf(org, 'Account', some[0] ?? '')).toMatchObject({
    Seats__c: 77,
    SystemModstamp: stamp,
    LastModifiedDate: stamp,
  });
  const over = await update(
    org,
    some.map((id) => ({ id, Seats__c: 78 })),
  );
  expect(over.status).toBe(400);
  expect(org.sandbox.rows('Account').some((r) => r.Seats__c === 78)).toBe(false);
  expect(org.sandbox.calls.byKind()).toEqual({ 'collections.update': 2 });
  expect(org.sandbox.calls.total('write')).toBe(2);
});

test('each record fails by itself, in its place and in the words of the vendor', async () => {
  const org = await start({ customers: 400 });
  const [a = '', b = ''] = ids(org, 2);
  const gone = String(org.sandbox.rows('Account').find((r) => r.IsDeleted === true)?.Id);
  const inactive = String(org.sandbox.rows('User').find((r) => r.IsActive === false)?.Id);
  const { status, body } = await update(org, [
    { id: a, Seats__c: 5 },
    { id: '001gK00ZZZZZZZZ', Seats__c: 5 },
    { id: gone, Seats__c: 5 },
    { id: 'nonsense', Seats__c: 5 },
    { Seats__c: 5 },
    { id: b, Name: null },
    { id: b, External_Key__c: 'x'.repeat(41) },
    { id: b, SystemModstamp: '2026-01-01T00:00:00Z' },
    { id: b, OwnerId: inactive },
    { id: b, ParentId: inactive },
    { id: b, Seats__c: 123_456_789 },
    { id: b, Seats__c: 6 },
  ]);
  const results = body as Result[];
  expect(status).toBe(200);
  expect(results.map((r) => (r.success ? 'ok' : r.errors[0]?.statusCode))).toEqual([
    'ok',
    'INVALID_CROSS_REFERENCE_KEY',
    'ENTITY_IS_DELETED',
    'MALFORMED_ID',
    'MISSING_ARGUMENT',
    'REQUIRED_FIELD_MISSING',
    'STRING_TOO_LONG',
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    'INACTIVE_OWNER_OR_USER',
    'FIELD_INTEGRITY_EXCEPTION',
    'NUMBER_OUTSIDE_VALID_RANGE',
    'ok',
  ]);
  expect(results[6]?.errors[0]).toMatchObject({
    message: expect.stringMatching(/data value too large: x+ \(max length=40\)/),
    fields: ['External_Key__c'],
  });
  expect(rowOf(org, 'Account', b)).toMatchObject({ Seats__c: 6 });
});

test('what cannot be read at all refuses the request and writes nothing', async () => {
  const org = await start();
  const [a = '', b = ''] = ids(org, 2);
  const before = rowOf(org, 'Account', a);
  const code = async (records: object[]) => {
    const { status, body } = await update(org, records);
    return [status, (body as { errorCode: string }[])[0]?.errorCode];
  };
  expect(
    await code([
      { id: a, Seats__c: 9 },
      { id: b, Seats__c: 'nine' },
    ]),
  ).toEqual([400, 'JSON_PARSER_ERROR']);
  expect(
    await code([
      { id: a, Seats__c: 9 },
      { id: b, Nothing__c: 1 },
    ]),
  ).toEqual([400, 'INVALID_FIELD']);
  expect(await code([{ id: a, Test_Account__c: 'true' }])).toEqual([400, 'JSON_PARSER_ERROR']);
  expect(await code([{ id: a, Renewal_Date__c: '31/12/2026' }])).toEqual([400, 'JSON_PARSER_ERROR']);
  expect(rowOf(org, 'Account', a)).toEqual(before);
});

test('allOrNone rolls back the good ones', async () => {
  const org = await start();
  const [a = ''] = ids(org, 1);
  const before = rowOf(org, 'Account', a);
  const { body } = await update(
    org,
    [
      { id: a, Seats__c: 9 },
      { id: a, Name: null },
    ],
    true,
  );
  expect((body as Result[]).map((r) => r.errors[0]?.statusCode)).toEqual([
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'REQUIRED_FIELD_MISSING',
  ]);
  expect(rowOf(org, 'Account', a)).toEqual(before);
});

test('a task takes its account from what it is about, and moves that account’s stamp', async () => {
  const org = await start();
  const opportunity = org.sandbox.rows('Opportunity').find((r) => r.IsDeleted === false);
  org.world.advance(60_000);
  const made = await org.conn.create('Task', {
    Subject: 'Call',
    WhatId: String(opportunity?.Id),
    ActivityDate: '2026-12-01',
  });
  const task = rowOf(org, 'Task', String(made.id));
  const stamp = new Date(org.world.now()).toISOString().replace('Z', '+0000');
  expect(task).toMatchObject({
    AccountId: opportunity?.AccountId,
    Status: 'Not Started',
    Priority: 'Normal',
    IsClosed: false,
    TaskSubtype: 'Task',
    SystemModstamp: stamp,
  });
  expect(rowOf(org, 'Account', String(opportunity?.AccountId))).toMatchObject({ SystemModstamp: stamp });
  await org.conn.update('Task', { Id: String(made.id), Status: 'Completed' });
  expect(rowOf(org, 'Task', String(made.id))).toMatchObject({ IsClosed: true });
  await org.conn.destroy('Task', String(made.id));
  expect(await org.query(`SELECT Id FROM Task WHERE Id = '${made.id}'`)).toEqual([]);
  expect(await org.query(`SELECT IsDeleted FROM Task WHERE Id = '${made.id}'`, true)).toMatchObject([
    { IsDeleted: true },
  ]);
});

test('single records: 204, 404 for unknown and deleted, and fields by name', async () => {
  const org = await start({ customers: 400 });
  const [a = ''] = ids(org, 1);
  const gone = String(org.sandbox.rows('Account').find((r) => r.IsDeleted === true)?.Id);
  expect((await org.call('PATCH', `sobjects/Account/${a}`, { Seats__c: 3 })).status).toBe(204);
  expect((await org.call('GET', `sobjects/Account/${a.slice(0, 15)}?fields=Seats__c`)).body).toMatchObject({
    Id: a,
    Seats__c: 3,
  });
  const code = async (method: string, path: string, body?: object) => {
    const answer = await org.call(method, path, body);
    return [answer.status, (answer.body as { errorCode: string }[])[0]?.errorCode];
  };
  expect(await code('PATCH', 'sobjects/Account/001gK00ZZZZZZZZ', { Seats__c: 3 })).toEqual([404, 'NOT_FOUND']);
  expect(await code('PATCH', `sobjects/Account/${gone}`, { Seats__c: 3 })).toEqual([404, 'ENTITY_IS_DELETED']);
  expect(await code('GET', `sobjects/Account/${gone}`)).toEqual([404, 'NOT_FOUND']);
  expect(await code('POST', 'sobjects/Account', {})).toEqual([400, 'REQUIRED_FIELD_MISSING']);
});

test('upsert by external id: created, then the same record; several matches are 300', async () => {
  const org = await start();
  const path = 'sobjects/Account/External_Key__c/new-key-1';
  const first = await org.call('PATCH', path, { Name: 'New' });
  const again = await org.call('PATCH', path, { Name: 'Newer' });
  expect([first.status, again.status]).toEqual([201, 200]);
  const id = (first.body as { id: string }).id;
  expect(again.body).toMatchObject({ id, created: false });
  await org.conn.create('Account', { Name: 'Twin', External_Key__c: 'new-key-1' });
  expect((await org.call('PATCH', path, { Name: 'Which' })).status).toBe(300);
  await expect(
    org.conn.upsert('Account', { External_Key__c: 'new-key-1', Name: 'x' }, 'External_Key__c'),
  ).rejects.toMatchObject({ errorCode: 'MULTIPLE_CHOICES' });
  expect((await org.call('PATCH', 'sobjects/Account/Name/x', { Seats__c: 1 })).status).toBe(404);
});

test('retrieve gives null for what is not there, in the order asked', async () => {
  const org = await start();
  const [a = '', b = ''] = ids(org, 2);
  const rows = (await org.conn.retrieve('Account', [b, '001gK00ZZZZZZZZ', a], { fields: ['Name'] })) as (Row | null)[];
  expect(rows.map((r) => r?.Id ?? null)).toEqual([b, null, a]);
});
