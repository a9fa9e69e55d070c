import { describe, expect, it } from 'vitest';
import { type Attempt, HeldError } from '../../src/contract/index.ts';
import { Gate, Lease, LeaseLostError } from '../../src/pipeline/lease.ts';
import { withLease, withRun } from '../../src/pipeline/run.ts';
import type { WorkspaceStore } from '../../src/store/types.ts';
import { customer, memoryStore, pageOf } from './book.ts';
import { deps, NOW } from './support.ts';

const LEASE_MS = 200;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As a stopped process or a sleeping machine: no timer runs, and the clock goes on. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Another process finds that the lease has run out, and takes it. */
async function takeOver(store: WorkspaceStore): Promise<void> {
  while (!(await store.lease('run', 'another machine|1|x', Date.now(), 60_000))) await sleep(10);
}

const setUp = async () => ({ ...deps(), store: await memoryStore(), leaseMs: LEASE_MS });
const commit = (store: WorkspaceStore) => store.commitPage('crm', 'all', pageOf([customer('A')]), NOW);
const ok = { summary: {}, value: null, ok: true };

describe('a lease', () => {
  it('is kept for as long as the work takes', async () => {
    const set = await setUp();
    await withLease(set, async ({ store, signal }) => {
      await sleep(3 * LEASE_MS);
      expect(signal.aborted).toBe(false);
      expect(await set.store.lease('run', 'other', Date.now(), 1)).toBe(false);
      await commit(store);
    });
    expect(await set.store.leaseHolder('run')).toBeNull();
  });

  it('that ran out is still good where nobody has taken it', async () => {
    const set = await setUp();
    await withLease(set, async ({ store, signal }) => {
      standStill(2 * LEASE_MS);
      await commit(store);
      await sleep(LEASE_MS);
      expect(signal.aborted).toBe(false);
    });
  });

  it('is lost to whoever took it: the work is told within a renewal, and says why', async () => {
    const set = await setUp();
    const lost = withRun(set, 'sync', async ({ signal }) => {
      standStill(2 * LEASE_MS);
      await takeOver(set.store);
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return ok;
    });
    await expect(lost).rejects.toBeInstanceOf(LeaseLostError);
    await expect(lost).rejects.toBeInstanceOf(HeldError);
    await expect(lost).rejects.toThrow('stood still for so long');
    expect(await set.store.leaseHolder('run')).toBe('another machine|1|x');
    // The record is for the one who took over to close.
    expect((await set.store.runs(9)).map((r) => r.status)).toEqual(['running']);
  });

  it('is lost for good also where the other has come and gone', async () => {
    const set = await setUp();
    const lost = withLease(set, async ({ store }) => {
      standStill(2 * LEASE_MS);
      await takeOver(set.store);
      await set.store.release('run', 'another machine|1|x');
      await commit(store);
    });
    await expect(lost).rejects.toBeInstanceOf(LeaseLostError);
    expect(await set.store.streams()).toEqual([]);
    expect(await set.store.leaseHolder('run')).toBeNull();
  });

  it('is lost where it could not be renewed for as long as it lasts, with or without an answer', async () => {
    for (const renewLease of [() => Promise.reject(new Error('disk full')), () => new Promise<boolean>(() => {})]) {
      const set = await setUp();
      const lease = await Lease.take({ ...set, store: { ...set.store, renewLease } });
      await sleep(LEASE_MS * 2);
      expect(lease.lost.reason).toBeInstanceOf(LeaseLostError);
    }
  });

  it('hands on the wish of a person to stop', async () => {
    const stop = new AbortController();
    const set = { ...(await setUp()), signal: stop.signal };
    await withLease(set, async ({ signal }) => {
      stop.abort(new Error('stopped by SIGTERM'));
      expect(signal.reason).toEqual(new Error('stopped by SIGTERM'));
    });
  });
});

describe('a lost lease', () => {
  it('lets no transaction through, whatever it writes', async () => {
    const set = await setUp();
    const run = await set.store.startRun('sync', NOW);
    const none = async function* () {};
    await commit(set.store);
    const plan = await set.store.createPlan(NOW, NOW, none(), {});
    const before = await contents(set.store);
    const store = set.store.fenced('run', 'me', () => {
      throw new Error('lost');
    });
    const writes: Record<string, () => Promise<unknown>> = {
      commitPage: () => commit(store),
      markComplete: () => store.markComplete('crm', 'all', NOW),
      resetCursor: () => store.resetCursor('crm', 'all'),
      reconcile: () => store.reconcile('crm', ['account'], none(), NOW, false),
      replaceLinks: () => store.replaceLinks('crm', [], []),
      appendScores: () => store.appendScores([]),
      createPlan: () => store.createPlan(NOW, NOW, none(), {}),
      setPlan: () => store.setPlan(plan.number, 'held'),
      markSent: () => store.markSent([], NOW),
      recordOutcomes: () => store.recordOutcomes([], NOW),
      state: () => store.state('crm').set('key', null, 'value'),
      startRun: () => store.startRun('sync', NOW),
      endRun: () => store.endRun(run, 'done', {}, NOW),
    };
    for (const [name, write] of Object.entries(writes)) await expect(write(), name).rejects.toThrow('lost');
    expect(await contents(set.store)).toEqual(before);
  });

  it('lets no call out, and does not wait for those under way', async () => {
    const set = await setUp();
    const gate = new Gate();
    const calls: string[] = [];
    const attempt: Attempt = gate.over((_, fn) => fn(new AbortController().signal));
    const call = (name: string, answer: Promise<void>): Promise<void> =>
      attempt({ idempotent: true, label: name, kind: 'write' }, () => {
        calls.push(name);
        return answer;
      });
    const lost = withLease({ ...set, gate }, async () => {
      await call('first', Promise.resolve());
      const hanging = call('hangs', new Promise(() => {}));
      const told = expect(hanging).rejects.toBeInstanceOf(LeaseLostError);
      standStill(2 * LEASE_MS);
      await takeOver(set.store);
      await expect(call('late', Promise.resolve())).rejects.toBeInstanceOf(LeaseLostError);
      await told;
      await call('later', Promise.resolve());
    });
    await expect(lost).rejects.toBeInstanceOf(LeaseLostError);
    expect(calls).toEqual(['first', 'hangs']);
    await call('of nobody’s run', Promise.resolve()); // `check` needs no lease
    expect(calls.length).toBe(3);
  });

  it('stops also the next try of a call that had begun before', async () => {
    const set = await setUp();
    const gate = new Gate();
    let [tries, wake] = [0, () => {}];
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const ended: Promise<unknown>[] = [];
    const twice: Attempt = gate.over((_, fn) => {
      const both = fn(new AbortController().signal).then(() => woken.then(() => fn(new AbortController().signal)));
      ended.push(both.catch((error: unknown) => error));
      return both;
    });
    const lost = withLease({ ...set, gate }, async () => {
      const call = twice({ idempotent: true, label: 'call', kind: 'write' }, async () => {
        tries += 1;
      });
      await sleep(1);
      standStill(2 * LEASE_MS);
      await takeOver(set.store);
      await call;
    });
    await expect(lost).rejects.toBeInstanceOf(LeaseLostError);
    wake();
    expect(await ended[0]).toBeInstanceOf(LeaseLostError);
    expect(tries).toBe(1);
  });
});

async function contents(store: WorkspaceStore): Promise<unknown> {
  const [streams, facts, plans, runs] = await Promise.all([
    store.streams(),
    store.countFacts(),
    store.plans(9),
    store.runs(9),
  ]);
  return { streams, facts, plans, runs, key: await store.state('crm').get('key') };
}
