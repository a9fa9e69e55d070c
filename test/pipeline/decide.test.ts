import { describe, expect, it } from 'vitest';
import { CRM_STATE, decide, TASKS_STATE, tasksStarted } from '../../src/pipeline/decide.ts';
import { makePlan, sync } from '../../src/pipeline/sync.ts';
import type { NewIntent, StoredIntent } from '../../src/store/types.ts';
import { type Book, book, customer, DAY, memoryStore, user } from './book.ts';
import { NOW } from './support.ts';

async function planned(made: Book, type: 'fields' | 'task', plan: number): Promise<StoredIntent[]> {
  const intents: StoredIntent[] = [];
  for await (const chunk of made.store.intents(plan, type)) intents.push(...chunk);
  return intents;
}
/** A book whose baseline is written, a day ago. */
async function settled(...args: Parameters<typeof book>): Promise<Book> {
  const made = await book(...args);
  await sync(made, true);
  made.next = [];
  made.at(NOW + DAY);
  return made;
}

describe('leavers', () => {
  it('have our fields blanked once, and are left alone then', async () => {
    const made = await settled([customer('A1', { a: 90 }), customer('A2', { a: 90 })]);
    made.next = [customer('A2', { a: 90, attributes: { Type: 'Churned' } }, NOW + DAY / 2)];
    const left = await sync(made, true);
    expect(left.decided).toMatchObject({ blanked: 1, fields: 1 });
    expect(left.write).toMatchObject({ written: 1 });
    expect(Object.values(made.fake.held.get('A2') ?? {}).filter((v) => v !== null)).toEqual([]);
    expect(made.fake.held.get('A1')).toMatchObject({ score: 90 });
    const [intent] = await planned(made, 'fields', left.plan.number);
    expect(intent?.payload).toMatchObject({ why: 'no longer a customer by the population rule' });
    made.at(NOW + 30 * DAY);
    expect((await sync(made, true)).decided.blanked).toBe(0);
  });

  it('that come back are written again', async () => {
    const made = await settled([customer('A1', { a: 90 })]);
    made.next = [customer('A1', { a: 90, attributes: { Type: 'Churned' } }, NOW + DAY / 2)];
    await sync(made, true);
    made.at(NOW + 2 * DAY);
    made.next = [customer('A1', { a: 90 }, NOW + 2 * DAY - 1)];
    expect((await sync(made, true)).write).toMatchObject({ written: 1 });
    expect(made.fake.held.get('A1')).toMatchObject({ score: 90, band: 'Green' });
  });
});

describe('manager tasks', () => {
  const low = (n: number, over = {}) =>
    Array.from({ length: n }, (_, i) =>
      customer(`A${String(i).padStart(2, '0')}`, { a: 30, arr: { minor: 1_000 * (i + 1), currency: 'GBP' }, ...over }),
    );

  it('are capped per manager and run, largest ARR first; the rest follows on later days', async () => {
    const made = await settled(low(13));
    const first = await sync(made, true);
    expect(first.write).toMatchObject({ tasks: 10 });
    expect((await planned(made, 'task', first.plan.number)).map((i) => i.account)).toEqual([
      'A12',
      'A11',
      'A10',
      'A09',
      'A08',
      'A07',
      'A06',
      'A05',
      'A04',
      'A03',
    ]);
    expect(first.decided.notes).toEqual([
      '3 more accounts qualify, beyond the cap per manager; they follow on later days, largest ARR first.',
    ]);
    const again = await sync(made, true); // the same day is no second ration
    expect(again.write).toMatchObject({ tasks: 0 });
    made.at(NOW + 2 * DAY);
    expect((await sync(made, true)).write).toMatchObject({ tasks: 3 });
    expect(made.fake.tasks.size).toBe(13);
    expect([...made.fake.tasks.values()].every((t) => t.ownerId === 'MO')).toBe(true);
  });

  it('rank ARR in one currency', async () => {
    const made = await settled([
      customer('GBP', { a: 30, arr: { minor: 1_000, currency: 'GBP' } }),
      customer('USD', { a: 30, arr: { minor: 1_500, currency: 'USD' } }), // £7.50
      customer('XXX', { a: 30, arr: { minor: 9_999, currency: 'SEK' } }), // no rate: last
    ]);
    const { plan } = await makePlan(made);
    expect((await planned(made, 'task', plan.number)).map((i) => i.account)).toEqual(['GBP', 'USD', 'XXX']);
  });

  it('go to the fallback where the manager is gone, and are told where there is none', async () => {
    const gone = [...low(1), user('MO', { active: false })];
    const told = await settled(gone);
    expect((await sync(told, true)).decided.notes).toEqual([
      '1 account qualifies, but nobody can be given the task: Account A00 (no manager was found, and no fallback owner is set). Set `tasks.fallbackOwner`.',
    ]);
    const made = await settled([...gone, user('FAY')], { tasks: { start: '2026-01-01', fallbackOwner: 'FAY' } });
    await sync(made, true);
    expect([...made.fake.tasks.values()].map((t) => t.ownerId)).toEqual(['FAY']);
  });

  it('are not raised for healthy, far or unscored accounts; unscored ones are told', async () => {
    const made = await settled([
      customer('OK', { a: 70 }),
      customer('FAR', { a: 30, renewalOn: '2027-06-01' }),
      customer('DIM', { a: null }),
    ]);
    const { decided } = await sync(made, true);
    expect(decided.tasks).toBe(0);
    expect(decided.notes).toEqual(['1 account near renewal could not be scored: Account DIM.']);
  });

  it('are decided by the company’s calendar', async () => {
    // 90 days before 20 December is 21 September; at 23:30 UTC on the 20th it is the 21st in Berlin already.
    const at = Date.parse('2026-09-20T23:30:00Z');
    for (const [timezone, tasks] of [
      ['UTC', 0],
      ['Europe/Berlin', 1],
    ] as const) {
      const made = await book([customer('A1', { a: 30 })], { timezone });
      made.at(at - DAY);
      await sync(made, true);
      made.at(at);
      expect((await makePlan(made)).decided.tasks, timezone).toBe(tasks);
    }
  });
});

