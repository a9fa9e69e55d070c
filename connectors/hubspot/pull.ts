import { type Cursor, InputError, type Page } from '../../src/contract/index.ts';
import { archivedPages } from './archived.ts';
import { userFact } from './facts-people.ts';
import { type Batch, list, readBatch } from './lists.ts';
import { owners } from './owners.ts';
import { pageOf, type Work } from './pages.ts';
import type { Portal } from './portal.ts';
import { relinked } from './relink.ts';
import { changedBetween, newestStamp, search } from './search.ts';
import { recordStreams, type Stream, StreamCursor, USERS } from './streams.ts';

/** Records that one page holds: as many as one call for associations takes. */
const BATCH = 1_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const WEEK = 7 * 24 * 60 * MINUTE;

type Listing = Extract<StreamCursor, { list: unknown }>['list'];
type Mark = Extract<StreamCursor, { t: number }>;
type Window = NonNullable<Mark['window']>;

/**
 * One stream from its cursor: at first and every week the whole list, in between what search shows as changed. The index lags, so that a window ends a while
 * before now and begins an overlap before the watermark; the records themselves are read from the database.
 */
export async function* pullStream(portal: Portal, name: string, from: Cursor | null): AsyncGenerator<Page> {
  portal.ctx.signal.throwIfAborted();
  const cursor = from === null ? null : readCursor(name, from);
  if (name === USERS) return yield* pullUsers(portal);
  const stream = streamNamed(portal, name);
  const work: Work = { portal, stream, reader: await stream.open(portal) };
  if (cursor === null) yield* firstLoad(work, null);
  else if ('list' in cursor) yield* firstLoad(work, cursor.list);
  else yield* changes(work, cursor);
}

async function* pullUsers(portal: Portal): AsyncGenerator<Page> {
  let t = 0;
  for await (const page of owners(portal)) {
    t = page.reduce((newest, owner) => Math.max(newest, owner.updatedAt), t);
    yield { facts: page.map((owner) => userFact(owner, portal.ctx.config)), rejects: [], cursor: { t } };
  }
}

/** The watermark is the newest stamp that there was before the list was read: the vendor's own time, not ours. */
async function* firstLoad(work: Work, from: Listing | null): AsyncGenerator<Page> {
  const { portal, stream, reader } = work;
  const newest = from?.newest ?? (await newestStamp(portal, stream.object)) ?? 0;
  let after = from?.after ?? null;
  let done = 0;
  let batch: Batch = { records: [], rejects: [] };
  for await (const { records, rejects, next } of list(portal, stream.object, reader, { after })) {
    batch = { records: [...batch.records, ...records], rejects: [...batch.rejects, ...rejects] };
    if (next === null || batch.records.length < BATCH) continue;
    after = next;
    done += batch.records.length;
    yield { ...(await pageOf(work, batch)), cursor: { list: { after, newest } }, progress: { done } };
    batch = { records: [], rejects: [] };
  }
  done += batch.records.length;
  yield { ...(await pageOf(work, batch)), cursor: { list: { after, newest } }, progress: { done } };
  yield* archivedPages(work, newest - overlapOf(portal), { list: { after, newest } });
  const listed = stream.relist ? { listed: portal.ctx.now() } : {};
  yield { facts: [], rejects: [], cursor: { t: newest, ...listed } };
}

async function* changes(work: Work, cursor: Mark): AsyncGenerator<Page> {
  const { portal, stream } = work;
  const { window: begun, ...rest } = cursor;
  let mark: Mark = rest;
  if (begun) mark = yield* window(work, mark, begun, new Map());
  const now = portal.ctx.now();
  const from = mark.t - overlapOf(portal);
  const to = now - portal.ctx.config.lagSeconds * SECOND;
  // What has no stamp comes first: should it break off, the watermark still lies before it.
  yield* archivedPages(work, from, mark);
  if (stream.relist && now - (mark.listed ?? 0) >= WEEK) return yield* firstLoad(work, null);
  const read = new Map<string, number>();
  for await (const ids of relinked(work, from, to, BATCH)) {
    const batch = await readBatch(portal, work.stream.object, ids, work.reader);
    for (const record of batch.records) read.set(record.id, record.updatedAt);
    yield { ...(await pageOf(work, batch)), cursor: mark };
  }
  if (to >= from) yield* window(work, mark, { from, to, id: '0', newest: mark.t }, read);
}

/**
 * What changed in a window. The index also shows rows with a stamp outside it: they are read like the others, but move no watermark.
 * Those in `read` are known already in that state. Returns the new mark: what was seen, never what our clock says.
 */
async function* window(
  work: Work,
  mark: Mark,
  at: Window,
  read: ReadonlyMap<string, number>,
): AsyncGenerator<Page, Mark> {
  const { portal, stream, reader } = work;
  const { from, to } = at;
  let { id, newest } = at;
  let ids: string[] = [];
  for await (const hits of search(portal, stream.object, changedBetween(stream.object, from, to), id)) {
    for (const hit of hits) {
      id = hit.id;
      if (hit.updatedAt <= to) newest = Math.max(newest, hit.updatedAt);
      if ((read.get(hit.id) ?? Number.NEGATIVE_INFINITY) < hit.updatedAt) ids.push(hit.id);
    }
    if (ids.length < BATCH) continue;
    const batch = await readBatch(portal, stream.object, ids, reader);
    yield { ...(await pageOf(work, batch)), cursor: { ...mark, window: { from, to, id, newest } } };
    ids = [];
  }
  const batch = await readBatch(portal, stream.object, ids, reader);
  const after: Mark = { ...mark, t: Math.max(mark.t, Math.min(to, newest)) };
  yield { ...(await pageOf(work, batch)), cursor: after };
  return after;
}

const overlapOf = (portal: Portal): number => portal.ctx.config.overlapMinutes * MINUTE;

export function streamNamed(portal: Portal, name: string): Stream {
  const streams = recordStreams(portal.ctx.config);
  const stream = streams[name];
  if (stream) return stream;
  throw new InputError(`HubSpot has no stream called "${name}"`, {
    hint: `Streams are: ${[USERS, ...Object.keys(streams)].join(', ')}.`,
  });
}

function readCursor(name: string, from: Cursor): StreamCursor {
  const parsed = StreamCursor.safeParse(from);
  if (parsed.success) return parsed.data;
  throw new InputError(`${name}: the stored cursor is unreadable (expected a list position or a watermark)`, {
    hint: 'Run `npx pulseback pull --reset` for this stream: it is read from its beginning, and nothing is doubled by it.',
  });
}
