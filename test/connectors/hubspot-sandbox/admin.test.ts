import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HubspotOptions, serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';

/** The portal around its records, over HTTP. */
const NOW = Date.parse('2026-11-02T09:00:00Z');
let world: World;
let portal: RunningSandbox;
const serve = async (options: Partial<HubspotOptions> = {}) => {
  world = makeWorld({ seed: 5, customers: 10, now: NOW });
  portal = await serveHubspot({ world, ...options });
};
beforeEach(() => serve());
afterEach(() => portal.close());

interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked at, not used
  body: any;
}
async function call(method: string, path: string, body?: unknown, token = portal.env.HUBSPOT_TOKEN): Promise<Reply> {
  const response = await fetch(portal.origin + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}
const COMPANIES = '/crm/v3/objects/companies';

describe('the account', () => {
  it('says who it is, under numbers and dates', async () => {
    const { body } = await call('GET', '/account-info/v3/details');
    expect(body).toMatchObject({
      accountType: 'SANDBOX',
      timeZone: 'US/Eastern',
      utcOffset: '-05:00',
      utcOffsetMilliseconds: -18_000_000,
      companyCurrency: 'GBP',
      uiDomain: 'app.hubspot.com',
    });
    expect((await call('GET', '/account-info/2026-03/details')).body).toEqual(body);
    expect((await call('GET', '/account-info/2025-03/details')).status).toBe(404);
    expect((await call('POST', '/account-info/v3/details')).status).toBe(404);
  });

  it('tells its exchange rates page by page, to whom it has granted that', async () => {
    const page = async (query = ''): Promise<Reply> => call('GET', `/settings/v3/currencies/exchange-rates${query}`);
    const { body } = await page('?limit=2');
    expect(body).toMatchObject({
      results: [
        { fromCurrencyCode: 'EUR', toCurrencyCode: 'GBP', conversionRate: 0.854701 },
        { fromCurrencyCode: 'JPY', toCurrencyCode: 'GBP', conversionRate: 0.005263 },
      ],
      paging: { next: { after: '2' } },
    });
    const last = (await page('?limit=2&after=2')).body;
    expect(last).toMatchObject({ results: [{ fromCurrencyCode: 'USD', conversionRate: 0.787402, visibleInUI: true }] });
    expect(last.paging).toBeUndefined();
    expect((await call('GET', '/settings/currencies/2026-03/exchange-rates?limit=2')).body).toEqual(body);
    expect((await page('?limit=101')).status).toBe(400);
    expect((await call('POST', '/settings/v3/currencies/exchange-rates', {})).status).toBe(404);
    expect((await call('GET', '/settings/v3/currencies')).status).toBe(404);
    await portal.close();
    await serve({ scopes: ['oauth'] });
    expect((await page()).status).toBe(403);
    await portal.close();
    await serve({ account: { companyCurrency: 'JPY', additionalCurrencies: [] } });
    expect(portal.config.currencies).toBeUndefined();
    expect((await page()).body).toEqual({ results: [] });
  });

  it('counts the day’s calls', async () => {
    await call('GET', COMPANIES);
    const path = '/account-info/v3/api-usage/daily/private-apps';
    expect((await call('GET', path)).body).toEqual({
      results: [
        {
          name: 'private-apps-api-calls-daily',
          usageLimit: 625_000,
          currentUsage: 2,
          collectedAt: new Date(NOW).toISOString(),
          fetchStatus: 'SUCCESS',
          resetsAt: '2026-11-03T05:00:00.000Z',
        },
      ],
    });
    world.advance(24 * 3_600_000);
    expect((await call('GET', path)).body.results[0].currentUsage).toBe(1);
  });

  it('says how many custom properties there may be', async () => {
    const limits = async () => (await call('GET', '/crm/limits/2026-03/custom-properties')).body;
    const companies = async () =>
      (await limits()).byObjectType.find((o: { objectTypeId: string }) => o.objectTypeId === '0-2');
    expect(await companies()).toMatchObject({ pluralLabel: 'Companies', limit: 1000, usage: 8, percentage: 0.8 });
    await call('POST', '/crm/v3/properties/companies', {
      name: 'one_more',
      label: 'One more',
      groupName: 'companyinformation',
      type: 'string',
      fieldType: 'text',
    });
    expect(await companies()).toMatchObject({ usage: 9 });
    expect(await limits()).toMatchObject({ overallUsage: 10 });
  });

  it('may be another one, in another place', async () => {
    await portal.close();
    await serve({ account: { portalId: 4711, accountType: 'STANDARD', timeZone: 'Asia/Kolkata' } });
    expect((await call('GET', '/account-info/v3/details')).body).toMatchObject({
      portalId: 4711,
      accountType: 'STANDARD',
      utcOffset: '+05:30',
      companyCurrency: 'GBP',
    });
    const { body } = await call('GET', '/account-info/v3/api-usage/daily/private-apps');
    expect(body.results[0].resetsAt).toBe('2026-11-02T18:30:00.000Z');
  });
});

describe('a list', () => {
  const filter = (property: string, operation: Record<string, unknown>) => ({
    filterBranchType: 'OR',
    filterBranches: [{ filterBranchType: 'AND', filters: [{ filterType: 'PROPERTY', property, operation }] }],
  });
  const smb = { operationType: 'ENUMERATION', operator: 'IS_ANY_OF', values: ['smb'] };
  const list = (more: Record<string, unknown> = {}) => ({
    name: 'At risk',
    objectTypeId: '0-2',
    processingType: 'DYNAMIC',
    filterBranch: filter('segment', smb),
    ...more,
  });

  it('is made once, found by its name, and gone when deleted', async () => {
    const made = await call('POST', '/crm/v3/lists', list());
    expect(made).toMatchObject({
      status: 200,
      body: { list: { listId: '1', name: 'At risk', processingStatus: 'COMPLETE' } },
    });
    expect(await call('POST', '/crm/v3/lists/', list())).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR', subCategory: 'ILS.DUPLICATE_LIST_NAMES' },
    });
    const path = '/crm/lists/2026-03/object-type-id/0-2/name/At%20risk';
    expect((await call('GET', path)).body.list).not.toHaveProperty('filterBranch');
    expect((await call('GET', `${path}?includeFilters=true`)).body.list.filterBranch).toMatchObject(
      filter('segment', smb),
    );
    expect((await call('DELETE', '/crm/v3/lists/1')).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('POST', '/crm/v3/lists', list())).body.list.listId).toBe('2');
  });

  it.each([
    ['no filters', { filterBranch: undefined }],
    ['filters at its root', { filterBranch: { ...filter('segment', smb), filters: [{ filterType: 'PROPERTY' }] } }],
    ['AND at its root', { filterBranch: { ...filter('segment', smb), filterBranchType: 'AND' } }],
    ['a property that is not there', { filterBranch: filter('chs_health_band', smb) }],
    ['an operation of another type', { filterBranch: filter('arr', smb) }],
    ['an unknown operator', { filterBranch: filter('segment', { ...smb, operator: 'IS_ONE_OF' }) }],
    ['a value that is no option', { filterBranch: filter('segment', { ...smb, values: ['huge'] }) }],
    [
      'text for a number',
      { filterBranch: filter('arr', { operationType: 'NUMBER', operator: 'IS_LESS_THAN', value: '1' }) },
    ],
    ['an object that it cannot be of', { objectTypeId: 'companies' }],
    ['a kind that is not there', { processingType: 'STATIC' }],
  ])('is refused for %s', async (_why, change) => {
    expect((await call('POST', '/crm/v3/lists', list(change))).status).toBe(400);
  });
});

