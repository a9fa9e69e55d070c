import { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox } from '../../../src/sandbox/world.types.ts';

/** The vendor's own client, unmodified, against the portal: what it sends is understood, and what it reads is whole. */
const NOW = Date.parse('2026-11-02T09:00:00Z');
let portal: RunningSandbox;
let oauth: RunningSandbox;
let client: Client;
beforeAll(async () => {
  const world = makeWorld({ seed: 3, customers: 12, now: NOW });
  portal = await serveHubspot({ world });
  oauth = await serveHubspot({ world, flow: 'refresh-token' });
  client = new Client({ basePath: portal.origin, accessToken: portal.env.HUBSPOT_TOKEN ?? '' });
});
afterAll(async () => {
  await portal.close();
  await oauth.close();
});

/** What the client throws: `code` is the HTTP status. */
const thrown = async (work: () => Promise<unknown>): Promise<{ code: number; body: Record<string, unknown> }> => {
  try {
    await work();
  } catch (error) {
    return error as { code: number; body: Record<string, unknown> };
  }
  throw new Error('it was not refused');
};

describe('the vendor’s client', () => {
  it('signs in by refresh token, and its new token opens the portal', async () => {
    const { clientId } = oauth.config.auth as { clientId: string };
    const secret = oauth.env.HUBSPOT_CLIENT_SECRET;
    const stranger = new Client({ basePath: oauth.origin });
    const refresh = (token: string | undefined) =>
      stranger.oauth.tokensApi.create('refresh_token', undefined, undefined, clientId, secret, token);
    const granted = await refresh(oauth.env.HUBSPOT_REFRESH_TOKEN);
    expect(granted).toMatchObject({ tokenType: 'bearer', expiresIn: 1800 });
    expect(await thrown(() => refresh(oauth.env.HUBSPOT_REFRESH_TOKEN))).toMatchObject({
      code: 400,
      body: { status: 'BAD_REFRESH_TOKEN' },
    });
    stranger.setAccessToken(granted.accessToken);
    expect((await stranger.crm.companies.basicApi.getPage(1)).results).toHaveLength(1);
  });

  it('reads pages, and every company once', async () => {
    const all = await client.crm.companies.getAll(100, undefined, ['name', 'arr', 'renewal_date']);
    const live = portal.rows('companies').filter((row) => row.archived === false);
    expect(all.map((one) => one.id)).toEqual(live.map((row) => row.id));
    expect(all[0]?.createdAt).toBeInstanceOf(Date);
    expect(all.map((one) => one.properties.arr ?? undefined)).toEqual(live.map((row) => row.arr));
  });

  it('searches, and is told of a bad filter', async () => {
    const filter = { propertyName: 'lifecyclestage', operator: 'EQ' as never, value: 'customer' };
    const { total, results } = await client.crm.companies.searchApi.doSearch({
      filterGroups: [{ filters: [filter] }],
      properties: ['name'],
      limit: 5,
    });
    expect(results.length).toBe(Math.min(5, total));
    expect(total).toBeGreaterThan(5);
    const bad = { filterGroups: [{ filters: [{ ...filter, propertyName: 'nothing' }] }] };
    expect(await thrown(() => client.crm.companies.searchApi.doSearch(bad))).toMatchObject({
      code: 400,
      body: { category: 'VALIDATION_ERROR' },
    });
  });

  it('makes a group and properties, and meets those that are there', async () => {
    const { groupsApi, coreApi, batchApi } = client.crm.properties;
    await groupsApi.create('companies', { name: 'pulseback', label: 'Account health', displayOrder: 1 });
    const made = { label: 'Score', groupName: 'pulseback', type: 'number', fieldType: 'number' } as const;
    const score = { ...made, name: 'chs_health_score', type: 'number' as never, fieldType: 'number' as never };
    expect(await coreApi.create('companies', score)).toMatchObject({ name: score.name, hasUniqueValue: false });
    expect((await thrown(() => coreApi.create('companies', score))).code).toBe(409);
    const { httpStatusCode, data } = await batchApi.createWithHttpInfo('companies', {
      inputs: [score, { ...score, name: 'chs_health_change' }],
    });
    expect(httpStatusCode).toBe(207);
    expect(data).toMatchObject({ numErrors: 1, errors: [{ category: 'OBJECT_ALREADY_EXISTS' }] });
    expect((await coreApi.getByName('companies', 'chs_health_change')).groupName).toBe('pulseback');
  });

  it('writes a batch with trace ids: 207, one outcome each', async () => {
    const [one, two] = portal.rows('companies').filter((row) => row.archived === false);
    const { httpStatusCode, data } = await client.crm.companies.batchApi.updateWithHttpInfo({
      inputs: [
        { id: String(one?.id), objectWriteTraceId: 'a', properties: { segment: 'smb' } },
        { id: String(two?.id), objectWriteTraceId: 'b', properties: { segment: 'SMB' } },
      ],
    });
    expect(httpStatusCode).toBe(207);
    expect(data).toMatchObject({
      results: [{ id: one?.id, objectWriteTraceId: 'a', properties: { segment: 'smb' } }],
      numErrors: 1,
      errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['b'] } }],
    });
  });

  it('raises a task on a company, and finds it by its association', async () => {
    const company = String(portal.rows('companies').find((row) => row.archived === false)?.id);
    const task = await client.crm.objects.tasks.basicApi.create({
      properties: { hs_timestamp: '2026-12-01T09:00:00Z', hs_task_subject: 'Renewal at risk' },
      associations: [
        { to: { id: company }, types: [{ associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: 192 }] },
      ],
    });
    const { results } = await client.crm.associations.v4.batchApi.getPage('companies', 'tasks', {
      inputs: [{ id: company }],
    });
    expect(results[0]?.to.map((one) => String(one.toObjectId))).toContain(task.id);
  });

  it('lists owners by both of its paths, and pipelines with what their stages mean', async () => {
    const { results } = await client.crm.owners.ownersApi.getPage();
    expect(results.length).toBeGreaterThan(3);
    const bare = await client.apiRequest({ method: 'GET', path: '/crm/v3/owners' });
    expect(await bare.json()).toMatchObject({ results: results.map(({ id, email }) => ({ id, email })) });
    const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals');
    const won = pipelines.results.flatMap((p) => p.stages).filter((s) => s.label === 'Closed Won');
    expect(won.map((stage) => stage.metadata)).toMatchObject([
      { isClosed: 'true', probability: '1.0' },
      { isClosed: 'true', probability: '1.0' },
    ]);
  });
});
