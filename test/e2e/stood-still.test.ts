import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import type { Exchange } from '../../src/sandbox/world.types.ts';
import { sqliteCode } from '../../src/store/sqlite.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows, count, fieldsOf, managerTasks } from './seen.ts';

const PROGRAM = new URL('sync-process.ts', import.meta.url).pathname;
const LEASE_MS = 1_000;

/** A sync in a process of its own. */
function start(loop: Loop) {
  const now = new Date(loop.host.world.now()).toISOString();
  const child = spawn(process.execPath, [PROGRAM, loop.config, now, `${LEASE_MS}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`ended with ${code}: ${err}`);
    return JSON.parse(out) as { written?: number; tasks?: number; lost?: string };
  });
  return { child, ended };
}

/** Whether a process holds the store's write lock: one that stood still with it would keep everybody out. */
function locked(loop: Loop): boolean {
  const db = new DatabaseSync(join(loop.dir, 'pulseback.db'));
  try {
    db.exec('begin immediate');
    db.exec('rollback');
    return false;
  } catch (error) {
    if (sqliteCode(error) === 5) return true;
    throw error;
  } finally {
    db.close();
  }
}

// Where a machine goes to sleep in the middle of a run: with a question, a field write or a task on its way.
it.each([
  ['a read', 'query'],
  ['a field write', 'collections.update'],
  ['a task', 'collections.upsert'],
])('a process that stands still at %s writes nothing after another took over', async (_, kind) => {
  let watch: (exchange: Exchange) => void = () => {};
  const loop = await Loop.start({
    accounts: 20,
    usageDays: 30,
    writeBatch: 4,
    inFlight: 1, // else another call may be on its way out at that very moment
    minPages: 2,
    onExchange: (exchange) => void watch(exchange),
  });
  onTestFinished(() => loop.close());
  expect((await loop.run('setup', '--yes')).code).toBe(0);
  expect((await loop.run('sync')).code).toBe(0); // the silent baseline
  await loop.later(7 * DAY);
  const runsBefore = count(loop, 'select count(*) as n from runs');

  const first = start(loop);
  const stands = new Promise<void>((resolve) => {
    watch = ({ kind: asked, moment }) => {
      if (!asked.startsWith(kind) || moment !== 'arrived') return;
      first.child.kill('SIGSTOP');
      if (locked(loop)) return void first.child.kill('SIGCONT'); // at the next, then
      watch = () => {};
      resolve();
    };
  });
  await stands;
  const second = await start(loop).ended; // waits until the lease of the first has run out
  expect(second.lost).toBeUndefined();

  const { calls } = loop.host.crm;
  const before = { writes: calls.total('write'), store: stored(loop) };
  const rows = JSON.stringify([...accountRows(loop)]);
  first.child.kill('SIGCONT');
  expect(await first.ended).toMatchObject({ lost: expect.stringContaining('stood still') });
  expect({ writes: calls.total('write'), store: stored(loop) }).toEqual(before);
  expect(JSON.stringify([...accountRows(loop)])).toBe(rows);

  expect(count(loop, `select count(*) as n from runs where status = 'failed'`)).toBe(1);
  expect(count(loop, `select count(*) as n from runs where status = 'done'`)).toBe(runsBefore + 1);
  const keys = managerTasks(loop).map((task) => task.key);
  expect(keys.length).toBeGreaterThan(0);
  expect(new Set(keys).size).toBe(keys.length);
  expect([...accountRows(loop).values()].filter((a) => fieldsOf(a).score !== null).length).toBe(20);
  const last = await loop.run('sync');
  expect(last.json).toMatchObject({ ok: true, written: 0, tasks: 0 });
});

/** What the store holds, in figures that any write would change. */
const stored = (loop: Loop): number[] =>
  ['facts', 'scores', 'intents', 'plans', 'tasks', 'runs', 'leases'].map((table) =>
    count(loop, `select count(*) as n from ${table}`),
  );
