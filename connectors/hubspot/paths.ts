/** CRM object types by their plural name in paths. */
export type ObjectType =
  | 'companies'
  | 'deals'
  | 'contacts'
  | 'tickets'
  | 'tasks'
  | 'meetings'
  | 'calls'
  | 'emails'
  | 'notes';

/** Every address that the connector calls. Numbered ones end in 2027; the date-based sets replace them. */
export interface Paths {
  list(type: ObjectType): string;
  object(type: ObjectType, id: string): string;
  search(type: ObjectType): string;
  batch(type: ObjectType, what: 'read' | 'create' | 'update' | 'upsert' | 'archive'): string;
  associationsRead(from: ObjectType, to: ObjectType): string;
  associationsCreate(from: ObjectType, to: ObjectType): string;
  /** Labels of an association. */
  associationLabels(from: ObjectType, to: ObjectType): string;
  owners(): string;
  pipelines(type: 'deals' | 'tickets'): string;
  properties(type: ObjectType): string;
  property(type: ObjectType, name: string): string;
  propertyGroups(type: ObjectType): string;
  propertiesCreate(type: ObjectType): string;
  propertyLimits(): string;
  lists(): string;
  listByName(typeId: string, name: string): string;
  account(): string;
  exchangeRates(): string;
  dailyUsage(): string;
  token(): string;
}

/** Where each system of the API stands in one version. */
type Roots = Record<
  | 'objects'
  | 'associations'
  | 'owners'
  | 'pipelines'
  | 'properties'
  | 'limits'
  | 'lists'
  | 'account'
  | 'currencies'
  | 'oauth',
  string
>;

/** The numbers differ: associations are at v4, OAuth at v1. */
const NUMBERED: Roots = {
  objects: '/crm/v3/objects',
  associations: '/crm/v4/associations',
  owners: '/crm/v3/owners',
  pipelines: '/crm/v3/pipelines',
  properties: '/crm/v3/properties',
  limits: '/crm/v3/limits',
  lists: '/crm/v3/lists',
  account: '/account-info/v3',
  currencies: '/settings/v3/currencies',
  oauth: '/oauth/v1',
};

/** `/api-name/{date}/…` for every system: https://developers.hubspot.com/docs/api-reference/latest/overview */
const dated = (date: string): Roots => ({
  objects: `/crm/objects/${date}`,
  associations: `/crm/associations/${date}`,
  owners: `/crm/owners/${date}`,
  pipelines: `/crm/pipelines/${date}`,
  properties: `/crm/properties/${date}`,
  limits: `/crm/limits/${date}`,
  lists: `/crm/lists/${date}`,
  account: `/account-info/${date}`,
  currencies: `/settings/currencies/${date}`,
  oauth: `/oauth/${date}`,
});

/** @param version `v3` for the numbered set, else the month of a date-based one ("2026-03") */
export function pathsOf(version: string): Paths {
  const at = version === 'v3' ? NUMBERED : dated(version);
  const part = encodeURIComponent;
  return {
    list: (type) => `${at.objects}/${type}`,
    object: (type, id) => `${at.objects}/${type}/${part(id)}`,
    search: (type) => `${at.objects}/${type}/search`,
    batch: (type, what) => `${at.objects}/${type}/batch/${what}`,
    associationsRead: (from, to) => `${at.associations}/${from}/${to}/batch/read`,
    associationsCreate: (from, to) => `${at.associations}/${from}/${to}/batch/create`,
    associationLabels: (from, to) => `${at.associations}/${from}/${to}/labels`,
    owners: () => at.owners,
    pipelines: (type) => `${at.pipelines}/${type}`,
    properties: (type) => `${at.properties}/${type}`,
    property: (type, name) => `${at.properties}/${type}/${part(name)}`,
    propertyGroups: (type) => `${at.properties}/${type}/groups`,
    propertiesCreate: (type) => `${at.properties}/${type}/batch/create`,
    propertyLimits: () => `${at.limits}/custom-properties`,
    lists: () => at.lists,
    listByName: (typeId, name) => `${at.lists}/object-type-id/${typeId}/name/${part(name)}`,
    account: () => `${at.account}/details`,
    exchangeRates: () => `${at.currencies}/exchange-rates`,
    dailyUsage: () => `${at.account}/api-usage/daily/private-apps`,
    token: () => `${at.oauth}/token`,
  };
}
