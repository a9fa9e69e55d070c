import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bullQueue } from '../../src/jobs/bull.ts';
import type { Queue } from '../../src/jobs/queue.ts';
import { PrivateRedis } from '../redis.ts';
import { every, listen, queueSuite, sleep, until } from './suite.ts';

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await PrivateRedis.start();
});
afterAll(() => redis.close());

let queues = 0;
const said: string[] = [];
const note = (_fields: object, message: string): void => void said.push(message);
const log = { debug: () => {}, info: () => {}, warn: note, error: note };
const open = async (name = `q${++queues}`): Promise<Queue> => {
  const queue = bullQueue({ url: redis.url, name, log });
  await until(() => reaches(queue));
  return queue;
};
const opened = async (name?: string): Promise<Queue> => {
  const queue = await open(name);
  onTestFinished(() => queue.close());
  return queue;
};
const reaches = (queue: Queue): Promise<boolean> =>
  queue.ping().then(
    () => true,
    () => false,
  );

queueSuite('on Redis', () => open());

describe('on Redis', () => {
  it('shares jobs between processes, each to one of them', async () => {
    const [a, b] = [await opened('shared'), await opened('shared')];
    const seen = [listen(a), listen(b)];
    for (let due = 1; due <= 20; due++) await a.enqueue({ workspace: 'w', kind: 'sync' }, { due });
    await until(() => seen.flat().length >= 20);
    await sleep(100);
    expect(
      seen
        .flat()
        .map((job) => job.due)
        .sort((x, y) => x - y),
    ).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('runs each turn of a schedule once, however many processes have put it in force', async () => {
    const [a, b] = [await opened('twice'), await opened('twice')];
    const seen = [listen(a), listen(b)];
    for (const queue of [a, b, a]) await queue.schedule([every('* * * * * *', 'score')]);
    await until(() => seen.flat().length >= 3);
    const dues = seen.flat().map((job) => job.due);
    expect(new Set(dues).size).toBe(dues.length);
  });

  it('ends a schedule of an earlier process that is not among the present ones', async () => {
    const before = await open('changed');
    await before.schedule([every('* * * * * *', 'score'), every('0 0 1 1 *', 'plan')]);
    await before.close();
    const after = await opened('changed');
    await after.schedule([every('*/2 * * * * *', 'score')]);
    expect(await after.depth()).toMatchObject({ delayed: 1 });
    const seen = listen(after);
    await until(() => seen.length >= 2);
    expect(seen.every((job) => job.due % 2000 === 0)).toBe(true);
  });

  it('gives a job that was broken off to another process', async () => {
    const a = await open('handed');
    const first = listen(a, () => 'again');
    await a.enqueue({ workspace: 'w', kind: 'sync' }, { due: 7 });
    await until(() => first.length > 0);
    await a.close();
    const second = listen(await opened('handed'));
    await until(() => second.length > 0);
    expect(second[0]?.due).toBe(7);
  });

  it('leaves no connection behind when it closes', async () => {
    await until(async () => (await redis.clients()) === 0); // what earlier tests had
    for (const ms of [0, 300]) {
      const queue = await open();
      listen(queue);
      await queue.schedule([every('* * * * * *', 'score')]);
      expect(await redis.clients()).toBeGreaterThan(0);
      await sleep(ms); // also while it is still starting
      await queue.close();
      await until(async () => (await redis.clients()) === 0);
      await sleep(200);
      expect(await redis.clients()).toBe(0);
    }
  });
});

describe('while Redis is away', () => {
  it.each([
    ['comes back with its data', false],
    ['comes back empty', true],
  ])('jobs are refused, not hidden; when it %s, schedules go on and no turn comes twice', async (_how, forget) => {
    const queue = await opened();
    let returned = 0;
    queue.onReturn(() => {
      returned += 1;
    });
    const seen = listen(queue);
    await queue.schedule([every('* * * * * *', 'score')]);
    await until(() => seen.length >= 1);
    said.length = 0;
    await redis.down(forget);
    await until(async () => !(await reaches(queue)));
    await expect(queue.enqueue({ workspace: 'w', kind: 'sync' })).rejects.toThrow('Redis cannot be reached');
    await expect(queue.depth()).rejects.toThrow('Redis cannot be reached');
    await sleep(1_500);
    const before = seen.length;
    await redis.up();
    await until(() => seen.length >= before + 2);
    expect(returned).toBe(1);
    const dues = seen.map((job) => job.due);
    expect(new Set(dues).size).toBe(dues.length);
    await queue.enqueue({ workspace: 'w', kind: 'plan' }, { due: 5 });
    await until(() => seen.some((job) => job.kind === 'plan'));
    // Whether Redis had still heard how the job before ended is chance.
    expect(said.filter((line) => !line.startsWith('Redis lost sight'))).toEqual([
      'Redis cannot be reached; work goes on when it is back',
      'Redis is back',
    ]);
  });

  it('closes all the same', async () => {
    const queue = await open();
    listen(queue);
    await redis.down();
    await until(async () => !(await reaches(queue)));
    await queue.close();
    await redis.up();
  });

  it('starts all the same, and takes up its schedules when Redis comes', async () => {
    await redis.down();
    const queue = bullQueue({ url: redis.url, name: 'late', log });
    onTestFinished(() => queue.close());
    const seen = listen(queue);
    await queue.schedule([every('* * * * * *', 'score')]);
    await sleep(300);
    await redis.up();
    await until(() => seen.length >= 2);
  });
});
