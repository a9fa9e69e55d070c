import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import type { WorkspaceStore } from './types.ts';
import { slices } from './walk.ts';

type Part = Pick<WorkspaceStore, 'judgements' | 'keepJudgements' | 'takeJudging'>;
const AT_ONCE = 200;

/** What was made of texts, by their hashes, and how much of a day's budget for it is spent. */
export function judgementStore(ctx: StoreContext): Part {
  const { db, workspace } = ctx;
  return {
    judgements: async (judge, hashes) => {
      const found = new Map<string, { sentiment: number | null; frustrated: boolean | null }>();
      for (const part of slices(hashes, AT_ONCE)) {
        const rows = await db
          .selectFrom('judgements')
          .select(['hash', 'sentiment', 'frustrated'])
          .where('workspace', '=', workspace)
          .where('judge', '=', judge)
          .where('hash', 'in', part)
          .execute();
        for (const { hash, sentiment, frustrated } of rows)
          found.set(hash, { sentiment, frustrated: frustrated === null ? null : frustrated === 1 });
      }
      return found;
    },

    keepJudgements: (judge, judged, now) =>
      writing(ctx, async (trx) => {
        if (judged.length === 0) return;
        const rows = judged.map(({ hash, sentiment, frustrated }) => ({
          workspace,
          judge,
          hash,
          sentiment,
          frustrated: frustrated === null ? null : Number(frustrated),
          at: now,
        }));
        // The first judgement stays: a text is not judged in two ways.
        await trx
          .insertInto('judgements')
          .values(rows)
          .onConflict((c) => c.doNothing())
          .execute();
      }),

    takeJudging: (day, wanted, budget) =>
      writing(ctx, async (trx) => {
        const spent = await trx
          .selectFrom('judging_days')
          .select('texts')
          .where('workspace', '=', workspace)
          .where('day', '=', day)
          .executeTakeFirst();
        const before = spent?.texts ?? 0;
        const taken = Math.max(0, Math.min(wanted, budget - before));
        const texts = before + taken;
        await trx
          .insertInto('judging_days')
          .values({ workspace, day, texts })
          .onConflict((c) => c.columns(['workspace', 'day']).doUpdateSet({ texts }))
          .execute();
        return taken;
      }),
  };
}
