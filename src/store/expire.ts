import { sql } from 'kysely';
import { accountsFrom, byAccountRange } from './account-ranges.ts';
import { canonicalJson } from './canonical.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { sourcesOf } from './keys.ts';
import { KIND_CODE } from './kinds.ts';
import { breathe, slices } from './walk.ts';

/** Facts per statement, whose JSON is looked into: some milliseconds. */
const ROWS_AT_ONCE = 1_000;
/** Texts removed without a break. */
const AT_ONCE = 200;

interface Row {
  record: number;
  version: number;
  /** null = it has no text, or one whose time has not come. */
  data: string | null;
}

/** See WorkspaceStore.expireTexts. Texts are few, so the rows are mended one by one. */
export async function expireTexts(ctx: StoreContext, now: number): Promise<number> {
  let expired = 0;
  for (const { id: source } of await sourcesOf(ctx))
    await byAccountRange(ctx, ROWS_AT_ONCE, async (from, to) => {
      const member = (key: string) => ctx.dialect.json(sql.ref('f.data'), key);
      const { rows } = await sql<Row>`
        select f.record, f.version, case when f.data like '%"textExpiresAt":%' and ${member('text')} is not null and cast(${member('textExpiresAt')} as bigint) <= ${now} then f.data end as data
        from facts as f
        where f.source = ${source} and ${accountsFrom(ctx, source, from, to)} and f.kind in (${KIND_CODE.ticket}, ${KIND_CODE.activity})`.execute(
        ctx.db,
      );
      for (const part of slices(
        rows.flatMap(({ data, ...key }) => (data === null ? [] : { ...key, data })),
        AT_ONCE,
      )) {
        await removeTexts(ctx, part);
        expired += part.length;
        await breathe();
      }
      return rows.length;
    });
  return expired;
}

async function removeTexts(
  ctx: StoreContext,
  rows: { record: number; version: number; data: string }[],
): Promise<void> {
  await writing(ctx, async (trx) => {
    for (const { record, version, data } of rows) {
      const { text: _text, textExpiresAt: _at, ...rest } = JSON.parse(data) as Record<string, unknown>;
      await trx
        .updateTable('facts')
        .set({ data: canonicalJson(rest) })
        .where('record', '=', record)
        .where('version', '=', version)
        .where('data', '=', data) // what was stated anew meanwhile has its own time
        .execute();
    }
  });
}
