import { z } from 'zod';
import { ConnectorError } from '../../src/contract/index.ts';
import { byId } from './facts.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';

const PAGE = 200;

const Row = z.object({
  id: z.union([z.string(), z.int()]).transform(String),
  updatedAt: z.iso.datetime({ offset: true }).transform((stamp) => Date.parse(stamp)),
});
const Answer = z.object({
  results: z.array(Row),
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

/** A record as the index knows it: the index lags, so that its contents are read elsewhere. */
export interface Hit {
  id: string;
  /** Epoch ms; an index that is behind tells an older one. */
  updatedAt: number;
}
export interface Filter {
  propertyName: string;
  operator: 'EQ' | 'GT' | 'GTE' | 'LTE' | 'HAS_PROPERTY';
  value?: string;
}

/** The property that holds a type's modification stamp; by the other's name contacts match nothing, without an error. */
export const stampOf = (type: ObjectType): string => (type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate');

/** Records changed from one instant to another, both inclusive. */
export const changedBetween = (type: ObjectType, from: number, to: number): Filter[] => [
  { propertyName: stampOf(type), operator: 'GTE', value: String(from) },
  { propertyName: stampOf(type), operator: 'LTE', value: String(to) },
];

/**
 * Everything that the filters match, in ascending order of id, page by page. Each page is asked for by the last id, never by an offset:
 * so the 10,000 results that a query may have are no limit, thousands of rows with one stamp are no trap, and rows that leave the
 * filter meanwhile push nobody across a page's edge.
 * https://developers.hubspot.com/docs/api-reference/search/guide
 */
export async function* search(
  portal: Portal,
  type: ObjectType,
  filters: Filter[],
  afterId: string | null = null,
): AsyncGenerator<Hit[]> {
  for (let last = afterId; ; ) {
    const behind: Filter[] = last === null ? [] : [{ propertyName: 'hs_object_id', operator: 'GT', value: last }];
    const { results, paging } = await ask(portal, type, {
      filterGroups: [{ filters: [...filters, ...behind] }],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      limit: PAGE,
    });
    for (const { id } of results) {
      if (last !== null && byId(last, id) >= 0) throw disorder(type);
      last = id;
    }
    if (results.length > 0) yield results;
    if (results.length === 0 || !paging?.next) return;
  }
}

/** The newest stamp that the index shows of a type; null = it shows no record. */
export async function newestStamp(portal: Portal, type: ObjectType): Promise<number | null> {
  const { results } = await ask(portal, type, {
    filterGroups: [],
    sorts: [{ propertyName: stampOf(type), direction: 'DESCENDING' }],
    limit: 1,
  });
  return results[0]?.updatedAt ?? null;
}

function ask(portal: Portal, type: ObjectType, request: { filterGroups: unknown[]; sorts: unknown[]; limit: number }) {
  return portal.client.json({
    label: `${type}.search`,
    kind: 'read',
    idempotent: true,
    method: 'POST',
    path: portal.paths.search(type),
    body: { ...request, properties: ['hs_object_id', stampOf(type)] },
    bucket: 'search',
    schema: Answer,
  });
}

/** Going on behind the last id would leave rows out. */
const disorder = (type: ObjectType): ConnectorError =>
  new ConnectorError(`${type}.search: ids do not ascend although they were to be sorted`, {
    action: 'retry',
    code: 'UNSORTED',
    hint: 'The search index may be under repair: the next pull begins again where this one stood.',
  });
