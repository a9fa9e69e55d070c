import { ConnectorError, HeldError, type Log } from '../contract/index.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { holderName, isDead } from './holder.ts';

const LEASE = 'run';
const LEASE_MS = 60_000;

export interface RunDeps {
  store: WorkspaceStore;
  log: Log;
  now: () => number;
}

/** What a run does: its summary for the record, and whether all of its work was done. */
export type Work<T> = (run: number) => Promise<{ summary: Record<string, unknown>; value: T; ok: boolean }>;

/** Another process is at this workspace. */
export class BusyError extends HeldError {}

/** Holds the workspace's lease while `work` runs and keeps a record of the run. @throws BusyError where another process is at it. */
export async function withRun<T>(deps: RunDeps, command: string, work: Work<T>): Promise<T> {
  return withLease(deps, () => recordRun(deps, command, work));
}

/**
 * Holds the workspace's lease while `work` runs. The lease of a process that was killed on this machine is free at once, that of one
 * elsewhere runs out by itself.
 * @throws BusyError where another process is at it.
 */
export async function withLease<T>(deps: RunDeps, work: () => Promise<T>): Promise<T> {
  const holder = holderName();
  if (!(await acquire(deps.store, holder)))
    throw new BusyError(
      'another pulseback process is running on this workspace',
      'Wait until it has ended; if it was killed on another machine, its lease runs out within a minute.',
    );
  const renewal = setInterval(() => {
    deps.store
      .lease(LEASE, holder, Date.now(), LEASE_MS)
      .catch((error) => deps.log.error({ err: error }, 'could not renew the lease'));
  }, LEASE_MS / 4);
  renewal.unref();
  try {
    await closeBrokenRuns(deps);
    return await work();
  } finally {
    clearInterval(renewal);
    await deps.store.release(LEASE, holder);
  }
}

/** The lease runs on the machine's clock: two processes may be told different business times. */
async function acquire(store: WorkspaceStore, holder: string): Promise<boolean> {
  if (await store.lease(LEASE, holder, Date.now(), LEASE_MS)) return true;
  const other = await store.leaseHolder(LEASE);
  // Released in the dead one's name: of several that find it dead, the lease still goes to one.
  if (other !== null && isDead(other)) await store.release(LEASE, other);
  return store.lease(LEASE, holder, Date.now(), LEASE_MS);
}

/** With the lease in hand no other run can be under way: what still says so was killed. */
async function closeBrokenRuns({ store, now }: RunDeps): Promise<void> {
  for (const run of await store.runs(10))
    if (run.status === 'running')
      await store.endRun(run.id, 'failed', { error: 'its process ended before it could say how' }, now());
}

/** Keeps a record of how `work` ended; the lease must be held. */
export async function recordRun<T>(deps: RunDeps, command: string, work: Work<T>): Promise<T> {
  const run = await deps.store.startRun(command, deps.now());
  try {
    const { summary, value, ok } = await work(run);
    await deps.store.endRun(run, ok ? 'done' : 'failed', summary, deps.now());
    return value;
  } catch (error) {
    await deps.store.endRun(
      run,
      waits(error) ? 'held' : 'failed',
      { error: error instanceof Error ? error.message : String(error) },
      deps.now(),
    );
    throw error;
  }
}

/** Stopped on purpose: for a person, or until the vendor allows more calls. */
const waits = (error: unknown): boolean =>
  error instanceof HeldError || (error instanceof ConnectorError && error.action === 'wait');
