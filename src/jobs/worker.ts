import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError, LeaseLostError } from '../pipeline/lease.ts';
import { withLease } from '../pipeline/run.ts';
import { Ledger, SCHEDULE_STATE } from './ledger.ts';
import type { Job, Queue, QueuedJob, Schedule, Turn } from './queue.ts';
import { keyOf } from './schedule.ts';
import { type Outcome, runJob, type WorkDeps } from './work.ts';

/** How often a job looks whether the workspace has become free, and a start whether the queue can be reached. */
const LOOK_MS = 500;
/** When a vendor allows no more calls and does not say until when. */
const PAUSE_MS = 15 * 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

export interface WorkerSetup {
  deps: WorkDeps;
  queue: Queue;
  schedules: Schedule[];
  onOutcome?: (outcome: Outcome) => void | Promise<void>;
  /** The machine's clock, epoch ms: schedules and leases run on it, whatever time the business is told. */
  clock?: () => number;
}

/** Serves one workspace: puts its schedules in force, catches up what was missed, and works until `deps.signal` says stop. */
export async function startWorker(setup: WorkerSetup): Promise<{ stop(): Promise<void> }> {
  const { deps, queue, schedules, clock = Date.now } = setup;
  const ledger = new Ledger(deps.store.state(SCHEDULE_STATE));
  queue.process((job) =>
    turnOf(setup, clock, job).catch((error: unknown): Turn => {
      deps.log.error({ err: error, job: keyOf(job) }, 'a job broke off');
      return 'again';
    }),
  );
  await queue.schedule(schedules);
  const look = (): Promise<void> =>
    catchUp(setup, ledger, clock()).catch((error: unknown) => {
      if (!deps.signal.aborted) deps.log.error({ err: error }, 'could not catch up what was missed');
    });
  let catchingUp = look();
  queue.onReturn(() => {
    catchingUp = catchingUp.then(look);
  });
  return {
    stop: async () => {
      await catchingUp;
      await queue.close();
    },
  };
}

/** Waits for the workspace, does what is still to be done, and tells what came of it. */
async function turnOf(setup: WorkerSetup, clock: () => number, job: QueuedJob): Promise<Turn> {
  const { queue } = setup;
  const outcome = await whenFree(setup.deps, async (deps): Promise<Outcome> => {
    const ledger = new Ledger(deps.store.state(SCHEDULE_STATE));
    if (dropped(setup.schedules, job) || (await ledger.covers(job)))
      return { job, status: 'skipped', ended: true, seconds: 0 };
    const began = clock();
    await ledger.begin(job);
    const outcome = await runJob(deps, job);
    if (outcome.ended) await ledger.cover(job, began);
    if (outcome.status !== 'stopped' && outcome.status !== 'waiting') await ledger.settle();
    return outcome;
  });
  if (outcome === null) return 'again';
  await setup.onOutcome?.(outcome);
  if (outcome.status === 'stopped') return 'again';
  if (outcome.status === 'waiting') {
    const delayMs = Math.min(outcome.retryAfterMs ?? PAUSE_MS, LONGEST_PAUSE_MS);
    const { workspace, kind, stream } = job;
    await queue.enqueue({ workspace, kind, ...(stream === undefined ? {} : { stream }) }, { due: job.due, delayMs });
  }
  return 'done';
}

/** A turn of an earlier schedule that was waiting when its schedule was ended. */
const dropped = (schedules: Schedule[], job: QueuedJob): boolean =>
  job.scheduled && !schedules.some((schedule) => schedule.key === keyOf(job));

/**
 * Runs `work` with the workspace's lease, however long another process holds it, and once more where it was lost half-way; null =
 * stopped before it was free.
 */
async function whenFree<T>(deps: WorkDeps, work: (held: WorkDeps) => Promise<T>): Promise<T | null> {
  while (!deps.signal.aborted)
    try {
      return await withLease(deps, work);
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      if (error instanceof LeaseLostError)
        deps.log.warn({ reason: error.message }, 'a job broke off and is done once more');
      await sleep(LOOK_MS, undefined, { signal: deps.signal }).catch(() => {});
    }
  return null;
}

/**
 * What was cut off, and what was due while nobody served, once each; a workspace that never ran is synced at once. The widest comes
 * first and covers the rest.
 */
async function catchUp(setup: WorkerSetup, ledger: Ledger, now: number): Promise<void> {
  const { deps, queue, schedules } = setup;
  const fresh = (await deps.store.runs(1)).length === 0;
  const put = async (job: Job, due: number): Promise<void> => {
    while (!(await reachable(queue))) await sleep(LOOK_MS, undefined, { signal: deps.signal });
    await queue.enqueue(job, { due });
  };
  const cutOff = await ledger.cutOff();
  if (cutOff) {
    const { due, ...job } = cutOff;
    await put({ workspace: deps.config.workspace, ...job }, due);
  }
  for (const schedule of schedules) {
    const missed = await ledger.missed(schedule, now);
    const due = fresh && schedule.job.kind === 'sync' ? now : missed;
    if (due !== null) await put(schedule.job, due);
  }
}

const reachable = (queue: Queue): Promise<boolean> =>
  queue.ping().then(
    () => true,
    () => false,
  );
