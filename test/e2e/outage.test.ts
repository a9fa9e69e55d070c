import { afterAll, beforeAll, expect, it } from 'vitest';
import { startService } from '../../src/cli/serve/service.ts';
import { environment } from '../../src/config.ts';
import type { Outcome } from '../../src/jobs/work.ts';
import type { Exchange } from '../../src/sandbox/world.types.ts';
import { PrivateRedis } from '../redis.ts';
import { HOUR, type Loop } from './harness.ts';
import { accountRows, fieldsOf, managerTasks } from './seen.ts';
import { oneAtATime, runsOf, streamsOf, world } from './serving.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const OUTAGE_MS = 3_000;

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await PrivateRedis.start();
});
afterAll(() => redis.close());

/** The world goes on, with its nightly export, as it does in `serve --demo`, but six times as fast. */
function passing(loop: Loop): { stop(): Promise<void> } {
  let exporting: Promise<void> = Promise.resolve();
  const dayOf = () => Math.floor(loop.host.world.now() / (24 * HOUR));
  const tick = setInterval(() => {
    const day = dayOf();
    loop.host.world.advance(3 * HOUR);
    if (dayOf() !== day) exporting = exporting.then(() => loop.host.export());
  }, 500);
  return {
    stop: async () => {
      clearInterval(tick);
      await exporting;
    },
  };
}

const shown = (loop: Loop) => JSON.stringify([...accountRows(loop).values()].map((row) => [row.id, fieldsOf(row)]));

it.each([
  ['with all that it had', false],
  ['empty', true],
])('the service goes on when Redis was away in the middle of a sync and comes back %s', async (_, forget) => {
  const bodies: string[] = [];
  let watch: (exchange: Exchange) => void = () => {};
  const onExchange = (exchange: Exchange): undefined => {
    if (exchange.type === 'write' && exchange.moment === 'done') bodies.push(exchange.request.body);
    watch(exchange);
  };
  const loop = await world({}, {}, { onExchange });
  const streams = Object.fromEntries((await streamsOf(loop)).map((name) => [name, '*/3 * * * * *']));
  loop.configure({ schedule: { sync: '*/2 * * * * *', streams }, api: { port: 0 }, logLevel: 'error' });
  loop.host.crm.calls.reset();
  bodies.length = 0;

  const stop = new AbortController();
  const outcomes: Outcome[] = [];
  const syncs = () => outcomes.filter((o) => o.job.kind === 'sync' && o.status === 'done').length;
  const untilSyncs = async (n: number) => {
    while (syncs() < n) await sleep(20);
  };
  const service = await startService({
    configs: [loop.config],
    env: { ...environment(), REDIS_URL: redis.url },
    now: loop.host.world.now,
    signal: stop.signal,
    onOutcome: (_app, outcome) => void outcomes.push(outcome),
  });
  const time = passing(loop);
  await untilSyncs(2);

  const gone = new Promise<void>((resolve) => {
    watch = ({ kind }) => {
      if (!kind.startsWith('query')) return;
      watch = () => {};
      resolve(redis.down(forget));
    };
  });
  await gone;
  await sleep(OUTAGE_MS);
  const away = { fields: shown(loop), syncs: syncs() };
  await redis.up();
  await untilSyncs(away.syncs + 2);
  await time.stop();
  await untilSyncs(syncs() + 2); // the last word of a world that stands still
  const word = { fields: shown(loop), writes: bodies.length };
  await untilSyncs(syncs() + 1);
  stop.abort(new Error('stopped'));
  await service.stop();

  // The fields followed the world without a person, and hold what a sync of one's own would write.
  expect(word.fields).not.toBe(away.fields);
  expect(shown(loop)).toBe(word.fields);
  expect(bodies.length).toBe(word.writes);
  expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 0, tasks: 0 });

  // Nothing twice: no write, no task, no run beside another; and no call that nobody accounts for.
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(bodies.length).toBe(outcomes.reduce((n, { write: w }) => n + (w ? w.writeCalls + w.taskCalls : 0), 0));
  expect(outcomes.filter((o) => o.status !== 'done' && o.status !== 'skipped')).toEqual([]);
  oneAtATime(await runsOf(loop));
  const keys = managerTasks(loop).map((task) => task.key);
  expect(keys.length).toBeGreaterThan(0);
  expect(new Set(keys).size).toBe(keys.length);
});
