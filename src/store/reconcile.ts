import { type Kysely, sql } from 'kysely';
import type { FactKind } from '../core/fact.ts';
import { FACTS } from '../core/fact.ts';
import { storableKey } from './canonical.ts';
import type { StoreContext } from './dialect.ts';
import { writing } from './fence.ts';
import { findSource } from './keys.ts';
import { isState, KIND_CODE, kindOf } from './kinds.ts';
import type { FactRow, Tables } from './schema.ts';
import { slices, walk } from './walk.ts';
import { mergeRows } from './write-facts.ts';

const CHUNK = 2_000;

/**
 * Compares what is stored with the ids that exist: every live state or event that is not among them ends at `now`. Series are
 * not records and are left alone. The ids are taken in first; then one transaction.
 */
export async function reconcile(
  ctx: StoreContext,
  source: string,
  kinds: FactKind[],
  ids: AsyncIterable<string[]>,
  now: number,
  dryRun: boolean,
): Promise<{ known: number; missing: number }> {
  const id = await findSource(ctx.db, ctx.workspace, source);
  const codes = kinds.filter((kind) => FACTS[kind].shape !== 'series').map((kind) => KIND_CODE[kind]);
  const total = { known: 0, missing: 0 };
  if (id === null || codes.length === 0) return total;

  const existing = new BitSet();
  for await (const chunk of ids)
    for (const part of slices(chunk, CHUNK)) {
      const { rows } = await sql<{ id: number }>`
        select id from record_keys where source = ${id} and kind in (${sql.join(codes)})
          and key in ${ctx.dialect.list(part.map(storableKey))}`.execute(ctx.db);
      for (const row of rows) existing.add(row.id);
    }

  const walk = async (db: Kysely<Tables>): Promise<void> => {
    Object.assign(total, { known: 0, missing: 0 }); // a transaction may be begun again
    for (const code of codes)
      for await (const live of liveRows(db, id, code)) {
        const gone = live.filter((row) => !existing.has(row.record));
        total.known += live.length;
        total.missing += gone.length;
        if (!dryRun && gone.length > 0)
          await mergeRows(
            db,
            ctx.dialect,
            id,
            gone.map((row) => ended(row, now)),
          );
      }
  };
  await (dryRun ? walk(ctx.db) : writing(ctx, walk));
  return total;
}

/** The deletion of a row; a version that claims to be later than our clock is still ended by it. */
export function ended(row: FactRow, now: number): FactRow {
  if (!isState(kindOf(row.kind))) return { ...row, deleted: 1 };
  const at = Math.max(now, row.at + 1);
  return { ...row, at, version: at, known_at: at, seen_at: null, deleted: 1, load: null, data: '{}' };
}

/** The latest version of every record of a kind that is not deleted, in chunks. */
async function* liveRows(db: Kysely<Tables>, source: number, kind: number): AsyncGenerator<FactRow[]> {
  type Found = FactRow & { key: string };
  const found = walk(
    'key',
    (row: Found) => row.key,
    (unread) =>
      sql<Found>`
        select r.key, f.account, f.kind, f.at, r.id as record, f.version, f.known_at, f.seen_at, f.deleted, f.load, f.data
        from (select id, key from record_keys
              where source = ${source} and kind = ${kind} and ${unread} order by key limit ${CHUNK}) as r
        left join facts as f on f.record = r.id
          and f.version = (select max(v.version) from facts as v where v.record = r.id)
        order by r.key`.execute(db),
  );
  for await (const rows of found) yield rows.filter((row) => row.deleted === 0).map(({ key: _, ...row }) => row);
}

/** A growing set of small integers: one bit each, so that a million ids take 125 kB. */
class BitSet {
  #bits = new Uint8Array(1024);
  add(n: number): void {
    const byte = Math.floor(n / 8);
    if (byte >= this.#bits.length) {
      const larger = new Uint8Array(byte * 2);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (n % 8));
  }
  has(n: number): boolean {
    return ((this.#bits[Math.floor(n / 8)] ?? 0) & (1 << (n % 8))) !== 0;
  }
}
