import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { HeldError, type Log } from '../contract/index.ts';
import type { WorkspaceStore } from '../store/types.ts';

const LEASE = 'run';
const LEASE_MS = 60_000;

export interface RunDeps {
  store: WorkspaceStore;
  log: Log;
  now: () => number;
}

/**
 * Holds the workspace's lease while `work` runs and keeps a record of the run. A lease of a killed process runs out by itself.
 * @throws HeldError where another process is at it.
 */
export async function withRun<T>(
  deps: RunDeps,
  command: string,
  work: (run: number) => Promise<{ summary: Record<string, unknown>; value: T; ok: boolean }>,
): Promise<T> {
  const holder = `${hostname()}:${process.pid}:${randomUUID()}`;
  // The lease runs on the machine's clock: two processes may be told different business times.
  if (!(await deps.store.lease(LEASE, holder, Date.now(), LEASE_MS)))
    throw new HeldError(
      'another pulseback process is running on this workspace',
      'Wait until it has ended; after a crash its lease runs out within a minute.',
    );
  const renewal = setInterval(() => {
    deps.store
      .lease(LEASE, holder, Date.now(), LEASE_MS)
      .catch((error) => deps.log.error({ err: error }, 'could not renew the lease'));
  }, LEASE_MS / 4);
  renewal.unref();
  const run = await deps.store.startRun(command, deps.now());
  try {
    const { summary, value, ok } = await work(run);
    await deps.store.endRun(run, ok ? 'done' : 'failed', summary, deps.now());
    return value;
  } catch (error) {
    await deps.store.endRun(
      run,
      error instanceof HeldError ? 'held' : 'failed',
      { error: error instanceof Error ? error.message : String(error) },
      deps.now(),
    );
    throw error;
  } finally {
    clearInterval(renewal);
    await deps.store.release(LEASE, holder);
  }
}
