import { z } from 'zod';
import type { Page } from '../../src/contract/index.ts';
import { type Client, isForbidden, STILL_AT_MOST, stuck } from './client.ts';
import { surveyPages } from './ratings.ts';
import { INCLUDE, Sideloads, TicketReader } from './ticket-reader.ts';

const SECOND = 1_000;

/** The export's own position, or where to begin (unix seconds) as long as it has named none. */
export const TicketCursor = z.union([
  z.strictObject({ after: z.string().min(1) }),
  z.strictObject({ start: z.int().nonnegative() }),
]);
export type TicketCursor = z.infer<typeof TicketCursor>;

const Export = Sideloads.extend({
  tickets: z.array(z.unknown()),
  after_cursor: z.string().nullish(),
  end_of_stream: z.boolean(),
});

/** Everything that changed since the cursor, deletions included. A page can be empty without being the last. */
export async function* pullTickets(client: Client, from: TicketCursor | null): AsyncGenerator<Page> {
  const { config, now } = client.ctx;
  const reader = new TicketReader(client);
  const start = config.since ? Math.min(Date.parse(config.since) / SECOND, Math.floor(now() / SECOND) - 61) : 0;
  let cursor: TicketCursor = from ?? { start };
  for (let still = 0; ; ) {
    const position = 'after' in cursor ? { cursor: cursor.after } : { start_time: cursor.start };
    const answer = await client.get({
      label: 'tickets.export',
      path: 'incremental/tickets/cursor',
      query: { ...position, include: INCLUDE },
      bucket: 'export',
      schema: Export,
    });
    const next: TicketCursor = answer.after_cursor ? { after: answer.after_cursor } : cursor;
    yield { ...(await reader.read(answer.tickets, answer)), cursor: next };
    if (answer.end_of_stream) return;
    still = JSON.stringify(next) === JSON.stringify(cursor) ? still + 1 : 0;
    if (still > STILL_AT_MOST) throw stuck('tickets.export');
    cursor = next;
  }
}

/** The newest answer seen, epoch ms. */
export const SurveyCursor = z.strictObject({ t: z.int().nonnegative() });
export type SurveyCursor = z.infer<typeof SurveyCursor>;

/** An answered survey need not touch its ticket, so that tickets with new answers are read again. */
export async function* pullSurveys(client: Client, from: SurveyCursor | null, overlapMs: number): AsyncGenerator<Page> {
  const since = from === null ? 0 : from.t - overlapMs;
  const reader = new TicketReader(client);
  const changed = new Set<number>();
  let newest = from?.t ?? 0;
  try {
    for await (const { rated } of surveyPages(client))
      for (const { ticket, rated: r } of rated) {
        if ((r.at ?? newest) < since) continue;
        changed.add(ticket);
        newest = Math.max(newest, r.at ?? 0);
      }
  } catch (error) {
    if (client.ctx.config.csat !== 'auto' || !isForbidden(error)) throw error;
  }
  const ids = [...changed].sort((a, b) => a - b);
  for (let i = 0; i === 0 || i < ids.length; i += 100) {
    const part = ids.slice(i, i + 100);
    const last = i + 100 >= ids.length;
    const page = part.length === 0 ? { facts: [], rejects: [] } : await restate(client, reader, part);
    // Answers are not in order of time: only the last page may move the cursor.
    yield { ...page, cursor: { t: last ? newest : (from?.t ?? 0) } };
  }
}

async function restate(client: Client, reader: TicketReader, ids: number[]) {
  const answer = await client.find({
    label: 'tickets.show_many',
    path: 'tickets/show_many',
    query: { ids: ids.join(',') }, // sends no sideloads along
    schema: z.object({ tickets: z.array(z.unknown()) }),
  });
  return reader.read(answer?.tickets ?? [], {});
}
