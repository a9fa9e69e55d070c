import { sql } from 'kysely';
import type { StoreContext } from './dialect.ts';
import { KIND_CODE } from './kinds.ts';

/** Codes of kinds, by the number of the source. */
export type Carried = ReadonlyMap<number, ReadonlySet<number>>;

/** The codes of the kinds that each source has told of: the others need not be looked for account by account. */
export async function carriedKinds(ctx: StoreContext): Promise<Carried> {
  const kinds = ctx.dialect.numbers(
    Object.values(KIND_CODE).map((code) => [code]),
    1,
  );
  const { rows } = await sql<{ source: number; kind: number }>`
    select s.id as source, k.c0 as kind from sources as s cross join ${kinds} as k
    where s.workspace = ${ctx.workspace}
      and exists (select 1 from record_keys as r where r.source = s.id and r.kind = k.c0)`.execute(ctx.db);
  const carried = new Map<number, Set<number>>();
  for (const { source, kind } of rows) carried.set(source, (carried.get(source) ?? new Set()).add(kind));
  return carried;
}
