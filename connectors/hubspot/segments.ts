import { z } from 'zod';
import { ApiError } from './errors.ts';
import type { OurField } from './mapping.ts';
import type { Portal } from './portal.ts';

const COMPANIES = '0-2';

/** A list that account managers open: companies whose property has one of the values. */
export interface Segment {
  name: string;
  property: string;
  values: string[];
}

/** One list for each band, and one for accounts that lose ground. */
export function segmentsOf(ours: readonly OurField[]): Segment[] {
  const band = ours.find((field) => field.name === 'band');
  const trend = ours.find((field) => field.name === 'trend');
  const falling = (trend?.values ?? []).filter((value) => /^declining/i.test(value));
  return [
    ...(band?.values ?? []).map((value) => ({ name: `Health: ${value}`, property: band?.api ?? '', values: [value] })),
    ...(trend && falling.length > 0 ? [{ name: 'Health: declining', property: trend.api, values: falling }] : []),
  ];
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
 */
export async function createSegment(portal: Portal, segment: Segment): Promise<string | null> {
  const filter = {
    filterType: 'PROPERTY',
    property: segment.property,
    operation: {
      operationType: 'ENUMERATION',
      operator: 'IS_ANY_OF',
      values: segment.values,
      includeObjectsWithNoValueSet: false,
    },
  };
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
          filterBranches: [{ filterBranchType: 'AND', filterBranches: [], filters: [filter] }],
        },
      },
      schema: z.unknown(),
    });
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429) throw error;
    return (await segmentExists(portal, segment)) ? null : error.message;
  }
}
