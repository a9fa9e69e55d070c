import { z } from 'zod';
import { NOT_SCORED } from '../../src/core/result.ts';
import { ApiError } from './errors.ts';
import type { OurField } from './mapping.ts';
import type { Portal } from './portal.ts';

const COMPANIES = '0-2';

/** A list that account managers open: the companies that pass every filter. */
export interface Segment {
  name: string;
  filters: Filter[];
}
interface Filter {
  filterType: 'PROPERTY';
  property: string;
  operation: Record<string, unknown>;
}

const SOON_DAYS = 90;

/**
 * One list for each band, one for accounts that lose ground, and one for renewals that are near while the account is not well.
 * @param renewalOn the company property that holds the renewal date, where there is one
 */
export function segmentsOf(ours: readonly OurField[], renewalOn: string | null, timezone: string): Segment[] {
  const band = ours.find((field) => field.name === 'band');
  const trend = ours.find((field) => field.name === 'trend');
  const falling = (trend?.values ?? []).filter((value) => /^declining/i.test(value));
  const [, ...notBest] = (band?.values ?? []).filter((value) => value.toLowerCase() !== NOT_SCORED);
  return [
    ...(band?.values ?? []).map((value) => ({ name: `Health: ${value}`, filters: [anyOf(band?.api ?? '', [value])] })),
    ...(trend && falling.length > 0 ? [{ name: 'Health: declining', filters: [anyOf(trend.api, falling)] }] : []),
    ...(band && renewalOn !== null && notBest.length > 0
      ? [
          {
            name: `Health: renewal within ${SOON_DAYS} days at risk`,
            filters: [anyOf(band.api, notBest), within(renewalOn, SOON_DAYS, timezone)],
          },
        ]
      : []),
  ];
}

const anyOf = (property: string, values: string[]): Filter => ({
  filterType: 'PROPERTY',
  property,
  operation: { operationType: 'ENUMERATION', operator: 'IS_ANY_OF', values, includeObjectsWithNoValueSet: false },
});

/** From today on. https://developers.hubspot.com/docs/api-reference/crm-lists-v3/list-filters */
function within(property: string, days: number, zoneId: string): Filter {
  const point = (offset: number) => ({
    timeType: 'INDEXED',
    timezoneSource: 'CUSTOM',
    zoneId,
    indexReference: { referenceType: 'TODAY' },
    ...(offset === 0 ? {} : { offset: { days: offset } }),
  });
  return {
    filterType: 'PROPERTY',
    property,
    operation: {
      operationType: 'TIME_RANGED',
      type: 'TIME_RANGED',
      operator: 'IS_BETWEEN',
      includeObjectsWithNoValueSet: false,
      propertyParser: 'VALUE',
      lowerBoundEndpointBehavior: 'INCLUSIVE',
      upperBoundEndpointBehavior: 'INCLUSIVE',
      lowerBoundTimePoint: point(0),
      upperBoundTimePoint: point(days),
    },
  };
}

/** What a portal without the scope of lists answers: lists are a convenience, and the rest goes on without them. */
export const listsBarred = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.status === 403 || error.code === 'MISSING_SCOPES');

/** Whether a list of that name exists. @throws ApiError 403 where lists are out of reach */
export async function segmentExists(portal: Portal, { name }: Segment): Promise<boolean> {
  try {
    await portal.client.json({
      label: 'lists.get',
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: portal.paths.listByName(COMPANIES, name),
      schema: z.unknown(),
    });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

/**
 * A dynamic list. A name exists once in a portal, so that a repeated call is refused and makes no second one.
 * https://developers.hubspot.com/docs/api-reference/crm-lists-v3/guide
 * @returns why it was not made; null = it exists
 * @throws ApiError 403 where lists are out of reach
 */
export async function createSegment(portal: Portal, segment: Segment): Promise<string | null> {
  try {
    await portal.client.json({
      label: 'lists.create',
      kind: 'write',
      idempotent: true,
      method: 'POST',
      path: portal.paths.lists(),
      body: {
        name: segment.name,
        objectTypeId: COMPANIES,
        processingType: 'DYNAMIC',
        filterBranch: {
          filterBranchType: 'OR',
          filters: [],
          filterBranches: [{ filterBranchType: 'AND', filterBranches: [], filters: segment.filters }],
        },
      },
      schema: z.unknown(),
    });
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 409].includes(error.status)) throw error;
    return (await segmentExists(portal, segment)) ? null : error.message;
  }
}
