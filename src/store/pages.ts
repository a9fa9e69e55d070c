import { type Kysely, sql } from 'kysely';
import type { Cursor, Held, Page } from '../contract/index.ts';
import { settleChildren } from './children.ts';
import type { SqlDialect, StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { writeFigures } from './figures/write.ts';
import { findSource, sourceId } from './keys.ts';
import type { Tables } from './schema.ts';
import type { WorkspaceStore } from './types.ts';
import { breathe, slices } from './walk.ts';
import { writeFacts } from './write-facts.ts';

const REMOVED_AT_ONCE = 2_000;

type Part = Pick<WorkspaceStore, 'commitPage' | 'streams' | 'markComplete' | 'resetCursor' | 'rejects'>;

/** What pulls store: pages with their cursor, in one transaction each. */
export function pageStore(ctx: StoreContext): Part {
  const { db, workspace } = ctx;
  return {
    commitPage: (source, stream, page, now) =>
      writing(ctx, async (trx) => {
        const id = await sourceId(trx, ctx, source);
        const at: StreamKey = { source: id, stream };
        const load = page.origin ? await openLoad(trx, at, page.origin.name, page.origin.begins === true) : null;
        const counts = await writeFacts(trx, ctx.dialect, id, page.facts, load);
        if (page.children) counts.removed += await settleChildren(trx, ctx.dialect, id, page.children, page.facts);
        await writeRejects(trx, ctx, at, page, load, now);
        await writeHeld(trx, ctx, page.held ?? []);
        if (page.origin?.complete && load !== null)
          counts.removed += await closeLoad(trx, ctx.dialect, at, page.origin.name, load);
        await writeCursor(trx, at, page.cursor, now);
        return { ...counts, rejected: page.rejects.length };
      }),

    streams: async () => {
      const rows = await db
        .selectFrom('streams')
        .innerJoin('sources', 'sources.id', 'streams.source')
        .where('workspace', '=', workspace)
        .select(['name', 'stream', 'cursor_json', 'updated_at', 'completed_at'])
        .orderBy('name')
        .orderBy('stream')
        .execute();
      return rows.flatMap((row) =>
        row.cursor_json === null
          ? [] // completed without a single page: there is no cursor to resume from
          : [
              {
                source: row.name,
                stream: row.stream,
                cursor: JSON.parse(row.cursor_json) as Cursor,
                updatedAt: row.updated_at,
                completedAt: row.completed_at,
              },
            ],
      );
    },

    markComplete: (source, stream, now) =>
      writing(ctx, async (trx) => {
        const row = { source: await sourceId(trx, ctx, source), stream, updated_at: now, completed_at: now };
        await trx
          .insertInto('streams')
          .values(row)
          .onConflict((c) => c.columns(['source', 'stream']).doUpdateSet({ completed_at: now }))
          .execute();
      }),

    resetCursor: (source, stream) =>
      writing(ctx, async (trx) => {
        const id = await findSource(trx, workspace, source);
        if (id === null) return;
        for (const table of ['streams', 'rejects'] as const)
          await trx.deleteFrom(table).where('source', '=', id).where('stream', '=', stream).execute();
        // What comes next starts from the beginning: it must not count as the rest of a load that was broken off.
        await trx
          .updateTable('loads')
          .set({ complete: 1 })
          .where('source', '=', id)
          .where('stream', '=', stream)
          .execute();
      }),

    rejects: async (source) => {
      let query = db
        .selectFrom('rejects')
        .innerJoin('sources', 'sources.id', 'rejects.source')
        .where('workspace', '=', workspace)
        .select(['name', 'stream', 'place', 'reason', 'at'])
        .orderBy('name')
        .orderBy('stream')
        .orderBy('place');
      if (source !== undefined) query = query.where('name', '=', source);
      const rows = await query.execute();
      return rows.map(({ name, stream, place, reason, at }) => ({ source: name, stream, where: place, reason, at }));
    },
  };
}

type StreamKey = { source: number; stream: string };

/** The load that a page of an origin belongs to: the one that is open, unless the origin is stated from its beginning; else a new one. */
async function openLoad(trx: Kysely<Tables>, at: StreamKey, origin: string, begins: boolean): Promise<number> {
  // A load that was left open (bad rows, a file that changed half-way) ends here: it is superseded, not continued.
  if (begins)
    await trx
      .updateTable('loads')
      .set({ complete: 1 })
      .where('source', '=', at.source)
      .where('stream', '=', at.stream)
      .where('origin', '=', origin)
      .execute();
  const open = await trx
    .selectFrom('loads')
    .select('id')
    .where('source', '=', at.source)
    .where('stream', '=', at.stream)
    .where('origin', '=', origin)
    .where('complete', '=', 0)
    .executeTakeFirst();
  if (open) return open.id;
  const row = { ...at, origin, complete: 0 };
  return (await trx.insertInto('loads').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

/** The origin has been stated in full: what only earlier loads of it stated is gone. Returns the facts removed. */
async function closeLoad(
  trx: Kysely<Tables>,
  dialect: SqlDialect,
  at: StreamKey,
  origin: string,
  load: number,
): Promise<number> {
  const earlier = await trx
    .selectFrom('loads')
    .select('id')
    .where('source', '=', at.source)
    .where('stream', '=', at.stream)
    .where('origin', '=', origin)
    .where('id', '<>', load)
    .execute();
  let removed = 0;
  for (const { id } of earlier) {
    for (let more = true; more; ) {
      const rows = await removeLoad(trx, dialect, at.source, id);
      removed += rows;
      more = rows === REMOVED_AT_ONCE;
      if (more) await breathe();
    }
    await trx
      .deleteFrom('rejects')
      .where('source', '=', at.source)
      .where('stream', '=', at.stream)
      .where('load', '=', id)
      .execute();
    await trx.deleteFrom('loads').where('id', '=', id).execute();
  }
  await trx.updateTable('loads').set({ complete: 1 }).where('id', '=', load).execute();
  return removed;
}

/** Removes some facts that only this load stated. Returns how many. */
async function removeLoad(trx: Kysely<Tables>, dialect: SqlDialect, source: number, load: number): Promise<number> {
  const { rows } = await sql<{ account: number; kind: number; at: number; record: number; version: number }>`
    select account, kind, at, record, version from facts where load = ${load} limit ${REMOVED_AT_ONCE}`.execute(trx);
  if (rows.length === 0) return 0;
  const gone = dialect.numbers(
    rows.map((row) => [row.record, row.version]),
    2,
  );
  await sql`delete from facts where (record, version) in (select c0, c1 from ${gone} as gone)`.execute(trx);
  await writeFigures(trx, dialect, source, rows, []);
  return rows.length;
}

async function writeCursor(trx: Kysely<Tables>, at: StreamKey, cursor: Cursor, now: number): Promise<void> {
  const position = { cursor_json: JSON.stringify(cursor), updated_at: now };
  await trx
    .insertInto('streams')
    .values({ ...at, ...position, completed_at: null })
    .onConflict((c) => c.columns(['source', 'stream']).doUpdateSet(position))
    .execute();
}

async function writeRejects(
  trx: Kysely<Tables>,
  { dialect }: StoreContext,
  at: StreamKey,
  page: Page,
  load: number | null,
  now: number,
): Promise<void> {
  await dialect.insertMany(
    trx,
    'rejects',
    ['source', 'stream', 'place', 'reason', 'at', 'load'],
    page.rejects.map((reject) => ({ ...at, place: reject.where, reason: reject.reason, at: now, load })),
    'on conflict (source, stream, place) do update set reason = excluded.reason, at = excluded.at, load = excluded.load',
  );
}

/** Stores what the CRM holds, replacing what was known of these accounts; rows that say the same are left alone. */
export async function writeHeld(
  trx: Kysely<Tables>,
  { dialect, workspace }: StoreContext,
  held: readonly Held[],
): Promise<void> {
  for (const part of slices(held, 2_000))
    await dialect.insertMany(
      trx,
      'held',
      ['workspace', 'account', 'values_json'],
      part.map(({ account, values }) => ({ workspace, account, values_json: JSON.stringify(values) })),
      `on conflict (workspace, account) do update set values_json = excluded.values_json
       where held.values_json is null or held.values_json <> excluded.values_json`,
    );
}
