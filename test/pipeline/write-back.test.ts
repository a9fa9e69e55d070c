import { describe, expect, it } from 'vitest';
import type { FieldsIntent, Outcome, TaskIntent } from '../../src/contract/index.ts';
import { CallCounter } from '../../src/pipeline/calls.ts';
import { writeBack } from '../../src/pipeline/write-back.ts';
import { openStore } from '../../src/store/open.ts';
import type { NewIntent, PlanHead } from '../../src/store/types.ts';
import { chunked, collect, freshStore } from '../store/helpers.ts';
import { crmOf, deps, NOW } from './support.ts';

const fresh = freshStore(() => openStore({ path: ':memory:' }));

const fields = (account: string, to: number): NewIntent => ({
  account,
  payload: { type: 'fields', changes: { score: { from: 12, to } }, why: '' },
});
const task = (account: string): NewIntent => ({
  account,
  payload: {
    type: 'task',
    key: `key-${account}`,
    ownerId: `manager of ${account}`,
    subject: `about ${account}`,
    body: 'why',
    dueOn: '2026-12-01',
    priority: 'high',
    why: '',
  },
});
const plan = (...intents: NewIntent[]): Promise<PlanHead> =>
  fresh.ws.createPlan(NOW, NOW, chunked(intents), { accounts: 1 });
const reload = async (head: PlanHead): Promise<PlanHead> => (await fresh.ws.plan(head.number)) ?? head;

/** A CRM that answers each intent as told, and remembers what came in which order. */
function crm(answer: (account: string, type: 'fields' | 'task') => Omit<Outcome, 'intent'>[]) {
  const seen: (FieldsIntent | TaskIntent)[] = [];
  const calls = new CallCounter();
  const sender = <I extends FieldsIntent | TaskIntent>(type: 'fields' | 'task') =>
    async function* (intents: AsyncIterable<I>): AsyncGenerator<Outcome> {
      for await (const intent of intents) {
        calls.add('crm', { label: type, kind: 'write' });
        seen.push(intent);
        for (const outcome of answer(intent.account, type)) yield { intent: intent.id, ...outcome };
      }
    };
  return { seen, calls, crm: crmOf(sender('fields'), sender('task')) };
}
const send = async (side: ReturnType<typeof crm>, head: PlanHead) =>
  writeBack({ ...deps(), store: fresh.ws, crm: side.crm, calls: side.calls }, await reload(head));
const statuses = async (head: PlanHead, type: 'fields' | 'task') =>
  Object.fromEntries((await collect(fresh.ws.intents(head.number, type))).map((i) => [i.account, i.status]));
const held = async () => Object.fromEntries((await collect(fresh.ws.held())).map((h) => [h.account, h.values.score]));

const fine = (): Omit<Outcome, 'intent'>[] => [{ result: 'written' }];

