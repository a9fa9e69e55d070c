import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigFile } from '../../src/config-file.ts';
import { InputError, type StreamSpec } from '../../src/contract/index.ts';
import { schedulesOf } from '../../src/jobs/schedule.ts';
import { sourceOf } from '../pipeline/support.ts';

const stream = (schedule: string): StreamSpec => ({
  title: 'x',
  kinds: ['account'],
  cursor: z.record(z.string(), z.unknown()),
  mode: 'full',
  overlapMs: 0,
  schedule,
  deletions: 'none',
});
const source = sourceOf({
  streams: () => ({ accounts: stream('0 2 * * *'), tasks: stream('0 3 * * 1') }),
  pull: async function* () {},
});
const of = (settings: Record<string, unknown>) =>
  schedulesOf({ sources: [source], config: ConfigFile.parse({ timezone: 'Europe/London', ...settings }) });
const told = (settings: Record<string, unknown>) => Object.fromEntries(of(settings).map((s) => [s.key, s.cron]));

describe('schedules', () => {
  it('are the daily sync, the weekly look for deletions and each stream’s own, in the company’s zone', () => {
    expect(told({})).toEqual({
      sync: '0 6 * * *',
      reconcile: '0 3 * * 0',
      'pull crm.accounts': '0 2 * * *',
      'pull crm.tasks': '0 3 * * 1',
    });
    expect(of({ workspace: 'eu' })[2]).toEqual({
      key: 'pull crm.accounts',
      cron: '0 2 * * *',
      timezone: 'Europe/London',
      job: { workspace: 'eu', kind: 'pull', stream: 'crm.accounts' },
    });
  });

  it('can be changed, added and switched off', () => {
    const streams = { 'crm.accounts': '0 * * * *', 'crm.tasks': 'off' };
    const schedule = { sync: 'off', reconcile: 'off', plan: '0 7 * * 1-5', streams };
    expect(told({ schedule })).toEqual({ plan: '0 7 * * 1-5', 'pull crm.accounts': '0 * * * *' });
  });

  it('of a stream that does not exist are refused with the nearest name', () => {
    const wrong = () => of({ schedule: { streams: { 'crm.acounts': '0 * * * *' } } });
    expect(wrong).toThrow(InputError);
    expect(wrong).toThrow(/no stream "crm.acounts"/);
  });

  it('that no cron is are refused where the configuration is read', () => {
    const [issue] = ConfigFile.safeParse({ schedule: { sync: 'daily' } }).error?.issues ?? [];
    expect(issue?.path).toEqual(['schedule', 'sync']);
    expect(issue?.message).toMatch(/cron expression like/);
  });
});
