import { afterEach, describe, expect, it, vi } from 'vitest';
import { cronProblem, lastDue, whenDue } from '../../src/kit/cron.ts';

const at = (text: string): number => Date.parse(text);

describe('cron expressions', () => {
  it.each(['0 6 * * *', '*/5 * * * * *', '0 6 * * mon-fri', '30 2 1,15 JAN-JUN *'])('%s is one', (cron) => {
    expect(cronProblem(cron)).toBeNull();
  });

  it.each([
    '',
    'daily',
    '@daily',
    '0 6 * *',
    '0 6 L * *',
    '0 6 * * 5#2',
    '0 6 ? * *',
    '99 6 * * *',
    '0 0 0 6 * * 2027',
  ])('"%s" is none, or means something else elsewhere', (cron) => {
    expect(cronProblem(cron)).not.toBeNull();
  });

  it('one that never comes due is refused', () => {
    expect(cronProblem('0 6 31 2 *')).toMatch(/never/);
  });
});

describe('lastDue', () => {
  it.each([
    ['2026-11-02T06:00:00Z', '2026-11-02T06:00:00Z'],
    ['2026-11-02T05:59:59.999Z', '2026-11-01T06:00:00Z'],
    ['2026-11-02T06:00:00.500Z', '2026-11-02T06:00:00Z'],
    ['2026-07-02T12:00:00Z', '2026-07-02T05:00:00Z'], // summer time
  ])('at %s it was %s in London', (now, due) => {
    expect(lastDue('0 6 * * *', 'Europe/London', at(now))).toBe(at(due));
  });
});

describe('whenDue', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls at six in the morning of the company’s zone, also the morning after the clocks changed, until it is stopped', async () => {
    vi.useFakeTimers({ now: at('2026-10-24T00:00:00Z') });
    const dues: string[] = [];
    const stop = whenDue('0 6 * * *', 'Europe/London', (due) => dues.push(new Date(due).toISOString()));
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
    expect(dues).toEqual(['2026-10-24T05:00:00.000Z', '2026-10-25T06:00:00.000Z']);
    stop();
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
    expect(dues.length).toBe(2);
  });
});