describe('a task’s due date', () => {
  it('is counted from the company’s day', async () => {
    const due = async (timezone: string, instant: string) => {
      const made = await book([customer('A1', { a: 30 })], { timezone });
      made.at(Date.parse(instant) - 2 * DAY);
      await sync(made, true);
      made.at(Date.parse(instant));
      const { plan } = await makePlan(made);
      const [intent] = await planned(made, 'task', plan.number);
      return intent?.payload.type === 'task' ? intent.payload.dueOn : null;
    };
    // Half past eleven at night in London is the next morning in Tokyo.
    const evening = '2026-11-24T23:30:00Z';
    expect(await due('Asia/Tokyo', evening)).toBe(await due('UTC', '2026-11-25T08:30:00Z'));
    expect(await due('UTC', evening)).not.toBe(await due('Asia/Tokyo', evening));
  });
});

describe('tasksStarted', () => {
  it('waits for the baseline, then for the day or the command', async () => {
    const store = await memoryStore();
    const asked = (start: string, now = NOW) => tasksStarted(store, start, 'UTC', now);
    expect(await asked('2020-01-01')).toEqual({ now: false, why: 'the first run is a silent baseline' });
    await store.state(CRM_STATE).set('baseline', null, 'then');
    expect((await asked('manual')).now).toBe(false);
    expect(await asked('2026-11-26')).toEqual({ now: false, why: 'they begin on 2026-11-26' });
    expect((await asked('2026-11-25')).now).toBe(true);
    await store.state(TASKS_STATE).set('started', null, 'now');
    expect((await asked('manual')).now).toBe(true);
  });
});

describe('a plan', () => {
  it('tells the calls that it will cost', async () => {
    const made = await book(Array.from({ length: 201 }, (_, i) => customer(`A${i}`, { renewalOn: null })));
    const { decided } = await sync(made, false);
    expect(decided).toMatchObject({ fields: 201, calls: 2 });
  });

  it('leaves accounts out that were not scored now', async () => {
    const made = await book([customer('A1'), customer('A2')]);
    await sync(made, false);
    const { decided, plan } = await decide(made, { asOf: NOW, scored: new Set(['A2']), outside: new Set() });
    expect(decided.fields).toBe(1);
    const intents: NewIntent[] = await planned(made, 'fields', plan.number);
    expect(intents.map((i) => i.account)).toEqual(['A2']);
  });

  it('says what is written of each account, old and new', async () => {
    const made = await settled([customer('A1', { a: 90 })]);
    made.next = [customer('A1', { a: 55 }, NOW + DAY / 2)];
    const { plan } = await sync(made, false);
    const [intent] = await planned(made, 'fields', plan.number);
    expect(intent?.payload).toMatchObject({
      changes: { score: { from: 90, to: 55 }, band: { from: 'Green', to: 'Red' } },
      why: expect.stringContaining('Health score 90 → 55; Health band Green → Red'),
    });
  });
});
