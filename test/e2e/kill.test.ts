import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FACT_KINDS } from '../../src/core/fact.ts';
import { CRMS, sideOf } from './crm/index.ts';
import { isOf, type Side } from './crm/side.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows, count, fieldsOf, managerTasks, serverCalls } from './seen.ts';
import { storedRows } from './stored-facts.ts';
import { refused, says } from './told.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** Syncs in a process of its own; `watch` may kill it. */
async function syncApart(loop: Loop, watch: (child: ChildProcess, stderr: () => string) => void): Promise<Ended> {
  const now = new Date(loop.host.world.now()).toISOString();
  const child = spawn(process.execPath, [MAIN, 'sync', '--json', '--config', loop.config, '--now', now], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  watch(child, () => err);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out, err };
}

/** Calls back when the server has received its n-th request of these kinds; the request itself is still carried out. */
function onRequest(loop: Loop, on: string, nth: number, then: () => void): void {
  const calls = loop.host.crm.calls as unknown as { record(kind: string, type: string): void };
  const record = calls.record.bind(calls);
  let seen = 0;
  calls.record = (kind, type) => {
    record(kind, type);
    if (isOf(on, kind) && ++seen === nth) then();
  };
}

/** What must not depend on whether somebody pulled the plug; instants of the run itself are left out. */
function seen(loop: Loop) {
  const fields = [...accountRows(loop)].map(
    ([id, row]) => `${id} ${JSON.stringify({ ...fieldsOf(row), scoredAt: null })}`,
  );
  const tasks = managerTasks(loop).map((t) =>
    [t.key, t.account, t.owner, t.subject, t.body, t.dueOn, t.closed].join(' | '),
  );
  const facts = ['crm', 'exports'].flatMap((source) =>
    FACT_KINDS.flatMap((kind) =>
      storedRows(join(loop.dir, 'pulseback.db'), source, kind).map(
        (f) => `${source} ${kind} ${f.id} ${f.account} ${f.deleted} ${JSON.stringify(f.data)}`,
      ),
    ),
  );
  return { fields: fields.sort(), tasks: tasks.sort(), facts: facts.sort() };
}

/** A world on the morning of its first sync, or of its second, when tasks begin. */
async function morning(crm: string, day: 1 | 2, concurrency = 2): Promise<Loop> {
  const loop = await Loop.start({ crm, accounts: 30, usageDays: 30 });
  // Small calls, so that there are many places to die in.
  loop.configure({ crm: loop.host.crmSection({ batchSize: day === 1 ? 5 : 1, concurrency }) });
  expect((await loop.run('setup', '--yes')).code).toBe(0);
  if (day === 2) {
    expect((await loop.run('sync')).code).toBe(0);
    await loop.later(DAY);
  }
  loop.host.crm.calls.reset();
  return loop;
}

/** Where to die: at the n-th request of a kind (which the org still carries out, or not), or at a word of progress; `after` ms later. */
interface Point {
  what: string;
  day: 1 | 2;
  request?: { kind: keyof Side['kinds']; nth: number; lost?: true };
  word?: string;
  after?: number;
}
const POINTS: Point[] = [
  { what: 'the first query', day: 1, request: { kind: 'read', nth: 1 } },
  { what: 'an early page', day: 1, request: { kind: 'read', nth: 5 }, after: 7 },
  { what: 'a page in the middle', day: 1, request: { kind: 'read', nth: 9 }, after: 21 },
  { what: 'a late page', day: 1, request: { kind: 'read', nth: 10 }, after: 3 },
  { what: 'a describe', day: 1, request: { kind: 'describe', nth: 2 } },
  { what: 'reading the exports', day: 1, word: 'exports account', after: 11 },
  { what: 'just before scoring', day: 1, word: 'exports survey', after: 5 },
  { what: 'scoring', day: 1, word: 'exports survey', after: 45 },
  { what: 'deciding', day: 1, word: 'score accounts' },
  { what: 'the first write, committed', day: 1, request: { kind: 'fields', nth: 1 } },
  {
    what: 'the first write, never carried out',
    day: 1,
    request: { kind: 'fields', nth: 1, lost: true },
  },
  { what: 'the third write', day: 1, request: { kind: 'fields', nth: 3 }, after: 4 },
  { what: 'the last write', day: 1, request: { kind: 'fields', nth: 6 }, after: 2 },
  { what: 'the pull of the second day', day: 2, request: { kind: 'read', nth: 10 }, after: 2 },
  { what: 'the writes of the second day', day: 2, request: { kind: 'fields', nth: 2 } },
  { what: 'the first task, committed', day: 2, request: { kind: 'tasks', nth: 1 } },
  {
    what: 'the first task, never made',
    day: 2,
    request: { kind: 'tasks', nth: 1, lost: true },
  },
  { what: 'just after the first task', day: 2, request: { kind: 'tasks', nth: 1 }, after: 6 },
  { what: 'the second task, committed', day: 2, request: { kind: 'tasks', nth: 2 } },
];

const OF_A_CRM = /^(an early page|a describe|the (first|last) write|the pull|the writes|the first task|just after)/;

