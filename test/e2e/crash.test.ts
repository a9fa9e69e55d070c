import { expect, it } from 'vitest';
import { CRMS } from './crm/index.ts';
import { cli } from './harness.ts';

/** The whole of it is `npm run crash`; this is the same on a smaller world. */
const crash = (...more: string[]) => cli(['crash', '--accounts', '30', '--kills', '8', '--json', ...more]);

it.each(CRMS)(
  '%s: a sync that is killed anywhere and run again ends as if nothing had happened',
  async (crm) => {
    const { code, json, err } = await crash('--crm', crm, '--seed', '7');
    expect(json, err).toMatchObject({
      ok: true,
      crm,
      kills: 8,
      lost: 0,
      duplicateWrites: 0,
      duplicateTasks: 0,
      seed: 7,
    });
    expect(code).toBe(0);
    expect(json.unexplainedCalls, err).toBe(0);
    expect(Object.values(json.byStep).reduce((sum: number, n) => sum + Number(n), 0)).toBe(8);
    expect(Object.keys(json.byStep).length).toBeGreaterThan(5);
    expect(err.match(/^ {2}ok {2}kill \d+: day [12], /gm)).toHaveLength(8);
  },
  180_000,
);

it('replays one kill by its number', async () => {
  const { json, err } = await crash('--seed', '7', '--only', '2');
  expect(json, err).toMatchObject({ ok: true, kills: 2 }); // the life in which it happened, up to it
  expect(err).toMatch(/ok {2}kill 2: day 2/);
  expect((await crash('--only', '9')).json).toMatchObject({ ok: false, exit: 2 });
}, 120_000);
