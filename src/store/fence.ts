import { type Kysely, sql } from 'kysely';
import type { StoreContext } from './dialect.ts';
import type { Tables } from './schema.ts';

type Transaction = Kysely<Tables>;

/** One transaction that writes. That of a fenced workspace first proves that its lease is still held. */
export function writing<T>(ctx: StoreContext, work: (trx: Transaction) => Promise<T>): Promise<T> {
  return ctx.dialect.writing(ctx.db, ctx.workspace, async (trx) => {
    await ctx.fence?.(trx);
    return work(trx);
  });
}

/** See WorkspaceStore.fenced. No clock has a say: whoever took over has replaced the row, or removed it when done. */
export function fence(
  { workspace }: StoreContext,
  name: string,
  holder: string,
  lost: () => never,
): (trx: Transaction) => Promise<void> {
  return async (trx) => {
    const { rows } = await sql<{ holder: string }>`
      select holder from leases where workspace = ${workspace} and name = ${name}`.execute(trx);
    if (rows[0]?.holder !== holder) lost();
  };
}
