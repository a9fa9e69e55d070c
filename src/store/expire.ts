import { sql } from 'kysely';
import { canonicalJson } from './canonical.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { sourcesOf } from './keys.ts';
import { KIND_CODE } from './kinds.ts';
import { breathe } from './walk.ts';

const AT_ONCE = 500;

/** See WorkspaceStore.expireTexts. Texts are few, so the rows are mended one by one. */
export async function expireTexts(ctx: StoreContext, now: number): Promise<number> {
  let expired = 0;
  for (const source of await sourcesOf(ctx))
    for (let more = true; more; ) {
      const { rows } = await sql<{ record: number; version: number; data: string }>`
        select record, version, data from facts
        where source = ${source.id} and kind = ${KIND_CODE.ticket} and data ->> 'text' is not null
          and cast(data ->> 'textExpiresAt' as bigint) <= ${now} limit ${AT_ONCE}`.execute(ctx.db);
      await writing(ctx, async (trx) => {
        for (const { record, version, data } of rows) {
          const { text: _text, textExpiresAt: _at, ...rest } = JSON.parse(data) as Record<string, unknown>;
          await trx
            .updateTable('facts')
            .set({ data: canonicalJson(rest) })
            .where('record', '=', record)
            .where('version', '=', version)
            .execute();
        }
      });
      expired += rows.length;
      more = rows.length === AT_ONCE;
      await breathe();
    }
  return expired;
}
