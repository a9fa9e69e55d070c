import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { StateStore } from '../contract/index.ts';
import { lastDue } from '../kit/cron.ts';
import { JOB_KINDS, type Job, type JobKind, type QueuedJob, type Schedule } from './queue.ts';
import { keyOf } from './schedule.ts';

/** Where the ledger lies among a workspace's small durable values. */
export const SCHEDULE_STATE = 'schedule';

/**
 * The name of a workspace's queue: shared by all who share its store, and by nobody else, so that two deployments on one Redis never
 * take each other's jobs.
 */
export async function queueName(workspace: string, state: StateStore): Promise<string> {
  await state.set('queue', null, randomUUID().slice(0, 8)); // only the first is kept
  return `${workspace}-${await state.get('queue')}`;
}

const Open = z.object({ kind: z.enum(JOB_KINDS), stream: z.string().optional(), due: z.number() });
const Asked = z.array(Open.extend({ id: z.string(), workspace: z.string() }));

/** Kinds that do another's work too. */
const WIDER: Record<JobKind, JobKind[]> = {
  sync: [],
  pull: ['sync'],
  score: ['plan', 'sync'],
  plan: ['sync'],
  apply: ['sync'],
  reconcile: [],
};

/**
 * When each kind of work was last begun and brought to its end, by the machine's clock. A job that was due before that has been
 * done: so a job that comes twice, or was due for two processes, runs once; and what nobody did while all were down shows.
 */
export class Ledger {
  readonly #state: StateStore;
  constructor(state: StateStore) {
    this.#state = state;
  }

  /** When the job's work last began, done by itself or as part of something wider; null = never. */
  async #doneAt(job: Pick<Job, 'kind' | 'stream'>): Promise<number | null> {
    const keys = [keyOf(job), ...(job.stream === undefined ? [] : [job.kind]), ...WIDER[job.kind]];
    const times = await Promise.all(keys.map((key) => this.#state.get(`done ${key}`)));
    const known = times.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
    return known.length ? Math.max(...known) : null;
  }

  async covers(job: Pick<QueuedJob, 'kind' | 'stream' | 'due'>): Promise<boolean> {
    const done = await this.#doneAt(job);
    return done !== null && done >= job.due;
  }

  async cover(job: Pick<Job, 'kind' | 'stream'>, began: number): Promise<void> {
    await this.#put(`done ${keyOf(job)}`, new Date(began).toISOString());
  }

  /** Notes what begins under the lease; whoever starts next takes up what never came to `settle`. */
  async begin({ kind, stream, due }: Pick<QueuedJob, 'kind' | 'stream' | 'due'>): Promise<void> {
    await this.#put('open', JSON.stringify({ kind, stream, due }));
  }

  async settle(): Promise<void> {
    await this.#put('open', null);
  }

  /** What was begun and cut off, by a stop or a crash; null = nothing. Another process may be at it this very moment. */
  async cutOff(): Promise<Pick<QueuedJob, 'kind' | 'stream' | 'due'> | null> {
    const open = await this.#state.get('open');
    if (open === null) return null;
    const job = Open.parse(JSON.parse(open));
    const known = { kind: job.kind, due: job.due, ...(job.stream === undefined ? {} : { stream: job.stream }) };
    return (await this.covers(known)) ? null : known;
  }

  /** Keeps what a queue without a memory was asked for, until `answer`: so it outlives the process. */
  async ask({ id, workspace, kind, stream, due }: QueuedJob): Promise<void> {
    await this.#change((asked) => [...asked, { id, workspace, kind, stream, due }]);
  }

  async answer(id: string): Promise<void> {
    await this.#change((asked) => asked.filter((job) => job.id !== id));
  }

  /** What was asked for and has not come to its end, in order. */
  async asked(): Promise<QueuedJob[]> {
    return readAsked(await this.#state.get('asked')).map(({ stream, ...job }) => ({
      ...job,
      ...(stream === undefined ? {} : { stream }),
      scheduled: false,
    }));
  }

  /** Two processes may be at the list at one time: none may overwrite what the other has added. */
  async #change(edit: (asked: z.infer<typeof Asked>) => z.infer<typeof Asked>): Promise<void> {
    for (;;) {
      const before = await this.#state.get('asked');
      const after = edit(readAsked(before));
      const text = after.length ? JSON.stringify(after) : null;
      if (text === before || (await this.#state.set('asked', before, text))) return;
    }
  }

  /**
   * When a schedule was last due without being served: while nobody ran. null = nothing was missed. A schedule that is new, or was
   * changed, has missed nothing.
   */
  async missed(schedule: Schedule, now: number): Promise<number | null> {
    const rule = `${schedule.cron} ${schedule.timezone}`;
    const known = await this.#state.get(`rule ${schedule.key}`);
    if (known !== rule) {
      // The rule last: whoever dies between the two is told apart from one that had noted both.
      await this.#put(`since ${schedule.key}`, new Date(now).toISOString());
      await this.#put(`rule ${schedule.key}`, rule);
      return null;
    }
    const due = lastDue(schedule.cron, schedule.timezone, now);
    const since = Date.parse((await this.#state.get(`since ${schedule.key}`)) ?? '');
    if (due === null || due < since) return null;
    return (await this.covers({ ...schedule.job, due })) ? null : due;
  }

  /** Another process may write the same key at the same moment: then it has said as much. */
  async #put(key: string, value: string | null): Promise<void> {
    await this.#state.set(key, await this.#state.get(key), value);
  }
}

const readAsked = (text: string | null): z.infer<typeof Asked> => (text === null ? [] : Asked.parse(JSON.parse(text)));
