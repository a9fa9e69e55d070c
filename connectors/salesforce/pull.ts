import { type Cursor, InputError, type Page } from '../../src/contract/index.ts';
import type { FactKind } from '../../src/core/fact.ts';
import type { Org } from './org.ts';
import { pages } from './pager.ts';
import { mapRows, type Row, required, requiredInstant } from './rows.ts';
import { after, and, id as idLiteral, type Keyset, select, since } from './soql.ts';
import { STREAMS, type Stream, StreamCursor } from './streams.ts';

/**
 * One stream from its cursor, reaching back by the overlap, since rows of long transactions appear late with an older stamp. Each
 * page's cursor is its last row in (SystemModstamp, Id) order, and never lies before the one the pull began with.
 */
export async function* pullStream(org: Org, name: string, from: Cursor | null): AsyncGenerator<Page> {
  const stream = streamNamed(name);
  let cursor = from === null ? null : readCursor(name, from);
  const reader = await stream.open(org);
  const { parent } = reader;
  const own = cursor === null ? null : since(cursor.t - org.ctx.config.overlapMinutes * 60_000);
  const start = own && parent ? `${own} OR ${parent}.${own}` : own;
  const soql = (last: Row | null, limit: number | null): string =>
    select({
      fields: reader.fields,
      from: stream.object,
      where: and(reader.where, parent && last ? start : null, last ? after(keysetOf(last)) : start),
      orderBy: ['SystemModstamp', 'Id'],
      limit,
    });
  for await (const page of pages(org.client, { label: `query.${stream.object}`, soql, all: stream.deletes })) {
    const last = page.rows.at(-1);
    if (last) cursor = later(cursor, keysetOf(last));
    if (!cursor) continue;
    const { mapped, rejects } = mapRows(stream.object, page.rows, (row) => [
      { facts: reader.facts(row), held: reader.held?.(row) ?? [] },
    ]);
    yield {
      facts: mapped.flatMap((m) => m.facts),
      rejects,
      ...(reader.held ? { held: mapped.flatMap((m) => m.held) } : {}),
      cursor: { t: new Date(cursor.t).toISOString(), id: cursor.id },
      progress: { done: page.done, total: page.total },
    };
  }
}

/** Ids of all records that exist now, of every object that the stream's kinds come from. */
export async function* listIds(org: Org, name: string): AsyncGenerator<{ kind: FactKind; ids: string[] }> {
  const { idsOf, kinds } = streamNamed(name);
  const kind = kinds[0];
  if (!kind) return;
  for (const object of idsOf) {
    // queryAll, because archived activities exist although `query` hides them.
    const soql = (last: Row | null, limit: number | null): string =>
      select({
        fields: ['Id'],
        from: object,
        where: and('IsDeleted = false', last ? `Id > ${idLiteral(required(last, 'Id'))}` : null),
        orderBy: ['Id'],
        limit,
      });
    for await (const page of pages(org.client, { label: `ids.${object}`, soql, all: true }))
      yield { kind, ids: page.rows.map((row) => required(row, 'Id')) };
  }
}

function streamNamed(name: string): Stream {
  const stream = STREAMS[name];
  if (stream) return stream;
  throw new InputError(`Salesforce has no stream called "${name}"`, {
    hint: `Streams are: ${Object.keys(STREAMS).join(', ')}.`,
  });
}

function readCursor(name: string, from: Cursor): Keyset {
  const parsed = StreamCursor.safeParse(from);
  if (parsed.success) return { t: Date.parse(parsed.data.t), id: parsed.data.id };
  throw new InputError(`${name}: the stored cursor is unreadable (expected a stamp and a record id)`, {
    hint: 'Run `npx pulseback pull --reset` for this stream: it is read from its beginning, and nothing is doubled by it.',
  });
}

const keysetOf = (row: Row): Keyset => ({ t: requiredInstant(row, 'SystemModstamp'), id: required(row, 'Id') });
const later = (a: Keyset | null, b: Keyset): Keyset => (a && (a.t > b.t || (a.t === b.t && a.id > b.id)) ? a : b);
