import { sql } from 'kysely';
import { storableKey } from './canonical.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { sourceId } from './keys.ts';
import type { Unmatched, WorkspaceStore } from './types.ts';

type Part = Pick<WorkspaceStore, 'replaceLinks' | 'links' | 'unmatched'>;

/** Which account of the primary source each source's accounts belong to. */
export function linkStore(ctx: StoreContext): Part {
  const { db, dialect, workspace } = ctx;
  return {
    replaceLinks: (name, links, unmatched) =>
      writing(ctx, async (trx) => {
        const source = await sourceId(trx, ctx, name);
        const foreign = [...links, ...unmatched].find((row) => row.source !== name);
        if (foreign) throw new Error(`replaceLinks of ${name} was given an account of ${foreign.source}`);
        await trx.deleteFrom('links').where('source', '=', source).execute();
        await trx.deleteFrom('unmatched').where('source', '=', source).execute();
        const linkRows = links.map((link) => ({
          source,
          source_account: storableKey(link.sourceAccount),
          account: storableKey(link.account),
          reason: link.reason,
        }));
        await dialect.insertMany(trx, 'links', ['source', 'source_account', 'account', 'reason'], linkRows);
        const unmatchedRows = unmatched.map((row) => ({
          source,
          source_account: storableKey(row.sourceAccount),
          reason: row.reason,
          suggestions_json: JSON.stringify(row.suggestions),
        }));
        const columns = ['source', 'source_account', 'reason', 'suggestions_json'] as const;
        await dialect.insertMany(trx, 'unmatched', columns, unmatchedRows);
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
