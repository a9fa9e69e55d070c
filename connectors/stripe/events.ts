import { ConnectorError } from '../../src/contract/index.ts';
import { type Client, PAGE } from './client.ts';
import { belongs, everyRow, idOf } from './rows.ts';
import { Event } from './wire.ts';

/** Events are kept for 30 days; a day is left for the clocks and for the work itself. */
export const EVENT_DAYS = 29;
const MINUTE = 60;

/** The newest event known, and all ids within the overlap behind it: what appears late there is new all the same. */
export interface Mark {
  created: number;
  seen: string[];
}

export interface News {
  /** Everything of the window, oldest first: an object's history needs what is known already too. */
  all: Event[];
  /** Not seen before. */
  fresh: Event[];
  mark: Mark;
}

/**
 * Events of these types since a mark, or all that are kept where there is none. They come newest first, so only the end of the
 * list makes it safe to move the mark: it moves once what they name has been stored.
 */
export async function newsSince(client: Client, types: string[], mark: Mark | null): Promise<News> {
  const { overlapMinutes, mode } = client.ctx.config;
  const overlap = Math.round(overlapMinutes * MINUTE);
  const window = mark === null ? {} : { created: { gte: Math.max(0, mark.created - overlap) } };
  const found = new Map<string, Event>();
  for await (const row of everyRow(client, 'events.list', (sdk, after) =>
    sdk.events.list({ types, limit: PAGE, ...window, ...after }),
  )) {
    if (!belongs(row, mode)) continue;
    const event = read(row);
    found.set(event.id, event);
  }
  const all = [...found.values()].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  const newest = Math.max(mark?.created ?? 0, all.at(-1)?.created ?? 0);
  const seen = new Set(mark?.seen);
  return {
    all,
    fresh: all.filter((e) => !seen.has(e.id)),
    mark: { created: newest, seen: all.filter((e) => e.created >= newest - overlap).map((e) => e.id) },
  };
}

/** The mark of a full pass that looks at no history: what happens from here on, events will tell. */
export async function markNow(client: Client, types: string[]): Promise<Mark> {
  const newest = await client.list('events.list', (sdk) => sdk.events.list({ types, limit: 1 }));
  const row = newest.rows[0];
  if (row === undefined || !belongs(row, client.ctx.config.mode)) return { created: 0, seen: [] };
  return (await newsSince(client, types, { created: read(row).created, seen: [] })).mark;
}

function read(row: unknown): Event {
  const event = Event.safeParse(row);
  if (event.success) return event.data;
  throw new ConnectorError(`events.list: ${idOf(row) ?? 'an event'} has an unexpected shape`, {
    action: 'fail',
    code: 'UNEXPECTED_ANSWER',
    hint: 'Report this as a defect, with the id of the event.',
  });
}
