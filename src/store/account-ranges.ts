import { type RawBuilder, sql } from 'kysely';
import type { StoreContext } from './dialect.ts';
import { breathe } from './walk.ts';

/**
 * Calls `read` for ranges [from, to) of account numbers that cover every source, and lets other work run in between. `read` tells
 * how many rows it saw: ranges grow and shrink so that a statement sees about `rowsAtOnce`; null = it has seen enough.
 */
export async function byAccountRange(
  { db }: StoreContext,
  rowsAtOnce: number,
  read: (from: number, to: number) => Promise<number | null>,
): Promise<void> {
  // The last of all sources: to find that of one, all of its numbers had to be looked at.
  const { rows } = await sql<{ last: number | null }>`select max(id) as last from account_keys`.execute(db);
  const last = rows[0]?.last ?? 0;
  for (let from = 0, size = 64; from <= last; ) {
    const seen = await read(from, from + size);
    if (seen === null) return;
    from += size;
    size = Math.max(1, seen < rowsAtOnce ? Math.min(size * 2, 4_096) : size >> 1);
    await breathe();
  }
}

/** Condition: facts `f` of a source's accounts in [from, to), each looked up by itself. */
export function accountsFrom({ dialect }: StoreContext, source: number, from: number, to: number): RawBuilder<unknown> {
  return dialect.among(sql.ref('f.account'), accountsIn(source, from, to));
}

/**
 * A query for the numbers (`id`) of a source's accounts in [from, to); 0 stands for facts of no account. The plus keeps planners from the
 * index of the source's keys, all of which they would read for each range.
 */
export const accountsIn = (source: number, from: number, to: number): RawBuilder<unknown> =>
  sql`select id from account_keys where +source = ${source} and id >= ${from} and id < ${to}
    union all select 0 where cast(${from} as bigint) = 0`;
