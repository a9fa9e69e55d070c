import { describe, expect, it } from 'vitest';
import { makePlan, sync } from '../../src/pipeline/sync.ts';
import type { IntentStatus } from '../../src/store/types.ts';
import { collect } from '../store/helpers.ts';
import { type Book, book, customer, DAY } from './book.ts';
import { NOW } from './support.ts';

const three = () => [customer('A1', { a: 90 }), customer('A2', { a: 70 }), customer('A3', { a: 30 })];

/** A plan on whose way to the CRM the process died: everything was marked sent, and only what `arrived` names got there. */
async function cutOff(made: Book, type: 'fields' | 'task', arrived: string[]): Promise<number> {
  const { plan } = await sync(made, false);
  await made.store.setPlan(plan.number, 'applying');
  for (const intent of await collect(made.store.intents(plan.number, type))) {
    await made.store.markSent([intent.id], made.now());
    const { payload, account } = intent;
    if (!arrived.includes(account)) continue;
    if (payload.type === 'task') made.fake.tasks.set(payload.key, { ...payload, id: intent.id, account });
    else
      made.fake.held.set(
        account,
        Object.fromEntries(Object.entries(payload.changes).map(([name, { to }]) => [name, to])),
      );
  }
  return plan.number;
}

const statuses = async (made: Book, plan: number, type: 'fields' | 'task'): Promise<Record<string, IntentStatus>> =>
  Object.fromEntries((await collect(made.store.intents(plan, type))).map((i) => [i.account, i.status]));

describe('settle', () => {
  it('confirms the fields that the CRM shows, and leaves the rest to the newer plan', async () => {
    const made = await book(three());
    const plan = await cutOff(made, 'fields', ['A1', 'A3']);
    made.at(NOW + 60_000);
    const again = await sync(made, true);
    expect(again.write).toMatchObject({ written: 1 });
    expect(made.fake.writes.flat().map((w) => w.account)).toEqual(['A2']);
    expect(await statuses(made, plan, 'fields')).toEqual({ A1: 'written', A2: 'superseded', A3: 'written' });
    expect((await collect(made.store.held())).map((h) => [h.account, h.values.score])).toEqual([
      ['A1', 90],
      ['A2', 70],
      ['A3', 30],
    ]);
    expect([...(await made.store.lastWrites()).keys()].sort()).toEqual(['A1', 'A2', 'A3']);
  });

  it('takes a field that shows anything else for not written', async () => {
    const made = await book(three());
    const plan = await cutOff(made, 'fields', ['A1', 'A2', 'A3']);
    made.fake.held.set('A2', { ...made.fake.held.get('A2'), band: 'Green' }); // a person was faster
    await makePlan(made);
    expect(await statuses(made, plan, 'fields')).toEqual({ A1: 'written', A2: 'superseded', A3: 'written' });
  });

  it('remembers a task that was created unheard, also where the account needs none any more', async () => {
    const made = await book(three());
    await sync(made, true);
    made.at(NOW + DAY);
    const plan = await cutOff(made, 'task', ['A3']);
    made.next = [customer('A3', { a: 95 }, NOW + DAY)];
    made.at(NOW + DAY + 60_000);
    const again = await sync(made, true);
    expect(again.decided.tasks).toBe(0);
    expect(await statuses(made, plan, 'task')).toEqual({ A3: 'written' });
    const [key] = made.fake.tasks.keys();
    expect([...(await made.store.knownTasks()).values()]).toEqual([
      { key, account: 'A3', recordId: `T-${key}`, createdAt: NOW + DAY + 60_000 },
    ]);
  });

  it('raises a task again that never arrived', async () => {
    const made = await book(three());
    await sync(made, true);
    made.at(NOW + DAY);
    const plan = await cutOff(made, 'task', []);
    expect((await sync(made, true)).write).toMatchObject({ tasks: 1, tasksFound: 0 });
    expect(await statuses(made, plan, 'task')).toEqual({ A3: 'superseded' });
  });

  it('asks the CRM nothing where no answer is missing', async () => {
    const made = await book(three());
    await sync(made, true);
    const ask = () => {
      throw new Error('asked for nothing');
    };
    const { crm } = made;
    made.crm = () => ({ ...crm(), read: ask, findTasks: ask });
    await expect(sync(made, true)).resolves.toMatchObject({ write: { written: 0 } });
  });
});
