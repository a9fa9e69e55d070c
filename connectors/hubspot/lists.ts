import { z } from 'zod';
import type { Reject } from '../../src/contract/index.ts';
import { Gaps, refuseGaps } from './gaps.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';
import { type CrmRecord, readRecords } from './record.ts';

/** Records in one call; fewer where their history comes along. */
const PAGE = 100;
const PAGE_WITH_HISTORY = 50;

const Rows = z.object({ results: z.array(z.unknown()), errors: Gaps });
const Listed = Rows.extend({
  paging: z.object({ next: z.object({ after: z.string() }).nullish() }).nullish(),
});

/** What to read of each record. */
export interface Wanted {
  properties: string[];
  /** Properties that come with their earlier values. */
  history: string[];
}
export interface Batch {
  records: CrmRecord[];
  rejects: Reject[];
}

const pageSize = (wanted: Wanted): number => (wanted.history.length > 0 ? PAGE_WITH_HISTORY : PAGE);

/**
 * Every record that exists, straight from the database, in ascending order of id. `archived`: the deleted ones, which stay listed for
 * 90 days. `next` is where to go on; null behind the last page.
 */
export async function* list(
  portal: Portal,
  type: ObjectType,
  wanted: Wanted,
  options: { after?: string | null; archived?: boolean } = {},
): AsyncGenerator<Batch & { next: string | null }> {
  for (let after = options.after ?? undefined; ; ) {
    const { results, paging } = await portal.client.json({
      label: `${type}.list`,
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: portal.paths.list(type),
      query: {
        limit: pageSize(wanted),
        after,
        properties: wanted.properties,
        ...(wanted.history.length > 0 ? { propertiesWithHistory: wanted.history } : {}),
        ...(options.archived ? { archived: true } : {}),
      },
      schema: Listed,
    });
    const next = paging?.next?.after ?? null;
    yield { ...readRecords(type, results), next };
    if (next === null) return;
    after = next;
  }
}

/**
 * Records by id, straight from the database; those that are gone are left out.
 * @throws ConnectorError where some could not be read
 */
export async function readBatch(
  portal: Portal,
  type: ObjectType,
  ids: readonly string[],
  wanted: Wanted,
): Promise<Batch> {
  const size = pageSize(wanted);
  const parts = Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ids.slice(n * size, (n + 1) * size));
  const batches = await Promise.all(
    parts.map(async (part) => {
      const { results, errors } = await portal.client.json({
        label: `${type}.read`,
        kind: 'read',
        idempotent: true,
        method: 'POST',
        path: portal.paths.batch(type, 'read'),
        body: {
          inputs: part.map((id) => ({ id })),
          properties: wanted.properties,
          propertiesWithHistory: wanted.history,
        },
        schema: Rows,
      });
      refuseGaps(`${type}.read`, errors);
      return readRecords(type, results);
    }),
  );
  return { records: batches.flatMap((b) => b.records), rejects: batches.flatMap((b) => b.rejects) };
}