describe('sign-in', () => {
  const refresh = async (path: string, token: string): Promise<Reply> => {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: (portal.config.auth as { clientId: string }).clientId,
      client_secret: portal.env.HUBSPOT_CLIENT_SECRET ?? '',
      refresh_token: token,
    });
    const response = await fetch(portal.origin + path, { method: 'POST', body });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  it('refreshes under every version, counted as sign-in only', async () => {
    await portal.close();
    await serve({ flow: 'refresh-token' });
    let token = portal.env.HUBSPOT_REFRESH_TOKEN ?? '';
    for (const path of ['/oauth/v1/token', '/oauth/2026-03/token', '/oauth/2026-09/token']) {
      const { status, body } = await refresh(path, token);
      expect(status).toBe(200);
      const listed = await call('GET', COMPANIES, undefined, body.access_token);
      expect(listed.status).toBe(200);
      expect(listed.headers.get('x-hubspot-ratelimit-max')).toBe('110');
      expect(listed.headers.get('x-hubspot-ratelimit-daily')).toBeNull();
      token = body.refresh_token;
    }
    expect(portal.calls.total('auth')).toBe(3);
    expect(portal.calls.byKind()).toEqual({ 'companies.list': 3 });
  });

  it('does not reach beyond what was granted', async () => {
    await portal.close();
    await serve({ scopes: ['oauth', 'crm.objects.companies.read'] });
    expect((await call('GET', COMPANIES)).status).toBe(200);
    expect(await call('POST', COMPANIES, { properties: { name: 'x' } })).toMatchObject({
      status: 403,
      body: {
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: ['crm.objects.companies.write'] } }],
      },
    });
    expect((await call('GET', '/crm/v3/properties/companies')).status).toBe(200);
    expect((await call('GET', '/crm/v3/objects/tasks')).status).toBe(403);
    expect((await call('GET', '/crm/v3/owners')).status).toBe(403);
    expect((await call('GET', '/account-info/v3/details')).status).toBe(200);
  });
});

