import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/jobs/queue.ts';
import { withRun } from '../../src/pipeline/run.ts';
import { sleep, until } from './suite.ts';
import { job, served, Workshop } from './support.ts';

describe('a start', () => {
  const daily: Schedule = { key: 'sync', cron: '0 6 * * *', timezone: 'UTC', job: job('sync') };
  const pulls: Schedule = { key: 'pull crm.all', cron: '0 5 * * *', timezone: 'UTC', job: job('pull', 'crm.all') };
  const at = (text: string) => () => Date.parse(text);
  const settled = async (shop: Workshop, jobs: number) => {
    await until(() => shop.outcomes.length >= jobs);
    await sleep(50);
    return shop.outcomes.map((o) => `${o.job.kind} ${o.status}`);
  };

  it('syncs a workspace that has never run, at once', async () => {
    const shop = await new Workshop(await served()).open([daily, pulls], at('2026-11-25T12:00:00Z'));
    expect(await settled(shop, 1)).toEqual(['sync done']);
  });

  it('catches up once what was missed while nobody served; the sync covers the pulls', async () => {
    const deps = await served();
    const first = await new Workshop(deps).open([daily, pulls], at('2026-11-22T12:00:00Z'));
    await settled(first, 1);
    await first.stop();
    const again = await new Workshop(deps).open([daily, pulls], at('2026-11-22T13:00:00Z'));
    await sleep(100);
    expect(again.outcomes).toEqual([]); // nothing was due meanwhile
    await again.stop();
    const later = await new Workshop(deps).open([daily, pulls], at('2026-11-25T12:00:00Z'));
    expect(await settled(later, 2)).toEqual(['sync done', 'pull skipped']);
    await later.stop();
    const third = await new Workshop(deps).open([daily, pulls], at('2026-11-25T12:00:00Z'));
    await sleep(100);
    expect(third.outcomes).toEqual([]);
  });

  it('takes up what was cut off, also what nobody had scheduled', async () => {
    const deps = await served();
    const { pull } = deps.primary.connector;
    let hangs = true;
    let reached = () => {};
    const first = new Promise<void>((resolve) => {
      reached = resolve;
    });
    deps.primary.connector.pull = async function* (...args) {
      do {
        yield* pull(...args);
        reached();
        await sleep(5);
      } while (hangs);
    };
    const shop = await new Workshop(deps).open();
    await shop.queue.enqueue(job('sync'));
    await first;
    await shop.stop();
    hangs = false;
    const again = await new Workshop(deps).open();
    await until(() => again.outcomes.length > 0);
    expect(again.outcomes).toMatchObject([{ status: 'done', write: { written: 2 } }]);
    await again.stop();
    const third = await new Workshop(deps).open();
    await sleep(50);
    expect(third.outcomes).toEqual([]);
  });

  it('has missed nothing of a schedule that was changed', async () => {
    const deps = await served();
    const first = await new Workshop(deps).open([daily], at('2026-11-22T12:00:00Z'));
    await settled(first, 1);
    await first.stop();
    const changed = await new Workshop(deps).open([{ ...daily, cron: '0 7 * * *' }], at('2026-11-25T12:00:00Z'));
    await sleep(100);
    expect(changed.outcomes).toEqual([]);
  });

  it('runs a schedule when it comes due', async () => {
    const deps = await served();
    await withRun(deps, 'sync', async () => ({ summary: {}, value: null, ok: true }));
    const shop = await new Workshop(deps).open([{ ...daily, cron: '* * * * * *' }]);
    await until(() => shop.outcomes.filter((o) => o.status === 'done').length >= 2);
  });
});
