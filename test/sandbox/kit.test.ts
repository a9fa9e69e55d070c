import { expect, onTestFinished, test } from 'vitest';
import { serveKit } from '../../src/sandbox/kit.ts';
import { FaultList } from '../../src/sandbox/kit-faults.ts';
import type { Answer, KitApp } from '../../src/sandbox/kit-types.ts';
import { makeWorld } from '../../src/sandbox/world.ts';
import type { ServeOptions } from '../../src/sandbox/world.types.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');

/** A vendor that counts what it was asked to write. */
async function serve(options: Partial<ServeOptions> = {}) {
  const world = makeWorld({ seed: 1, customers: 4, now: NOW });
  const faults = new FaultList({ odd: { help: 'a fault of this vendor', lasting: true } });
  const written: string[] = [];
  const write = (body: string): Answer => {
    written.push(body);
    return { status: 200, body: { ok: true }, records: body.length };
  };
  const app: KitApp = {
    route: ({ method, url, body }) => {
      if (method === 'POST') return { kind: 'thing.write', type: 'write', handle: () => write(body) };
      if (url.pathname === '/broken')
        return {
          kind: 'broken',
          type: 'read',
          handle: () => {
            throw new Error('a defect');
          },
        };
      return {
        kind: url.pathname === '/token' ? 'token' : 'thing.read',
        type: url.pathname === '/token' ? 'auth' : 'read',
        handle: () => ({ status: 200, body: 'text' }),
      };
    },
    rows: (object) => [{ object }],
    close: () => written.push('closed'),
  };
  const server = await serveKit(app, faults, { world, ...options });
  let open = true;
  const close = async () => {
    if (open) await server.close();
    open = false;
  };
  onTestFinished(close);
  const post = (body: string) => fetch(`${server.origin}/thing`, { method: 'POST', body });
  const steer = async (command: unknown) => {
    const response = await fetch(`${server.origin}/__sandbox`, { method: 'POST', body: JSON.stringify(command) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { world, faults, written, server, close, post, steer };
}

test('calls are counted by kind and type, authentication apart, control not at all', async () => {
  const { server, faults, post, steer } = await serve();
  await post('a');
  await post('b');
  await fetch(`${server.origin}/x`);
  await fetch(`${server.origin}/token`);
  await steer({});
  expect(server.calls.byKind()).toEqual({ 'thing.read': 1, 'thing.write': 2 });
  expect((['read', 'write', 'auth', 'setup'] as const).map((t) => server.calls.total(t))).toEqual([1, 2, 1, 0]);
  faults.add({ name: '429', times: 2 });
  await post('c');
  await post('d');
  expect([server.calls.answered(200), server.calls.answered(429)]).toEqual([4, 2]);
  expect((await steer({})).body).toMatchObject({ answers: { 200: 4, 429: 2 } });
  server.calls.reset();
  expect([server.calls.byKind(), server.calls.total('write'), server.calls.answered(429)]).toEqual([{}, 0, 0]);
});

test('a fault waits for its kind, skips, fires so many times, and the truth is as its name says', async () => {
  const { faults, post, server, written } = await serve();
  faults.add({ name: '503-before', on: 'thing.write', skip: 1, times: 2 });
  expect((await fetch(`${server.origin}/x`)).status).toBe(200);
  const statuses = [];
  for (const body of ['a', 'b', 'c', 'd']) statuses.push((await post(body)).status);
  expect(statuses).toEqual([200, 503, 503, 200]);
  expect(written).toEqual(['a', 'd']);
  faults.add({ name: '503-after-commit', on: 'thing.*' });
  expect((await post('e')).status).toBe(503);
  expect(written).toEqual(['a', 'd', 'e']);
  expect(faults.fired()).toEqual({ '503-before': 2, '503-after-commit': 1 });
});

test('429 names when to come back; html is a 200 that is no answer', async () => {
  const { faults, post, written } = await serve();
  faults.add({ name: '429' });
  faults.add({ name: 'html', skip: 1 });
  const limited = await post('a');
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
  expect((await post('b')).status).toBe(200);
  const page = await post('c');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html']);
  expect(written).toEqual(['b']);
});

test('resets before and after the work; a hang ends with the server and leaves no socket', async () => {
  const { faults, post, written, close } = await serve();
  faults.add({ name: 'reset-before' });
  await expect(post('a')).rejects.toThrow();
  expect(written).toEqual([]);
  faults.add({ name: 'reset-after-commit' });
  await expect(post('b')).rejects.toThrow();
  expect(written).toEqual(['b']);
  faults.add({ name: 'hang' });
  const hanging = post('c').then(
    () => 'answered',
    () => 'cut',
  );
  while ((faults.fired().hang ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await close();
  expect(await hanging).toBe('cut');
  expect(written).toEqual(['b', 'closed']);
});

test('latency grows with the records written; an answer still on its way is cut by close', async () => {
  const { post, close, written } = await serve({ latencyMs: 1, perRecordMs: 3_600_000 });
  const empty = await post('');
  expect(empty.status).toBe(200);
  const slow = post('x').then(
    () => 'answered',
    () => 'cut',
  );
  while (written.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await close();
  expect(await slow).toBe('cut');
});

test('whoever looks on sees each moment of an exchange, and can hold it up or lose it', async () => {
  const seen: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { post, written } = await serve({
    onExchange: async ({ kind, type, moment, request }) => {
      seen.push(`${type} ${kind} ${request.body}: ${moment}`);
      if (moment === 'arrived') return request.body === 'lost' ? 'lose' : undefined;
      if (moment === 'done') await held;
      return undefined;
    },
  });
  await expect(post('lost')).rejects.toThrow();
  expect(written).toEqual([]);
  let answered = false;
  const answer = post('a').then((response) => {
    answered = true;
    return response.status;
  });
  while (written.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(answered).toBe(false);
  release();
  expect(await answer).toBe(200);
  while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(seen).toEqual([
    'write thing.write lost: arrived',
    'write thing.write a: arrived',
    'write thing.write a: done',
    'write thing.write a: answered',
  ]);
});

test('a misspelt fault is refused, by code and by the control endpoint', async () => {
  const { faults, steer } = await serve();
  expect(() => faults.add({ name: '503' })).toThrow(/Known: 429, 503-before/);
  expect(await steer({ fault: { name: '503' } })).toMatchObject({ status: 400, body: { error: 'unknown fault: 503' } });
  expect((await steer({ faultt: {} })).status).toBe(400);
  expect((await steer('nonsense')).status).toBe(400);
});

test('the control endpoint moves time, arms faults, tells and resets calls, and shows rows', async () => {
  const { world, server, post, steer } = await serve();
  const { body } = await steer({ advanceMs: 60_000, fault: { name: '503-before', times: 1 } });
  expect([body.now, world.now()]).toEqual([NOW + 60_000, NOW + 60_000]);
  const answer = await post('a');
  expect([answer.status, answer.headers.get('date')]).toEqual([503, 'Wed, 25 Nov 2026 08:01:00 GMT']);
  const state = await (await fetch(`${server.origin}/__sandbox`)).json();
  expect(state).toMatchObject({
    calls: { 'thing.write': 1 },
    totals: { write: 1, read: 0 },
    fired: { '503-before': 1 },
  });
  expect((await steer({ resetCalls: true, clearFaults: true })).body).toMatchObject({ calls: {}, fired: {} });
  expect(await (await fetch(`${server.origin}/__sandbox/rows/Thing`)).json()).toEqual([{ object: 'Thing' }]);
});

test('lasting faults fire until cleared; a fault can choose its record', async () => {
  const { faults } = await serve();
  faults.add({ name: 'odd', with: { id: 7 } });
  const take = (id: number) => faults.take('odd', 'any', (data) => data.id === id) !== null;
  expect([take(7), take(8), take(7), take(7)]).toEqual([true, false, true, true]);
  faults.clear();
  expect(take(7)).toBe(false);
});

test('a defect of the sandbox is seen, and a target beyond 16 KB is 414', async () => {
  const { server } = await serve();
  const broken = await fetch(`${server.origin}/broken`);
  expect([broken.status, await broken.text()]).toEqual([500, expect.stringContaining('a defect')]);
  expect((await fetch(`${server.origin}/x?q=${'y'.repeat(17_000)}`)).status).toBe(414);
});