describe('faults', () => {
  it.each([
    ['429-ten-seconds', 429, { policyName: 'TEN_SECONDLY_ROLLING', errorType: 'RATE_LIMIT' }],
    ['429-second', 429, { policyName: 'SECONDLY', errorType: 'RATE_LIMIT' }],
    ['429-day', 429, { policyName: 'DAILY', errorType: 'RATE_LIMIT' }],
    ['429', 429, { policyName: 'TEN_SECONDLY_ROLLING' }],
    ['locked', 423, { category: 'LOCKED' }],
    ['migrating', 477, { category: 'MIGRATION_IN_PROGRESS' }],
    ['500-before', 500, { category: 'INTERNAL_ERROR' }],
    ['no-permission', 403, { category: 'USER_DOES_NOT_HAVE_PERMISSIONS' }],
    ['missing-scope', 403, { category: 'MISSING_SCOPES' }],
    ['invalid-token', 401, { category: 'INVALID_AUTHENTICATION' }],
    ['expired-token', 401, { category: 'EXPIRED_AUTHENTICATION' }],
  ])('%s answers %i, and the work is not done', async (name, status, body) => {
    const before = portal.rows('companies').length;
    portal.faults.add({ name, on: 'companies.create' });
    expect((await call('GET', COMPANIES)).status).toBe(200);
    const refused = await call('POST', COMPANIES, { properties: { name: 'New' } });
    expect(refused).toMatchObject({ status, body: { status: 'error', correlationId: expect.any(String), ...body } });
    expect(refused.headers.get('retry-after')).toBe(name === 'migrating' ? '1' : null);
    expect(portal.rows('companies')).toHaveLength(before);
    portal.faults.clear();
    expect((await call('POST', COMPANIES, { properties: { name: 'New' } })).status).toBe(201);
  });

  it.each([
    ['502-before', 502, 0],
    ['504-before', 504, 0],
    ['502-after-commit', 502, 1],
    ['504-after-commit', 504, 1],
    ['503-after-commit', 503, 1],
  ])('%s answers %i in HTML; %i is made', async (name, status, made) => {
    const before = portal.rows('companies').length;
    portal.faults.add({ name });
    expect(await call('POST', COMPANIES, { properties: { name: 'New' } })).toMatchObject({
      status,
      body: expect.stringContaining('<html>'),
    });
    expect(portal.rows('companies')).toHaveLength(before + made);
  });

  it('missing-scope narrows to one scope', async () => {
    portal.faults.add({ name: 'missing-scope', with: { scope: 'tickets' } });
    expect((await call('GET', COMPANIES)).status).toBe(200);
    expect((await call('GET', '/crm/v3/objects/tickets')).status).toBe(403);
  });
});

describe('limits', () => {
  it('are kept as served, and told to the connector', async () => {
    await portal.close();
    await serve({ rate: 2, clock: () => 0 });
    expect(portal.rate).toEqual({ calls: 2, perMs: 10_000 });
    expect(portal.config).toMatchObject({ ratePer10s: 2 });
    const first = await call('GET', COMPANIES);
    expect(first.headers.get('x-hubspot-ratelimit-remaining')).toBe('1');
    expect((await call('GET', '/crm/v3/objects/companies/0')).status).toBe(404);
    expect((await call('GET', COMPANIES)).status).toBe(429);
    const searched = await call('POST', `${COMPANIES}/search`, {});
    expect(searched.status).toBe(200);
    expect([...searched.headers.keys()].filter((name) => name.startsWith('x-hubspot'))).toEqual([]);
  });

  it('are not kept for shows', async () => {
    await portal.close();
    await serve({ rate: 2, limits: false });
    expect(portal.rate).toBeUndefined();
    for (let n = 0; n < 8; n += 1) expect((await call('POST', `${COMPANIES}/search`, {})).status).toBe(200);
  });
});
