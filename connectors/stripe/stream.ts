import { z } from 'zod';
import type { Reject, StreamSpec } from '../../src/contract/index.ts';
import type { Fact } from '../../src/core/fact.ts';
import type { ListPage } from './client.ts';
import type { Timing } from './history.ts';
import type { Event } from './wire.ts';

const Mark = z.strictObject({ created: z.int(), seen: z.array(z.string()) });

/**
 * Where a stream stands. Objects carry no time of modification, so a full pass (`sweep`, resumable at any page) is made every few
 * days, and events since `mark` tell what changed in between.
 */
export const StreamCursor = z.strictObject({
  /** Epoch ms when the last finished reading began, and the last finished sweep; they say when to sweep, never what to read. */
  readAt: z.int().nullable(),
  sweptAt: z.int().nullable(),
  mark: Mark.nullable(),
  /** Objects that will change at a known instant (seconds) without an event. */
  due: z.record(z.string(), z.int()),
  /** The pass under way: behind which object it goes on, and what the mark will be when it has ended. */
  sweep: z.strictObject({ startedAt: z.int(), after: z.string().nullable(), mark: Mark }).nullable(),
});
export type StreamCursor = z.infer<typeof StreamCursor>;

/** Events by what they tell about. */
export type EventIndex = ReadonlyMap<string, Event[]>;

export interface Row {
  facts: Fact[];
  rejects: Reject[];
  /** When the object changes next without an event, in seconds. */
  due?: number | null;
}

/** One vendor list, opened for one pull. */
export interface Reader {
  /** A page of the list, newest first. `since`: created then or later. */
  list(page: { starting_after?: string; since: number | null }): Promise<ListPage>;
  /** One object; null = there is none. */
  read(id: string): Promise<unknown>;
  /** Ids of the objects that events are about. */
  named(events: Event[]): Promise<string[]>;
  /** Under which keys `rows` looks for an event. */
  keys(event: Event): string[];
  rows(objects: unknown[], events: EventIndex, timing: (id: string) => Timing): Promise<Row[]>;
}

export interface Stream extends Pick<StreamSpec, 'title' | 'kinds' | 'schedule' | 'deletions'> {
  /** Event types that tell of changes. */
  types: string[];
  /** Whether events are history too, or only news. */
  history: boolean;
  /** Passes after the first look back only so many days; null = at everything. */
  window: 'invoiceDays' | null;
}

export const objectId = (event: Event): string => String(event.data.object.id ?? '');
