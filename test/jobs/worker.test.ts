import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../src/contract/index.ts';
import type { Fact } from '../../src/core/fact.ts';
import { withRun } from '../../src/pipeline/run.ts';
import { customer, DAY } from '../pipeline/book.ts';
import { NOW } from '../pipeline/support.ts';
import { sleep, until } from './suite.ts';
import { job, served, Workshop } from './support.ts';

const runsOf = async (shop: Workshop) =>
  (await shop.deps.store.runs(20)).map((r) => `${r.command} ${r.status}`).reverse();

describe('a job', () => {
  it('sync: pulls, scores and writes, and keeps a record that names the job', async () => {
    const shop = await new Workshop(await served()).open();
    const outcome = await shop.run('sync');
    expect(outcome).toMatchObject({ status: 'done', ended: true, write: { written: 2 }, score: { accounts: 2 } });
    expect([...shop.deps.fake.held.keys()].sort()).toEqual(['A', 'B']);
    const [run] = await shop.deps.store.runs(1);
    expect(run).toMatchObject({ command: 'sync', status: 'done', summary: { job: outcome.job.id, written: 2 } });
  });

  it('writes nothing while writing is off: the plan waits', async () => {
    const shop = await new Workshop(await served(['A'], false)).open();
    const outcome = await shop.run('sync');
    expect(outcome).toMatchObject({ status: 'done', plan: { status: 'open' } });
    expect(outcome.write).toBeUndefined();
    expect(await shop.run('apply')).toMatchObject({ status: 'failed', problem: { message: 'writing is off' } });
    expect(shop.deps.fake.held.size).toBe(0);
  });

  it('pull, plan and apply do by steps what sync does at once', async () => {
    const shop = await new Workshop(await served()).open();
    expect(await shop.run('pull', { stream: 'crm.all' })).toMatchObject({ status: 'done' });
    expect(await shop.run('score')).toMatchObject({ status: 'done', score: { accounts: 2 } });
    expect(await shop.run('plan')).toMatchObject({ status: 'done', plan: { number: 1 } });
    expect(shop.deps.fake.held.size).toBe(0);
    expect(await shop.run('apply')).toMatchObject({ status: 'done', write: { written: 2 } });
    expect(await shop.run('apply')).toMatchObject({ status: 'done' });
    expect(shop.deps.fake.writes.length).toBe(1);
    expect(await runsOf(shop)).toEqual(['pull crm.all done', 'score done', 'plan done', 'apply done', 'apply done']);
  });

  it('never releases a held plan', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `A${i}`);
    const deps = await served(ids);
    const shop = await new Workshop(deps).open();
    await shop.run('sync');
    deps.at(deps.now() + 86_400_000);
    deps.next = ids.map((id) => customer(id, { a: 95 }, deps.now() - 1000)); // every band changes at once
    const outcome = await shop.run('sync');
    expect(outcome).toMatchObject({
      status: 'held',
      plan: { status: 'held' },
      problem: { hint: expect.stringContaining('--release') },
    });
    expect(await shop.run('apply')).toMatchObject({ status: 'held' });
    expect(shop.deps.fake.writes.length).toBe(1);
  });

  it('whose source fails is told, kept, and does not end the worker', async () => {
    const deps = await served();
    const broken = { ...deps.primary.connector };
    let fails = true;
    deps.primary.connector.pull = async function* (...args) {
      if (fails) throw new ConnectorError('the CRM is down', { action: 'fail', hint: 'Look at its status page.' });
      yield* broken.pull(...args);
    };
    const shop = await new Workshop(deps).open();
    expect(await shop.run('sync')).toMatchObject({
      status: 'failed',
      ended: false,
      problem: { message: 'the CRM is down', hint: 'Look at its status page.' },
    });
    fails = false;
    expect(await shop.run('sync')).toMatchObject({ status: 'done' });
    expect(await runsOf(shop)).toEqual(['sync failed', 'sync done']);
  });

  it('reconcile: what the source no longer lists is gone, and the record says so', async () => {
    const deps = await served(['A', 'B', 'C']);
    const { connector } = deps.primary;
    const { streams } = connector;
    connector.streams = (ctx) =>
      Object.fromEntries(Object.entries(streams(ctx)).map(([n, s]) => [n, { ...s, deletions: 'ids' }]));
    connector.ids = async function* () {
      yield { kind: 'account', ids: ['A', 'C'] };
      yield { kind: 'user', ids: ['ANN', 'MO'] };
    };
    const shop = await new Workshop(deps).open();
    await shop.run('sync');
    expect(await shop.run('reconcile')).toMatchObject({
      status: 'done',
      reconciled: [{ source: 'crm', streams: [{ stream: 'all', known: 5, missing: 1 }] }],
    });
    expect(await shop.run('score')).toMatchObject({ score: { accounts: 2 } });
    const [, run] = await deps.store.runs(2);
    expect(run).toMatchObject({
      command: 'reconcile',
      status: 'done',
      summary: { sources: [{ source: 'crm', streams: [{ stream: 'all', known: 5, missing: 1 }] }] },
    });
  });

  it('reconcile: one source that fails is told, and the others are looked through all the same', async () => {
    const deps = await served();
    const broken = { ...deps.primary, name: 'broken', connector: { ...deps.primary.connector } };
    const { streams } = deps.primary.connector;
    for (const { connector } of [deps.primary, broken]) {
      connector.streams = (ctx) =>
        Object.fromEntries(Object.entries(streams(ctx)).map(([n, s]) => [n, { ...s, deletions: 'ids' }]));
      connector.ids = async function* () {
        yield { kind: 'account', ids: ['A'] };
        yield { kind: 'user', ids: ['ANN', 'MO'] };
      };
    }
    broken.connector.ids = async function* () {
      yield { kind: 'account', ids: [] };
      throw new ConnectorError('the list cannot be read', { action: 'fail' });
    };
    deps.sources = [broken, deps.primary];
    const shop = await new Workshop(deps).open();
    await shop.run('sync');
    expect(await shop.run('reconcile')).toMatchObject({
      status: 'failed',
      problem: { message: 'the list cannot be read' },
      reconciled: [{ source: 'crm', streams: [{ missing: 1 }] }],
    });
  });

  it('pull of one stream: texts whose time has come go, though no pull of everything ever runs', async () => {
    const deps = await served();
    const ticket: Fact = {
      kind: 'ticket',
      id: 'T1',
      account: 'A',
      at: NOW - DAY,
      knownAt: NOW - DAY,
      data: { openedAt: NOW - DAY, status: 'open', text: 'Nothing works', textExpiresAt: NOW + DAY },
    };
    deps.next.push(ticket);
    const textOf = async () => {
      for await (const facts of deps.store.latest('crm', 'ticket', Number.MAX_SAFE_INTEGER))
        for (const { data } of facts) return (data as { text?: string }).text ?? null;
      throw new Error('the ticket is gone');
    };
    const shop = await new Workshop(deps).open();
    await shop.run('pull', { stream: 'crm.all' });
    expect(await textOf()).toBe('Nothing works');
    deps.at(NOW + 2 * DAY);
    deps.next = [];
    await shop.run('pull', { stream: 'crm.all' });
    expect(await textOf()).toBeNull();
  });

  it('that the vendor puts off comes back by itself', async () => {
    const deps = await served();
    const { pull } = deps.primary.connector;
    let calls = 0;
    deps.primary.connector.pull = async function* (...args) {
      if (calls++ === 0) throw new ConnectorError('no calls left', { action: 'wait', retryAfterMs: 50 });
      yield* pull(...args);
    };
    const shop = await new Workshop(deps).open();
    expect(await shop.run('sync')).toMatchObject({ status: 'waiting' });
    await until(() => shop.outcomes.length === 2);
    expect(shop.outcomes[1]).toMatchObject({ status: 'done', write: { written: 2 } });
    expect(await runsOf(shop)).toEqual(['sync held', 'sync done']);
  });
});