describe('write-back', () => {
  it('sends the new values, not the old, fields before tasks, and counts each kind apart', async () => {
    const head = await plan(task('A'), fields('A', 70), fields('B', 80));
    const side = crm((account, type) =>
      type === 'task' ? [{ result: 'written', created: true, recordId: `task of ${account}` }] : fine(),
    );
    const summary = await send(side, head);
    expect(side.seen.map(({ id: _, ...rest }) => rest)).toEqual([
      { account: 'A', values: { score: 70 } },
      { account: 'B', values: { score: 80 } },
      {
        account: 'A',
        key: 'key-A',
        ownerId: 'manager of A',
        subject: 'about A',
        body: 'why',
        dueOn: '2026-12-01',
        priority: 'high',
      },
    ]);
    expect(summary).toMatchObject({ written: 2, tasks: 1, tasksFound: 0, rejected: 0, retry: 0 });
    expect(summary).toMatchObject({ writeCalls: 2, taskCalls: 1 });
    expect(await held()).toEqual({ A: 70, B: 80 });
    expect((await reload(head)).status).toBe('applied');
  });

  it('tells apart written, unchanged, rejected and left for later; each reason with its number', async () => {
    const head = await plan(...['A', 'B', 'C', 'D', 'E'].map((a, i) => fields(a, i)));
    const results: Record<string, Omit<Outcome, 'intent'>> = {
      A: { result: 'written' },
      B: { result: 'unchanged' },
      C: { result: 'rejected', reason: 'TOO_LONG' },
      D: { result: 'rejected', reason: 'TOO_LONG' },
      E: { result: 'retry', reason: 'locked' },
    };
    const summary = await send(
      crm((account) => [results[account] ?? { result: 'retry' }]),
      head,
    );
    expect(summary).toMatchObject({ written: 1, unchanged: 1, rejected: 2, retry: 1 });
    expect(summary.rejections).toEqual([{ reason: 'TOO_LONG', count: 2, example: 'C' }]);
    expect(await statuses(head, 'fields')).toEqual({
      A: 'written',
      B: 'unchanged',
      C: 'rejected',
      D: 'rejected',
      E: 'retry',
    });
    // What was refused or left is not taken for what the CRM holds.
    expect(await held()).toEqual({ A: 0, B: 1 });
    expect([...(await fresh.ws.lastWrites()).keys()].sort()).toEqual(['A', 'B']);
  });

  it('records what a call answered before the next one ends, so that a crash leaves no more than that in doubt', async () => {
    const head = await plan(fields('A', 1), fields('B', 2), fields('C', 3));
    const recorded: number[] = [];
    const side = crm(fine);
    const write = async function* (intents: AsyncIterable<FieldsIntent>): AsyncGenerator<Outcome> {
      for await (const { id } of intents) {
        yield { intent: id, result: 'written' };
        recorded.push((await fresh.ws.planCounts(head.number)).fields.written ?? 0);
      }
    };
    await send({ ...side, crm: { ...side.crm, write, writeBatch: 1 } }, head);
    expect(recorded).toEqual([1, 2, 3]);
  });

  it('leaves a plan with records for later open, and sends only these the next time', async () => {
    const head = await plan(fields('A', 1), fields('B', 2), fields('C', 3), task('C'));
    await send(
      crm((account, type) => [
        type === 'task' || account === 'C'
          ? { result: 'retry', reason: 'locked' }
          : account === 'B'
            ? { result: 'rejected', reason: 'no' }
            : { result: 'written' },
      ]),
      head,
    );
    expect((await reload(head)).status).toBe('applying');
    const second = crm((_, type) => [
      type === 'task' ? { result: 'unchanged', recordId: 'T1', created: false } : { result: 'written' },
    ]);
    expect(await send(second, head)).toMatchObject({ written: 1, tasks: 0, tasksFound: 1, retry: 0 });
    expect(second.seen.map((i) => i.account)).toEqual(['C', 'C']);
    expect((await reload(head)).status).toBe('applied');
    const third = crm(fine);
    expect(await send(third, head)).toMatchObject({ written: 0, writeCalls: 0 });
    expect(third.seen).toEqual([]);
  });

  it('marks every intent sent before it leaves', async () => {
    const head = await plan(fields('A', 1));
    let atSending: Record<string, unknown> = {};
    const side = crm(fine);
    const write: typeof side.crm.write = async function* (intents) {
      for await (const intent of intents) {
        atSending = await statuses(head, 'fields');
        yield { intent: intent.id, result: 'written' };
      }
    };
    await send({ ...side, crm: { ...side.crm, write } }, head);
    expect(atSending).toEqual({ A: 'sent' });
  });

  it('keeps what was confirmed before a failure, and sends the rest the next time', async () => {
    const head = await plan(fields('A', 1), fields('B', 2));
    const failing = crm((account) => {
      if (account === 'B') throw new Error('the org is down');
      return fine();
    });
    await expect(send(failing, head)).rejects.toThrow('the org is down');
    expect(await statuses(head, 'fields')).toEqual({ A: 'written', B: 'sent' });
    const again = crm(fine);
    expect(await send(again, head)).toMatchObject({ written: 1 });
    expect(again.seen.map((i) => i.account)).toEqual(['B']);
  });

  it('is an error where an intent got no outcome, two, or one of another plan', async () => {
    await expect(
      send(
        crm((account) => (account === 'B' ? [] : fine())),
        await plan(fields('A', 1), fields('B', 2)),
      ),
    ).rejects.toThrow(/1 intents got no outcome/);
    await expect(
      send(
        crm(() => [...fine(), ...fine()]),
        await plan(fields('A', 1)),
      ),
    ).rejects.toThrow(/not under way/);
    const side = crm(fine);
    const write: typeof side.crm.write = async function* (intents) {
      for await (const _ of intents) yield { intent: '999', result: 'written' };
    };
    await expect(send({ ...side, crm: { ...side.crm, write } }, await plan(fields('A', 1)))).rejects.toThrow(/999/);
  });

  it('sends nothing after it was told to stop', async () => {
    const head = await plan(fields('A', 1));
    const stop = new AbortController();
    stop.abort(new Error('stopped by a person'));
    const side = crm(fine);
    const run = writeBack({ ...deps(stop.signal), store: fresh.ws, crm: side.crm, calls: side.calls }, head);
    await expect(run).rejects.toThrow('stopped by a person');
    expect(side.seen).toEqual([]);
    expect(await statuses(head, 'fields')).toEqual({ A: 'planned' });
  });
});
