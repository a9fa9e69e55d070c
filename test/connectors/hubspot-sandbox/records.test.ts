import { Client } from '@hubspot/api-client';
import { describe, expect, it } from 'vitest';
import { companyId, ownerId } from '../../../connectors/hubspot/sandbox/keys.ts';
import { seedCompanies } from '../../../connectors/hubspot/sandbox/seed.ts';
import { type Body, DAY, idsOf, NOW, type Shown, start } from './support.ts';

/** Lists, single records and batches: ../shared/reference/hubspot.md, "Objects" and "Batches". */
const COMPANIES = '/crm/v3/objects/companies';
const small = (n: number) =>
  seedCompanies(n, (index) => ({ created: NOW - DAY, props: { name: `C${index}`, seats: '1' } }));
const KEY = { label: 'Key', type: 'string', fieldType: 'text', hasUniqueValue: true };

describe('a list', () => {
  it('is complete, in order of ids as numbers, in pages as small as the vendor makes them', async () => {
    const { get, list } = await start({ seed: small(120) });
    const ids = Array.from({ length: 120 }, (_, n) => companyId(n));
    expect((await list('companies')).map((one) => one.id)).toEqual(ids);
    expect((await get(COMPANIES)).body.results).toHaveLength(10);
    expect((await get(`${COMPANIES}?limit=100`)).body.results).toHaveLength(100);
    expect((await get(`${COMPANIES}?limit=101`)).status).toBe(400);
    expect((await get(`${COMPANIES}?limit=51&propertiesWithHistory=seats`)).status).toBe(400);
    const last = await get(`${COMPANIES}?limit=100&after=${ids[99]}`);
    expect([last.body.results.length, last.body.paging]).toEqual([20, undefined]);
  });

  it('is cut into more pages where a test wants them', async () => {
    const { get } = await start({ seed: small(10), minPages: 4 });
    expect((await get(`${COMPANIES}?limit=100`)).body.results).toHaveLength(3);
  });

  it('reads properties by comma or repeated, null where there is no value, unknown ones not at all', async () => {
    const { get } = await start({ seed: small(1) });
    for (const query of ['properties=name,arr,no_such', 'properties=name&properties=arr&properties=no_such']) {
      const { body } = await get(`${COMPANIES}?${query}`);
      expect(body.results[0]?.properties).toMatchObject({ name: 'C0', arr: null });
      expect(body.results[0]?.properties).not.toHaveProperty('no_such');
    }
  });
});

describe('every version of a path', () => {
  it('answers the same', async () => {
    const { get, post } = await start({ customers: 8 });
    const id = companyId(0);
    const dated = ['2026-03', '2026-09'];
    const pairs: [string, (date: string) => string][] = [
      [`${COMPANIES}?limit=3`, (d) => `/crm/objects/${d}/companies?limit=3`],
      [`${COMPANIES}/${id}`, (d) => `/crm/objects/${d}/0-2/${id}`],
      ['/crm/v3/owners/', (d) => `/crm/owners/${d}`],
      ['/crm/v3/pipelines/deals', (d) => `/crm/pipelines/${d}/deals`],
      ['/crm/v3/properties/companies/arr', (d) => `/crm/properties/${d}/company/arr`],
      ['/crm/v4/associations/deals/contacts/labels', (d) => `/crm/associations/${d}/deals/contacts/labels`],
    ];
    for (const [numbered, path] of pairs)
      for (const date of dated) {
        const [one, other] = [await get(numbered), await get(path(date))];
        expect(one.status, numbered).toBe(200);
        expect(JSON.stringify(other.body).replaceAll(`objects/${date}`, 'v3/objects'), path(date)).toBe(
          JSON.stringify(one.body),
        );
      }
    const search = { limit: 2, properties: ['name'] };
    const found = await post(`${COMPANIES}/search`, search);
    for (const date of dated)
      expect((await post(`/crm/objects/${date}/companies/search`, search)).body).toEqual(found.body);
    expect((await get('/crm/v2/objects/companies')).status).toBe(404);
    expect((await get('/crm/v3/objects/unicorns')).status).toBe(404);
    expect((await post('/crm/v3/owners', {})).status).toBe(405);
  });
});

