import { randomUUID } from 'node:crypto';
import type { Log } from '../contract/index.ts';
import { whenDue } from '../kit/cron.ts';
import type { Queue, QueuedJob, Schedule, Turn } from './queue.ts';

/** The queue of one machine without Redis: in this process, gone with it. What is missed meanwhile is caught up at the next start. */
export function inlineQueue({ log, now = Date.now }: { log: Log; now?: () => number }): Queue {
  const waiting: QueuedJob[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let stops: (() => void)[] = [];
  let handler: ((job: QueuedJob) => Promise<Turn>) | null = null;
  let running: Promise<void> | null = null;
  let closed = false;

  const work = async (handle: (job: QueuedJob) => Promise<Turn>): Promise<void> => {
    for (let job = waiting.shift(); job && !closed; job = waiting.shift())
      await handle(job).catch((error: unknown) => log.error({ err: error, kind: job?.kind }, 'a job broke off'));
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
    enqueue: async (job, { due = now(), delayMs = 0 } = {}) => {
      if (closed) throw new Error('the queue is closed');
      const queued = { ...job, id: randomUUID(), due, scheduled: false };
      if (delayMs === 0) put(queued);
      else {
        const timer = setTimeout(() => {
          timers.delete(timer);
          put(queued);
        }, delayMs);
        timers.add(timer);
      }
      return queued.id;
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
