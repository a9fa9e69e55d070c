import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConnectorError, type Log } from '../../src/contract/index.ts';
import { makeAttempt } from '../../src/http/attempt.ts';
import { type HttpCall, type HttpSetup, makeHttp } from '../../src/http/client.ts';
import { retryAfterMs } from '../../src/http/retry-after.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Handler = (req: IncomingMessage & { text: string }, res: ServerResponse, n: number) => void;

/** A real server on loopback; `seen` holds "METHOD /path body" of every request. */
async function serve(handler: Handler) {
  const seen: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    seen.push(`${req.method} ${req.url}${text ? ` ${text}` : ''}`);
    requests.push(req);
    handler(Object.assign(req, { text }), res, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, requests };
}
const answer = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

function client(origin: string, options: Partial<HttpSetup> = {}) {
  const waits: number[] = [];
  const stop = new AbortController();
  const attempt = makeAttempt({
    log: quiet,
    signal: stop.signal,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
  });
  return {
    http: makeHttp({ attempt, baseUrl: `${origin}/api`, now: () => Date.UTC(2026, 10, 25), ...options }),
    waits,
    stop,
  };
}
const list: HttpCall<unknown> = { label: 'things.list', path: 'things', schema: z.unknown() };
const create: HttpCall<unknown> = { ...list, label: 'things.create', method: 'POST', body: { a: 1 } };
const errorOf = (promise: Promise<unknown>): Promise<ConnectorError> =>
  promise.then(
    () => Promise.reject(new Error('expected a failure')),
    (e: unknown) => {
      if (e instanceof ConnectorError) return e;
      throw e;
    },
  );

