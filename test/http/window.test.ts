import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeAttempt } from '../../src/http/attempt.ts';
import { type Rate, RollingWindow } from '../../src/http/window.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A vendor with a strict rolling window by its own clock: each call arrives, is counted or refused, and is answered. */
function vendor(limit: number, windowMs: number) {
  const arrivals: number[] = [];
  let refused = 0;
  return {
    arrivals,
    refused: () => refused,
    async call(there: number, back: number): Promise<void> {
      await later(there);
      const now = performance.now();
      if (arrivals.filter((at) => at > now - windowMs).length >= limit) refused += 1;
      else arrivals.push(now);
      await later(back);
    },
  };
}

/** Sends `calls` as fast as the window and `lanes` callers allow. @returns ms from the first call to the last answer */
async function run(rate: Rate, lanes: number, calls: number, send: (nth: number) => Promise<void>): Promise<number> {
  const window = new RollingWindow(rate);
  const { signal } = new AbortController();
  const start = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < calls) {
      const nth = next++;
      await window.take(signal);
      await send(nth);
      window.done();
    }
  };
  const all = Promise.all(Array.from({ length: lanes }, lane));
  await vi.runAllTimersAsync();
  await all;
  return performance.now() - start;
}

describe('a window that counts from the answer', () => {
  const rate: Rate = { limit: 190, intervalMs: 10_000, counts: 'answer' };

  it('sends 500 calls at 190 per ten seconds within 5 % of the least time possible, none too many', async () => {
    const system = vendor(190, 10_000);
    const took = await run(rate, 20, 500, () => system.call(15, 15));
    expect(system.refused()).toBe(0);
    expect(took).toBeGreaterThan(20_000);
    expect(took).toBeLessThanOrEqual(1.05 * 20_000);
  });

  it('is never refused, however unevenly calls travel', async () => {
    const trip = fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(trip, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        async (trips, lanes) => {
          const system = vendor(7, 1_000);
          await run({ limit: 7, intervalMs: 1_000, counts: 'answer' }, lanes, trips.length, (nth) =>
            system.call(...(trips[nth] ?? [0, 0])),
          );
          expect(system.refused()).toBe(0);
          expect(system.arrivals).toHaveLength(trips.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('would be refused if it counted from the start: a late call meets the next window there', async () => {
    const slowThenFast = (nth: number): [number, number] => (nth < 7 ? [900, 0] : [0, 0]);
    const counts = async (from: Rate['counts']): Promise<number> => {
      const system = vendor(7, 1_000);
      await run({ limit: 7, intervalMs: 1_000, counts: from }, 20, 14, (nth) => system.call(...slowThenFast(nth)));
      return system.refused();
    };
    expect(await counts('start')).toBe(7);
    expect(await counts('answer')).toBe(0);
  });
});

describe('a window that counts from the start', () => {
  it('lets calls that last go on leaving at the full rate', async () => {
    const left: number[] = [];
    const start = performance.now();
    await run({ limit: 5, intervalMs: 1_000 }, 50, 15, async () => {
      left.push(performance.now() - start);
      await later(700);
    });
    expect(left.map((ms) => Math.floor(ms / 1_000))).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  });
});

describe('waiting for a place', () => {
  it('goes in order, and ends with the signal without taking one or leaving a timer', async () => {
    const window = new RollingWindow({ limit: 1, intervalMs: 1_000, counts: 'answer' });
    const calm = new AbortController();
    const hasty = new AbortController();
    await window.take(calm.signal);
    const second = window.take(hasty.signal).then(
      () => 'taken',
      (reason: unknown) => reason,
    );
    let third = false;
    const last = window.take(calm.signal).then(() => (third = true));
    const reason = new Error('stopped');
    hasty.abort(reason);
    expect(await second).toBe(reason);
    await expect(window.take(hasty.signal)).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(third).toBe(false); // the first call is still under way
    window.done();
    await vi.advanceTimersByTimeAsync(999);
    expect(third).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    await last;
    expect(third).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps a silence that begins meanwhile', async () => {
    const calls: number[] = [];
    const start = performance.now();
    const { signal } = new AbortController();
    const attempt = makeAttempt({
      log: quiet,
      signal,
      buckets: { default: { concurrency: 4, limit: 1, intervalMs: 1_000, counts: 'answer' } },
      random: () => 0,
      sleep: (ms) => later(ms),
    });
    const { ConnectorError } = await import('../../src/contract/index.ts');
    const options = { label: 'x', kind: 'read', idempotent: true } as const;
    const first = attempt(options, async () => {
      calls.push(performance.now() - start);
      if (calls.length === 1) throw new ConnectorError('busy', { action: 'retry', retryAfterMs: 5_000 });
    });
    const second = attempt(options, async () => void calls.push(performance.now() - start));
    await vi.runAllTimersAsync();
    await Promise.all([first, second]);
    expect(calls).toHaveLength(3);
    expect(calls[1]).toBeGreaterThanOrEqual(5_000);
  });
});
