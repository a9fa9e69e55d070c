import { expect, test } from 'vitest';
import { start } from './support.ts';

/** A clock that stands still until it is moved. */
function stopped() {
  let now = 1_000_000;
  return { clock: () => now, move: (seconds: number) => (now += seconds * 1000) };
}

test('ten exports a minute; the eleventh is told in seconds when to come back, and then is let in', async () => {
  const { clock, move } = stopped();
  const { call } = await start({ customers: 4, limits: true, clock });
  const ask = () => call('incremental/tickets/cursor?start_time=0');
  for (let n = 0; n < 10; n++) expect((await ask()).status).toBe(200);
  move(18);
  const refused = await ask();
  expect(refused).toMatchObject({ status: 429, body: { error: 'APIRateLimitExceeded' } });
  expect(refused.headers.get('retry-after')).toBe('42');
  expect((await call('organizations')).status).toBe(200); // the account’s own budget goes on
  move(41);
  expect((await ask()).status).toBe(429);
  move(1);
  expect((await ask()).status).toBe(200);
});

test('each plan has its minute, told in every answer', async () => {
  for (const [plan, limit] of [
    ['team', 200],
    ['professional', 400],
    ['enterprise', 700],
    ['enterprise-plus', 2500],
  ] as const) {
    const { clock } = stopped();
    const { call } = await start({ customers: 4, limits: true, clock, plan });
    await call('users/me');
    const { headers } = await call('users/me');
    expect([headers.get('x-rate-limit'), headers.get('x-rate-limit-remaining')]).toEqual([`${limit}`, `${limit - 2}`]);
    expect(headers.get('ratelimit-reset')).toBe('60');
  }
});

test('the whole account’s minute runs out too; High Volume lifts both', async () => {
  const { clock } = stopped();
  const small = await start({ customers: 4, limits: true, clock, plan: 'team' });
  let last = await small.call('users/me');
  for (let n = 1; n < 200; n++) last = await small.call('users/me');
  expect([last.status, last.headers.get('x-rate-limit-remaining')]).toEqual([200, '0']);
  expect((await small.call('users/me')).status).toBe(429);
  const large = await start({ customers: 4, limits: true, clock, highVolume: true });
  for (let n = 0; n < 30; n++) expect((await large.call('incremental/users?start_time=0')).status).toBe(200);
  expect((await large.call('incremental/users?start_time=0')).status).toBe(429);
  for (let n = 0; n < 10; n++) expect((await large.call('deleted_tickets')).status).toBe(200);
  expect((await large.call('deleted_tickets')).status).toBe(429);
});

test('a plan without satisfaction has none', async () => {
  const { call } = await start({ customers: 4, plan: 'team' });
  for (const path of ['satisfaction_ratings', 'guide/survey_responses']) expect((await call(path)).status).toBe(403);
});
