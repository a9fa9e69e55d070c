import { type Kysely, sql } from 'kysely';
import { hashOf } from '../../core/hash.ts';
import { PROJECTED } from '../../core/projection.ts';
import type { SqlDialect } from '../dialect.ts';
import { KIND_CODE } from '../kinds.ts';
import type { FactRow, Tables } from '../schema.ts';
import { breathe } from '../walk.ts';
import { writeFigures } from './write.ts';

/** Raised when the meaning of a column changes without its name. */
const VERSION = 1;
const LAYOUT = hashOf([VERSION, PROJECTED]);
const AT_ONCE = 2_000;

/** Figures are drawn from the facts: where this version draws them in another way than the one before, they are drawn anew. */
export async function ensureProjected(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  if ((await layoutOf(db)) === LAYOUT) return;
  await dialect.writing(db, 'all', async (trx) => {
    if ((await layoutOf(trx)) === LAYOUT) return; // another process was faster
    for (const table of ['figures', 'people', 'projection'] as const) await trx.deleteFrom(table).execute();
    await projectAll(trx, dialect);
    await trx.insertInto('projection').values({ layout: LAYOUT }).execute();
  });
}

const layoutOf = async (db: Kysely<Tables>): Promise<string | undefined> =>
  (await db.selectFrom('projection').select('layout').executeTakeFirst())?.layout;

/** Every fact of a projected kind, by record: all versions of a state come together or in order. */
async function projectAll(trx: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const kinds = sql.join(Object.keys(PROJECTED).map((kind) => KIND_CODE[kind as keyof typeof PROJECTED]));
  let after: [record: number, version: number] = [0, Number.MIN_SAFE_INTEGER];
  for (;;) {
    const { rows } = await sql<FactRow & { source: number }>`
      select f.source, f.account, f.kind, f.at, f.record, f.version, f.known_at, f.seen_at, f.deleted, f.load, f.data
      from facts as f where (f.record, f.version) > (${after[0]}, ${after[1]}) and f.kind in (${kinds})
      order by f.record, f.version limit ${AT_ONCE}`.execute(trx);
    const last = rows.at(-1);
    if (!last) return;
    const bySource = Map.groupBy(rows, (row) => row.source);
    for (const [source, own] of bySource) await writeFigures(trx, dialect, source, [], own);
    after = [last.record, last.version];
    await breathe();
  }
}
