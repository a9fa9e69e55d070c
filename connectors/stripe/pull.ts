import { ConnectorError, type Cursor, InputError, type Page } from '../../src/contract/index.ts';
import type { Client } from './client.ts';
import { EVENT_DAYS, markNow, newsSince } from './events.ts';
import type { Timing } from './history.ts';
import { belongs, idOf } from './rows.ts';
import { type EventIndex, type Reader, type Stream, StreamCursor } from './stream.ts';
import type { Event } from './wire.ts';

const DAY = 86_400_000;
/** Objects read one by one at a time, between two cursors. */
const AT_ONCE = 50;
/** More changes than this, and a full pass is cheaper than reading each. */
const SWEEP_INSTEAD = 2_000;

const START: StreamCursor = { readAt: null, sweptAt: null, mark: null, due: {}, sweep: null };
const seconds = (ms: number): number => Math.floor(ms / 1000);

export interface Opened {
  name: string;
  stream: Stream;
  reader: Reader;
  client: Client;
}

/** A full pass where one is due or was broken off, else what events tell. */
export async function* pullStream(opened: Opened, from: Cursor | null): AsyncGenerator<Page> {
  const cursor = from === null ? START : readCursor(opened.name, from);
  if (needsSweep(cursor, opened.client.ctx.now(), opened.client.ctx.config.sweepDays)) yield* sweep(opened, cursor);
  else yield* follow(opened, cursor);
}

/** Events are lost after 30 days, so a longer silence needs a full pass too. */
function needsSweep({ sweep, sweptAt, readAt }: StreamCursor, now: number, sweepDays: number): boolean {
  if (sweep !== null || sweptAt === null || readAt === null) return true;
  return now - sweptAt >= sweepDays * DAY || now - readAt >= EVENT_DAYS * DAY;
}

async function* sweep(opened: Opened, from: StreamCursor): AsyncGenerator<Page> {
  const { client, reader, stream } = opened;
  const { now, config } = client.ctx;
  const startedAt = from.sweep?.startedAt ?? now();
  const first = from.sweptAt === null;
  // The mark is taken before the first object is read and stays: whatever changes later is news.
  const news = stream.history ? await newsSince(client, stream.types, from.mark) : null;
  const mark = from.sweep?.mark ?? news?.mark ?? (await markNow(client, stream.types));
  const events = indexed(news?.all ?? [], reader);
  const timing: Timing = { first, since: seconds(from.readAt ?? 0), now: seconds(startedAt) };
  const since = stream.window && !first ? seconds(startedAt - config[stream.window] * DAY) : null;
  const horizon = seconds(startedAt + (config.sweepDays + 1) * DAY);
  let due = from.sweep ? from.due : {};
  let after = from.sweep?.after ?? null;
  for (let done = 0, more = true; more; ) {
    client.ctx.signal.throwIfAborted();
    const page = await pageBehind(opened, after, since);
    if (page === null) {
      after = null;
      continue;
    }
    const rows = await reader.rows(own(page.rows, client), events, () => timing);
    const soon = rows.flatMap(({ due: at, facts }) => (at && at <= horizon && facts[0] ? [[facts[0].id, at]] : []));
    due = { ...due, ...Object.fromEntries(soon) };
    after = idOf(page.rows.at(-1)) ?? after;
    more = page.more && page.rows.length > 0;
    done += page.rows.length;
    const cursor: StreamCursor = more
      ? { ...from, due, sweep: { startedAt, after, mark } }
      : { readAt: startedAt, sweptAt: startedAt, mark, due, sweep: null };
    yield {
      facts: rows.flatMap((row) => row.facts),
      rejects: rows.flatMap((row) => row.rejects),
      cursor,
      progress: { done },
    };
  }
}

/** null = the object that the page should follow has gone since: the pass begins anew. */
async function pageBehind({ client, reader, name }: Opened, after: string | null, since: number | null) {
  try {
    return await reader.list({ ...(after === null ? {} : { starting_after: after }), since });
  } catch (error) {
    if (after === null || !(error instanceof ConnectorError) || error.code !== 'resource_missing') throw error;
    client.ctx.log.info({ stream: name, after }, 'the last object read has been deleted; the pass begins anew');
    return null;
  }
}

/** Re-reads once each object that news are about, and those whose time has come. */
async function* follow(opened: Opened, from: StreamCursor): AsyncGenerator<Page> {
  const { client, reader, stream } = opened;
  const startedAt = client.ctx.now();
  const now = seconds(startedAt);
  const news = await newsSince(client, stream.types, from.mark);
  const ripe = Object.entries(from.due).flatMap(([id, at]) => (at <= now ? [id] : []));
  const ids = [...new Set([...(await reader.named(news.fresh)), ...ripe])];
  if (ids.length > SWEEP_INSTEAD) {
    client.ctx.log.info({ stream: opened.name, changed: ids.length }, 'so much has changed that all is read');
    yield* sweep(opened, from);
    return;
  }
  const events = indexed(news.all, reader);
  const due = Object.fromEntries(Object.entries(from.due).filter(([id]) => !ripe.includes(id)));
  const horizon = seconds((from.sweptAt ?? startedAt) + (client.ctx.config.sweepDays + 1) * DAY);
  const timing = (id: string): Timing => ({
    first: false,
    since: seconds(from.readAt ?? 0),
    now: ripe.includes(id) ? (from.due[id] ?? now) : now,
  });
  for (let at = 0; at === 0 || at < ids.length; at += AT_ONCE) {
    client.ctx.signal.throwIfAborted();
    const read = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => reader.read(id)));
    const objects = own(
      read.filter((object) => object !== null),
      client,
    );
    const rows = await reader.rows(objects, events, timing);
    for (const { due: next, facts } of rows) if (next && next <= horizon && facts[0]) due[facts[0].id] = next;
    const last = at + AT_ONCE >= ids.length;
    yield {
      facts: rows.flatMap((row) => row.facts),
      rejects: rows.flatMap((row) => row.rejects),
      // The mark moves with the last page only: what comes between is read again after a crash, and changes nothing.
      cursor: last ? { ...from, readAt: startedAt, mark: news.mark, due } : from,
      progress: { done: Math.min(at + AT_ONCE, ids.length), total: ids.length },
    };
  }
}

const own = (objects: unknown[], client: Client): unknown[] =>
  objects.filter((object) => belongs(object, client.ctx.config.mode));

function indexed(events: Event[], reader: Reader): EventIndex {
  const index = new Map<string, Event[]>();
  for (const event of events)
    for (const key of reader.keys(event)) {
      const list = index.get(key);
      if (list) list.push(event);
      else index.set(key, [event]);
    }
  return index;
}

function readCursor(name: string, from: Cursor): StreamCursor {
  const parsed = StreamCursor.safeParse(from);
  if (parsed.success) return parsed.data;
  throw new InputError(`${name}: the stored cursor is unreadable`, {
    hint: 'Run `npx pulseback pull --reset` for this stream: it is read from its beginning, and nothing is doubled by it.',
  });
}
