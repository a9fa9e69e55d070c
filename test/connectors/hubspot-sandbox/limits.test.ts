import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../connectors/hubspot/sandbox/errors.ts';
import { type LimitOptions, Limits } from '../../../connectors/hubspot/sandbox/limits.ts';

/** Calls by their limits (../shared/reference/hubspot.md, "Rate limits"). */
const PRIVATE = { app: 'private' } as const;
const OAUTH = { app: 'oauth' } as const;
/** 22:00 of 2 November in US/Eastern. */
const LATE = Date.parse('2026-11-03T03:00:00Z');

function budget(more: Partial<LimitOptions> = {}) {
  let real = 0;
  let world = LATE;
  const limits = new Limits({
    per10s: 3,
    searchPerSecond: 2,
    perDay: 100,
    usedByOthers: 0,
    timeZone: 'US/Eastern',
    now: () => world,
    clock: () => real,
    ...more,
  });
  return {
    limits,
    take: (search = false, caller: typeof PRIVATE | typeof OAUTH = PRIVATE) => limits.take(search, caller),
    refusal: (search = false) => {
      try {
        limits.take(search, PRIVATE);
      } catch (error) {
        if (error instanceof ApiError)
          return { status: error.status, headers: error.headers, body: error.answer().body };
        throw error;
      }
      return null;
    },
    wait: (ms: number) => {
      real += ms;
    },
    live: (ms: number) => {
      world += ms;
    },
  };
}

describe('calls of an app', () => {
  it('are three in any ten seconds: the window rolls, and what is refused takes no place', () => {
    const { take, refusal, wait } = budget();
    for (const remaining of ['2', '1']) {
      expect(take()['x-hubspot-ratelimit-remaining']).toBe(remaining);
      wait(4_000);
    }
    take();
    expect(refusal()).toMatchObject({
      status: 429,
      headers: { 'x-hubspot-ratelimit-max': '3', 'x-hubspot-ratelimit-remaining': '0' },
      body: { status: 'error', errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' },
    });
    expect(refusal()?.body).not.toHaveProperty('category');
    expect(Object.keys(refusal()?.headers ?? {})).not.toContain('retry-after');
    wait(2_000); // ten seconds after the first
    take();
    expect(refusal()).not.toBeNull();
    wait(4_000);
    take();
  });

  it('tell the day’s calls where it has a limit: not to OAuth apps', () => {
    const { take } = budget({ usedByOthers: 40 });
    expect(take()).toMatchObject({
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-daily': '100',
      'x-hubspot-ratelimit-daily-remaining': '59',
    });
    expect(Object.keys(take(false, OAUTH))).toEqual([
      'x-hubspot-ratelimit-max',
      'x-hubspot-ratelimit-remaining',
      'x-hubspot-ratelimit-interval-milliseconds',
    ]);
  });

  it('end for the day when it is used up, and begin again at the portal’s midnight, not at UTC’s', () => {
    const { limits, take, refusal, live } = budget({ perDay: 2 });
    take();
    take(true);
    expect(refusal()).toMatchObject({ status: 429, body: { policyName: 'DAILY' } });
    expect(limits.usage()).toEqual({ used: 2, limit: 2, resetsAt: Date.parse('2026-11-03T05:00:00Z') });
    live(2 * 3_600_000 - 1);
    expect(refusal()).not.toBeNull();
    live(1);
    take();
    expect(limits.usage().used).toBe(1);
  });

  it('are only counted by the day where bursts are not kept', () => {
    const { limits, take } = budget({ clock: null });
    for (let n = 0; n < 50; n += 1) take(n % 2 === 0);
    expect(limits.usage().used).toBe(50);
  });
});

describe('searches', () => {
  it('are two a second, beside the other calls, and tell no limits', () => {
    const { take, refusal, wait } = budget();
    for (let n = 0; n < 3; n += 1) take();
    expect(take(true)).toEqual({});
    take(true);
    expect(refusal(true)).toMatchObject({ status: 429, headers: {}, body: { policyName: 'SECONDLY' } });
    wait(1_000);
    take(true);
  });
});
