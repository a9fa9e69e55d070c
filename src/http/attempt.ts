import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import { type Attempt, type AttemptOptions, type Bucket, ConnectorError, type Log } from '../contract/index.ts';
import { RollingWindow } from './window.ts';

export interface AttemptSetup {
  /** By name; `default` (8 at once) exists even if not named. */
  buckets?: Record<string, Bucket>;
  log: Log;
  /** Ends everything that runs or waits, promptly, with the signal's own reason. */
  signal: AbortSignal;
  /** Epoch ms, for durations in the log. */
  now?: () => number;
  /** How to wait; for tests. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 ≤ x < 1; for tests. */
  random?: () => number;
  /** Once per try that really starts: the call counter. */
  onCall?: (call: { label: string; kind: 'read' | 'write' }) => void;
  /** Tries in total. Default 5. */
  tries?: number;
  /** First backoff, doubled each time. Default 500 ms. */
  baseMs?: number;
  /** Longest backoff. Default 30 s. */
  capMs?: number;
  /** For calls that name none. Default 120 s. */
  deadlineMs?: number;
  /** A longer Retry-After than this ends the call with action 'wait': the run pauses instead of sleeping. Default 5 min. */
  longestWaitMs?: number;
}

/**
 * The one retrier (SDKs' own are off). Retries a ConnectorError whose action is 'retry', and an ambiguous one only where the call is
 * idempotent; everything else, bugs included, passes through unchanged. Backoff is exponential with full jitter
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). A Retry-After holds the whole bucket, since its other
 * calls would meet the same answer. A try that outlives its deadline ends with code 'DEADLINE' even if the callee ignores its signal.
 */
export function makeAttempt(setup: AttemptSetup): Attempt {
  const { signal, log } = setup;
  const { tries = 5, baseMs = 500, capMs = 30_000, deadlineMs = 120_000, longestWaitMs = 300_000 } = setup;
  const random = setup.random ?? Math.random;
  const now = setup.now ?? Date.now;
  const sleep = setup.sleep ?? ((ms: number, until: AbortSignal) => delay(ms, undefined, { signal: until }));
  const lanes = new Map(
    Object.entries({ default: { concurrency: 8 }, ...setup.buckets }).map(([n, b]) => [n, makeLane(b)]),
  );
  const pause = (ms: number): Promise<void> => orAbort(signal, (until) => sleep(ms, until));

  /** A silence may begin while a call waits for its place in the window: it is looked at last. */
  async function admit(lane: Lane): Promise<void> {
    for (;;) {
      const silence = lane.cooling;
      await orAbort(signal, () => silence);
      await lane.window?.take(signal);
      if (lane.cooling === silence) return;
      lane.window?.giveBack();
    }
  }

  async function once<T>(lane: Lane, options: AttemptOptions, fn: (signal: AbortSignal) => Promise<T>): Promise<T> {
    await admit(lane);
    setup.onCall?.({ label: options.label, kind: options.kind });
    const startedAt = now();
    try {
      return await withDeadline(options.label, options.deadlineMs ?? deadlineMs, signal, fn);
    } catch (error) {
      // Still inside the slot: no other call of the bucket may slip out before the silence begins.
      const asked = error instanceof ConnectorError ? (error.retryAfterMs ?? 0) : 0;
      if (asked > 0 && asked <= longestWaitMs) lane.cool(pause(asked));
      throw error;
    } finally {
      lane.window?.done();
      log.debug({ label: options.label, kind: options.kind, ms: now() - startedAt }, 'called');
    }
  }

  return async (options, fn) => {
    const name = options.bucket ?? 'default';
    const lane = lanes.get(name);
    if (!lane) throw new TypeError(`Unknown bucket "${name}"; declared: ${[...lanes.keys()].join(', ')}`);
    for (let tried = 1; ; tried++) {
      signal.throwIfAborted();
      try {
        return await lane.queue.add(() => once(lane, options, fn), { signal });
      } catch (error) {
        signal.throwIfAborted();
        const again =
          error instanceof ConnectorError && error.action === 'retry' && (!error.ambiguous || options.idempotent);
        if (!again) throw error;
        const asked = error.retryAfterMs ?? 0;
        if (asked > longestWaitMs) throw asWait(error);
        if (tried >= tries) {
          log.warn({ label: options.label, tries: tried, code: error.code }, 'gave up');
          throw error;
        }
        const backoff = Math.floor(random() * Math.min(capMs, baseMs * 2 ** (tried - 1)));
        log.warn(
          { label: options.label, try: tried, code: error.code, waitMs: Math.max(asked, backoff) },
          'trying again',
        );
        if (backoff > asked) await pause(backoff);
      }
    }
  };
}

interface Lane {
  queue: PQueue;
  window: RollingWindow | null;
  /** Settles when no Retry-After holds this bucket any more. */
  cooling: Promise<unknown>;
  cool(until: Promise<void>): void;
}

function makeLane({ concurrency, limit, intervalMs, counts = 'start' }: Bucket): Lane {
  const limited = limit !== undefined && intervalMs !== undefined;
  return {
    queue: new PQueue({ concurrency }),
    window: limited ? new RollingWindow({ limit, intervalMs, counts }) : null,
    cooling: Promise.resolve(),
    cool(until) {
      this.cooling = Promise.allSettled([this.cooling, until]);
    },
  };
}

/** A vendor that asks for a long pause has no quota left; sleeping on it would only hide that. */
function asWait(error: ConnectorError): ConnectorError {
  const { code, hint, retryAfterMs } = error;
  return new ConnectorError(error.message, {
    action: 'wait',
    ambiguous: error.ambiguous,
    cause: error,
    ...(code === undefined ? {} : { code }),
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Runs one try with a signal of its own; the deadline wins over a callee that never settles. */
async function withDeadline<T>(
  label: string,
  ms: number,
  outer: AbortSignal,
  fn: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(
      new ConnectorError(`${label}: no answer within ${Math.round(ms / 100) / 10} s`, {
        action: 'retry',
        code: 'DEADLINE',
        ambiguous: true,
        hint: 'The system did not answer in time; check its status page and the network, then run again.',
      }),
    );
  }, ms);
  try {
    return await orAbort(outer, () => orAbort(timeout.signal, (own) => fn(own)), timeout);
  } finally {
    clearTimeout(timer);
  }
}

/** `run`, but rejects with the signal's reason the moment it aborts; hands the abort on to `also`. Leaves no listener behind. */
async function orAbort<T>(
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
  also?: AbortController,
): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason);
      also?.abort(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([run(signal), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
