import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';

/** Lets timers, health checks and other requests run between two statements of a long walk. */
export const breathe = (): Promise<void> => setImmediate();

/** Parts of a list, in order. */
export function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

/**
 * Reads any number of rows in order of a unique key, one short statement at a time. `read` gets the condition that skips what
 * was read before and returns the next rows in that order. Nothing is held in between, so rows may change meanwhile.
 */
export async function* walk<Row>(
  column: string,
  keyOf: (row: Row) => string | number,
  read: (unread: RawBuilder<unknown>) => Promise<{ rows: Row[] }>,
): AsyncGenerator<Row[]> {
  let unread: RawBuilder<unknown> = sql`true`;
  for (;;) {
    const { rows } = await read(unread);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    unread = sql`${sql.ref(column)} > ${keyOf(last)}`;
    await breathe();
  }
}
