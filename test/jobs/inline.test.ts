import { describe, expect, it, onTestFinished } from 'vitest';
import { inlineQueue } from '../../src/jobs/inline.ts';
import { Ledger, SCHEDULE_STATE } from '../../src/jobs/ledger.ts';
import type { Queue, Turn } from '../../src/jobs/queue.ts';
import { memoryStore } from '../pipeline/book.ts';
import { deps } from '../pipeline/support.ts';
import { every, listen, queueSuite, sleep, until } from './suite.ts';

const { log } = deps();

queueSuite('in process', async () => inlineQueue({ log }));

it('refuses a job once it is closed', async () => {
  const queue = inlineQueue({ log });
  await queue.close();
  await expect(queue.enqueue({ workspace: 'w', kind: 'sync' })).rejects.toThrow('closed');
  await expect(queue.ping()).rejects.toThrow('closed');
});

describe('with a ledger', () => {
  const ledgerOf = async () => new Ledger((await memoryStore()).state(SCHEDULE_STATE));
  /** The queue of the next process; the one before is not told that it ends. */
  const next = async (ledger: Ledger): Promise<Queue> => {
    const queue = inlineQueue({ log, ledger, left: await ledger.asked() });
    onTestFinished(() => queue.close());
    return queue;
  };
  const stuck = () => new Promise<Turn>(() => {});

  it('what was asked for and not begun comes in the next process, once and in order, under the same id', async () => {
    const ledger = await ledgerOf();
    const killed = inlineQueue({ log, ledger });
    const ids = [
      await killed.enqueue({ workspace: 'w', kind: 'sync' }, { due: 1 }),
      await killed.enqueue({ workspace: 'w', kind: 'pull', stream: 'crm.all' }, { due: 2 }),
    ];
    const seen = listen(await next(ledger));
    await until(() => seen.length === 2);
    expect(seen).toEqual([
      { id: ids[0], workspace: 'w', kind: 'sync', due: 1, scheduled: false },
      { id: ids[1], workspace: 'w', kind: 'pull', stream: 'crm.all', due: 2, scheduled: false },
    ]);
    await until(async () => (await ledger.asked()).length === 0);
    const after = listen(await next(ledger));
    await sleep(30);
    expect(after).toEqual([]);
  });

  it('so does what was begun, kept back or stopped, but nothing that came to its end', async () => {
    const ledger = await ledgerOf();
    const killed = inlineQueue({ log, ledger });
    const seen = listen(killed, (job) => (job.due === 1 ? 'done' : job.due === 2 ? 'again' : stuck()));
    for (const due of [1, 2, 3]) await killed.enqueue({ workspace: 'w', kind: 'sync' }, { due });
    await killed.enqueue({ workspace: 'w', kind: 'sync' }, { due: 4, delayMs: 60_000 });
    await until(() => seen.length === 3);
    expect((await ledger.asked()).map((job) => job.due)).toEqual([2, 3, 4]);
  });

  it('one that is taken up as cut off as well has one turn', async () => {
    const ledger = await ledgerOf();
    const killed = inlineQueue({ log, ledger });
    const id = await killed.enqueue({ workspace: 'w', kind: 'sync' }, { due: 1 });
    const queue = await next(ledger);
    let go = (_: Turn): void => {};
    const seen = listen(queue, () => new Promise<Turn>((resolve) => (go = resolve)));
    await until(() => seen.length === 1);
    expect(await queue.enqueue({ workspace: 'w', kind: 'sync' }, { due: 1 })).toBe(id);
    go('done');
    await until(async () => (await ledger.asked()).length === 0);
    await sleep(30);
    expect(seen.length).toBe(1);
  });

  it('keeps nothing of schedules: these come by themselves', async () => {
    const ledger = await ledgerOf();
    const queue = await next(ledger);
    const kept: number[] = [];
    const seen = listen(queue, async (): Promise<Turn> => {
      kept.push((await ledger.asked()).length);
      return 'done';
    });
    await queue.schedule([every('* * * * * *', 'score')]);
    await until(() => kept.length > 0);
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(kept)).toEqual(new Set([0]));
  });

  it('two processes that add and remove at one moment lose nothing of each other', async () => {
    const ledger = await ledgerOf();
    const [a, b] = [inlineQueue({ log, ledger }), inlineQueue({ log, ledger })];
    const dues = Array.from({ length: 10 }, (_, i) => i);
    await Promise.all(dues.map((due) => (due % 2 ? a : b).enqueue({ workspace: 'w', kind: 'sync' }, { due })));
    const asked = await ledger.asked();
    expect(asked.map((job) => job.due).sort()).toEqual(dues);
    await Promise.all(asked.map((job) => ledger.answer(job.id)));
    expect(await ledger.asked()).toEqual([]);
  });
});
