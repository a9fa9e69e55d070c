import { expect, it } from 'vitest';
import type { Exchange } from '../../src/sandbox/world.types.ts';
import { runsOf, Serving, world } from './serving.ts';

it('what was asked for outlives a kill without Redis: begun or not, it runs once at the next start', async () => {
  let watch: () => void | Promise<void> = () => {};
  const onExchange = async (_: Exchange): Promise<undefined> => void (await watch());
  const loop = await world({}, {}, { onExchange });
  expect((await loop.run('sync')).code).toBe(0);

  let release = (): void => {};
  const answered = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    watch = () => {
      resolve();
      return answered;
    };
  });
  const killed = new Serving(loop);
  const ask = async (kind: string): Promise<unknown> => {
    const answer = await killed.post(kind);
    expect(answer.status).toBe(202);
    return ((await answer.json()) as { job: string }).job;
  };
  const asked = [await ask('reconcile')];
  await reached; // it is under way, and waits for the CRM
  asked.push(await ask('score'), await ask('plan'));
  await killed.end('SIGKILL');
  watch = () => {};
  release();

  const next = new Serving(loop);
  await next.says(/reconcile \([\s\S]*score \([\s\S]*plan \(/);
  await next.post('apply'); // whatever waited comes before it
  await next.says(/apply \(/);
  expect(await next.end('SIGTERM')).toBe(0);
  const third = new Serving(loop);
  await third.post('apply');
  await third.says(/apply \(/);
  expect(await third.end('SIGTERM')).toBe(0);

  const ran = (await runsOf(loop)).slice(1);
  expect(ran.map((run) => `${run.command} ${run.status}`)).toEqual([
    'reconcile failed', // with its process
    'reconcile done',
    'score done',
    'plan done',
    'apply done',
    'apply done',
  ]);
  expect(ran.slice(1, 4).map((run) => run.summary.job)).toEqual(asked);
});
