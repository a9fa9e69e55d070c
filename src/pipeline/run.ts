import { ConnectorError, HeldError, type Log } from '../contract/index.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { type Gate, Lease, LeaseLostError } from './lease.ts';
import { underAll } from './signals.ts';

export interface RunDeps {
  store: WorkspaceStore;
  log: Log;
  now: () => number;
  signal: AbortSignal;
  /** Where the calls of connectors pass. */
  gate?: Gate;
  leaseMs?: number;
}

/** What a run does with what it was given: its summary for the record, and whether all of its work was done. */
export type Work<D, T> = (deps: D) => Promise<{ summary: Record<string, unknown>; value: T; ok: boolean }>;

/** Holds the workspace's lease while `work` runs and keeps a record of the run. @throws BusyError where another process is at it. */
export async function withRun<D extends RunDeps, T>(deps: D, command: string, work: Work<D, T>): Promise<T> {
  return withLease(deps, (held) => recordRun(held, command, work));
}

/**
 * Holds the workspace's lease while `work` runs. `work` gets the same as `deps` with a signal and a store that also end with the lease.
 * @throws BusyError where another process is at it, LeaseLostError where another took over because this one stood still.
 */
export async function withLease<D extends RunDeps, T>(deps: D, work: (held: D) => Promise<T>): Promise<T> {
  const lease = await Lease.take(deps);
  if (deps.gate) deps.gate.lease = lease;
  try {
    return await underAll([deps.signal, lease.lost], async (signal) => {
      const held = { ...deps, store: lease.store, signal };
      await closeBrokenRuns(held);
      return work(held);
    });
  } catch (error) {
    lease.lost.throwIfAborted(); // whatever broke off, it was for this
    throw error;
  } finally {
    if (deps.gate) deps.gate.lease = null;
    await lease.end();
  }
}

/** With the lease in hand no other run can be under way: what still says so was killed, or stood still for too long. */
async function closeBrokenRuns({ store, now }: RunDeps): Promise<void> {
  for (const run of await store.runs(10))
    if (run.status === 'running')
      await store.endRun(
        run.id,
        'failed',
        { error: 'its process ended, or stood still, before it could say how' },
        now(),
      );
}

/** Keeps a record of how `work` ended; the lease must be held. */
export async function recordRun<D extends RunDeps, T>(deps: D, command: string, work: Work<D, T>): Promise<T> {
  const run = await deps.store.startRun(command, deps.now());
  try {
    const { summary, value, ok } = await work(deps);
    await deps.store.endRun(run, ok ? 'done' : 'failed', summary, deps.now());
    return value;
  } catch (error) {
    if (deps.signal.reason instanceof LeaseLostError) throw deps.signal.reason; // whoever took over has closed the record
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
