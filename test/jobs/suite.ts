import { describe, expect, it, onTestFinished } from 'vitest';
import type { JobKind, Queue, QueuedJob, Schedule, Turn } from '../../src/jobs/queue.ts';

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for what comes by itself; the test's own time limit ends it. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(10);
}

export const every = (cron: string, kind: JobKind): Schedule => ({
  key: kind,
  cron,
  timezone: 'UTC',
  job: { workspace: 'w', kind },
});

/** Notes what came; ends as `turn` says. */
export function listen(queue: Queue, turn: (job: QueuedJob) => Turn | Promise<Turn> = () => 'done'): QueuedJob[] {
  const seen: QueuedJob[] = [];
  queue.process(async (job) => {
    seen.push(job);
    return turn(job);
  });
  return seen;
}

/** What every queue must do, whatever it runs on. */
export function queueSuite(name: string, open: () => Promise<Queue>): void {
  const opened = async (): Promise<Queue> => {
    const queue = await open();
    onTestFinished(() => queue.close());
    return queue;
  };

  describe(`${name}: a queue`, () => {
    it('hands over what was asked for, with its id and the instant that it stands for', async () => {
      const queue = await opened();
      const id = await queue.enqueue({ workspace: 'w', kind: 'pull', stream: 'crm.accounts' }, { due: 123 });
      const seen = listen(queue);
      await until(() => seen.length > 0);
      expect(seen).toEqual([{ id, workspace: 'w', kind: 'pull', stream: 'crm.accounts', due: 123, scheduled: false }]);
    });

    it('stamps a job with now where nothing else is said', async () => {
      const queue = await opened();
      const seen = listen(queue);
      const before = Date.now();
      await queue.enqueue({ workspace: 'w', kind: 'sync' });
      await until(() => seen.length > 0);
      expect(seen[0]?.due).toBeGreaterThanOrEqual(before);
      expect(seen[0]?.due).toBeLessThanOrEqual(Date.now());
    });

    it('runs one job at a time, in order', async () => {
      const queue = await opened();
      let [running, most] = [0, 0];
      const seen = listen(queue, async (): Promise<Turn> => {
        most = Math.max(most, ++running);
        await sleep(20);
        running -= 1;
        return 'done';
      });
      for (const due of [1, 2, 3]) await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due });
      await until(() => seen.length === 3 && running === 0);
      expect(seen.map((job) => job.due)).toEqual([1, 2, 3]);
      expect(most).toBe(1);
    });

    it('goes on after a job that failed', async () => {
      const queue = await opened();
      const seen = listen(queue, (job) => {
        if (job.due === 1) throw new Error('broken');
        return 'done';
      });
      await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due: 1 });
      await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due: 2 });
      await until(() => seen.some((job) => job.due === 2));
    });

    it('keeps a job back for as long as it was told to', async () => {
      const queue = await opened();
      const seen = listen(queue);
      await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due: 1, delayMs: 150 });
      await queue.enqueue({ workspace: 'w', kind: 'plan' }, { due: 2 });
      expect(await queue.depth()).toMatchObject({ delayed: 1 });
      await until(() => seen.length === 2);
      expect(seen.map((job) => job.kind)).toEqual(['plan', 'sync']);
    });

    it('runs schedules at their time, and after a change only the new ones', async () => {
      const queue = await opened();
      const seen = listen(queue);
      await queue.schedule([every('* * * * * *', 'score'), every('0 0 1 1 *', 'sync')]);
      await until(() => seen.length >= 2);
      for (const job of seen) {
        expect(job.kind).toBe('score');
        expect(job.scheduled).toBe(true);
        expect(job.due % 1000).toBe(0);
        expect(Math.abs(Date.now() - job.due)).toBeLessThan(30_000);
      }
      expect(new Set(seen.map((job) => job.due)).size).toBe(seen.length);
      await queue.schedule([every('* * * * * *', 'plan')]);
      const changed = Date.now();
      await until(() => seen.filter((job) => job.kind === 'plan').length >= 2);
      expect(seen.filter((job) => job.kind === 'score' && job.due > changed)).toEqual([]);
    });

    it('waits for the running job when it closes, and starts no other', async () => {
      const queue = await open();
      let ended = false;
      const seen = listen(queue, async (): Promise<Turn> => {
        await sleep(100);
        ended = true;
        return 'done';
      });
      await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due: 1 });
      await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due: 2 });
      await until(() => seen.length > 0);
      await queue.close();
      expect(ended).toBe(true);
      await sleep(150);
      expect(seen.length).toBe(1);
    });
  });
}
