import { sql } from 'kysely';
import type { ParentLink } from '../core/hierarchy.ts';
import type { StoreContext } from './dialect.ts';
import { findSource } from './keys.ts';
import { KIND_CODE } from './kinds.ts';
import { walk } from './walk.ts';

/** Accounts looked at per statement, which keeps it near 10 ms. */
const CHUNK = 2_000;

/** See WorkspaceStore.parentLinks. Accounts without a parent stay in the database. */
export async function* parentLinks(ctx: StoreContext, source: string, asOf: number): AsyncGenerator<ParentLink[]> {
  const { db, dialect } = ctx;
  const id = await findSource(db, ctx.workspace, source);
  if (id === null) return;
  const live = (f: string) => sql`${sql.ref(`${f}.kind`)} = ${KIND_CODE.account} and ${sql.ref(`${f}.at`)} <= ${asOf}
    and ${sql.ref(`${f}.deleted`)} = 0 and not exists (select 1 from facts as n
      where n.record = ${sql.ref(`${f}.record`)} and n.version > ${sql.ref(`${f}.version`)} and n.version <= ${asOf})`;
  // The source as if each account brought its own: of one that is named a planner may read all, and then look for the accounts.
  const found = walk(
    'key',
    (row: Row) => row.account,
    (unread) =>
      sql<Row>`
      select k.account, k.parent, case when exists (
          select 1 from account_keys as p cross join facts as g
          where p.source = ${id} and p.key = k.parent and g.source = p.source and g.account = p.id and ${live('g')})
        then 1 else 0 end as known
      from (select a.key as account, ${dialect.json(sql.ref('f.data'), 'parentId')} as parent
            from (select id, key, source + 0 as source from account_keys where source = ${id} and ${unread}
              order by key limit ${CHUNK}) as a
            left join facts as f on f.source = a.source and f.account = a.id and ${live('f')}) as k
      order by k.account`.execute(db),
  );
  for await (const rows of found) {
    const links = rows.flatMap(({ account, parent, known }) =>
      parent ? [{ account, parent, known: known === 1 }] : [],
    );
    if (links.length > 0) yield links;
  }
}
type Row = { account: string; parent: string | null; known: number };
