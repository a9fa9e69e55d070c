import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import type { WorldUser } from '../../../src/sandbox/world.types.ts';
import { STAGES } from './objects-crm.ts';
import type { Org } from './org.ts';
import { second } from './values.ts';

/** Name of the permission set through which the integration user holds its rights. */
export const INTEGRATION_SET = 'CRM_Integration';
/** What one unit of the corporate currency is worth, in all years: the world's amounts do not know of changing rates. */
const CURRENCIES = [
  { code: 'GBP', rate: 1, decimals: 2 },
  { code: 'USD', rate: 1.27, decimals: 2 },
  { code: 'EUR', rate: 1.17, decimals: 2 },
  { code: 'JPY', rate: 190, decimals: 0 },
];
const YEARS = 5 * 365 * 86_400_000;

/** What an org has before any customer data: the company, its people, stages, profiles and one permission set. */
export function seedOrg(org: Org, ids: Map<string, string>): void {
  const at = second(org.world.options.now - YEARS);
  const stamps = {
    CreatedDate: at,
    LastModifiedDate: at,
    SystemModstamp: at,
    CreatedById: org.userId,
    LastModifiedById: org.userId,
  };
  const add = (name: string, row: Record<string, Cell>): string => {
    const object = org.object(name);
    if (!object) throw new Error(`No such object: ${name}`);
    const id = String(row.Id ?? org.newId(object));
    org.insert(object, { ...stamps, ...row, Id: id });
    return id;
  };

  add('Organization', {
    Id: org.id,
    Name: 'Northwind Cloud (Sandbox)',
    IsSandbox: 1,
    OrganizationType: 'Enterprise Edition',
    InstanceName: 'CS999',
    DefaultCurrencyIsoCode: 'USD',
    LanguageLocaleKey: 'en_US',
    TimeZoneSidKey: 'Europe/London',
  });
  const standard = add('Profile', { Name: 'Standard User', UserType: 'Standard', PermissionsApiEnabled: 1 });
  const integration = add('Profile', { Name: 'Integration User', UserType: 'Standard', PermissionsApiEnabled: 1 });

  const person = (user: WorldUser, id: string): void => {
    const [first = '', ...rest] = user.name.split(' ');
    add('User', {
      Id: id,
      Username: id === org.userId ? org.username : `${user.email}.sandbox`,
      Name: user.name,
      FirstName: rest.length > 0 ? first : null,
      LastName: rest.length > 0 ? rest.join(' ') : first,
      Email: user.email,
      IsActive: user.active ? 1 : 0,
      ManagerId: user.managerKey === null ? null : (ids.get(user.managerKey) ?? null),
      ProfileId: id === org.userId ? integration : standard,
      UserType: 'Standard',
      TimeZoneSidKey: 'Europe/London',
      DefaultCurrencyIsoCode: 'USD',
    });
  };
  for (const user of org.world.users) person(user, ids.get(user.key) ?? '');
  if (![...ids.values()].includes(org.userId)) person(STAND_IN, org.userId);

  STAGES.forEach((stage, index) => {
    const closed = stage.name.startsWith('Closed');
    add('OpportunityStage', {
      MasterLabel: stage.name,
      ApiName: stage.name,
      IsActive: 1,
      SortOrder: index + 1,
      IsClosed: closed ? 1 : 0,
      IsWon: stage.name === 'Closed Won' ? 1 : 0,
      ForecastCategory: stage.category,
      ForecastCategoryName: stage.category,
      DefaultProbability: stage.probability,
    });
  });

  for (const { code, rate, decimals } of CURRENCIES) {
    const own = { IsoCode: code, ConversionRate: rate };
    add('CurrencyType', { ...own, DecimalPlaces: decimals, IsActive: 1, IsCorporate: rate === 1 ? 1 : 0 });
    if (rate !== 1) add('DatedConversionRate', { ...own, StartDate: '2000-01-01', NextStartDate: '9999-12-31' });
  }

  const profileSet = add('PermissionSet', {
    Name: 'X00eIntegration',
    Label: '00eIntegration',
    ProfileId: integration,
    IsOwnedByProfile: 1,
    PermissionsApiEnabled: 1,
  });
  const set = add('PermissionSet', {
    Name: INTEGRATION_SET,
    Label: 'CRM Integration',
    IsCustom: 1,
    PermissionsApiEnabled: 1,
    PermissionsViewAllData: 1,
    PermissionsModifyMetadata: 1,
    PermissionsViewSetup: 1,
  });
  for (const PermissionSetId of [profileSet, set]) {
    add('PermissionSetAssignment', { PermissionSetId, AssigneeId: org.userId, IsActive: 1 });
  }
  for (const SobjectType of ['Account', 'Contact', 'Opportunity']) {
    const rights = ['Create', 'Read', 'Edit', 'Delete', 'ViewAllRecords'].map((r) => [`Permissions${r}`, 1]);
    add('ObjectPermissions', { ParentId: set, SobjectType, ...Object.fromEntries(rights) });
  }
}

const STAND_IN: WorldUser = {
  key: 'integration',
  name: 'CRM Integration',
  email: 'integration@example.com',
  active: true,
  managerKey: null,
  role: 'integration',
  syncsEmail: false,
};
