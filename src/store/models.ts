import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import type { NamedModel, WorkspaceStore } from './types.ts';

type Part = Pick<WorkspaceStore, 'keepModel' | 'keptModel' | 'modelSince' | 'keepSetting' | 'keptSetting'>;

/** What scored: models by their hash, and the setting of each scoring. Kept for good, so that old scores stay explained. */
export function modelStore(ctx: StoreContext): Part {
  const { db, workspace } = ctx;
  return {
    keepModel: (hash, model, now) => writing(ctx, (trx) => insertModel(trx, workspace, hash, model, now)),

    keptModel: async (hash) => {
      const row = await db
        .selectFrom('models')
        .select('model_json')
        .where('workspace', '=', workspace)
        .where('hash', '=', hash)
        .executeTakeFirst();
      return row ? JSON.parse(row.model_json) : null;
    },

    modelSince: async (hash) => {
      const row = await db
        .selectFrom('models')
        .select('first_used')
        .where('workspace', '=', workspace)
        .where('hash', '=', hash)
        .executeTakeFirst();
      return row?.first_used ?? null;
    },

    keepSetting: (hash, asOf, setting) =>
      writing(ctx, async (trx) => {
        const setting_json = JSON.stringify(setting);
        await trx
          .insertInto('scorings')
          .values({ workspace, model_hash: hash, as_of: asOf, setting_json })
          .onConflict((c) => c.columns(['workspace', 'model_hash', 'as_of']).doUpdateSet({ setting_json }))
          .execute();
      }),

    keptSetting: async (hash, asOf) => {
      const row = await db
        .selectFrom('scorings')
        .select('setting_json')
        .where('workspace', '=', workspace)
        .where('model_hash', '=', hash)
        .where('as_of', '=', asOf)
        .executeTakeFirst();
      return row ? JSON.parse(row.setting_json) : null;
    },
  };
}

/** Keeps the model behind a hash, once. */
export async function insertModel(
  trx: StoreContext['db'],
  workspace: number,
  hash: string,
  model: NamedModel,
  now: number,
): Promise<void> {
  const { name, version } = model;
  await trx
    .insertInto('models')
    .values({ workspace, hash, name, version, model_json: JSON.stringify(model), first_used: now })
    .onConflict((c) => c.doNothing())
    .execute();
}
