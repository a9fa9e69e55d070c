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

/**
 * Holds the workspace's lease while `work` runs and keeps a record of the run. The lease of a process that was killed on this
 * machine is free at once, that of one elsewhere runs out by itself.
 * @throws HeldError where another process is at it.
 */
export async function withRun<T>(
  deps: RunDeps,
  command: string,
  work: (run: number) => Promise<{ summary: Record<string, unknown>; value: T; ok: boolean }>,
): Promise<T> {
  const holder = holderName();
  if (!(await acquire(deps.store, holder)))
    throw new HeldError(
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
    const run = await deps.store.startRun(command, deps.now());
    return await recorded(deps, run, work);
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

async function recorded<T>(
  deps: RunDeps,
  run: number,
  work: (run: number) => Promise<{ summary: Record<string, unknown>; value: T; ok: boolean }>,
): Promise<T> {
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
