import { describe, expect, it } from 'vitest';
import { HeldError, InputError } from '../../src/contract/index.ts';
import { applyPlan, makePlan, sync } from '../../src/pipeline/sync.ts';
import { type Book, book, customer, DAY, stream } from './book.ts';
import { NOW, sourceOf } from './support.ts';

const three = () => [customer('A1', { a: 90 }), customer('A2', { a: 70 }), customer('A3', { a: 30 })];

/** A book whose first, silent run is behind it. */
async function settled(...args: Parameters<typeof book>): Promise<Book> {
  const made = await book(...args);
  await sync(made, true);
  made.next = [];
  made.at(NOW + DAY);
  return made;
}

describe('sync', () => {
  it('writes what differs, raises no task on the first run, and then nothing at all', async () => {
    const made = await book(three());
    const first = await sync(made, true);
    expect(first.write).toMatchObject({ written: 3, tasks: 0 });
    expect(first.decided).toMatchObject({
      fields: 3,
      tasks: 0,
      tasksWaiting: 1,
      tasksWhy: 'the first run is a silent baseline',
    });
    expect([...made.fake.held].map(([id, v]) => [id, v.score, v.band])).toEqual([
      ['A1', 90, 'Green'],
      ['A2', 70, 'Yellow'],
      ['A3', 30, 'Red'],
    ]);
    const second = await sync(made, true);
    expect(second.write).toMatchObject({ written: 0, tasks: 1 });
    const third = await sync(made, true);
    expect(third.write).toMatchObject({ written: 0, tasks: 0, writeCalls: 0 });
    expect(third.decided.notes).toEqual(['1 account has its manager task already.']);
  });

  it('writes nothing while writing is off, and the stored plan does the same later', async () => {
    const made = await book(three());
    const { plan, write } = await sync(made, false);
    expect(write).toBeNull();
    expect(made.fake.writes).toEqual([]);
    expect(await applyPlan(made, plan, false)).toMatchObject({ written: 3 });
  });

  it('goes on where another source fails, and ends where the CRM does', async () => {
    const broken = {
      ...sourceOf({
        streams: () => ({ all: stream }),
        pull: async function* () {
          yield await Promise.reject(new Error('the exports folder is gone'));
        },
      }),
      name: 'exports',
    };
    const made = await book(three(), {}, [broken]);
    const result = await sync(made, true);
    expect(result.write).toMatchObject({ written: 3 });
    expect(result.pulled[1]?.streams[0]?.error).toBe('the exports folder is gone');

    made.primary.connector.pull = broken.connector.pull;
    await expect(sync(made, true)).rejects.toThrow('the exports folder is gone');
  });
});

describe('the org pin', () => {
  it('binds a workspace to the first org that it meets, by 15 or 18 characters', async () => {
    const made = await settled(three());
    made.fake.org = { ...made.fake.org, id: made.fake.org.id.slice(0, 15) };
    await sync(made, true);
    made.fake.org = { id: '00D000000000002AAA', kind: 'production', name: 'Other' };
    made.next = [customer('A1', { a: 10 }, NOW)];
    const before = made.fake.writes.length;
    await expect(sync(made, true)).rejects.toThrow(
      /belongs to org 00D000000000001.* lead to 00D000000000002AAA \(Other/,
    );
    expect(made.fake.writes).toHaveLength(before);
    expect((await made.store.latestScore('A1'))?.score.score).toBe(90); // nothing of the other org was read
  });

  it.each([
    [{ org: '00D000000000009AAA' }, /crm\.org: this workspace is bound to 00D000000000009AAA/],
    [{ kind: 'sandbox' as const }, /crm\.kind: this workspace is bound to a sandbox org/],
  ])('refuses an org that is not the configured one: %j', async (crm, message) => {
    const made = await book(three(), { crm });
    const refused = sync(made, true);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    expect(made.fake.writes).toEqual([]);
  });

  it('is asked again when a stored plan is applied', async () => {
    const made = await book(three());
    const { plan } = await sync(made, false);
    made.fake.org = { ...made.fake.org, id: '00D000000000002AAA' };
    await expect(applyPlan(made, plan, false)).rejects.toBeInstanceOf(InputError);
    expect(made.fake.writes).toEqual([]);
  });
});

describe('the quota', () => {
  it.each([
    [{ used: 800, limit: 1_000 }, 'the org has used 800 of its 1000 calls today'],
    [{ used: 0, limit: 4 }, 'the plan needs 1 calls, more than 20 % of the org'],
  ])('holds a plan before anything is written: %j', async (quota, message) => {
    const made = await book(three());
    made.fake.quota = quota;
    const held = sync(made, true);
    await expect(held).rejects.toThrow(message);
    await expect(held).rejects.toBeInstanceOf(HeldError);
    expect(made.fake.writes).toEqual([]);
    made.fake.quota = { used: 0, limit: 1_000 };
    expect((await sync(made, true)).write).toMatchObject({ written: 3 });
  });

  it('does not stand in the way of a vendor that does not tell', async () => {
    const made = await book(three());
    made.fake.quota = { used: null, limit: null };
    expect((await sync(made, true)).write).toMatchObject({ written: 3 });
  });
});

describe('the circuit breaker', () => {
  const many = (a: number, at?: number) => Array.from({ length: 10 }, (_, i) => customer(`A${i}`, { a }, at));

  it('holds a plan that changes many bands at once, until a person releases it', async () => {
    const made = await settled(many(90));
    made.next = many(30, NOW + DAY / 2).slice(0, 3);
    const { plan, write } = await sync(made, true);
    expect(plan.status).toBe('held');
    expect(write).toBeNull();
    expect(made.fake.held.get('A0')).toMatchObject({ band: 'Green' });
    const stored = await made.store.plan(plan.number);
    expect(stored?.status).toBe('held');
    if (!stored) throw new Error('the plan is gone');
    await expect(applyPlan(made, stored, false)).rejects.toThrow(
      `plan ${plan.number} is held: 3 of 10 accounts would change band at once (limit 20 %)`,
    );
    expect(await applyPlan(made, stored, true)).toMatchObject({ written: 3 });
    expect(made.fake.held.get('A0')).toMatchObject({ band: 'Red' });
  });

  it('lets the first run pass, and what stays within the limit', async () => {
    const made = await settled(many(90));
    made.next = many(30, NOW + DAY / 2).slice(0, 2);
    const { plan, write } = await sync(made, true);
    expect(plan.status).not.toBe('held');
    expect(write).toMatchObject({ written: 2 });
  });
});

describe('applyPlan', () => {
  it('refuses a plan that a newer one replaced', async () => {
    const made = await book(three());
    const old = (await sync(made, false)).plan;
    await makePlan(made);
    const stored = await made.store.plan(old.number);
    if (!stored) throw new Error('the plan is gone');
    await expect(applyPlan(made, stored, false)).rejects.toThrow(`plan ${old.number} was superseded by a newer one`);
  });
});