describe('a job that comes twice', () => {
  it('is done once: a run that began after it was due has done it', async () => {
    const shop = await new Workshop(await served()).open();
    const due = Date.now();
    expect(await shop.run('sync', { due })).toMatchObject({ status: 'done' });
    expect(await shop.run('sync', { due })).toMatchObject({ status: 'skipped' });
    expect(await shop.run('pull', { due, stream: 'crm.all' })).toMatchObject({ status: 'skipped' }); // sync pulled it
    expect(await shop.run('sync', { due: Date.now() + 1 })).toMatchObject({ status: 'done' });
    expect(await runsOf(shop)).toEqual(['sync done', 'sync done']);
  });

  it('because its process stood still is broken off, and done once more when the workspace is free', async () => {
    const deps = await served();
    const { pull } = deps.primary.connector;
    let pulls = 0;
    deps.primary.connector.pull = async function* (...args) {
      if (pulls++ > 0) return yield* pull(...args);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400); // longer than the lease
      expect(await deps.store.lease('run', 'another machine|1|x', Date.now(), 60_000)).toBe(true);
      yield* pull(...args);
    };
    const shop = await new Workshop({ ...deps, leaseMs: 200 }).open();
    const outcome = shop.run('sync');
    await until(() => pulls === 1);
    await sleep(300);
    expect(await deps.store.streams()).toEqual([]); // its page came too late
    expect(shop.outcomes).toEqual([]);
    await deps.store.release('run', 'another machine|1|x');
    expect(await outcome).toMatchObject({ status: 'done', write: { written: 2 } });
    expect(pulls).toBe(2);
    expect(deps.fake.writes.length).toBe(1);
    expect(await runsOf(shop)).toEqual(['sync failed', 'sync done']);
  });

  it('waits for the other process, and is skipped where that has done the same', async () => {
    const deps = await served();
    const [a, b] = [await new Workshop(deps).open(), await new Workshop(deps).open()];
    const due = Date.now();
    await Promise.all([a.run('sync', { due }), b.run('sync', { due })]);
    expect([...a.outcomes, ...b.outcomes].map((o) => o.status).sort()).toEqual(['done', 'skipped']);
    expect(deps.fake.writes.length).toBe(1);
  });

  it('never runs twice at once', async () => {
    const deps = await served();
    let [running, most] = [0, 0];
    const { pull } = deps.primary.connector;
    deps.primary.connector.pull = async function* (...args) {
      most = Math.max(most, ++running);
      await sleep(30);
      yield* pull(...args);
      running -= 1;
    };
    const shops = [await new Workshop(deps).open(), await new Workshop(deps).open(), await new Workshop(deps).open()];
    await Promise.all(shops.map((shop) => shop.run('sync')));
    await Promise.all(shops.map((shop) => shop.run('pull')));
    expect(most).toBe(1);
  });
});

