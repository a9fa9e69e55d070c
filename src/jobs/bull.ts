import Bull from 'bull';
import { Redis } from 'ioredis';
import type { Log } from '../contract/index.ts';
import type { Job, Queue, Schedule, Turn } from './queue.ts';

/** Locks outlive any pause of the event loop by far; a job whose process died is taken up by another after this long. */
const LOCK_MS = 30_000;
/** A job that keeps losing its process is given up after so many; its schedule goes on. */
const MOST_STALLS = 20;
/** Before a job that was broken off is offered again. */
const RETRY_MS = 1_000;
/** A Redis that says nothing for so long counts as away. */
const ANSWER_MS = 2_000;
/** A running job's own grace is shorter; after this, Redis must have gone while the queue closed. */
const GIVE_UP_MS = 20_000;
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
  let running: Promise<Turn> | null = null;

  const connect = (type: 'client' | 'subscriber' | 'bclient'): Redis => {
    const client = new Redis(url, {
      maxRetriesPerRequest: null, // a command waits for Redis to come back
      enableReadyCheck: type === 'client', // until it has loaded its data; Bull wants the others without
      lazyConnect: closing, // Bull may still be starting when it closes
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    });
    client.on('error', () => {}); // Bull hands them to the queue's own `error`
    clients.push(client);
    return client;
  };
  const bull = new Bull<Job & { due: number | null }>(name, {
    prefix: PREFIX,
    createClient: connect,
    settings: {
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      maxStalledCount: MOST_STALLS,
      retryProcessDelay: RETRY_MS,
    },
    defaultJobOptions: { attempts: MOST_STALLS, backoff: RETRY_MS, removeOnComplete: KEPT, removeOnFail: KEPT },
  });
  // It names the connection in Redis' list of clients, and its failure while Redis is away would end the process.
  bull.setWorkerName = async () => {};
  const told = outages(log, name, () => bull.client.status === 'ready');
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

  /** Rather refuse than remember: a command sent to a Redis that is away would be carried out nobody knows when. */
  const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (bull.client.status !== 'ready') throw new Error('Redis cannot be reached');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('Redis does not answer')), ANSWER_MS);
    });
    return Promise.race([ask(), late]).finally(() => clearTimeout(timer));
  };
  return {
    enqueue: async (job, { due = Date.now(), delayMs = 0 } = {}) => {
      const added = await asked(() => bull.add({ ...job, due }, delayMs ? { delay: delayMs } : {}));
      return String(added.id);
    },
    process: (handler) => {
      bull
        .process(async (job) => {
          const { due: asked, ...what } = job.data;
          const due = asked ?? (job.opts as TurnOptions).prevMillis ?? job.timestamp;
          running = handler({ ...what, id: String(job.id), due, scheduled: asked === null });
          if ((await running) === 'again') throw new Unfinished('stopped before its end');
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
      const { waiting, active, delayed } = await asked(() => bull.getJobCounts());
      return { waiting, running: active, delayed };
    },
    ping: async () => {
      await asked(() => bull.client.ping());
    },
    close: async () => {
      closing = true;
      const away = bull.client.status !== 'ready';
      if (away) await running?.catch(() => {}); // how it ended cannot be told: its lock runs out by itself
      const closed = bull.close(away);
      const late = setTimeout(() => clients.map((client) => client.disconnect()), GIVE_UP_MS);
      await closed;
      clearTimeout(late);
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
function outages(log: Log, queue: string, reached: () => boolean) {
  let away = false;
  return {
    error: (error: Error) => {
      if (/^Missing (key|lock) for job/.test(error.message))
        return log.warn(
          { queue },
          'Redis lost sight of a job while it ran; its work is done or will be done once more',
        );
      const network = 'code' in error || /connection is closed/i.test(error.message);
      if (network && reached()) return; // one connection comes back later than another
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
