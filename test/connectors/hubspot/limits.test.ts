import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Config } from '../../../connectors/hubspot/config.ts';
import { limitsOf } from '../../../connectors/hubspot/limits.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** @returns when the portal counts each of `calls`, half way between its leaving and its answer; in ms from the first on */
async function arrivals(bucket: string, config: object, calls: number): Promise<number[]> {
  const { signal } = new AbortController();
  const attempt = makeAttempt({ log: quiet, signal, buckets: limitsOf(Config.parse(config)) });
  const at: number[] = [];
  const all = Array.from({ length: calls }, (_, nth) =>
    attempt({ label: 'x', kind: 'read', idempotent: true, bucket }, async () => {
      const way = nth < 8 ? 900 : 20; // slow ones arrive late, near those that left after them
      await later(way);
      at.push(performance.now());
      await later(way);
    }),
  );
  await vi.runAllTimersAsync();
  await Promise.all(all);
  const sorted = at.toSorted((a, b) => a - b);
  return sorted.map((one) => one - (sorted[0] ?? 0));
}

/** Most calls that fall into any span of this length. */
const most = (at: number[], spanMs: number): number =>
  Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + spanMs).length));

it.each([
  ['default', { ratePer10s: 30 }, 30, 10_000, 90],
  ['search', { searchPerSecond: 4 }, 4, 1_000, 24],
] as const)(
  'the %s budget is used and never exceeded, however long calls are under way',
  async (bucket, config, limit, span, calls) => {
    const at = await arrivals(bucket, config, calls);
    expect(at).toHaveLength(calls);
    expect(most(at, span)).toBe(limit);
  },
);

it('tokens are asked for one at a time', () => {
  expect(limitsOf(Config.parse({})).auth.concurrency).toBe(1);
});
