import { z } from 'zod';
import { ConnectorError } from '../../src/contract/index.ts';
import type { Client } from './client.ts';
import type { Row } from './rows.ts';

const Answer = z.object({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z
    .string()
    .regex(/^\/services\/data\//)
    .nullish(), // a path, so that the token never goes to another host
  // Checked, not copied: a page may hold 2,000 wide rows, and each value is read by a typed reader later.
  records: z.custom<Row[]>(
    (rows) =>
      Array.isArray(rows) && rows.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row)),
    'expected a list of records',
  ),
});
type Answer = z.infer<typeof Answer>;

export interface Query {
  label: string;
  /** The query behind `last` (null = from the start), at most `limit` rows where a limit is given. */
  soql: (last: Row | null, limit: number | null) => string;
  /** queryAll: deleted and archived rows too. */
  all?: boolean;
}

export interface RowPage {
  rows: Row[];
  done: number;
  total: number;
}

/** Where a query is too much for the org at once, it is asked in pieces of this size, and smaller ones. */
const LIMITS = [10_000, 2_000, 500, 200];
const MAX_RESTARTS = 5;

/**
 * Every row of a query, page by page. Follows `nextRecordsUrl` (never jsforce's autoFetch, which ends at 10,000 rows); a locator that
 * the org has dropped is replaced by a new query behind the last row, a query that times out by the same one in pieces.
 */
export async function* pages(client: Client, query: Query): AsyncGenerator<RowPage> {
  const get = (path: string): Promise<Answer> =>
    client.rest(
      {
        label: query.label,
        kind: 'read',
        idempotent: true,
        method: 'GET',
        path,
        headers: client.ctx.config.pageSize
          ? { 'Sforce-Query-Options': `batchSize=${client.ctx.config.pageSize}` }
          : {},
      },
      Answer,
    );
  let last: Row | null = null;
  let done = 0;
  let narrow = -1;
  let restarts = 0;
  for (;;) {
    const limit: number | null = LIMITS[narrow] ?? null;
    let next: string | null = `/${query.all ? 'queryAll' : 'query'}?q=${encodeURIComponent(query.soql(last, limit))}`;
    let got = 0;
    let total = 0;
    try {
      while (next) {
        const answer: Answer = await get(next);
        if (!answer.done && !answer.nextRecordsUrl)
          throw new ConnectorError(`${query.label}: more rows exist, but the org names no next page`, {
            action: 'fail',
            code: 'NO_NEXT_PAGE',
          });
        next = answer.done ? null : (answer.nextRecordsUrl ?? null);
        got += answer.records.length;
        done += answer.records.length;
        total = answer.totalSize;
        last = answer.records.at(-1) ?? last;
        restarts = answer.records.length ? 0 : restarts;
        if (answer.records.length) yield { rows: answer.records, done, total: Math.max(done, done - got + total) };
      }
    } catch (error) {
      const code = error instanceof ConnectorError ? error.code : undefined;
      if (code === 'INVALID_QUERY_LOCATOR' && restarts < MAX_RESTARTS) restarts += 1;
      else if ((code === 'QUERY_TIMEOUT' || code === 'GOVERNOR_LIMIT') && narrow < LIMITS.length - 1) narrow += 1;
      else throw error;
      client.ctx.log.warn({ label: query.label, code, done }, 'the query is asked again behind the last row');
      continue;
    }
    if (got < total)
      client.ctx.log.warn({ label: query.label, got, total }, 'fewer rows arrived than the org announced');
    if (limit === null || got < limit) return;
  }
}
