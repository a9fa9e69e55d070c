import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeMetrics } from '../../src/api/metrics.ts';
import { type Api, startApi } from '../../src/api/server.ts';
import { InputError } from '../../src/contract/index.ts';
import type { Queue } from '../../src/jobs/queue.ts';
import { served, Workshop } from '../jobs/support.ts';

const TOKEN = 'a-token-of-sixteen-or-more';

interface Options {
  token?: string | null;
  metricsPublic?: boolean;
  state?: 'starting' | 'serving' | 'stopping';
  queue?: Partial<Queue>;
}

async function start(options: Options = {}) {
  const deps = await served();
  const shop = new Workshop(deps);
  const queue: Queue = { ...shop.queue, ...options.queue };
  const { name, store, sources, calls, now } = { name: 'w', ...deps };
  const one = { name, store, sources, calls, now, queue };
  const metrics = await makeMetrics([one]);
  const errors: object[] = [];
  const api: Api = await startApi({
    host: '127.0.0.1',
    port: 0,
    served: [one],
    token: options.token === undefined ? TOKEN : options.token,
    metrics,
    metricsPublic: options.metricsPublic ?? false,
    state: () => options.state ?? 'serving',
    version: '1.2.3',
    log: { ...deps.log, error: (fields) => void errors.push(fields) },
  });
  onTestFinished(() => api.close());
  await shop.open();
  const ask = async (path: string, init: RequestInit & { token?: string } = {}) => {
    const { token = TOKEN, ...rest } = init;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const res = await fetch(api.origin + path, { ...rest, headers });
    const text = await res.text();
    const json: unknown = res.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
    return { status: res.status, headers: res.headers, text, json };
  };
  const post = (body: unknown) =>
    ask('/runs', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { api, shop, metrics, ask, post, errors };
}

describe('health', () => {
  it('/healthz says that the process lives, to anybody', async () => {
    const { api } = await start({ token: null, state: 'stopping' });
    const res = await fetch(`${api.origin}/healthz`);
    expect(res.status).toBe(200);
    expect(await res.json()).toEqual({ ok: true, version: '1.2.3' });
  });

  it('/readyz says that store and queue answer and migrations are done', async () => {
    const { ask } = await start();
    expect(await ask('/readyz', { token: '' })).toMatchObject({
      status: 200,
      json: {
        ok: true,
        state: 'serving',
        migrations: 'done',
        workspaces: [{ workspace: 'w', store: { ok: true }, queue: { ok: true } }],
      },
    });
  });

  it('/readyz names the part that does not', async () => {
    const ping = async () => {
      throw new Error('Redis cannot be reached');
    };
    const { ask } = await start({ queue: { ping } });
    expect(await ask('/readyz')).toMatchObject({
      status: 503,
      json: {
        ok: false,
        workspaces: [{ store: { ok: true }, queue: { ok: false, problem: 'Redis cannot be reached' } }],
      },
    });
  });

  it.each(['starting', 'stopping'] as const)('/readyz is 503 while it is %s', async (state) => {
    const { ask } = await start({ state });
    expect(await ask('/readyz')).toMatchObject({ status: 503, json: { ok: false, state } });
  });
});

describe('who may', () => {
  it.each(['', 'wrong', `${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase()])('not "%s"', async (token) => {
    const { ask, shop } = await start();
    for (const [path, method] of [
      ['/runs', 'POST'],
      ['/runs', 'GET'],
      ['/metrics', 'GET'],
      ['/nothing', 'GET'],
    ] as const) {
      const res = await ask(path, { token, method, ...(method === 'POST' ? { body: '{"kind":"sync"}' } : {}) });
      expect(res).toMatchObject({ status: 401, json: { error: { message: 'a valid bearer token is needed' } } });
      expect(res.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect(shop.outcomes).toEqual([]);
  });

  it('nobody, where no token is set: 503 that says what to set', async () => {
    const { ask, post } = await start({ token: null });
    for (const res of [await post({ kind: 'sync' }), await ask('/runs'), await ask('/metrics')]) {
      expect(res.status).toBe(503);
      expect(res.text).toContain('PULSEBACK_API_TOKEN');
    }
  });

  it('everybody may read metrics where they are public, and nothing else', async () => {
    const { ask } = await start({ token: null, metricsPublic: true });
    expect((await ask('/metrics', { token: '' })).status).toBe(200);
    expect((await ask('/runs')).status).toBe(503);
  });
});

describe('runs', () => {
  it('are asked for with POST: 202 with the job, which then shows in the list', async () => {
    const { ask, post, shop } = await start();
    const asked = await post({ kind: 'sync' });
    expect(asked).toMatchObject({ status: 202, json: { job: expect.any(String), workspace: 'w', kind: 'sync' } });
    while (shop.outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { job } = asked.json as { job: string };
    expect(await ask('/runs')).toMatchObject({
      status: 200,
      json: { runs: [{ workspace: 'w', command: 'sync', status: 'done', summary: { job, written: 2 } }] },
    });
    await post({ kind: 'pull', stream: 'crm.all' });
    while (shop.outcomes.length === 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await ask('/runs?limit=1')).json).toMatchObject({ runs: [{ command: 'pull crm.all' }] });
  });

  it.each([
    [{ kind: 'everything' }, 400, /kind/],
    [{}, 400, /kind/],
    [[], 400, /./],
    [{ kind: 'sync', force: true }, 400, /force/],
    [{ kind: 'sync', workspace: 'other' }, 400, /no workspace "other"/],
    [{ kind: 'sync', stream: 'crm.all' }, 400, /only a pull/],
    [{ kind: 'pull', stream: 'crm.nothing' }, 400, /no stream "crm.nothing"/],
    ['{"kind":', 400, /cannot be read/],
    [{ kind: 'sync', workspace: 'x'.repeat(20_000) }, 413, /too large/],
  ])('refuses %j in JSON, without a stack', async (body, status, says) => {
    const { post, shop, errors } = await start();
    const res = await post(body);
    expect(res.status).toBe(status);
    expect(res.json).toMatchObject({ error: { message: expect.stringMatching(says) } });
    expect(res.text).not.toMatch(/\.ts|node_modules|at /);
    expect([shop.outcomes, errors]).toEqual([[], []]);
  });

  it('cannot be taken while the queue is away: 503', async () => {
    const enqueue = async () => {
      throw new Error('Redis cannot be reached');
    };
    const { post } = await start({ queue: { enqueue } });
    expect(await post({ kind: 'sync' })).toMatchObject({ status: 503 });
  });

  it.each(['0', '1000', 'x'])('are not listed by a limit of %s', async (limit) => {
    const { ask } = await start();
    expect((await ask(`/runs?limit=${limit}`)).status).toBe(400);
  });
});

describe('metrics', () => {
  it('look at the age of sources once for all who ask meanwhile, and again once a job has ended', async () => {
    const deps = await served();
    const shop = new Workshop(deps);
    let looks = 0;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const toldSince: typeof deps.store.toldSince = async (...asked) => {
      if (asked[0] === deps.sources[0]?.name) looks += 1;
      await held;
      return deps.store.toldSince(...asked);
    };
    const { runs, streams, newestTold } = deps.store;
    const metrics = await makeMetrics([
      { ...deps, name: 'w', queue: shop.queue, store: { runs, streams, toldSince, newestTold } },
    ]);
    const asked = [metrics.registry.metrics(), metrics.registry.metrics()];
    release();
    for (const text of await Promise.all(asked)) expect(text).toContain('pulseback_source_stale{workspace="w"');
    await metrics.registry.metrics();
    expect(looks).toBe(1);
    await shop.open();
    metrics.observe(await shop.run('score'));
    await metrics.registry.metrics();
    expect(looks).toBe(2);
  });

  it('fail where the store cannot be read: old figures would pass for new ones', async () => {
    const deps = await served();
    const shop = new Workshop(deps);
    let broken = true;
    const toldSince: typeof deps.store.toldSince = async (...asked) => {
      if (broken) throw new Error('the database file is malformed');
      return deps.store.toldSince(...asked);
    };
    const { runs, streams, newestTold } = deps.store;
    const { registry } = await makeMetrics([
      { ...deps, name: 'w', queue: shop.queue, store: { runs, streams, toldSince, newestTold } },
    ]);
    await expect(registry.metrics()).rejects.toThrow('malformed');
    broken = false;
    expect(await registry.metrics()).toContain('pulseback_source_stale{workspace="w"');
  });

  it('tell runs, calls, accounts, outcomes, staleness and the queue', async () => {
    const { ask, shop, metrics } = await start();
    shop.deps.calls.add('vendor', { label: 'query', kind: 'read' });
    metrics.observe(await shop.run('sync'));
    const { text, headers } = await ask('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    for (const line of [
      'pulseback_runs_total{workspace="w",kind="sync",status="done"} 1',
      'pulseback_run_seconds_count{workspace="w",kind="sync"} 1',
      'pulseback_vendor_calls_total{workspace="w",vendor="vendor",kind="read"} 1',
      'pulseback_accounts{workspace="w",band="not scored"} 0',
      'pulseback_outcomes_total{workspace="w",outcome="written"} 2',
      'pulseback_source_stale{workspace="w",source="crm"} 0',
      'pulseback_queue_up{workspace="w"} 1',
      'pulseback_queue_jobs{workspace="w",state="waiting"} 0',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toContain('process_resident_memory_bytes');
    const accounts = [...text.matchAll(/^pulseback_accounts\{.*\} (\d+)$/gm)].map((m) => Number(m[1]));
    expect(accounts.reduce((sum, n) => sum + n, 0)).toBe(2);
  });

  it('know the accounts of the last score after a restart', async () => {
    const { shop } = await start();
    await shop.run('sync');
    const { deps } = shop;
    const again = await makeMetrics([
      { name: 'w', store: deps.store, sources: deps.sources, calls: deps.calls, now: deps.now, queue: shop.queue },
    ]);
    expect(await again.registry.getSingleMetricAsString('pulseback_accounts')).toMatch(/band="\w+"\} 2/);
  });

  it('are told while the queue is away', async () => {
    const away = async () => {
      throw new Error('away');
    };
    const { ask } = await start({ queue: { ping: away, depth: away } });
    expect((await ask('/metrics')).text).toContain('pulseback_queue_up{workspace="w"} 0\n');
  });
});

describe('the server', () => {
  it('sends headers that keep browsers out, and no word about what it is built with', async () => {
    const { ask } = await start();
    const { headers } = await ask('/healthz');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('answers what it does not know with 404 in JSON', async () => {
    const { ask } = await start();
    expect(await ask('/admin')).toMatchObject({ status: 404, json: { error: { message: 'there is nothing here' } } });
  });

  it('says in words that an address is taken', async () => {
    const { api, shop, metrics } = await start();
    const port = Number(new URL(api.origin).port);
    const again = startApi({
      host: '127.0.0.1',
      port,
      served: [],
      token: null,
      metrics,
      metricsPublic: false,
      state: () => 'serving',
      version: '',
      log: shop.deps.log,
    });
    await expect(again).rejects.toBeInstanceOf(InputError);
    await expect(again).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });

  it('closes although a caller keeps its connection open', async () => {
    const { api } = await start();
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    await api.close();
    await ended;
  });
});
