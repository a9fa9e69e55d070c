import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError, type Log } from '../../src/contract/index.ts';
import { type AttemptSetup, makeAttempt } from '../../src/http/attempt.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

function setup(options: Partial<AttemptSetup> = {}) {
  const waits: number[] = [];
  const calls: string[] = [];
  const stop = new AbortController();
  const attempt = makeAttempt({
    log: quiet,
    signal: stop.signal,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
    onCall: ({ label, kind }) => calls.push(`${kind} ${label}`),
    ...options,
  });
  return { attempt, waits, calls, stop };
}
const read = { label: 'query', kind: 'read', idempotent: true } as const;
const create = { label: 'create', kind: 'write', idempotent: false } as const;
const retry = (more = {}) => new ConnectorError('busy', { action: 'retry', code: '503', ...more });

/** Fails with each error in turn, then answers. */
function failing(...errors: unknown[]) {
  let n = 0;
  const fn = async (): Promise<string> => {
    const error = errors[n++];
    if (error !== undefined) throw error;
    return 'done';
  };
  return { fn, tries: () => n };
}

describe('attempt', () => {
  it('doubles the backoff up to its cap, with jitter, and counts every real try', async () => {
    const { attempt, waits, calls } = setup({ capMs: 1_500 });
    const call = failing(retry(), retry(), retry(), retry());
    expect(await attempt(read, call.fn)).toBe('done');
    expect(waits).toEqual([250, 500, 750, 750]);
    expect(calls).toEqual(Array(5).fill('read query'));
  });

  it('gives up after five tries with the last error itself', async () => {
    const { attempt, waits } = setup();
    const last = retry();
    const call = failing(retry(), retry(), retry(), retry(), last, retry());
    await expect(attempt(read, call.fn)).rejects.toBe(last);
    expect(call.tries()).toBe(5);
    expect(waits).toHaveLength(4);
  });

  it('waits at least as long as the vendor asks', async () => {
    const { attempt, waits } = setup();
    await attempt(read, failing(retry({ retryAfterMs: 7_000 }), retry({ retryAfterMs: 1 })).fn);
    expect(waits).toEqual([7_000, 1, 500]);
  });

  it('turns a very long Retry-After into a pause of the run', async () => {
    const { attempt, waits } = setup();
    const error = await attempt(read, failing(retry({ retryAfterMs: 3_600_000 })).fn).catch((e: unknown) => e);
    expect(error).toMatchObject({ action: 'wait', code: '503', retryAfterMs: 3_600_000 });
    expect(waits).toEqual([]);
  });

  it('sends an ambiguous failure again only where the call is idempotent', async () => {
    const lost = retry({ ambiguous: true });
    const write = failing(lost);
    await expect(setup().attempt(create, write.fn)).rejects.toBe(lost);
    expect(write.tries()).toBe(1);
    expect(await setup().attempt(read, failing(lost).fn)).toBe('done');
    expect(await setup().attempt(create, failing(retry()).fn)).toBe('done');
  });

  it.each([
    ['wait', new ConnectorError('quota', { action: 'wait' })],
    ['fail', new ConnectorError('no such field', { action: 'fail' })],
    ['reauthenticate', new ConnectorError('expired', { action: 'reauthenticate' })],
    ['a bug', new TypeError('x is not a function')],
    ['a thrown text', 'odd'],
  ])('passes %s through unchanged after one try', async (_, error) => {
    const { attempt, calls } = setup();
    await expect(attempt(read, failing(error).fn)).rejects.toBe(error);
    expect(calls).toHaveLength(1);
  });

  it('ends a call that hangs and ignores its signal', async () => {
    const { attempt } = setup();
    let seen: AbortSignal | undefined;
    const hang = (signal: AbortSignal): Promise<string> => {
      seen = signal;
      return new Promise<string>(() => {});
    };
    const error = await attempt({ ...create, deadlineMs: 20 }, hang).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'DEADLINE', ambiguous: true, action: 'retry' });
    expect(seen?.aborted).toBe(true);
  });

  it('tries a hung idempotent call again, and a callee that obeys its signal does not hide the deadline', async () => {
    const { attempt } = setup();
    let n = 0;
    const fn = (signal: AbortSignal): Promise<string> =>
      n++ > 0
        ? Promise.resolve('second')
        : new Promise((_, reject) =>
            signal.addEventListener('abort', () => reject(new TypeError('aborted by signal'))),
          );
    expect(await attempt({ ...read, deadlineMs: 20 }, fn)).toBe('second');
    n = 0;
    await expect(attempt({ ...create, deadlineMs: 20 }, fn)).rejects.toMatchObject({ code: 'DEADLINE' });
  });

  it('ends running, waiting and sleeping calls at once when the run is aborted', async () => {
    const reason = new Error('stopped');
    const { attempt, stop, calls } = setup({
      buckets: { default: { concurrency: 2 } },
      sleep: () => new Promise(() => {}),
    });
    const sleeping = attempt(read, failing(retry()).fn);
    const running = attempt(read, () => new Promise(() => {}));
    const sleepingLong = attempt(read, failing(retry({ retryAfterMs: 100 })).fn);
    const held = attempt(read, () => new Promise(() => {}));
    const waiting = attempt(read, async () => 'never starts');
    await new Promise((r) => setTimeout(r, 5));
    stop.abort(reason);
    const ends = await Promise.allSettled([
      sleeping,
      running,
      sleepingLong,
      held,
      waiting,
      attempt(read, async () => 'late'),
    ]);
    expect(ends).toEqual(Array(6).fill({ status: 'rejected', reason }));
    expect(calls).toHaveLength(3);
  });

  it('hands the abort of the run on to the callee', async () => {
    const { attempt, stop } = setup();
    const seen = new Promise<unknown>((resolve) => {
      attempt(
        read,
        (signal) => new Promise(() => signal.addEventListener('abort', () => resolve(signal.reason))),
      ).catch(() => {});
    });
    await new Promise((r) => setTimeout(r, 1));
    stop.abort('why');
    expect(await seen).toBe('why');
  });

  it('keeps at most `concurrency` calls of a bucket in flight, other buckets apart', async () => {
    const { attempt } = setup({ buckets: { slow: { concurrency: 3 }, other: { concurrency: 1 } } });
    let open = 0;
    let most = 0;
    const fn = async (): Promise<void> => {
      most = Math.max(most, ++open);
      await new Promise((r) => setTimeout(r, 1));
      open--;
    };
    await Promise.all(Array.from({ length: 20 }, () => attempt({ ...read, bucket: 'slow' }, fn)));
    expect(most).toBe(3);
  });

  it('starts at most `limit` calls in an interval', async () => {
    const { attempt, calls, stop } = setup({ buckets: { default: { concurrency: 50, limit: 4, intervalMs: 60_000 } } });
    const all = Array.from({ length: 10 }, () => attempt(read, async () => 'ok'));
    expect(await Promise.all(all.slice(0, 4))).toHaveLength(4);
    expect(calls).toHaveLength(4);
    stop.abort(new Error('enough'));
    expect((await Promise.allSettled(all)).filter((r) => r.status === 'rejected')).toHaveLength(6);
  });

  it('holds the whole bucket while the vendor asks for silence, and only that bucket', async () => {
    let wake = (): void => {};
    const { attempt, calls } = setup({
      buckets: { default: { concurrency: 4 }, other: { concurrency: 1 } },
      sleep: () => new Promise((resolve) => (wake = resolve)),
    });
    const first = attempt({ ...read, label: 'first' }, failing(retry({ retryAfterMs: 1_000 })).fn);
    await new Promise((r) => setTimeout(r, 5));
    const second = attempt({ ...read, label: 'second' }, async () => 'second');
    expect(await attempt({ ...read, bucket: 'other', label: 'other' }, async () => 'free')).toBe('free');
    expect(calls).toEqual(['read first', 'read other']);
    wake();
    expect(await Promise.all([first, second])).toEqual(['done', 'second']);
    expect([...calls].sort()).toEqual(['read first', 'read first', 'read other', 'read second']);
  });

  it('refuses a bucket that nobody declared', async () => {
    await expect(setup().attempt({ ...read, bucket: 'x' }, async () => 1)).rejects.toThrow(
      /Unknown bucket "x".*default/,
    );
  });

  it('leaves no timer and no listener behind', async () => {
    const listeners = new Set<unknown>();
    const { attempt, stop } = setup();
    const { addEventListener: add, removeEventListener: remove } = AbortSignal.prototype;
    stop.signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.add(args[1]);
      add.apply(stop.signal, args);
    };
    stop.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1]);
      remove.apply(stop.signal, args);
    };
    const timers = () => process.getActiveResourcesInfo().filter((r) => r === 'Timeout').length;
    const before = timers();
    await Promise.all(Array.from({ length: 30 }, () => attempt(read, failing(retry()).fn)));
    expect(listeners.size).toBe(0);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('never tries more often than allowed, whatever the failures are', async () => {
    const error = fc.oneof(
      fc.record({ action: fc.constantFrom('retry', 'wait', 'fail', 'reauthenticate'), ambiguous: fc.boolean() }),
      fc.constant(null),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(error, { maxLength: 8 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 6 }),
        async (plan, idempotent, tries) => {
          const { attempt, calls } = setup({ tries });
          const call = failing(
            ...plan.map((p) => (p === null ? undefined : new ConnectorError('e', p as { action: 'retry' }))),
          );
          const result = await attempt({ ...read, idempotent }, call.fn).then(
            () => 'ok',
            () => 'failed',
          );
          const stops = plan.findIndex((p) => p === null || p.action !== 'retry' || (p.ambiguous && !idempotent));
          const end = stops === -1 ? plan.length : stops;
          expect(calls).toHaveLength(Math.min(tries, end + 1));
          const answered = end < tries && (end === plan.length || plan[end] === null);
          expect(result).toBe(answered ? 'ok' : 'failed');
        },
      ),
    );
  });
});
