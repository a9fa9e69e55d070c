import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

/** Faults of single records. */
const COMPANIES = '/crm/objects/2026-09/companies';
let world: World;
let portal: RunningSandbox;
let ids: string[];
beforeEach(async () => {
  world = makeWorld({ seed: 5, customers: 8, now: Date.parse('2026-11-02T09:00:00Z') });
  portal = await serveHubspot({ world });
  ids = portal.rows('companies').flatMap((row) => (row.archived === false ? [String(row.id)] : []));
});
afterEach(() => portal.close());

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked at, not used
async function post(path: string, body: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(portal.origin + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${portal.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
const update = (traced: boolean) =>
  post(`${COMPANIES}/batch/update`, {
    inputs: ids
      .slice(0, 3)
      .map((id) => ({ id, properties: { seats: '7' }, ...(traced ? { objectWriteTraceId: `t-${id}` } : {}) })),
  });
const seats = () =>
  portal.rows('companies').filter((row) => ids.slice(0, 3).includes(String(row.id)) && row.seats === '7');

describe('a record that a rule refuses', () => {
  it('fails alone with trace ids, and takes the batch along without', async () => {
    portal.faults.add({ name: 'row-refused', with: { ids: [ids[1]], message: 'Region is required' } });
    const whole = await update(false);
    expect(whole).toMatchObject({ status: 400, body: { message: 'Region is required', category: 'VALIDATION_ERROR' } });
    expect(seats()).toEqual([]);
    expect(await update(true)).toMatchObject({
      status: 207,
      body: {
        numErrors: 1,
        errors: [{ message: 'Region is required', context: { objectWriteTraceId: [`t-${ids[1]}`] } }],
      },
    });
    expect(seats()).toHaveLength(2);
    portal.faults.clear();
    expect((await update(false)).status).toBe(200);
    expect(seats()).toHaveLength(3);
  });

  it('takes the batch along where trace ids are not known, and results do not name them', async () => {
    portal.faults.add({ name: 'no-trace-ids', on: 'companies.batch.update' });
    portal.faults.add({ name: 'row-refused', with: { ids: [ids[1]], message: 'Region is required' }, times: 1 });
    expect(await update(true)).toMatchObject({ status: 400, body: { message: 'Region is required' } });
    expect(seats()).toEqual([]);
    const fine = await update(true);
    expect(fine.status).toBe(200);
    for (const row of fine.body.results) expect(row).not.toHaveProperty('objectWriteTraceId');
    expect(seats()).toHaveLength(3);
  });

  it('by an administrator’s rule may take the batch along in any case', async () => {
    portal.faults.add({ name: 'validation-rules', with: { required: ['phone'] } });
    expect(await update(true)).toMatchObject({ status: 207, body: { numErrors: 3, results: [] } });
    portal.faults.clear();
    portal.faults.add({ name: 'validation-rules', with: { required: ['phone'], whole: true } });
    expect(await update(true)).toMatchObject({
      status: 400,
      body: {
        category: 'VALIDATION_ERROR',
        errors: [{ code: 'REQUIRED_FIELD', context: { propertyName: ['phone'] } }],
      },
    });
    expect(seats()).toEqual([]);
    expect((await post(COMPANIES, { properties: { name: 'New', phone: '1' } })).status).toBe(201);
  });
});

describe('a batch', () => {
  it('may keep silent about a record that it has written', async () => {
    portal.faults.add({ name: 'outcome-missing', with: { ids: [ids[0]] } });
    const { status, body } = await update(true);
    expect(status).toBe(200);
    expect(body.results.map((row: { id: string }) => row.id).sort()).toEqual(ids.slice(1, 3).sort());
    expect(seats()).toHaveLength(3);
  });

  it('may meet another writer in one row', async () => {
    portal.faults.add({ name: 'row-conflict', with: { ids: [ids[2]] } });
    expect(await update(true)).toMatchObject({ status: 207, body: { errors: [{ category: 'CONFLICT' }] } });
    expect((await update(true)).status).toBe(200);
  });
});

describe('the search index', () => {
  const search = async () =>
    (await post(`${COMPANIES}/search`, { sorts: ['hs_object_id'], limit: 100, properties: ['seats'] })).body
      .results as {
      id: string;
      updatedAt: string;
      properties: Record<string, string>;
    }[];

  it('is behind for as long as it is told', async () => {
    portal.faults.add({ name: 'search-lag', with: { minutes: 30 } });
    await update(false);
    const seen = async () => (await search()).filter((row) => row.properties.seats === '7').length;
    world.advance(29 * 60_000);
    expect(await seen()).toBe(0);
    world.advance(2 * 60_000);
    expect(await seen()).toBe(3);
  });

  it('may leave rows out, and show stamps newer and older than were asked for', async () => {
    const all = await search();
    const [one, two, three] = all.map((row) => row.id);
    portal.faults.add({ name: 'search-missing', with: { ids: [one] } });
    portal.faults.add({ name: 'search-newer', with: { ids: [two] } });
    const stamped = all.find((row) => row.id === three)?.updatedAt ?? '';
    portal.faults.add({ name: 'search-older', with: { ids: [three] } });
    const filter = { propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: stamped };
    const { results } = (await post(`${COMPANIES}/search`, { filterGroups: [{ filters: [filter] }], limit: 100 })).body;
    const older = results.find((row: { id: string }) => row.id === three);
    expect(Date.parse(older.updatedAt)).toBe(Date.parse(stamped) - 1);
    const rest = await search();
    expect(rest.map((row) => row.id)).not.toContain(one);
    expect(Date.parse(rest.find((row) => row.id === two)?.updatedAt ?? '')).toBe(Date.parse('2026-11-02T09:00:00Z'));
  });
});

it('an association may be made by a person: no stamp moves', async () => {
  const contact = portal.rows('contacts').find((row) => Number(row.company) === Number(ids[0]));
  const before = portal.rows('companies');
  const target = ids[1] ?? '';
  portal.faults.add({
    name: 'association-moved',
    with: { from: 'contacts', id: contact?.id, to: 'companies', target },
  });
  const read = { inputs: [{ id: contact?.id }] };
  const { body } = await post('/crm/associations/2026-09/contacts/companies/batch/read', read);
  expect(body.results[0].to.map((one: { toObjectId: string }) => one.toObjectId).sort()).toEqual(
    ids.slice(0, 2).sort(),
  );
  expect(portal.rows('companies')).toEqual(before);
  expect(() =>
    portal.faults.add({ name: 'association-moved', with: { from: 'contacts', id: 1, to: 'companies', target } }),
  ).toThrow();
});