describe('http client', () => {
  it('sends and receives JSON below its base URL, with headers asked for each try', async () => {
    const { origin, seen, requests } = await serve((_, res, n) => answer(res, n === 1 ? 503 : 200, { ok: true }));
    let token = 0;
    const { http } = client(origin, { headers: () => ({ authorization: `Bearer t${++token}` }) });
    const schema = z.object({ ok: z.boolean() });
    const result = await http.request({ ...create, idempotent: true, query: { q: 'a b', none: undefined }, schema });
    expect(result).toMatchObject({ status: 200, body: { ok: true } });
    expect(seen).toEqual(Array(2).fill('POST /api/things?q=a+b {"a":1}'));
    expect(requests.map((r) => r.headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
    expect(requests[0]?.headers['content-type']).toBe('application/json');
  });

  it('takes an empty answer as null', async () => {
    const { origin } = await serve((_, res) => void res.writeHead(204).end());
    expect(await client(origin).http.json({ ...create, schema: z.null() })).toBeNull();
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('tries a read again after %i', async (status) => {
    const { origin, seen } = await serve((_, res, n) => answer(res, n === 1 ? status : 200, { n }));
    expect(await client(origin).http.json(list)).toEqual({ n: 2 });
    expect(seen).toHaveLength(2);
  });

  it('never repeats a create that may have been carried out, and does repeat one that was refused', async () => {
    const broken = await serve((_, res) => answer(res, 503, {}));
    expect(await errorOf(client(broken.origin).http.json(create))).toMatchObject({ ambiguous: true, code: '503' });
    expect(broken.seen).toHaveLength(1);
    const busy = await serve((_, res, n) => answer(res, n === 1 ? 429 : 201, {}));
    await client(busy.origin).http.json(create);
    expect(busy.seen).toHaveLength(2);
  });

  it.each([
    [401, 'reauthenticate'],
    [403, 'fail'],
    [404, 'fail'],
    [400, 'fail'],
    [422, 'fail'],
  ])('%i ends at once: %s', async (status, action) => {
    const { origin, seen } = await serve((_, res) => answer(res, status, { message: 'no such field Foo' }));
    const error = await errorOf(client(origin).http.json(list));
    expect(error).toMatchObject({ action, code: String(status), ambiguous: false });
    expect(error.message).toContain('no such field Foo');
    expect(seen).toHaveLength(1);
  });

  it('lets a system mean something else by a status', async () => {
    const { origin } = await serve((_, res) => answer(res, 403, {}));
    const { http } = client(origin, { retryTable: { 403: { action: 'wait' } } });
    expect(await errorOf(http.json(list))).toMatchObject({ action: 'wait' });
  });

  it.each([
    ['7', 7_000],
    ['Wed, 25 Nov 2026 00:00:09 GMT', 9_000],
  ])('honours Retry-After: %s', async (header, ms) => {
    const { origin } = await serve((_, res, n) => answer(res, n === 1 ? 429 : 200, {}, { 'retry-after': header }));
    const { http, waits } = client(origin);
    await http.json(list);
    expect(waits).toEqual([ms]);
  });

  it('tries a read again after a reset, but not a create', async () => {
    const { origin, seen } = await serve((req, res, n) =>
      n === 1 || req.method === 'POST' ? void req.socket.destroy() : answer(res, 200, 'ok'),
    );
    const { http } = client(origin);
    expect(await http.json(list)).toBe('ok');
    expect(await errorOf(http.json(create))).toMatchObject({ ambiguous: true, action: 'retry' });
    expect(seen.filter((s) => s.startsWith('POST'))).toHaveLength(1);
  });

  it('tries again when the connection breaks in the middle of an answer', async () => {
    const { origin } = await serve((req, res, n) => {
      if (n > 1) return answer(res, 200, 'whole');
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('"ha');
      setTimeout(() => req.socket.destroy(), 5);
    });
    expect(await client(origin).http.json(list)).toBe('whole');
  });

  it('knows that a refused connection carried nothing out', async () => {
    const { origin } = await serve(() => {});
    for (const close of closers.splice(0)) await close();
    const { http, waits } = client(origin);
    expect(await errorOf(http.json(create))).toMatchObject({ code: 'ECONNREFUSED', ambiguous: false });
    expect(waits).toHaveLength(4);
  });

  it('ends a hung call at its deadline, also when the body never ends', async () => {
    const { origin } = await serve((req, res) => {
      if (req.url?.includes('body')) res.writeHead(200, { 'content-type': 'application/json' }).write('[');
    });
    const { http } = client(origin, { deadlineMs: 50 });
    expect(await errorOf(http.json(create))).toMatchObject({ code: 'DEADLINE', ambiguous: true });
    expect(await errorOf(http.json({ ...create, path: 'body' }))).toMatchObject({ code: 'DEADLINE', ambiguous: true });
  });

  it('follows a redirect on its own origin and refuses every way to another', async () => {
    const other = await serve((_, res) => answer(res, 200, 'stolen'));
    const { origin, seen } = await serve((req, res) => {
      if (req.url === '/api/here') return void res.writeHead(302, { location: '/api/there' }).end();
      if (req.url === '/api/away') return void res.writeHead(302, { location: `${other.origin}/api/x` }).end();
      if (req.url === '/api/loop') return void res.writeHead(302, { location: '/api/loop' }).end();
      answer(res, 200, 'found');
    });
    const { http } = client(origin);
    expect(await http.json({ ...list, path: '/here' })).toBe('found');
    expect(await http.json({ ...list, path: `${origin}/next?page=2` })).toBe('found');
    expect(await errorOf(http.json({ ...list, path: '/away' }))).toMatchObject({
      code: 'OTHER_ORIGIN',
      action: 'fail',
    });
    expect(await errorOf(http.json({ ...list, path: `${other.origin}/x` }))).toMatchObject({ code: 'OTHER_ORIGIN' });
    expect(await errorOf(http.json({ ...list, path: '/loop' }))).toMatchObject({ code: 'REDIRECTS' });
    expect(await errorOf(http.json({ ...create, path: '/here' }))).toMatchObject({ code: '302', action: 'fail' });
    expect(other.seen).toEqual([]);
    expect(seen).toContain('GET /next?page=2');
  });

  it('reads again where a page came instead of JSON, and says so in the end; a write is not sent again', async () => {
    const { origin, seen } = await serve(
      (_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>'),
    );
    const error = await errorOf(client(origin).http.json(list));
    expect(error).toMatchObject({ code: 'NOT_JSON', action: 'retry', ambiguous: true });
    expect(seen.length).toBeGreaterThan(1);
    const reads = seen.length;
    await errorOf(client(origin).http.json(create));
    expect(seen).toHaveLength(reads + 1);
    expect(error.message).toMatch(/things\.list: expected JSON, got text\/html \(status 200/);
  });

  it('refuses an answer of another shape, naming the member and not its value', async () => {
    const { origin } = await serve((_, res) => answer(res, 200, { rows: [{ id: 'private' }] }));
    const error = await errorOf(
      client(origin).http.json({ ...list, schema: z.object({ rows: z.array(z.object({ id: z.number() })) }) }),
    );
    expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', action: 'fail' });
    expect(error.message).toContain('rows.0.id');
    expect(error.message).not.toContain('private');
  });

  it('puts no secret into an error: neither ours nor one that the system echoes', async () => {
    const secret = 'S3cr3t-value-123456';
    const { origin } = await serve((req, res, n) =>
      n > 4
        ? void req.socket.destroy()
        : answer(res, 400, `bad Authorization: ${req.headers.authorization}; url /x?api_key=${secret}&a=1`),
    );
    const { http } = client(origin, { headers: () => ({ authorization: `Bearer ${secret}` }) });
    for (let i = 0; i < 5; i++) {
      const error = await errorOf(http.json({ ...create, query: { token: secret } }));
      expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(secret);
    }
  });

  it('stops at once when the run is aborted', async () => {
    const { origin, seen } = await serve(() => {});
    const { http, stop } = client(origin);
    const call = http.json(list);
    while (seen.length === 0) await new Promise((r) => setTimeout(r, 2));
    stop.abort(new Error('stopped'));
    await expect(call).rejects.toThrow('stopped');
  });
});

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['1.5', 1_500],
    ['Wed, 25 Nov 2020 00:00:09 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    [null, undefined],
  ])('%s', (header, ms) => expect(retryAfterMs(header, Date.UTC(2026, 10, 25))).toBe(ms));
});