function dieAt(loop: Loop, point: Point, child: ChildProcess, err: () => string): void {
  const kill = () => (point.after ? void setTimeout(() => child.kill('SIGKILL'), point.after) : child.kill('SIGKILL'));
  if (point.request) {
    const { kind, nth, lost } = point.request;
    const on = loop.side.kinds[kind];
    if (lost) loop.host.crm.faults.add({ name: 'hang', on, skip: nth - 1 });
    onRequest(loop, on, nth, kill);
  }
  const { word } = point;
  let done = false;
  if (word)
    child.stderr?.on('data', () => {
      if (!done && err().includes(word)) kill();
      done ||= err().includes(word);
    });
}

describe.each(CRMS)('%s', (crm) => {
  const side = sideOf(crm);
  describe('killed at any point', () => {
    const undisturbed = new Map<number, ReturnType<typeof seen>>();
    let loop: Loop | null = null;

    beforeAll(async () => {
      for (const day of [1, 2] as const) {
        const calm = await morning(crm, day);
        expect((await syncApart(calm, () => {})).code).toBe(0);
        undisturbed.set(day, seen(calm));
        await calm.close();
      }
      expect(undisturbed.get(1)?.tasks).toEqual([]);
      expect(undisturbed.get(2)?.tasks.length).toBeGreaterThan(1);
    });
    afterEach(async () => {
      await loop?.close();
      loop = null;
    });

    // The store and the steps are the same: of a further CRM only what is its own, its reads and its writes.
    const points = crm === CRMS[0] ? POINTS : POINTS.filter(({ what }) => OF_A_CRM.test(what));
    it.each(points)('$what (day $day): the next run ends as if nothing had happened', async (point) => {
      const own = await morning(crm, point.day);
      loop = own;
      const ended = await syncApart(own, (child, err) => dieAt(own, point, child, err));
      expect(ended, ended.err).toMatchObject({ signal: 'SIGKILL', code: null });
      own.host.crm.faults.clear();

      const again = await own.run('sync'); // at once: a dead process holds no lease
      expect(again.json, again.err).toMatchObject({ ok: true, rejected: 0, retry: 0, stopped: [] });
      const now = seen(own);
      const calm = undisturbed.get(point.day);
      expect(now.tasks).toEqual(calm?.tasks);
      expect(now.fields).toEqual(calm?.fields);
      expect(now.facts).toEqual(calm?.facts);
      const { runs } = (await own.run('runs')).json;
      expect(runs.map((r: { status: string }) => r.status)).toEqual(
        point.day === 1 ? ['done', 'failed'] : ['done', 'failed', 'done'],
      );
      own.host.crm.calls.reset();
      expect((await own.run('sync')).json).toMatchObject({ ok: true, written: 0, tasks: 0 });
      expect(serverCalls(own).write).toBe(0);
    });
  });

  describe('asked to stop', () => {
    let loop: Loop;
    beforeAll(async () => {
      loop = await morning(crm, 1, 1);
    });
    afterAll(() => loop.close());

    it('another process waits for a live one, and not for a dead one', async () => {
      loop.host.crm.faults.add({ name: 'hang', on: side.kinds.read, skip: 3, times: 1 });
      const first = syncApart(loop, (child) => {
        onRequest(loop, side.kinds.read, 4, async () => {
          const second = await loop.run('sync');
          says(refused(second, 3), 'another pulseback process is running', 'Wait until it has ended');
          child.kill('SIGKILL');
        });
      });
      expect(await first).toMatchObject({ signal: 'SIGKILL' });
      loop.host.crm.faults.clear();
      expect((await loop.run('pull', '--source', 'exports')).code).toBe(0);
    });

    it.each([
      ['SIGINT', side.kinds.read, 4],
      ['SIGTERM', side.kinds.fields, 2],
      ['SIGINT', side.kinds.fields, 1],
    ] as const)(
      '%s while the org hangs at %s %i: ends with a plain sentence and keeps what is done',
      async (signal, on, nth) => {
        loop.host.crm.faults.clear();
        await loop.later(DAY * 8); // texts and stamps are due again
        loop.host.crm.faults.add({ name: 'hang', on, skip: nth - 1, times: 5 });
        const before = count(loop, "select count(*) as n from intents where status = 'written'");
        const ended = await syncApart(loop, (child) => onRequest(loop, on, nth, () => child.kill(signal)));
        expect(ended, ended.err).toMatchObject({ code: 130, signal: null });
        const last = JSON.parse(ended.out.trimEnd().split('\n').at(-1) ?? '');
        expect(last).toMatchObject({
          ok: false,
          exit: 130,
          error: {
            message: `stopped by ${signal}`,
            code: 'STOPPED',
            hint: expect.stringContaining('does nothing twice'),
          },
        });
        expect(ended.err).toContain(`error: stopped by ${signal}`);
        expect(ended.err).not.toMatch(/\n {4}at /);
        if (nth === 2)
          expect(count(loop, "select count(*) as n from intents where status = 'written'")).toBeGreaterThan(before);
        loop.host.crm.faults.clear();
        const again = await loop.run('sync');
        expect(again.json, again.err).toMatchObject({ ok: true, rejected: 0, retry: 0 });
        expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 0 });
      },
    );
  });
});
