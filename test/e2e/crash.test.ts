import { expect, it } from 'vitest';
import { PrivatePostgres } from '../postgres.ts';
import { CRMS } from './crm/index.ts';
import { cli } from './harness.ts';

/** The whole of it is `npm run crash`; this is the same on a smaller world. */
const crash = (kills: number, ...more: string[]) =>
  cli(['crash', '--accounts', '30', '--kills', `${kills}`, '--json', ...more]);

it.each(CRMS)(
  '%s: a sync that is killed anywhere and run again ends as if nothing had happened',
  async (crm) => {
    // The steps are the same; of a further CRM only its own calls are others.
    const [kills, ...more] = crm === CRMS[0] ? [8] : [6, '--crm-only'];
    const { code, json, err } = await crash(kills, '--crm', crm, '--seed', '7', ...more);
    expect(json, err).toMatchObject({
      ok: true,
      crm,
      kills,
      lost: 0,
      duplicateWrites: 0,
      duplicateTasks: 0,
      seed: 7,
    });
    expect(code).toBe(0);
    expect(json.unexplainedCalls, err).toBe(0);
    expect(Object.values(json.byStep).reduce((sum: number, n) => sum + Number(n), 0)).toBe(kills);
    expect(Object.keys(json.byStep).length).toBeGreaterThan(kills / 2);
    expect(err.match(/^ {2}ok {2}kill \d+: day [12], /gm)).toHaveLength(kills);
  },
  180_000,
);

it('ends as if nothing had happened on PostgreSQL too, and leaves nothing there', async () => {
  const server = await PrivatePostgres.start();
  try {
    expect((await crash(6, '--postgres')).json).toMatchObject({ ok: false, exit: 2 }); // where?
    process.env.DATABASE_URL = server.url();
    const { json, err } = await crash(6, '--postgres', '--crm-only');
    expect(json, err).toMatchObject({ ok: true, kills: 6, lost: 0, duplicateWrites: 0, duplicateTasks: 0 });
    expect(json.unexplainedCalls, err).toBe(0);
    const left = await server.query("select nspname from pg_namespace where nspname like 'pulseback%'");
    expect(left).toEqual([]);
    expect(await server.query("select tablename from pg_tables where schemaname = 'public'")).toEqual([]);
  } finally {
    process.env.DATABASE_URL = '';
    await server.close();
  }
}, 180_000);

it('replays one kill by its number', async () => {
  const { json, err } = await crash(8, '--seed', '7', '--only', '2');
  expect(json, err).toMatchObject({ ok: true, kills: 2 }); // the life in which it happened, up to it
  expect(err).toMatch(/ok {2}kill 2: day 2/);
  expect((await crash(8, '--only', '9')).json).toMatchObject({ ok: false, exit: 2 });
}, 120_000);
