import { type Kysely, sql } from 'kysely';
import { storableKey } from './canonical.ts';
import type { Row, StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { sourceId } from './keys.ts';
import type { Tables } from './schema.ts';
import type { Unmatched, WorkspaceStore } from './types.ts';
import { breathe, slices, walk } from './walk.ts';

/** Rows per statement: some milliseconds. */
const CHUNK = 2_000;

type Part = Pick<WorkspaceStore, 'replaceLinks' | 'links' | 'unmatched'>;

/** Which account of the primary source each source's accounts belong to. */
export function linkStore(ctx: StoreContext): Part {
  const { db, workspace } = ctx;
  return {
    replaceLinks: (name, links, unmatched) =>
      writing(ctx, async (trx) => {
        const source = await sourceId(trx, ctx, name);
        for (const rows of [links, unmatched]) {
          const foreign = rows.find((row) => row.source !== name);
          if (foreign) throw new Error(`replaceLinks of ${name} was given an account of ${foreign.source}`);
        }
        await replaceRows(trx, ctx, { table: 'links', columns: ['account', 'reason'], source }, links, (link) => ({
          account: storableKey(link.account),
          reason: link.reason,
        }));
        const columns = ['reason', 'suggestions_json'] as const;
        await replaceRows(trx, ctx, { table: 'unmatched', columns, source }, unmatched, (row) => ({
          reason: row.reason,
          suggestions_json: JSON.stringify(row.suggestions),
        }));
      }),

    links: async (source) => {
      const rows = await db
        .selectFrom('links')
        .innerJoin('sources', 'sources.id', 'links.source')
        .where('workspace', '=', workspace)
        .where(source === undefined ? sql<boolean>`true` : sql<boolean>`sources.name = ${source}`)
        .select(['name', 'source_account', 'account', 'reason'])
        .orderBy('name')
        .orderBy('source_account')
        .execute();
      return rows.map((row) => ({
        source: row.name,
        sourceAccount: row.source_account,
        account: row.account,
        reason: row.reason,
      }));
    },

    unmatched: async (source) => {
      const rows = await db
        .selectFrom('unmatched')
        .innerJoin('sources', 'sources.id', 'unmatched.source')
        .where('workspace', '=', workspace)
        .where(source === undefined ? sql<boolean>`true` : sql<boolean>`sources.name = ${source}`)
        .select(['name', 'source_account', 'reason', 'suggestions_json'])
        .orderBy('name')
        .orderBy('source_account')
        .execute();
      return rows.map((row) => ({
        source: row.name,
        sourceAccount: row.source_account,
        reason: row.reason,
        suggestions: JSON.parse(row.suggestions_json) as Unmatched['suggestions'],
      }));
    },
  };
}

/**
 * Makes a source's rows of a table exactly these. Only what differs is written: from one night to the next nearly nothing does, and
 * 100,000 rows deleted and inserted again would hold everything else up.
 */
async function replaceRows<C extends string, T extends { sourceAccount: string }>(
  trx: Kysely<Tables>,
  { dialect }: StoreContext,
  at: { table: 'links' | 'unmatched'; columns: readonly C[]; source: number },
  items: readonly T[],
  cells: (item: T) => Row<C>,
): Promise<void> {
  const { table, columns, source } = at;
  const wanted = new Map<string, T>();
  for (const part of slices(items, CHUNK)) {
    for (const item of part) wanted.set(storableKey(item.sourceAccount), item);
    await breathe();
  }
  const gone: string[] = [];
  const known = walk(
    'source_account',
    (row: Known<C>) => row.source_account,
    (unread) =>
      sql<Known<C>>`
      select source_account, ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(table)}
      where source = ${source} and ${unread} order by source_account limit ${CHUNK}`.execute(trx),
  );
  for await (const found of known)
    for (const row of found) {
      const item = wanted.get(row.source_account);
      const next = item && cells(item);
      if (!next) gone.push(row.source_account);
      else if (columns.every((column) => row[column] === next[column])) wanted.delete(row.source_account);
    }
  for (const part of slices(gone, CHUNK)) {
    await sql`delete from ${sql.table(table)} where source = ${source} and source_account in ${dialect.list(part)}`.execute(
      trx,
    );
    await breathe();
  }
  const update = columns.map((column) => `${column} = excluded.${column}`).join(', ');
  const conflict = `on conflict (source, source_account) do update set ${update}`;
  for (const part of slices([...wanted], CHUNK)) {
    const rows = part.map(([key, item]) => ({ source, source_account: key, ...cells(item) }));
    await dialect.insertMany(trx, table, ['source', 'source_account', ...columns], rows, conflict);
  }
}
type Known<C extends string> = Row<C> & { source_account: string };
