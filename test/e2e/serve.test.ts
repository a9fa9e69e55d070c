import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrivateRedis } from '../redis.ts';
import { CRMS } from './crm/index.ts';
import { HOUR, type Loop } from './harness.ts';
import { accountRows, fieldsOf, managerTasks } from './seen.ts';
import { NEVER, oneAtATime, runsOf, Serving, streamsOf, world } from './serving.ts';

const written = (loop: Loop): number =>
  [...accountRows(loop).values()].filter((row) => fieldsOf(row).score !== null).length;

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await PrivateRedis.start();
});
afterAll(() => redis.close());

describe.each([
  ['in process', () => ({})],
  ['on Redis', () => ({ REDIS_URL: redis.url })],
])('serve, %s', (_name, env) => {
  it('syncs by itself when it starts, takes requests, and stops with 0', async () => {
    const loop = await world({});
    const serving = new Serving(loop, env());
    await serving.says(/sync \(.*20 accounts written/);
    expect(written(loop)).toBe(20);
    expect((await serving.ask('/readyz')).status).toBe(200);
    const res = await serving.post('score');
    expect(res.status).toBe(202);
    await serving.says(/score \(.*20 accounts scored/);
    const metrics = await (await serving.ask('/metrics')).text();
    expect(metrics).toContain('pulseback_runs_total{workspace="sandbox",kind="sync",status="done"} 1\n');
    expect(await serving.end('SIGTERM')).toBe(0);
    expect(serving.out).toContain('Stopped.');
    expect(serving.err).toBe('');
    expect((await runsOf(loop)).map((r) => [r.command, r.status])).toEqual([
      ['sync', 'done'],
      ['score', 'done'],
    ]);
  });

  it('follows its schedules, and after a change only the new ones', async () => {
    const loop = await world({ score: '* * * * * *' });
    const first = new Serving(loop, env());
    await first.says(/score \([\s\S]*score \(/);
    expect(await first.end('SIGINT')).toBe(0);
    const before = (await runsOf(loop)).length;
    loop.configure({
      schedule: {
        sync: NEVER,
        reconcile: 'off',
        plan: '* * * * * *',
        streams: Object.fromEntries((await streamsOf(loop)).map((s) => [s, 'off'])),
      },
      api: { port: 0 },
    });
    const second = new Serving(loop, env());
    await second.says(/plan \([\s\S]*plan \(/);
    expect(await second.end('SIGTERM')).toBe(0);
    const later = (await runsOf(loop)).slice(before).map((r) => r.command);
    expect(new Set(later)).toEqual(new Set(['plan']));
  });

  it('in two processes on one workspace: never two runs at once, nothing twice', async () => {
    const loop = await world({ sync: '*/2 * * * * *' });
    expect((await loop.run('sync')).code).toBe(0);
    await loop.later(25 * HOUR); // tasks begin
    const both = [new Serving(loop, env()), new Serving(loop, env())];
    await Promise.all(both.map((one) => one.says(/Serving at/)));
    for (let n = 0; n < 3; n++) await Promise.all(both.map((one) => one.post('sync')));
    while ((await runsOf(loop)).filter((r) => r.status === 'done').length < 4)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await Promise.all(both.map((one) => one.end('SIGTERM')))).toEqual([0, 0]);
    const runs = await runsOf(loop);
    oneAtATime(runs);
    expect(runs.every((r) => r.status !== 'running')).toBe(true);
    const keys = managerTasks(loop).map((t) => t.key);
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('stopped in the middle of a sync, it goes on at the next start', async () => {
    const loop = await world({});
    const serving = new Serving(loop, env());
    loop.host.crm.calls.reset();
    while (loop.host.crm.calls.total('read') < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await serving.end('SIGTERM')).toBe(0);
    const again = new Serving(loop, env());
    if (written(loop) < 20) await again.says(/sync \(.*accounts written/);
    expect(await again.end('SIGTERM')).toBe(0);
    expect(written(loop)).toBe(20);
  });
});

describe('serve', () => {
  // Everything above is the service's own affair; with each further CRM it is enough that it syncs, twice.
  it.each(CRMS.slice(1))('syncs %s by itself', async (crm) => {
    const loop = await world({}, {}, { crm });
    const serving = new Serving(loop);
    await serving.says(/sync \(.*20 accounts written/);
    expect(written(loop)).toBe(20);
    expect((await serving.post('sync')).status).toBe(202);
    await serving.says(/sync \([\s\S]*sync \(.*nothing to write/);
    expect(await serving.end('SIGTERM')).toBe(0);
    oneAtATime(await runsOf(loop));
  });

  it('only plans while writing is off', async () => {
    const loop = await world({}, { write: { enabled: false } });
    const serving = new Serving(loop);
    await serving.says(/plan 1 waits: 20 accounts to write/);
    expect(await serving.end('SIGTERM')).toBe(0);
    expect(written(loop)).toBe(0);
  });

  it('goes on when Redis was away, nothing doubled', async () => {
    const loop = await world({ sync: '*/2 * * * * *' });
    const serving = new Serving(loop, { REDIS_URL: redis.url });
    await serving.says(/20 accounts written/);
    await redis.down(true);
    const health = await serving.ask('/healthz');
    expect(health.status).toBe(200);
    while ((await serving.ask('/readyz')).status !== 503) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await serving.post('sync')).status).toBe(503);
    const before = serving.out.match(/sync \(/g)?.length ?? 0;
    await redis.up();
    while ((serving.out.match(/sync \(/g)?.length ?? 0) < before + 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await serving.end('SIGTERM')).toBe(0);
    oneAtATime(await runsOf(loop));
    const keys = managerTasks(loop).map((t) => t.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    [{ REDIS_URL: 'localhost:6379' }, [], /REDIS_URL: expected an address like redis:/],
    [{}, ['--port', '99999'], /--port/],
    [{}, ['--also', 'missing.yaml'], /missing.yaml: no such file/],
  ])('refuses %j %j in words', async (env, args, says) => {
    const loop = await world({});
    const serving = new Serving(loop, env, ...args);
    await expect(serving.says(/Serving/)).rejects.toThrow(/ended with 2/);
    expect(serving.err).toMatch(says);
  });
});
