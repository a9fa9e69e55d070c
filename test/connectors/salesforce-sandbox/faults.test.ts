import { expect, test } from 'vitest';
import { type Org, start } from './support.ts';

const ids = ({ sandbox }: Org, n: number): string[] =>
  sandbox
    .rows('Account')
    .filter((r) => r.IsDeleted === false)
    .slice(0, n)
    .map((r) => String(r.Id));
const seats = ({ sandbox }: Org, id: string) => sandbox.rows('Account').find((r) => r.Id === id)?.Seats__c;
const put = (org: Org, records: string[], value = 91) =>
  org.call('PATCH', 'composite/sobjects', {
    records: records.map((id) => ({ attributes: { type: 'Account' }, id, Seats__c: value })),
  });
const codes = (answer: { body: never }) =>
  (answer.body as { success: boolean; errors: { statusCode: string }[] }[]).map((r) =>
    r.success ? 'ok' : r.errors[0]?.statusCode,
  );

test('503 before the work and after it: the same answer, another truth', async () => {
  const org = await start();
  const [a = ''] = ids(org, 1);
  org.sandbox.faults.add({ name: '503-before', on: 'collections.update' });
  expect((await put(org, [a])).status).toBe(503);
  expect(seats(org, a)).not.toBe(91);
  org.sandbox.faults.add({ name: '503-after-commit', on: 'collections.update' });
  expect((await put(org, [a])).status).toBe(503);
  expect(seats(org, a)).toBe(91);
  expect(org.sandbox.faults.fired()).toEqual({ '503-before': 1, '503-after-commit': 1 });
});

test('resets before and after the work', async () => {
  const org = await start();
  const before = org.sandbox.rows('Task').length;
  const create = () => org.call('POST', 'sobjects/Task', { Subject: 'x' });
  org.sandbox.faults.add({ name: 'reset-before', on: 'record.create' });
  await expect(create()).rejects.toThrow();
  expect(org.sandbox.rows('Task').length).toBe(before);
  org.sandbox.faults.add({ name: 'reset-after-commit', on: 'record.create' });
  await expect(create()).rejects.toThrow();
  expect(org.sandbox.rows('Task').length).toBe(before + 1);
});

test('a maintenance page with 200, which jsforce cannot read as a result', async () => {
  const org = await start();
  org.sandbox.faults.add({ name: 'html', on: 'query', times: 2 });
  const { status, body } = await org.call('GET', 'query?q=SELECT+Id+FROM+User');
  expect([status, String(body)]).toEqual([200, expect.stringContaining('<html>')]);
  await expect(org.conn.query('SELECT Id FROM User')).rejects.toThrow();
});

test('chosen accounts cannot be locked, so many times; their neighbours are written', async () => {
  const org = await start();
  const [a = '', b = '', c = ''] = ids(org, 3);
  org.sandbox.faults.add({ name: 'lock-row', with: { ids: [b.slice(0, 15)] }, times: 2 });
  expect(codes(await put(org, [a, b, c]))).toEqual(['ok', 'UNABLE_TO_LOCK_ROW', 'ok']);
  const task = await org.call('POST', 'sobjects/Task', { Subject: 'x', WhatId: b });
  expect([task.status, (task.body as { errorCode: string }[])[0]?.errorCode]).toEqual([400, 'UNABLE_TO_LOCK_ROW']);
  expect(codes(await put(org, [b]))).toEqual(['ok']);
});

test('a trigger runs out of CPU on big batches only, for every record of them', async () => {
  const org = await start();
  const some = ids(org, 9);
  org.sandbox.faults.add({ name: 'trigger-cpu', with: { max: 4 } });
  const big = await put(org, some);
  expect(new Set(codes(big))).toEqual(new Set(['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY']));
  expect(JSON.stringify(big.body)).toContain('System.LimitException: Apex CPU time limit exceeded');
  expect(codes(await put(org, some.slice(0, 4)))).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('a validation rule refuses chosen records until it is lifted', async () => {
  const org = await start();
  const [a = '', b = ''] = ids(org, 2);
  org.sandbox.faults.add({ name: 'validation', with: { ids: [b], message: 'Frozen.' } });
  expect(codes(await put(org, [a, b]))).toEqual(['ok', 'FIELD_CUSTOM_VALIDATION_EXCEPTION']);
  expect(codes(await put(org, [b]))).toEqual(['FIELD_CUSTOM_VALIDATION_EXCEPTION']);
  org.sandbox.faults.clear();
  expect(codes(await put(org, [b]))).toEqual(['ok']);
});

test('exhaustion is 403 without Retry-After; a slow query is QUERY_TIMEOUT', async () => {
  const org = await start();
  org.sandbox.faults.add({ name: 'limit-exhausted' });
  const spent = await org.call('GET', 'limits');
  expect([spent.status, spent.headers.get('retry-after')]).toEqual([403, null]);
  org.sandbox.faults.clear();
  org.sandbox.faults.add({ name: 'query-timeout' });
  expect(await org.refused('SELECT Id FROM User')).toMatchObject({ status: 400, errorCode: 'QUERY_TIMEOUT' });
});

test('a late row must be named rightly', async () => {
  const org = await start();
  expect(() =>
    org.sandbox.faults.add({ name: 'late-row', with: { object: 'Account', id: '001gK00ZZZZZZZZ' } }),
  ).toThrow(/late-row/);
});
