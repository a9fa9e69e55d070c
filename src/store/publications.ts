import type { Selectable } from 'kysely';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { insertModel } from './models.ts';
import type { Tables } from './schema.ts';
import { forgetShadow, shadowRow } from './shadows.ts';
import type { Publication, PublicationKind, WorkspaceStore } from './types.ts';

type Part = Pick<WorkspaceStore, 'publish' | 'publications' | 'lastProof'>;

/** Models that were made the live one. Rows are only ever added, so that it stays known who let what score the book, and on what proof. */
export function publicationStore(ctx: StoreContext): Part {
  const { workspace } = ctx;
  const rows = (db: StoreContext['db']) =>
    db
      .selectFrom('publications as p')
      .innerJoin('models as m', (on) =>
        on.onRef('m.workspace', '=', 'p.workspace').onRef('m.hash', '=', 'p.model_hash'),
      )
      .innerJoin('models as r', (on) =>
        on.onRef('r.workspace', '=', 'p.workspace').onRef('r.hash', '=', 'p.replaced_hash'),
      )
      .selectAll('p')
      .select(['m.name', 'm.version', 'r.name as replaced_name', 'r.version as replaced_version'])
      .where('p.workspace', '=', workspace)
      .orderBy('p.number', 'desc');

  return {
    publish: ({ hash, replacedHash, kind, configured, configuredHash, at, by, reason, figures }, models, after) =>
      writing(ctx, async (trx) => {
        const [last] = await rows(trx).limit(1).execute();
        if ((last?.number ?? 0) !== after) return null;
        for (const [own, model] of models) await insertModel(trx, workspace, own, model, at);
        await trx
          .insertInto('publications')
          .values({
            workspace,
            number: after + 1,
            model_hash: hash,
            replaced_hash: replacedHash,
            kind,
            configured,
            configured_hash: configuredHash,
            at,
            person: by,
            reason,
            figures_json: figures === null ? null : JSON.stringify(figures),
          })
          .execute();
        if ((await shadowRow(trx, workspace))?.model_hash === hash) await forgetShadow(trx, workspace);
        return toPublication(await rows(trx).limit(1).executeTakeFirstOrThrow());
      }),

    publications: async (limit) => (await rows(ctx.db).limit(limit).execute()).map(toPublication),

    lastProof: async (hash) => {
      const row = await rows(ctx.db)
        .where('p.model_hash', '=', hash)
        .where('p.figures_json', 'is not', null)
        .limit(1)
        .executeTakeFirst();
      return row ? toPublication(row) : null;
    },
  };
}

type Row = Selectable<Tables['publications']> & {
  name: string;
  version: number;
  replaced_name: string;
  replaced_version: number;
};

const toPublication = (row: Row): Publication => ({
  number: row.number,
  hash: row.model_hash,
  name: row.name,
  version: row.version,
  replacedHash: row.replaced_hash,
  replaced: { name: row.replaced_name, version: row.replaced_version },
  kind: row.kind as PublicationKind,
  configured: row.configured,
  configuredHash: row.configured_hash,
  at: row.at,
  by: row.person,
  reason: row.reason,
  figures: row.figures_json === null ? null : JSON.parse(row.figures_json),
});
