import { describe, expect, it } from 'vitest';
import type { StateStore } from '../../src/contract/index.ts';
import { Ledger } from '../../src/jobs/ledger.ts';
import type { Schedule } from '../../src/jobs/queue.ts';

/** A store that loses its process after so many writes. */
function dyingState(values: Map<string, string>, writes: number): StateStore {
  let left = writes;
  return {
    get: async (key) => values.get(key) ?? null,
    set: async (key, expected, value) => {
      if (left-- <= 0) throw new Error('killed');
      if ((values.get(key) ?? null) !== expected) return false;
      if (value === null) values.delete(key);
      else values.set(key, value);
      return true;
    },
  };
}

const schedule: Schedule = {
  key: 'sync',
  cron: '0 6 * * *',
  timezone: 'UTC',
  job: { workspace: 'acme', kind: 'sync' },
};
const NOON = Date.parse('2026-11-02T12:00:00Z');

describe('a new schedule', () => {
  it.each([0, 1, 2])('has missed nothing, though its process died after %i writes', async (writes) => {
    const values = new Map<string, string>();
    const first = new Ledger(dyingState(values, writes)).missed(schedule, NOON);
    if (writes < 2) await expect(first).rejects.toThrow('killed');
    else expect(await first).toBeNull();

    const again = new Ledger(dyingState(values, 10));
    expect(await again.missed(schedule, NOON + 60_000)).toBeNull();
    expect(values.get('since sync')).toMatch(/^2026-11-02T12:0/);
    // From here on, a turn that nobody served shows.
    expect(await again.missed(schedule, Date.parse('2026-11-03T09:00:00Z'))).toBe(Date.parse('2026-11-03T06:00:00Z'));
  });
});
