import { randomUUID } from 'node:crypto';
import type { Log } from '../contract/index.ts';
import { whenDue } from '../kit/cron.ts';
import type { Ledger } from './ledger.ts';
import type { Queue, QueuedJob, Schedule, Turn } from './queue.ts';

export interface InlineSetup {
  log: Log;
  now?: () => number;
  /** Where jobs are kept that were asked for; without one they go with the process. */
  ledger?: Pick<Ledger, 'ask' | 'answer'>;
  /** What an earlier process had been asked for and did not bring to its end. */
  left?: QueuedJob[];
}

/** The queue of one machine without Redis: in this process. What is missed while there is none is caught up at the next start. */
export function inlineQueue({ log, now = Date.now, ledger, left = [] }: InlineSetup): Queue {
  const waiting: QueuedJob[] = [...left];
  const timers = new Set<NodeJS.Timeout>();
  let stops: (() => void)[] = [];
  let handler: ((job: QueuedJob) => Promise<Turn>) | null = null;
  let running: Promise<void> | null = null;
  let current: QueuedJob | null = null;
  let closed = false;

  const turn = async (handle: (job: QueuedJob) => Promise<Turn>, job: QueuedJob): Promise<void> => {
    current = job;
    try {
      if ((await handle(job)) === 'done') await ledger?.answer(job.id);
    } catch (error) {
      log.error({ err: error, kind: job.kind }, 'a job broke off');
    } finally {
      current = null;
    }
  };
  const work = async (handle: (job: QueuedJob) => Promise<Turn>): Promise<void> => {
    for (let job = waiting.shift(); job && !closed; job = waiting.shift()) await turn(handle, job);
  };
  const wake = (): void => {
    if (!handler || running || closed || !waiting.length) return;
    running = work(handler).finally(() => {
      running = null;
      wake(); // what came after the last look
    });
  };
  const put = (job: QueuedJob): void => {
    if (closed) return;
    waiting.push(job);
    wake();
  };

  return {
    enqueue: async (asked, { due = now(), delayMs = 0 } = {}) => {
      if (closed) throw new Error('the queue is closed');
      const same = (known: QueuedJob) =>
        known.due === due && known.kind === asked.kind && known.stream === asked.stream;
      // What an earlier process had begun is among what it was asked for as well: one turn is enough.
      const known = delayMs === 0 ? [...(current ? [current] : []), ...waiting].find(same) : undefined;
      if (known) return known.id;
      const job = { ...asked, id: randomUUID(), due, scheduled: false };
      await ledger?.ask(job);
      if (delayMs === 0) put(job);
      else {
        const timer = setTimeout(() => {
          timers.delete(timer);
          put(job);
        }, delayMs);
        timers.add(timer);
      }
      return job.id;
    },
    process: (handle) => {
      handler = handle;
      wake();
    },
    schedule: async (schedules: Schedule[]) => {
      for (const stop of stops) stop();
      stops = schedules.map(({ cron, timezone, job }) =>
        whenDue(cron, timezone, (due) => {
          // A turn that is still waiting stands for this one too.
          const same = waiting.some((w) => w.kind === job.kind && w.stream === job.stream);
          if (!same) put({ ...job, id: randomUUID(), due, scheduled: true });
        }),
      );
    },
    onReturn: () => {}, // it never goes away
    depth: async () => ({ waiting: waiting.length, running: running ? 1 : 0, delayed: timers.size }),
    ping: async () => {
      if (closed) throw new Error('the queue is closed');
    },
    close: async () => {
      closed = true;
      for (const stop of stops) stop();
      for (const timer of timers) clearTimeout(timer);
      await running;
    },
  };
}
