import type { Json, Operation } from './hubspot-surface.ts';

/**
 * Paths that the client's surface has not, from the vendor's reference:
 * https://developers.hubspot.com/docs/api-reference/latest/account/account-information/guide, …/crm/limits-tracking, …/crm/lists,
 * …/authentication/oauth-tokens, …/account/settings/multicurrency/exchange-rates/get-exchange-rates.
 */
const text = { type: 'string' };
const number = { type: 'number' };
const currency = { type: 'string', pattern: '^[A-Z]{3}$' };
const stamp = { type: 'string', format: 'date-time' };
const object = (required: Json, optional: Json = {}): Json => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const get = (path: string, answer: Json, query: Record<string, Json> = {}): Operation => ({
  method: 'GET',
  path,
  query,
  body: null,
  form: null,
  answers: { 200: answer },
});

const nested: Json = { filterBranches: { type: 'array' }, filterBranchOperator: text };
const filter = object(
  { filterType: text },
  { property: text, operation: { type: 'object', required: ['operationType', 'operator'] } },
);
const and = object({ filterBranchType: { const: 'AND' }, filters: { type: 'array', items: filter } }, nested);
const branch = object(
  { filterBranchType: { const: 'OR' }, filterBranches: { type: 'array', minItems: 1, items: and } },
  { ...nested, filters: { type: 'array', maxItems: 0 } },
);
const list = object({
  list: object(
    { listId: text, listVersion: number, name: text, objectTypeId: text, processingStatus: text, processingType: text },
    { createdAt: stamp, updatedAt: stamp, filtersUpdatedAt: stamp, filterBranch: branch, size: number },
  ),
});
const includeFilters = { includeFilters: { enum: ['true', 'false'] } };

export const LATER: Operation[] = [
  get(
    '/account-info/v3/details',
    object({
      accountType: { enum: ['APP_DEVELOPER', 'DEVELOPER_TEST', 'SANDBOX', 'STANDARD'] },
      additionalCurrencies: { type: 'array', items: text },
      companyCurrency: text,
      dataHostingLocation: text,
      portalId: { type: 'integer' },
      timeZone: text,
      uiDomain: text,
      utcOffset: { type: 'string', pattern: '^[+-]\\d\\d:\\d\\d$' },
      utcOffsetMilliseconds: { type: 'integer' },
    }),
  ),
  get(
    '/account-info/v3/api-usage/daily/private-apps',
    object({
      results: {
        type: 'array',
        items: object(
          {
            name: text,
            usageLimit: number,
            currentUsage: number,
            collectedAt: stamp,
            fetchStatus: { enum: ['SUCCESS', 'CACHED'] },
          },
          { resetsAt: stamp },
        ),
      },
    }),
  ),
  get(
    '/settings/v3/currencies/exchange-rates',
    object(
      {
        results: {
          type: 'array',
          items: object({
            id: text,
            fromCurrencyCode: currency,
            toCurrencyCode: currency,
            conversionRate: { type: 'number', exclusiveMinimum: 0 },
            effectiveAt: stamp,
            createdAt: stamp,
            updatedAt: stamp,
            visibleInUI: { type: 'boolean' },
          }),
        },
      },
      { paging: object({ next: object({ after: text }, { link: text }) }) },
    ),
    {
      limit: { type: 'string', pattern: '^\\d+$' },
      after: text,
      fromCurrencyCode: currency,
      toCurrencyCode: currency,
    },
  ),
  get(
    '/crm/v3/limits/custom-properties',
    object({
      byObjectType: {
        type: 'array',
        items: object({
          limit: number,
          objectTypeId: text,
          percentage: number,
          pluralLabel: text,
          singularLabel: text,
          usage: number,
        }),
      },
      overallLimit: number,
      overallPercentage: number,
      overallUsage: number,
    }),
  ),
  {
    method: 'POST',
    path: '/crm/v3/lists',
    query: {},
    body: object(
      {
        name: text,
        objectTypeId: { type: 'string', pattern: '^\\d+-\\d+$' },
        processingType: { enum: ['MANUAL', 'DYNAMIC', 'SNAPSHOT'] },
      },
      { filterBranch: branch, listFolderId: number, customProperties: { type: 'object' } },
    ),
    form: null,
    answers: { 200: list },
  },
  get('/crm/v3/lists/{listId}', list, includeFilters),
  get('/crm/v3/lists/object-type-id/{objectTypeId}/name/{listName}', list, includeFilters),
  {
    method: 'DELETE',
    path: '/crm/v3/lists/{listId}',
    query: {},
    body: null,
    form: null,
    answers: { 204: null },
  },
  {
    method: 'POST',
    path: '/oauth/v1/token/introspect',
    query: {},
    body: null,
    form: ['client_id', 'client_secret', 'token', 'token_type_hint'],
    answers: { 200: object({ active: { type: 'boolean' } }) },
  },
];

/** Fields that the vendor is known to give beside those of the client's models: reference pages and changelog, by name. */
export const KNOWN_STRANGERS = [
  // "unknown fields are dropped (e.g. url on older models)": fact sheet, section 3.
  'url',
  // https://developers.hubspot.com/changelog/additional-details-returned-when-generating-oauth-access-tokens
  'hub_id',
  'scopes',
  // Property reference: sensitivity of the data.
  'dataSensitivity',
];
