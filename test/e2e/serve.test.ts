import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openApp } from '../../src/app.ts';
import { openStore } from '../../src/store/open.ts';
import type { RunRecord } from '../../src/store/types.ts';
import { PrivateRedis } from '../redis.ts';
import { CRMS } from './crm/index.ts';
import { HOUR, Loop } from './harness.ts';
import { accountRows, fieldsOf, managerTasks } from './seen.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const TOKEN = 'a-token-of-sixteen-or-more';
const NEVER = '0 0 1 1 *';

/** `serve` in a process of its own. */
class Serving {
  out = '';
  err = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(loop: Loop, env: Record<string, string> = {}, ...args: string[]) {
    const now = new Date(loop.host.world.now()).toISOString();
    this.#child = spawn(process.execPath, [MAIN, 'serve', '--config', loop.config, '--now', now, ...args], {
      env: { ...process.env, PULSEBACK_API_TOKEN: TOKEN, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk));
    this.#ended = once(this.#child, 'exit');
    onTestFinished(async () => {
      this.#child.kill('SIGKILL');
      await this.#ended;
    });
  }

  async says(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.out);
      if (found) return found;
      if (this.#child.exitCode !== null) throw new Error(`ended with ${this.#child.exitCode}: ${this.out}${this.err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const [, origin] = await this.says(/Serving at (\S+);/);
    return fetch(`${origin}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    });
  }

  post(kind: string): Promise<Response> {
    return this.ask('/runs', { method: 'POST', body: JSON.stringify({ kind }) });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }
}

async function world(
  schedule: Record<string, unknown>,
  settings: Record<string, unknown> = {},
  crm = CRMS[0],
): Promise<Loop> {
  const loop = await Loop.start({ ...(crm && { crm }), accounts: 20, usageDays: 30 });
  onTestFinished(() => loop.close());
  const streams = Object.fromEntries((await streamsOf(loop)).map((name) => [name, NEVER]));
  loop.configure({ schedule: { sync: NEVER, streams, ...schedule }, api: { port: 0 }, ...settings });
  expect((await loop.run('setup', '--yes')).code).toBe(0);
  return loop;
}

async function streamsOf(loop: Loop): Promise<string[]> {
  const app = await openApp({ configPath: loop.config });
  try {
    return app.sources.flatMap((s) => Object.keys(s.connector.streams(s.ctx)).map((stream) => `${s.name}.${stream}`));
  } finally {
    await app.close();
  }
}

async function runsOf(loop: Loop): Promise<RunRecord[]> {
  const store = await openStore({ path: `${loop.dir}/pulseback.db` });
  try {
    return (await (await store.workspace('sandbox')).runs(100)).reverse();
  } finally {
    await store.close();
  }
}

const written = (loop: Loop): number =>
  [...accountRows(loop).values()].filter((row) => fieldsOf(row).score !== null).length;

/** No two runs were under way at one time. */
function oneAtATime(runs: RunRecord[]): void {
  for (const [i, run] of runs.entries())
    if (i > 0)
      expect(run.startedAt, `run ${run.id}`).toBeGreaterThanOrEqual(runs[i - 1]?.endedAt ?? Number.POSITIVE_INFINITY);
}

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
    const loop = await world({}, {}, crm);
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