describe('a single record', () => {
  it('is made, changed, found by a unique property, archived, and gone', async () => {
    const { get, post, world } = await start({ seed: small(1) });
    await post('/crm/v3/properties/companies', { name: 'key', groupName: 'companyinformation', ...KEY });
    const made = await post<Shown>(COMPANIES, { properties: { name: 'New', key: 'k-1', seats: 5 } });
    expect([made.status, made.body.properties.seats]).toEqual([201, '5']);
    world.advance(1000);
    const changed = await post<Shown>(`${COMPANIES}/k-1?idProperty=key`, { properties: { seats: '' } }, 'PATCH');
    expect([changed.body.id, changed.body.properties.seats, changed.body.updatedAt]).toEqual([
      made.body.id,
      null,
      new Date(NOW + 1000).toISOString(),
    ]);
    expect((await get(`${COMPANIES}/k-1?idProperty=key`)).body.id).toBe(made.body.id);
    const twice = await post(COMPANIES, { properties: { name: 'Other', key: 'k-1' } });
    expect([twice.status, twice.body.category]).toEqual([409, 'CONFLICT']);
    expect((await post(`${COMPANIES}/${made.body.id}`, undefined, 'DELETE')).status).toBe(204);
    expect((await get(`${COMPANIES}/${made.body.id}`)).status).toBe(404);
    expect((await post(`${COMPANIES}/${made.body.id}`, { properties: {} }, 'PATCH')).status).toBe(404);
    expect((await post(COMPANIES, { properties: { name: 'Again', key: 'k-1' } })).status).toBe(201);
  });

  it('takes no unknown property, no value that is none, no read-only one, and nobody’s or a former owner', async () => {
    const { post, world } = await start({ customers: 5 });
    const codes = async (properties: Record<string, string>) => {
      const { status, body } = await post(`${COMPANIES}/${companyId(0)}`, { properties }, 'PATCH');
      return [
        status,
        ...JSON.parse(/\[.*\]$/.exec(body.message ?? '')?.[0] ?? '[]').map((p: { error: string }) => p.error),
      ];
    };
    const left = world.users.findIndex((u) => !u.active);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(await codes({ no_such: '1' })).toEqual([400, 'PROPERTY_DOESNT_EXIST']);
    expect(await codes({ seats: '1,000' })).toEqual([400, 'INVALID_DOUBLE']);
    expect(await codes({ segment: 'Enterprise' })).toEqual([400, 'INVALID_OPTION']);
    expect(await codes({ hs_lastmodifieddate: '1' })).toEqual([400, 'READ_ONLY_VALUE']);
    expect(await codes({ hubspot_owner_id: '50000001' })).toEqual([400, 'INVALID_OWNER_ID']);
    expect(await codes({ hubspot_owner_id: ownerId(left) })).toEqual([400, 'INVALID_OWNER_ID']);
    expect(await codes({ hubspot_owner_id: ownerId(0), seats: '12' })).toEqual([200]);
  });

  it('of a task needs its due time, and is tied to what it is about when it is made', async () => {
    const { post, portal } = await start({ seed: small(1) });
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 192 }];
    const task = (properties: object, id = companyId(0)) =>
      post('/crm/v3/objects/tasks', { properties, associations: [{ to: { id }, types }] });
    expect((await task({ hs_task_subject: 'Call' })).status).toBe(400);
    expect((await task({ hs_timestamp: NOW }, '4711')).status).toBe(400);
    expect(portal.rows('tasks')).toEqual([]);
    const made = await task({ hs_timestamp: NOW, hs_task_subject: 'Call' });
    expect(made.status).toBe(201);
    expect(portal.rows('tasks')).toMatchObject([
      { id: made.body.id, company: [companyId(0)], hs_task_subject: 'Call' },
    ]);
  });
});

