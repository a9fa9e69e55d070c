import { expect, test } from 'vitest';
import { DAY, start, VERSION } from './support.ts';

const ALL_TASKS = 'SELECT Id, SystemModstamp FROM Task ORDER BY SystemModstamp, Id';

test('pages hold at most 2,000 rows, jsforce walks them and every row comes once', async () => {
  const { conn, sandbox } = await start({ customers: 200 });
  let page = await conn.query(ALL_TASKS);
  const ids = page.records.map((r) => r.Id);
  const sizes = [page.records.length];
  while (page.nextRecordsUrl) {
    page = await conn.queryMore(page.nextRecordsUrl);
    ids.push(...page.records.map((r) => r.Id));
    sizes.push(page.records.length);
  }
  expect(Math.max(...sizes)).toBe(2_000);
  expect(ids.length).toBe(page.totalSize);
  expect(new Set(ids).size).toBe(ids.length);
  expect(sandbox.calls.byKind()).toEqual({ query: 1, queryMore: sizes.length - 1 });
});

test('batchSize is a hint with a floor of 200, and the server may give less', async () => {
  const hinted = await start();
  const get = async (hint: string) => {
    const url = `${hinted.sandbox.origin}/services/data/v${VERSION}/query?q=${encodeURIComponent(ALL_TASKS)}`;
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${hinted.token}`, 'sforce-query-options': hint },
    });
    return ((await response.json()) as { records: unknown[] }).records.length;
  };
  expect(await get('batchSize=300')).toBe(300);
  expect(await get('batchSize=10')).toBe(200);
  const small = await start({ pageRows: 37 });
  expect((await small.conn.query(ALL_TASKS)).records.length).toBe(37);
  small.sandbox.faults.add({ name: 'shrink-page', with: { rows: 11 } });
  const first = await small.conn.query(ALL_TASKS);
  const second = await small.conn.queryMore(first.nextRecordsUrl ?? '');
  expect(second.records.length).toBe(11);
  expect(second.nextRecordsUrl).toMatch(/-48$/);
});

test('every list can be cut into so many pages, however short it is', async () => {
  const { conn, sandbox } = await start({ minPages: 3 });
  let pages = 0;
  const ids: unknown[] = [];
  for (let page = await conn.query('SELECT Id FROM User ORDER BY Id'); ; ) {
    pages += 1;
    ids.push(...page.records.map((r) => r.Id));
    if (!page.nextRecordsUrl) break;
    page = await conn.queryMore(page.nextRecordsUrl);
  }
  expect(pages).toBe(3);
  expect(new Set(ids).size).toBe(sandbox.rows('User').length);
});

test('a locator is a snapshot: rows that come later do not shift its pages', async () => {
  const { conn, world } = await start({ pageRows: 100 });
  const first = await conn.query(ALL_TASKS);
  world.advance(3 * 3_600_000);
  let page = first;
  const ids = first.records.map((r) => r.Id);
  while (page.nextRecordsUrl) {
    page = await conn.queryMore(page.nextRecordsUrl);
    ids.push(...page.records.map((r) => r.Id));
  }
  expect(new Set(ids).size).toBe(first.totalSize);
});

test('an unknown, an expired and a refused locator answer INVALID_QUERY_LOCATOR', async () => {
  const { call, conn, world, sandbox } = await start({ pageRows: 100 });
  const wrong = async (path: string) => {
    const { status, body } = await call('GET', path);
    return [status, (body as { errorCode: string }[])[0]?.errorCode];
  };
  expect(await wrong('query/01gXX0000000001AAA-200')).toEqual([400, 'INVALID_QUERY_LOCATOR']);
  const first = await conn.query(ALL_TASKS);
  const locator = `query/${first.nextRecordsUrl?.split('/').pop()}`;
  sandbox.faults.add({ name: 'invalid-locator' });
  expect(await wrong(locator)).toEqual([400, 'INVALID_QUERY_LOCATOR']);
  expect((await call('GET', locator)).status).toBe(200);
  world.advance(2 * DAY + 1);
  expect(await wrong(locator)).toEqual([400, 'INVALID_QUERY_LOCATOR']);
});

test('queryAll shows deleted, merged and archived rows, query does not', async () => {
  const { conn, query, sandbox } = await start({ customers: 400 });
  const deleted = sandbox.rows('Account').filter((r) => r.IsDeleted === true);
  expect(deleted.some((r) => r.MasterRecordId !== null)).toBe(true);
  const soql = 'SELECT Id, IsDeleted, MasterRecordId FROM Account';
  const plain = await query(soql);
  const all = (await conn.query(soql, { scanAll: true })).records;
  expect(plain.some((r) => r.IsDeleted)).toBe(false);
  expect(all.length - plain.length).toBe(deleted.length);
  expect(await query('SELECT Id FROM Task WHERE IsArchived = true')).toEqual([]);
  const archived = await query(
    'SELECT Id, IsArchived, ActivityDate, IsClosed FROM Task WHERE IsArchived = true LIMIT 50',
    true,
  );
  expect(archived.length).toBeGreaterThan(0);
  for (const row of archived) expect([row.IsClosed, String(row.ActivityDate) < '2025-11-25']).toEqual([true, true]);
});

test('a late row takes its stamp now and is seen only after its transaction', async () => {
  const { query, world, sandbox } = await start();
  const id = String(sandbox.rows('Opportunity')[0]?.Id);
  sandbox.faults.add({ name: 'late-row', with: { object: 'Opportunity', id, forMs: 300_000 } });
  const stamp = sandbox.rows('Opportunity')[0]?.SystemModstamp;
  expect(await query(`SELECT Id FROM Opportunity WHERE Id = '${id}'`)).toEqual([]);
  world.advance(300_000);
  expect(await query(`SELECT Id, SystemModstamp FROM Opportunity WHERE Id = '${id}'`)).toMatchObject([
    { SystemModstamp: stamp },
  ]);
});

test('without View All Data a share of the accounts is not there, and its permission set says so', async () => {
  const { query, sandbox } = await start();
  const before = await query('SELECT Id FROM Account');
  sandbox.faults.add({ name: 'no-view-all' });
  const after = await query('SELECT Id FROM Account');
  expect(after.length).toBeGreaterThan(0);
  expect(after.length).toBeLessThan(before.length);
  expect(await query('SELECT Id FROM PermissionSet WHERE PermissionsViewAllData = true')).toEqual([]);
});

test('too long a URL is 414; the Date header tells world time; calls show their limit', async () => {
  const { call, world, conn } = await start({ dailyLimit: 5, usedByOthers: 1 });
  const long = `SELECT Id FROM Account WHERE Name IN ('${'x'.repeat(17_000)}')`;
  expect((await call('GET', `query?q=${encodeURIComponent(long)}`)).status).toBe(414);
  const { headers } = await call('GET', 'limits');
  expect(headers.get('date')).toBe(new Date(world.now()).toUTCString());
  expect(headers.get('sforce-limit-info')).toBe('api-usage=2/5');
  await conn.query('SELECT COUNT() FROM Account');
  expect(conn.limitInfo.apiUsage).toEqual({ used: 3, limit: 5 });
  await call('GET', 'limits');
  await call('GET', 'limits');
  const { status, body } = await call('GET', 'limits');
  expect([status, (body as { errorCode: string }[])[0]?.errorCode]).toEqual([403, 'REQUEST_LIMIT_EXCEEDED']);
  world.advance(DAY);
  expect((await call('GET', 'limits')).status).toBe(200);
});
