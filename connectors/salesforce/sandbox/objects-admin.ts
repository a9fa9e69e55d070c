import { type Field, field, fixed, flag, ref } from './field.ts';
import { admin, id, type ObjectSpec, readOnly, required, STAMPS, system } from './object.ts';

/** The org itself: people, stages, profiles and permission rows. */
export function adminObjects(): ObjectSpec[] {
  return [
    {
      name: 'User',
      prefix: '005',
      ...readOnly,
      indexes: STAMPS,
      fields: [
        id(),
        fixed('Username', 'string', { length: 80, ...required }),
        fixed('Name', 'string', { length: 121, ...required }),
        fixed('FirstName', 'string', { length: 40 }),
        fixed('LastName', 'string', { length: 80, ...required }),
        fixed('Email', 'email', { length: 128, ...required }),
        fixed('Title', 'string', { length: 80 }),
        flag('IsActive', { createable: false, updateable: false }),
        ref('ManagerId', 'User', { createable: false, updateable: false }),
        ref('DelegatedApproverId', 'User', { createable: false, updateable: false, relationshipName: null }),
        ref('ProfileId', 'Profile', { createable: false, updateable: false, ...required }),
        fixed('UserRoleId', 'id'),
        fixed('UserType', 'picklist', required),
        fixed('TimeZoneSidKey', 'picklist', required),
        fixed('DefaultCurrencyIsoCode', 'picklist'),
        ...system(),
      ],
    },
    {
      name: 'Organization',
      prefix: '00D',
      ...readOnly,
      indexes: [],
      fields: [
        id(),
        fixed('Name', 'string', { length: 80, ...required }),
        flag('IsSandbox', { createable: false, updateable: false }),
        fixed('OrganizationType', 'picklist'),
        fixed('InstanceName', 'string', { length: 5 }),
        fixed('NamespacePrefix', 'string', { length: 15 }),
        fixed('DefaultCurrencyIsoCode', 'picklist'),
        fixed('LanguageLocaleKey', 'picklist'),
        fixed('TimeZoneSidKey', 'picklist'),
        fixed('TrialExpirationDate', 'datetime'),
        ...system(),
      ],
    },
    {
      name: 'OpportunityStage',
      prefix: '01J',
      ...readOnly,
      indexes: [],
      fields: [
        id(),
        fixed('MasterLabel', 'string', required),
        fixed('ApiName', 'string'),
        flag('IsActive', { createable: false, updateable: false }),
        fixed('SortOrder', 'int'),
        flag('IsClosed', { createable: false, updateable: false }),
        flag('IsWon', { createable: false, updateable: false }),
        fixed('ForecastCategory', 'picklist'),
        fixed('ForecastCategoryName', 'picklist'),
        fixed('DefaultProbability', 'percent'),
        ...system(),
      ],
    },
    {
      name: 'Profile',
      prefix: '00e',
      ...readOnly,
      indexes: [],
      fields: [
        id(),
        fixed('Name', 'string', required),
        fixed('UserType', 'picklist'),
        ...adminRights(false),
        ...system(),
      ],
    },
    {
      name: 'PermissionSet',
      prefix: '0PS',
      ...admin,
      indexes: [],
      fields: [
        id(),
        field('Name', 'string', { length: 80, nillable: false, unique: true }),
        field('Label', 'string', { length: 80, ...required }),
        field('Description', 'string'),
        fixed('LicenseId', 'id'),
        ref('ProfileId', 'Profile', { createable: false, updateable: false }),
        flag('IsOwnedByProfile', { createable: false, updateable: false }),
        flag('IsCustom', { createable: false, updateable: false }),
        fixed('NamespacePrefix', 'string', { length: 15 }),
        ...adminRights(true),
        ...system(),
      ],
    },
    {
      name: 'ObjectPermissions',
      prefix: '110',
      ...admin,
      indexes: [['ParentId']],
      fields: [
        id(),
        ref('ParentId', 'PermissionSet', { ...required, updateable: false }),
        field('SobjectType', 'picklist', { ...required, updateable: false }),
        ...['Create', 'Read', 'Edit', 'Delete', 'ViewAllRecords', 'ModifyAllRecords'].map((p) =>
          flag(`Permissions${p}`),
        ),
        ...system(),
      ],
    },
    {
      name: 'FieldPermissions',
      prefix: '01k',
      ...admin,
      indexes: [['ParentId']],
      fields: [
        id(),
        ref('ParentId', 'PermissionSet', { ...required, updateable: false }),
        field('SobjectType', 'picklist', { ...required, updateable: false }),
        field('Field', 'picklist', { ...required, updateable: false }),
        flag('PermissionsEdit'),
        flag('PermissionsRead'),
        fixed('SystemModstamp', 'datetime', required),
      ],
    },
    {
      name: 'PermissionSetAssignment',
      prefix: '0Pa',
      ...admin,
      updateable: false,
      indexes: [['AssigneeId']],
      fields: [
        id(),
        ref('PermissionSetId', 'PermissionSet', { ...required, updateable: false }),
        ref('AssigneeId', 'User', { ...required, updateable: false }),
        fixed('SystemModstamp', 'datetime', required),
        flag('IsActive', { createable: false, updateable: false, defaultValue: true }),
      ],
    },
  ];
}

function adminRights(writable: boolean): Field[] {
  const names = [
    'ApiEnabled',
    'ViewAllData',
    'ModifyAllData',
    'ModifyMetadata',
    'CustomizeApplication',
    'ViewSetup',
    'ManageUsers',
  ];
  return names.map((n) => flag(`Permissions${n}`, { createable: writable, updateable: writable }));
}