describe('a batch', () => {
  const update = (n: number, seats: string, trace?: string) => ({
    id: companyId(n),
    properties: { seats },
    ...(trace === undefined ? {} : { objectWriteTraceId: trace }),
  });

  it('reads what is there, and names the rest in one error', async () => {
    const { post } = await start({ seed: small(2) });
    const inputs = [companyId(1), '12', companyId(0), '13'].map((id) => ({ id }));
    const { status, body } = await post(`${COMPANIES}/batch/read`, { inputs, properties: ['name', 'no_such'] });
    expect([status, body.numErrors, body.errors[0]?.context.ids]).toEqual([207, 1, ['12', '13']]);
    expect(body.results.map((r) => r.properties.name).sort()).toEqual(['C0', 'C1']);
    const whole = await post(`${COMPANIES}/batch/read`, { inputs: [{ id: companyId(0) }], properties: [] });
    expect([whole.status, whole.body.errors]).toEqual([200, undefined]);
  });

  it('fails as a whole without trace ids, row by row with them, and writes nothing of what it refuses', async () => {
    const { post, portal } = await start({ seed: small(3) });
    const seats = () => portal.rows('companies').map((row) => row.seats);
    const whole = await post(`${COMPANIES}/batch/update`, { inputs: [update(0, '5'), update(1, 'x')] });
    expect([whole.status, whole.body.category, seats()]).toEqual([400, 'VALIDATION_ERROR', ['1', '1', '1']]);
    const inputs = [update(0, '5', 'a'), update(1, 'x', 'b'), update(2, '7', 'c')];
    const each = await post(`${COMPANIES}/batch/update`, { inputs });
    expect([each.status, each.body.numErrors, each.body.errors[0]?.context.objectWriteTraceId]).toEqual([
      207,
      1,
      ['b'],
    ]);
    expect(each.body.results.map((r) => [r.id, r.objectWriteTraceId]).sort()).toEqual(
      [
        [companyId(0), 'a'],
        [companyId(2), 'c'],
      ].sort(),
    );
    expect(seats()).toEqual(['5', '1', '7']);
  });

  it('takes at least one input and at most a hundred, each record once', async () => {
    const { post } = await start({ seed: small(101) });
    const send = async (inputs: unknown[]) => (await post(`${COMPANIES}/batch/update`, { inputs })).status;
    const all = Array.from({ length: 101 }, (_, n) => update(n, '2'));
    expect([await send([]), await send(all), await send(all.slice(1))]).toEqual([400, 400, 200]);
    expect(await send([update(0, '3', 'a'), update(0, '4', 'b')])).toBe(400);
    expect(await send([update(0, '3', 'a'), update(1, '4', 'a')])).toBe(400);
  });

  it('names records that are gone and writes the others', async () => {
    const { post, portal } = await start({ seed: small(1) });
    const inputs = [update(0, '9', 'a'), { ...update(0, '9', 'b'), id: '4711' }];
    const { status, body } = await post(`${COMPANIES}/batch/update`, { inputs });
    expect([status, body.errors[0]?.category, body.errors[0]?.context]).toEqual([
      207,
      'OBJECT_NOT_FOUND',
      { ids: ['4711'], objectWriteTraceId: ['b'] },
    ]);
    expect(portal.rows('companies')[0]?.seats).toBe('9');
  });

  it('upserts by a unique property, and says which were new', async () => {
    const { post, portal } = await start({ seed: [] });
    await post('/crm/v3/properties/tasks', { name: 'task_key', groupName: 'task', ...KEY });
    const first = await post<Body>('/crm/v3/objects/tasks/batch/upsert', {
      inputs: [
        { id: 'r-1', idProperty: 'task_key', properties: { hs_timestamp: String(NOW), hs_task_subject: 'One' } },
      ],
    });
    expect([first.status, first.body.results[0]?.new]).toEqual([200, true]);
    const again = await post('/crm/v3/objects/tasks/batch/upsert', {
      inputs: [
        { id: 'r-1', idProperty: 'task_key', properties: { hs_task_subject: 'Once more' } },
        { id: 'r-2', idProperty: 'task_key', properties: { hs_timestamp: String(NOW) } },
      ],
    });
    expect(again.body.results.map((r) => r.new).sort()).toEqual([false, true]);
    expect(portal.rows('tasks').map((row) => [row.task_key, row.hs_task_subject])).toEqual([
      ['r-1', 'Once more'],
      ['r-2', undefined],
    ]);
    for (const idProperty of [undefined, 'hs_object_id', 'hs_task_subject'])
      expect(
        (await post('/crm/v3/objects/tasks/batch/upsert', { inputs: [{ id: 'r-3', idProperty, properties: {} }] }))
          .status,
      ).toBe(400);
  });

  it('upserts contacts by e-mail, without regard to case', async () => {
    const { post } = await start({ seed: [] });
    const send = async (id: string) =>
      (
        await post('/crm/v3/objects/contacts/batch/upsert', {
          inputs: [{ id, idProperty: 'email', properties: { firstname: 'A' } }],
        })
      ).body.results[0]?.new;
    expect([await send('a@b.example'), await send('A@B.example')]).toEqual([true, false]);
  });

  it('archives without a word', async () => {
    const { post, list } = await start({ seed: small(3) });
    const inputs = [companyId(0), companyId(2), '4711'].map((id) => ({ id }));
    expect((await post(`${COMPANIES}/batch/archive`, { inputs })).status).toBe(204);
    expect((await list('companies')).map((one) => one.id)).toEqual([companyId(1)]);
    expect((await list('companies', 'archived=true')).map((one) => one.id)).toEqual([companyId(0), companyId(2)]);
  });

  it('is understood by the vendor’s client: 207 resolves, 400 is thrown', async () => {
    const { portal } = await start({ seed: small(2) });
    const client = new Client({ basePath: portal.origin, accessToken: portal.env.HUBSPOT_TOKEN ?? '' });
    const { batchApi } = client.crm.companies;
    const done = await batchApi.updateWithHttpInfo({ inputs: [update(0, '4', 'a'), update(1, 'x', 'b')] });
    expect([done.httpStatusCode, done.data.results.length]).toEqual([207, 1]);
    await expect(batchApi.update({ inputs: [update(0, '4'), update(1, 'x')] })).rejects.toMatchObject({ code: 400 });
    const page = await client.crm.companies.basicApi.getPage(1, companyId(0));
    expect(page.results.map((one) => one.id)).toEqual([companyId(1)]);
    expect(page.results[0]?.updatedAt).toBeInstanceOf(Date);
  });
});

it('rows that a merge took along are not found twice by batch read', async () => {
  const { world, post, portal } = await start({ customers: 80 });
  world.advance(50 * DAY);
  const winner = portal.rows('companies').find((row) => row.hs_merged_object_ids !== undefined);
  const loser = String(winner?.hs_merged_object_ids).split(';')[0] ?? '';
  const reply = await post(`${COMPANIES}/batch/read`, { inputs: [{ id: loser }, { id: winner?.id }], properties: [] });
  expect([reply.status, idsOf(reply)]).toEqual([200, [winner?.id]]);
});
