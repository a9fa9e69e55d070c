import { sql } from 'kysely';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { insertModel } from './models.ts';
import type { WorkspaceStore } from './types.ts';
import { breathe, slices, walk } from './walk.ts';

const CHUNK = 100;
const COLUMNS = ['workspace', 'account', 'as_of', 'judgement_json'] as const;
const LATEST = `on conflict (workspace, account) do update
  set as_of = excluded.as_of, judgement_json = excluded.judgement_json`;

type Part = Pick<WorkspaceStore, 'startShadow' | 'stopShadow' | 'shadow' | 'keepShadowScores' | 'shadowScores'>;

type Db = StoreContext['db'];

export const shadowRow = (db: Db, workspace: number) =>
  db.selectFrom('shadows').selectAll().where('workspace', '=', workspace).executeTakeFirst();

export async function forgetShadow(trx: Db, workspace: number): Promise<void> {
  await trx.deleteFrom('shadows').where('workspace', '=', workspace).execute();
  await trx.deleteFrom('shadow_scores').where('workspace', '=', workspace).execute();
}

/** A model on trial, and what it last said of each account: apart from the scores that anything else reads. */
export function shadowStore(ctx: StoreContext): Part {
  const { db, dialect, workspace } = ctx;
  const running = (trx: Db) => shadowRow(trx, workspace);
  return {
    startShadow: ({ hash, since, by }, model) =>
      writing(ctx, async (trx) => {
        if ((await running(trx))?.model_hash === hash) return;
        await forgetShadow(trx, workspace);
        await insertModel(trx, workspace, hash, model, since);
        await trx.insertInto('shadows').values({ workspace, model_hash: hash, since, person: by }).execute();
      }),

    stopShadow: () =>
      writing(ctx, async (trx) => {
        const found = await running(trx);
        await forgetShadow(trx, workspace);
        return found !== undefined;
      }),

    shadow: async () => {
      const row = await running(db);
      return row ? { hash: row.model_hash, since: row.since, by: row.person } : null;
    },

    keepShadowScores: (hash, rows) =>
      writing(ctx, async (trx) => {
        if ((await running(trx))?.model_hash !== hash) return;
        for (const part of slices(rows, CHUNK)) {
          const values = part.map((r) => ({ workspace, account: r.account, as_of: r.asOf, judgement_json: r.json }));
          await dialect.insertMany(trx, 'shadow_scores', COLUMNS, values, LATEST);
          if (part.length < rows.length) await breathe();
        }
      }),

    async *shadowScores() {
      const found = walk(
        'account',
        (row: { account: string; as_of: number; judgement_json: string }) => row.account,
        (unread) =>
          sql<{ account: string; as_of: number; judgement_json: string }>`
          select account, as_of, judgement_json from shadow_scores
          where workspace = ${workspace} and ${unread} order by account limit ${CHUNK}`.execute(db),
      );
      for await (const rows of found)
        yield rows.map((row) => ({ account: row.account, asOf: row.as_of, json: row.judgement_json }));
    },
  };
}
