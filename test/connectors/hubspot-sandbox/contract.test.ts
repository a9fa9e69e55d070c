import { afterEach, expect, test } from 'vitest';
import { TYPE_NAMES } from '../../../connectors/hubspot/sandbox/types.ts';
import { serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox } from '../../../src/sandbox/world.types.ts';
import { hasHubspotContract, judgeHubspot, numbered } from '../../contract/hubspot.ts';
import { KNOWN_STRANGERS } from '../../contract/hubspot-later.ts';

/** What the portal answers, by what the published client can read. Skipped only where ../shared/contracts is not at hand. */
const NOW = Date.parse('2026-11-02T09:00:00Z');
let portal: RunningSandbox | undefined;
afterEach(() => portal?.close());

async function start() {
  const judge = judgeHubspot();
  portal = await serveHubspot({
    world: makeWorld({ seed: 9, customers: 30, now: NOW }),
    onExchange: judge.onExchange,
    limits: false,
  });
  const { origin, env, faults } = portal;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked at, not used
  const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        authorization: `Bearer ${env.HUBSPOT_TOKEN}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  return { judge, call, faults };
}
const VERSIONS = [
  {
    objects: '/crm/v3/objects',
    associations: '/crm/v4/associations',
    of: '/crm/v4/objects',
    rest: (area: string) => `/crm/v3/${area}`,
  },
  ...['2026-03', '2026-09'].map((date) => ({
    objects: `/crm/objects/${date}`,
    associations: `/crm/associations/${date}`,
    of: `/crm/objects/${date}`,
    rest: (area: string) => `/crm/${area}/${date}`,
  })),
];

const SMB = {
  filterBranchType: 'OR',
  filters: [],
  filterBranches: [
    {
      filterBranchType: 'AND',
      filterBranches: [],
      filters: [
        {
          filterType: 'PROPERTY',
          property: 'segment',
          operation: { operationType: 'ENUMERATION', operator: 'IS_ANY_OF', values: ['smb'] },
        },
      ],
    },
  ],
};

test('a dated path is its numbered counterpart', () => {
  expect(
    [
      '/crm/objects/2026-03/companies/batch/read',
      '/crm/objects/2026-09/deals/1/associations/contacts',
      '/crm/associations/2026-03/deals/contacts/labels',
      '/crm/owners/2026-03/',
      '/account-info/2026-09/details',
      '/settings/currencies/2026-03/exchange-rates',
      '/oauth/2026-03/token',
      '/crm/v3/owners/',
      '/crm/objects/2026-04/companies',
    ].map(numbered),
  ).toEqual([
    '/crm/v3/objects/companies/batch/read',
    '/crm/v4/objects/deals/1/associations/contacts',
    '/crm/v4/associations/deals/contacts/labels',
    '/crm/v3/owners',
    '/account-info/v3/details',
    '/settings/v3/currencies/exchange-rates',
    '/oauth/v1/token',
    '/crm/v3/owners',
    '/crm/objects/2026-04/companies',
  ]);
});

test.skipIf(!hasHubspotContract)('every answer, status and field is one that the client reads', async () => {
  const { judge, call } = await start();
  for (const { objects, associations, of, rest } of VERSIONS) {
    const unique = objects.replace(/\W/g, '_');
    const key = `key_${unique}`;
    for (const type of TYPE_NAMES) {
      const { body } = await call('GET', `${objects}/${type}?limit=20&properties=name&associations=companies`);
      await call('GET', `${objects}/${type}?limit=5&archived=true&propertiesWithHistory=hs_object_id`);
      await call('POST', `${objects}/${type}/search`, { limit: 20, sorts: ['hs_object_id'] });
      const inputs = [...body.results.slice(0, 3).map(({ id }: { id: string }) => ({ id })), { id: '1' }];
      const read = { inputs, properties: ['hs_object_id'], propertiesWithHistory: ['name', 'hs_timestamp'] };
      expect((await call('POST', `${objects}/${type}/batch/read`, read)).status).toBe(207);
      await call('GET', `${rest('properties')}/${type}`);
      await call('GET', `${rest('properties')}/${type}/groups`);
    }
    const property = { label: 'Key', groupName: 'companyinformation', type: 'string', fieldType: 'text' };
    const more = { ...property, name: `more_${unique}` };
    await call('POST', `${rest('properties')}/companies/groups`, { name: `g_${unique}`, label: 'G', displayOrder: 1 });
    await call('POST', `${rest('properties')}/companies`, { ...property, name: key, hasUniqueValue: true });
    expect((await call('POST', `${rest('properties')}/companies/batch/create`, { inputs: [more, more] })).status).toBe(
      207,
    );
    await call('PATCH', `${rest('properties')}/companies/${more.name}`, { label: 'More' });
    await call('DELETE', `${rest('properties')}/companies/${more.name}`);
    await call('GET', `${rest('properties')}/companies?archived=true`);
    const row = (n: number, value: unknown = `n${n}`) => ({
      objectWriteTraceId: `t${n}`,
      id: `${unique}${n}`,
      idProperty: key,
      properties: { name: value, website: '' },
    });
    const upserted = await call('POST', `${objects}/companies/batch/upsert`, { inputs: [row(1), row(2)] });
    const [one, two] = upserted.body.results.map(({ id }: { id: string }) => id);
    const update = (n: number, id: string, segment: string) => ({
      objectWriteTraceId: `t${n}`,
      id,
      properties: { segment },
    });
    const mixed = { inputs: [update(1, one, 'smb'), update(2, two, 'tiny')] };
    expect((await call('POST', `${objects}/companies/batch/update`, mixed)).status).toBe(207);
    const task = {
      properties: { hs_timestamp: '2026-12-01T00:00:00Z', hs_task_subject: 'Call' },
      associations: [{ to: { id: one }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 192 }] }],
    };
    const made = await call('POST', `${objects}/tasks`, task);
    expect(made.status).toBe(201);
    await call('POST', `${objects}/tasks/batch/create`, { inputs: [task, task] });
    await call('GET', `${objects}/tasks/${made.body.id}?associations=companies`);
    await call('PATCH', `${objects}/companies/${two}`, { properties: { name: 'Two' } });
    await call('DELETE', `${objects}/companies/${two}`);
    await call('POST', `${objects}/companies/batch/archive`, { inputs: [{ id: two }] });
    const companies = (await call('GET', `${objects}/companies?limit=20`)).body.results as { id: string }[];
    const ids = { inputs: [...companies, { id: '1' }].map(({ id }) => ({ id })) };
    for (const to of ['contacts', 'deals', 'tasks', 'tickets', 'meetings'])
      await call('POST', `${associations}/companies/${to}/batch/read`, ids);
    await call('GET', `${associations}/deals/contacts/labels`);
    const [contact] = (await call('GET', `${objects}/contacts?limit=1`)).body.results;
    const pair = { from: { id: made.body.id }, to: { id: contact.id } };
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204 }];
    await call('POST', `${associations}/tasks/contacts/batch/create`, { inputs: [{ ...pair, types }] });
    await call('POST', `${associations}/tasks/contacts/batch/associate/default`, { inputs: [pair] });
    await call('PUT', `${of}/tasks/${made.body.id}/associations/contacts/${contact.id}`, types);
    await call('PUT', `${of}/tasks/${made.body.id}/associations/default/contacts/${contact.id}`);
    await call('GET', `${of}/tasks/${made.body.id}/associations/contacts`);
    await call('DELETE', `${of}/tasks/${made.body.id}/associations/contacts/${contact.id}`);
    await call('GET', rest('owners'));
    await call('GET', `${rest('owners')}/?archived=true&limit=5`);
    for (const type of ['deals', 'tickets']) await call('GET', `${rest('pipelines')}/${type}`);
    await call('GET', `${rest('limits')}/custom-properties`);
    const list = { name: unique, objectTypeId: '0-2', processingType: 'DYNAMIC', filterBranch: SMB };
    expect((await call('POST', rest('lists'), list)).status).toBe(200);
    await call('GET', `${rest('lists')}/object-type-id/0-2/name/${unique}?includeFilters=true`);
  }
  for (const version of ['v3', '2026-03'])
    for (const path of ['details', 'api-usage/daily/private-apps'])
      await call('GET', `/account-info/${version}/${path}`);
  for (const path of ['/settings/v3/currencies', '/settings/currencies/2026-03'])
    expect((await call('GET', `${path}/exchange-rates?limit=2`)).body.paging.next.after).toBe('2');
  const verdict = judge.verdict();
  console.info(
    `hubspot contract: ${JSON.stringify({ ...verdict, problems: verdict.problems.length, paths: verdict.paths.length })}`,
  );
  expect(verdict.problems).toEqual([]);
  expect(verdict.errors).toBe(0);
  expect(verdict.valid).toBe(verdict.answers);
  expect(verdict.answers).toBeGreaterThan(250);
  const names = verdict.strangers.map((field) => field.split('.').at(-1));
  expect(names.filter((name) => !KNOWN_STRANGERS.includes(name ?? ''))).toEqual([]);
});

test.skipIf(!hasHubspotContract)('every refusal has the shape of the contract', async () => {
  const { judge, call, faults } = await start();
  const names = [
    ...['429', '429-ten-seconds', '429-second', '429-day', 'locked', 'migrating', '500-before'],
    ...['expired-token', 'invalid-token', 'missing-scope', 'no-permission'],
  ];
  for (const name of names) {
    faults.add({ name, times: 1 });
    expect((await call('GET', '/crm/v3/objects/companies')).status, name).toBeGreaterThanOrEqual(400);
  }
  const refused: [string, string, unknown?][] = [
    ['GET', '/crm/v3/objects/companies/1'],
    ['GET', '/crm/v3/objects/companies?limit=101'],
    ['GET', '/crm/v3/properties/companies/nothing'],
    ['POST', '/crm/v3/objects/companies', { properties: { nothing: '1' } }],
    [
      'POST',
      '/crm/v3/objects/companies/search',
      { filterGroups: [{ filters: [{ propertyName: 'x', operator: 'EQ' }] }] },
    ],
    ['POST', '/crm/v3/objects/companies/search', { after: '9999' }],
  ];
  for (const [method, path, body] of refused)
    expect((await call(method, path, body)).status, path).toBeGreaterThanOrEqual(400);
  const verdict = judge.verdict();
  expect(verdict.problems).toEqual([]);
  expect(verdict.errors).toBe(names.length + refused.length);
});

test.skipIf(!hasHubspotContract)('the judge sees a wrong request and a wrong answer', async () => {
  const { judge, call } = await start();
  const search = '/crm/objects/2026-03/companies/search';
  await call('GET', '/crm/v3/objects/companies?limit=ten&colour=red');
  await call('POST', search, { filterGroups: [{ filters: [{ propertyName: 'name', operator: 'LIKE', value: 'x' }] }] });
  await call('POST', search, { filters: [] });
  await call('POST', '/crm/v3/objects/companies/batch/update', { inputs: [{ id: 7, properties: { arr: 7 } }] });
  await call('GET', '/crm/v3/companies');
  await call('PUT', '/crm/v3/objects/companies/1', { properties: {} });
  judge.onExchange({
    kind: 'companies.get',
    type: 'read',
    moment: 'done',
    request: { method: 'GET', url: '/crm/v3/objects/companies/1', headers: {}, body: '' },
    answer: {
      status: 200,
      body: { id: 1, properties: { name: 7 }, createdAt: 'today', archived: false, shape: 'round' },
    },
  });
  const verdict = judge.verdict();
  const told = verdict.problems.join('\n');
  for (const problem of [
    'query parameter limit: / must match pattern',
    'query parameter colour is unknown',
    'body /filterGroups/0/filters/0/operator must be equal to one of the allowed values',
    'body .filters is unknown',
    'body /inputs/0/id must be string',
    'body /inputs/0/properties/arr must be string',
    'GET /crm/v3/companies is not in the contract',
    'PUT /crm/v3/objects/companies/1 is not in the contract',
    'answer GET /crm/v3/objects/companies/1: /id must be string',
    '/properties/name must be string',
    '/createdAt must match pattern',
    "must have required property 'updatedAt'",
  ])
    expect(told).toContain(problem);
  expect(verdict.strangers).toContain('/crm/v3/objects/companies/{companyId} .shape');
});
