import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ObjectType, pathsOf } from '../../../connectors/hubspot/paths.ts';

const TYPES: ObjectType[] = [
  'companies',
  'deals',
  'contacts',
  'tickets',
  'tasks',
  'meetings',
  'calls',
  'emails',
  'notes',
];

function all(version: string): Record<string, string> {
  const p = pathsOf(version);
  return {
    list: p.list('companies'),
    object: p.object('companies', '42'),
    search: p.search('contacts'),
    batch: p.batch('tasks', 'upsert'),
    associationsRead: p.associationsRead('deals', 'contacts'),
    associationsCreate: p.associationsCreate('tasks', 'companies'),
    associationLabels: p.associationLabels('deals', 'contacts'),
    owners: p.owners(),
    pipelines: p.pipelines('deals'),
    properties: p.properties('companies'),
    property: p.property('companies', 'chs_health_score'),
    propertyGroups: p.propertyGroups('companies'),
    propertiesCreate: p.propertiesCreate('companies'),
    propertyLimits: p.propertyLimits(),
    lists: p.lists(),
    listByName: p.listByName('0-2', 'Red & renewing'),
    account: p.account(),
    dailyUsage: p.dailyUsage(),
    token: p.token(),
  };
}

describe('addresses', () => {
  it('of the numbered APIs, which are not all at one number', () => {
    expect(all('v3')).toEqual({
      list: '/crm/v3/objects/companies',
      object: '/crm/v3/objects/companies/42',
      search: '/crm/v3/objects/contacts/search',
      batch: '/crm/v3/objects/tasks/batch/upsert',
      associationsRead: '/crm/v4/associations/deals/contacts/batch/read',
      associationsCreate: '/crm/v4/associations/tasks/companies/batch/create',
      associationLabels: '/crm/v4/associations/deals/contacts/labels',
      owners: '/crm/v3/owners',
      pipelines: '/crm/v3/pipelines/deals',
      properties: '/crm/v3/properties/companies',
      property: '/crm/v3/properties/companies/chs_health_score',
      propertyGroups: '/crm/v3/properties/companies/groups',
      propertiesCreate: '/crm/v3/properties/companies/batch/create',
      propertyLimits: '/crm/v3/limits/custom-properties',
      lists: '/crm/v3/lists',
      listByName: '/crm/v3/lists/object-type-id/0-2/name/Red%20%26%20renewing',
      account: '/account-info/v3/details',
      dailyUsage: '/account-info/v3/api-usage/daily/private-apps',
      token: '/oauth/v1/token',
    });
  });

  it.each(['2026-03', '2026-09'])('of the set of %s, none with a number left', (date) => {
    expect(all(date)).toEqual({
      list: `/crm/objects/${date}/companies`,
      object: `/crm/objects/${date}/companies/42`,
      search: `/crm/objects/${date}/contacts/search`,
      batch: `/crm/objects/${date}/tasks/batch/upsert`,
      associationsRead: `/crm/associations/${date}/deals/contacts/batch/read`,
      associationsCreate: `/crm/associations/${date}/tasks/companies/batch/create`,
      associationLabels: `/crm/associations/${date}/deals/contacts/labels`,
      owners: `/crm/owners/${date}`,
      pipelines: `/crm/pipelines/${date}/deals`,
      properties: `/crm/properties/${date}/companies`,
      property: `/crm/properties/${date}/companies/chs_health_score`,
      propertyGroups: `/crm/properties/${date}/companies/groups`,
      propertiesCreate: `/crm/properties/${date}/companies/batch/create`,
      propertyLimits: `/crm/limits/${date}/custom-properties`,
      lists: `/crm/lists/${date}`,
      listByName: `/crm/lists/${date}/object-type-id/0-2/name/Red%20%26%20renewing`,
      account: `/account-info/${date}/details`,
      dailyUsage: `/account-info/${date}/api-usage/daily/private-apps`,
      token: `/oauth/${date}/token`,
    });
  });

  it('cannot be led elsewhere by an id or a name', () => {
    expect(pathsOf('v3').object('companies', '1/../../oauth')).toBe('/crm/v3/objects/companies/1%2F..%2F..%2Foauth');
    expect(pathsOf('v3').property('companies', 'a?b#c')).toBe('/crm/v3/properties/companies/a%3Fb%23c');
  });
});

const SURFACE = join(import.meta.dirname, '../../../../shared/contracts/hubspot/sdk-surface.json');

describe.skipIf(!existsSync(SURFACE))('the published surface (skipped without ../shared/contracts/hubspot)', () => {
  const text = existsSync(SURFACE) ? readFileSync(SURFACE, 'utf8') : '';
  // Parameters are named differently from group to group.
  const known = new Set(
    [...text.matchAll(/"(\/[^"\s]*)"/g)].map((m) => (m[1] ?? '').replace(/\{[^}]*\}/g, '*').replace(/\/$/, '')),
  );
  const p = pathsOf('v3');
  const described = [
    ...TYPES.flatMap((type) => [
      p.list(type),
      p.search(type),
      ...(['read', 'create', 'update', 'upsert', 'archive'] as const).map((what) => p.batch(type, what)),
    ]),
    p.owners(),
    p.token(),
    '/crm/v3/pipelines/*',
    '/crm/v3/properties/*',
    '/crm/v3/properties/*/*',
    '/crm/v3/properties/*/groups',
    '/crm/v3/properties/*/batch/create',
    '/crm/v4/associations/*/*/batch/read',
    '/crm/v4/associations/*/*/batch/create',
    '/crm/v4/associations/*/*/labels',
  ];
  it.each(described)('has %s', (path) => {
    const generic = path.replace(/^(\/crm\/v3\/objects\/)\w+/, '$1*');
    expect([path, generic].some((candidate) => known.has(candidate))).toBe(true);
  });
});
