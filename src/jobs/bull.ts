import Bull from 'bull';
import { Redis } from 'ioredis';
import type { Log } from '../contract/index.ts';
import type { Job, Queue, QueuedJob, Schedule, Turn } from './queue.ts';

/** Locks outlive any pause of the event loop by far; a job whose process died is taken up by another after this long. */
const LOCK_MS = 30_000;
/** A job that keeps losing its process is given up after so many; its schedule goes on. */
const MOST_STALLS = 20;
/** Before a job that was broken off is offered again. */
const RETRY_MS = 1_000;
const KEPT = 100;
const PREFIX = 'pulseback';

/** Thrown into Bull, so that it hands the job to another process. */
class Unfinished extends Error {}

/** What Bull adds to the options of a schedule's turn, unknown to its types. */
interface TurnOptions {
  prevMillis?: number;
}

/**
 * The queue of one workspace on Redis, shared by every process that serves it. Bull delivers at least once; the workspace's lease and
 * ledger make that harmless. An outage is waited out: what Redis had forgotten when it comes back is scheduled anew.
 */
export function bullQueue(setup: { url: string; name: string; log: Log }): Queue {
  const { url, name, log } = setup;
  const clients: Redis[] = [];
  let wanted: Schedule[] | null = null;
  let closing = false;

  const connect = (type: 'client' | 'subscriber' | 'bclient'): Redis => {
    const client = new Redis(url, {
      maxRetriesPerRequest: null, // a command waits for Redis to come back
      enableReadyCheck: type === 'client', // until it has loaded its data; Bull wants the others without
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    });
    client.on('error', () => {}); // Bull hands them to the queue's own `error`
    clients.push(client);
    return client;
  };
  const bull = new Bull<Job & { due: number | null }>(name, {
    prefix: PREFIX,
    createClient: connect,
    settings: { lockDuration: LOCK_MS, stalledInterval: LOCK_MS / 2, maxStalledCount: MOST_STALLS },
    defaultJobOptions: { attempts: MOST_STALLS, backoff: RETRY_MS, removeOnComplete: KEPT, removeOnFail: KEPT },
  });
  const told = outages(log, name);
  bull.on('error', (error) => {
    if (!closing) told.error(error);
  });
  let returned = (): void => {};
  bull.client.on('ready', () => {
    const wasAway = told.back();
    if (!wanted || closing) return;
    reconcile(bull, wanted).then(
      () => wasAway && returned(),
      (error) => told.error(error),
    );
  });

  const reachable = (): void => {
    if (bull.client.status !== 'ready') throw new Error('Redis cannot be reached');
  };
  return {
    enqueue: async (job, { due = Date.now(), delayMs = 0 } = {}) => {
      reachable(); // rather refuse than remember: nobody would know when it runs
      const added = await bull.add({ ...job, due }, delayMs ? { delay: delayMs } : {});
      return String(added.id);
    },
    process: (handler) => {
      bull
        .process(async (job) => {
          const due = job.data.due ?? (job.opts as TurnOptions).prevMillis ?? job.timestamp;
          if (
            (await handler({ ...job.data, id: String(job.id), due } satisfies QueuedJob)) === ('again' satisfies Turn)
          )
            throw new Unfinished('stopped before its end');
        })
        .catch((error) => {
          if (!closing) told.error(error);
        });
    },
    schedule: async (schedules) => {
      wanted = schedules;
      if (bull.client.status === 'ready') await reconcile(bull, schedules);
    },
    onReturn: (call) => {
      returned = call;
    },
    depth: async () => {
      reachable();
      const { waiting, active, delayed } = await bull.getJobCounts();
      return { waiting, running: active, delayed };
    },
    ping: async () => {
      reachable();
      await bull.client.ping();
    },
    close: async () => {
      closing = true;
      // With Redis away nobody could be told how the job ended: its lock runs out there by itself.
      await bull.close();
      for (const client of clients) client.disconnect();
    },
  };
}

/**
 * Bull keeps a schedule under its name, zone and cron: one that changed is another one, and the old would go on. Those wanted are added
 * each time, which changes nothing where their next turn waits already and revives them where a crash or Redis lost it.
 */
async function reconcile(bull: Bull.Queue, schedules: Schedule[]): Promise<void> {
  const nameOf = (schedule: Schedule): string => schedule.key.replace(/[^\w.-]+/g, '-');
  const mark = (id: string | null | undefined, zone: string | null | undefined, cron: string | null | undefined) =>
    [id, zone, cron].join(' ');
  const want = new Set(schedules.map((s) => mark(nameOf(s), s.timezone, s.cron)));
  for (const known of await bull.getRepeatableJobs())
    if (!want.has(mark(known.id, known.tz, known.cron))) await bull.removeRepeatableByKey(known.key);
  for (const schedule of schedules)
    await bull.add(
      { ...schedule.job, due: null },
      { jobId: nameOf(schedule), repeat: { cron: schedule.cron, tz: schedule.timezone } },
    );
}

/** An outage is told once when it begins and once when it ends, however many connections notice. */
function outages(log: Log, queue: string) {
  let away = false;
  return {
    error: (error: Error) => {
      if (/^Missing (key|lock) for job/.test(error.message))
        return log.warn(
          { queue },
          'Redis lost sight of a job while it ran; its work is done or will be done once more',
        );
      const network = 'code' in error || /connection is closed/i.test(error.message);
      if (!network) return log.error({ err: error, queue }, 'the queue met an error');
      if (!away) log.warn({ queue, reason: error.message }, 'Redis cannot be reached; work goes on when it is back');
      away = true;
    },
    /** @returns whether it had been away */
    back: (): boolean => {
      const wasAway = away;
      if (away) log.warn({ queue }, 'Redis is back');
      away = false;
      return wasAway;
    },
  };
}