describe('a stop', () => {
  it('ends a running job at its next page, keeps what it had, and does not count it as done', async () => {
    const deps = await served();
    const { pull } = deps.primary.connector;
    let pages = 0;
    let reached = () => {};
    const first = new Promise<void>((resolve) => (reached = resolve));
    deps.primary.connector.pull = async function* (...args) {
      for (;;) {
        yield* pull(...args);
        pages += 1;
        reached();
        await sleep(10);
      }
    };
    const shop = await new Workshop(deps).open();
    const due = Date.now();
    await shop.queue.enqueue(job('sync'), { due });
    await first;
    await shop.stop();
    expect(shop.outcomes).toMatchObject([{ status: 'stopped' }]);
    expect(await runsOf(shop)).toEqual(['sync failed']);
    expect(await deps.store.countFacts()).not.toEqual([]);
    expect(await shop.ledger.covers({ ...job('sync'), due })).toBe(false);
    const before = pages;
    await sleep(50);
    expect(pages).toBe(before);
  });

  it('lets go of a job that waits for another process', async () => {
    const deps = await served();
    const shop = await new Workshop(deps).open();
    await withRun(deps, 'sync', async () => {
      await shop.queue.enqueue(job('sync'));
      await sleep(50);
      await shop.stop();
      return { summary: {}, value: null, ok: true };
    });
    expect(shop.outcomes).toEqual([]);
  });
});
