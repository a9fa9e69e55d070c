import type { Standing } from '../core/publish/standing.ts';
import type { Depth, Queue } from '../jobs/queue.ts';
import type { CallCounter } from '../pipeline/calls.ts';
import type { Source } from '../pipeline/pull.ts';
import type { WorkspaceStore } from '../store/types.ts';

/** What the API needs of each workspace that is served. */
export interface Served {
  name: string;
  store: Pick<WorkspaceStore, 'runs' | 'streams' | 'toldSince' | 'newestTold'>;
  queue: Pick<Queue, 'enqueue' | 'depth' | 'ping'>;
  sources: Source[];
  calls: CallCounter;
  now: () => number;
  /** How well the live model is proven. Absent or null = nobody knows. */
  standing?: (() => Promise<Standing | null>) | undefined;
}

/** Longer than any single transaction of the store, shorter than the patience of a health check. */
const PATIENCE_MS = 3_000;

/** Whatever hangs behind a probe may answer yet. */
export class LateError extends Error {}

/** The value, or a LateError where it takes too long: a probe must answer whatever hangs behind it. */
export async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LateError(`${what} did not answer within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const depthOf = (served: Served): Promise<Depth> => inTime('the queue', served.queue.depth());
