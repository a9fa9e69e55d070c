import { describe, expect, it } from 'vitest';
import type { NewIntent, PlanHead } from '../../src/store/types.ts';
import { chunked, collect, freshStore, type Open, page, T } from './helpers.ts';

/** Plans, their intents and outcomes. */
export function planSuite(open: Open): void {
  const fresh = freshStore(open);

  describe('plans', () => {
    const fields = (of: string, to = 1): NewIntent => ({
      account: of,
      payload: { type: 'fields', changes: { score: { from: null, to } }, why: '' },
    });
    const task = (of: string): NewIntent => ({
      account: of,
      payload: {
        type: 'task',
        key: `k-${of}`,
        ownerId: 'm',
        subject: 's',
        body: 'b',
        dueOn: '2026-12-01',
        priority: 'high',
        why: '',
      },
    });
    const make = (...intents: NewIntent[]): Promise<PlanHead> =>
      fresh.ws.createPlan(T, T + 1, chunked(intents), { accounts: 2 });
    const ids = async (plan: number, type: 'fields' | 'task') =>
      (await collect(fresh.ws.intents(plan, type))).map((i) => i.id);

    it('are numbered, and a newer one replaces what was waiting', async () => {
      expect(await make(fields('A'), task('A'))).toEqual({
        number: 1,
        createdAt: T + 1,
        asOf: T,
        status: 'open',
        summary: { accounts: 2 },
      });
      await fresh.ws.setPlan(1, 'held', { why: 'bands' });
      expect(await fresh.ws.plan(1)).toMatchObject({ status: 'held', summary: { why: 'bands' } });
      await make(fields('B'));
      expect((await fresh.ws.plans(5)).map((p) => [p.number, p.status])).toEqual([
        [2, 'open'],
        [1, 'superseded'],
      ]);
      expect(await fresh.ws.planCounts(1)).toEqual({ fields: { superseded: 1 }, task: { superseded: 1 } });
      await expect(fresh.ws.setPlan(1, 'open')).rejects.toThrow(/superseded/);
      await expect(fresh.ws.setPlan(9, 'open')).rejects.toThrow(/no plan 9/);
      await expect(fresh.ws.markSent(await ids(1, 'fields'), T)).rejects.toThrow(/superseded/);
      expect(await fresh.ws.plan(9)).toBeNull();
    });

    it('leave nothing behind, and the open plan open, where their intents cannot be read', async () => {
      await make(fields('A'));
      const broken = async function* () {
        yield [fields('B')];
        throw new Error('source failed');
      };
      await expect(fresh.ws.createPlan(T, T, broken(), {})).rejects.toThrow('source failed');
      expect((await fresh.ws.plans(5)).map((p) => p.status)).toEqual(['open']);
      expect((await make(fields('C'))).number).toBe(2);
    });

    it('give way to a newer one that was started before they were complete', async () => {
      const started = Promise.withResolvers<void>();
      const stalled = Promise.withResolvers<void>();
      const slow = async function* () {
        yield [fields('A')];
        started.resolve();
        await stalled.promise; // as if its process had died here
        yield [fields('A')];
      };
      const first = fresh.ws.createPlan(T, T, slow(), {}).catch((error: unknown) => error);
      await started.promise;
      expect((await make(fields('B'))).number).toBe(1);
      stalled.resolve();
      expect(String(await first)).toMatch(/newer plan/);
      expect((await fresh.ws.plans(5)).map((p) => p.status)).toEqual(['open']);
      expect(await fresh.ws.planCounts(1)).toEqual({ fields: { planned: 1 }, task: {} });
    });

    it('begun at the same moment are numbered without a gap or a repeat, and none that was numbered is lost', async () => {
      const plans = await Promise.all(
        Array.from({ length: 8 }, () =>
          fresh.ws.createPlan(T, T, chunked<NewIntent>(), {}).then(
            (plan) => plan.number,
            (error: Error) => error.message,
          ),
        ),
      );
      const numbers = plans.filter((plan) => typeof plan === 'number').sort();
      expect(numbers).toEqual(numbers.map((_, i) => i + 1));
      for (const plan of plans)
        if (typeof plan === 'string') expect(plan).toMatch(/another process started a newer plan/);
      const kept = await fresh.ws.plans(10);
      expect(kept.map((plan) => plan.number)).toEqual(numbers.toReversed());
      expect(kept.map((plan) => plan.status)).toEqual(kept.map((_, i) => (i === 0 ? 'open' : 'superseded')));
    });

    it('may read the store while they stream their intents', async () => {
      const streaming = async function* () {
        for await (const held of fresh.ws.held()) yield held.map((h) => fields(h.account));
        await fresh.ws.knownTasks();
      };
      await fresh.ws.commitPage('crm', 's', page([], { held: [{ account: 'A', values: {} }] }), T);
      await fresh.ws.createPlan(T, T, streaming(), {});
      expect(await fresh.ws.planCounts(1)).toEqual({ fields: { planned: 1 }, task: {} });
    });

    it('record outcomes with what they prove, once', async () => {
      await make(fields('A', 5), fields('B', 6), task('A'));
      await fresh.ws.commitPage('crm', 's', page([], { held: [{ account: 'A', values: { band: 'red' } }] }), T);
      const [a = '', b = ''] = await ids(1, 'fields');
      const [t = ''] = await ids(1, 'task');
      await fresh.ws.markSent([a, b, t], T + 2);
      await fresh.ws.markSent([a], T + 3); // a crash cut the answer off: sent again
      const outcomes = [
        { intent: a, result: 'written' as const },
        { intent: b, result: 'rejected' as const, reason: 'locked' },
        { intent: t, result: 'written' as const, recordId: '00T1', created: true },
      ];
      await fresh.ws.recordOutcomes(outcomes, T + 5);
      await fresh.ws.recordOutcomes(outcomes, T + 9);
      expect(await collect(fresh.ws.held())).toEqual([{ account: 'A', values: { band: 'red', score: 5 } }]);
      expect(await fresh.ws.lastWrites()).toEqual(new Map([['A', T + 5]]));
      expect(await fresh.ws.knownTasks()).toEqual(
        new Map([['k-A', { key: 'k-A', account: 'A', recordId: '00T1', createdAt: T + 5 }]]),
      );
      const [stored] = await collect(fresh.ws.intents(1, 'task', ['written']));
      expect(stored).toEqual({
        ...task('A'),
        id: t,
        plan: 1,
        status: 'written',
        reason: null,
        recordId: '00T1',
        created: true,
        decidedAt: T + 5,
      });
      expect(await fresh.ws.planCounts(1)).toEqual({ fields: { written: 1, rejected: 1 }, task: { written: 1 } });
      expect(await collect(fresh.ws.intents(1, 'fields', ['planned', 'sent']))).toEqual([]);
    });

    it('take what was sent from who still has it, and read again what he has not', async () => {
      await make(fields('A', 5), fields('B', 6), fields('C', 7), fields('D', 8), task('A'));
      await fresh.ws.commitPage('crm', 's', page([], { held: [{ account: 'A', values: { band: 'red' } }] }), T);
      const [a = '', b = '', c = '', d = ''] = await ids(1, 'fields');
      const [t = ''] = await ids(1, 'task');
      await fresh.ws.markSent([a, b, c, d, t], T + 2);
      const told = await collect(fresh.ws.intents(1, 'fields'));
      const sent = new Map(
        // A task, too, whose fields nobody should take for its record.
        [a, c, d, t].map((id) => [id, { score: id === a ? 5 : 7, band: null }]),
      );
      const outcomes = [
        { intent: a, result: 'written' as const },
        { intent: b, result: 'unchanged' as const },
        { intent: c, result: 'rejected' as const },
        { intent: d, result: 'retry' as const },
        { intent: t, result: 'written' as const },
      ];
      await fresh.ws.recordOutcomes(outcomes, T + 5, sent);
      await fresh.ws.recordOutcomes(outcomes, T + 9, sent);
      expect(await collect(fresh.ws.held())).toEqual([
        { account: 'A', values: { band: null, score: 5 } },
        { account: 'B', values: { score: 6 } },
      ]);
      expect(await fresh.ws.lastWrites()).toEqual(new Map(['A', 'B'].map((account) => [account, T + 5])));
      const stored = await collect(fresh.ws.intents(1, 'fields'));
      const statuses = ['written', 'unchanged', 'rejected', 'retry'];
      expect(stored).toEqual(told.map((one, i) => ({ ...one, status: statuses[i], decidedAt: T + 5 })));
      expect(await fresh.ws.planCounts(1)).toMatchObject({ task: { written: 1 } });
    });

    it('keep what was planned where an outcome has more to say', async () => {
      await make(fields('A', 5), task('A'));
      const [a = ''] = await ids(1, 'fields');
      const [t = ''] = await ids(1, 'task');
      await fresh.ws.markSent([a, t], T);
      await fresh.ws.recordOutcomes(
        [
          { intent: a, result: 'rejected', reason: 'locked' },
          { intent: t, result: 'written', recordId: '00T1', created: true },
        ],
        T,
        new Map([[a, { score: 5 }]]),
      );
      const stored = [
        ...(await collect(fresh.ws.intents(1, 'fields'))),
        ...(await collect(fresh.ws.intents(1, 'task'))),
      ];
      expect(stored.map(({ payload, reason }) => [payload, reason])).toEqual([
        [fields('A', 5).payload, 'locked'],
        [task('A').payload, null],
      ]);
    });

    it('refuse two different outcomes of one, also where its values are at hand', async () => {
      await make(fields('A', 5), fields('B', 6));
      const [a = '', b = ''] = await ids(1, 'fields');
      const sent = new Map([a, b].map((id) => [id, { score: 1 }]));
      await fresh.ws.markSent([a], T);
      const two = [a, b].map((intent) => ({ intent, result: 'written' as const }));
      await expect(fresh.ws.recordOutcomes(two, T, sent)).rejects.toThrow(/planned/);
      const differ = [
        { intent: a, result: 'written' as const },
        { intent: a, result: 'unchanged' as const },
      ];
      await expect(fresh.ws.recordOutcomes(differ, T, sent)).rejects.toThrow(/is written/);
      const elsewhere = await fresh.store.workspace('globex');
      await expect(elsewhere.recordOutcomes(two.slice(0, 1), T, sent)).rejects.toThrow(/no intent/);
      expect((await fresh.ws.lastWrites()).size).toBe(0);
      expect(await fresh.ws.planCounts(1)).toMatchObject({ fields: { sent: 1, planned: 1 } });
    });

    it('refuse an outcome of what was never sent, or another one of what is decided, and keep none of the batch', async () => {
      await make(fields('A'), fields('B'));
      const [a = '', b = ''] = await ids(1, 'fields');
      await fresh.ws.markSent([a], T);
      const both = [a, b].map((intent) => ({ intent, result: 'written' as const }));
      await expect(fresh.ws.recordOutcomes(both, T)).rejects.toThrow(/planned/);
      expect(await fresh.ws.planCounts(1)).toEqual({ fields: { sent: 1, planned: 1 }, task: {} });
      expect((await fresh.ws.lastWrites()).size).toBe(0);
      await fresh.ws.recordOutcomes([{ intent: a, result: 'retry', reason: 'busy' }], T);
      await fresh.ws.markSent([a], T);
      await fresh.ws.recordOutcomes([{ intent: a, result: 'unchanged' }], T);
      await expect(fresh.ws.recordOutcomes([{ intent: a, result: 'rejected' }], T)).rejects.toThrow(/unchanged/);
      await expect(fresh.ws.recordOutcomes([{ intent: '999', result: 'written' }], T)).rejects.toThrow(/999/);
      const elsewhere = await fresh.store.workspace('globex');
      await expect(elsewhere.recordOutcomes([{ intent: a, result: 'unchanged' }], T)).rejects.toThrow(/no intent/);
    });
  });
}
