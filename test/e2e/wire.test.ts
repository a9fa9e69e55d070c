import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, Loop } from './harness.ts';
import { Person } from './person.ts';
import { accountRows, fieldsOf, latestScores, managerTasks, serverCalls } from './seen.ts';

/** A small org and the whole product: what happens to single records on the wire, seen in the org's own rows. */
let loop: Loop;
beforeEach(async () => {
  loop = await Loop.start({ accounts: 20, seed: 11, usageDays: 60 }, { tasks: { start: '2026-01-01' } });
  expect(await loop.run('setup', '--yes')).toMatchObject({ code: 0 });
});
afterEach(() => loop.close());

const healthOf = (account: string): unknown[] => Object.values(fieldsOf(accountRows(loop).get(account) ?? {}));
const filled = (): string[] =>
  [...accountRows(loop)].filter(([, row]) => row.Health_Band__c !== null).map(([account]) => account);
const sync = async () => (await loop.run('sync')).json;

describe('field writes', () => {
  it('of one refused account are told in the org’s words and block no other; once it may, it alone is written', async () => {
    const customers = [...accountRows(loop).values()].filter(
      (a) => a.Type === 'Customer' && a.Test_Account__c === false,
    );
    const id = String(customers[3]?.Id);
    loop.host.crm.faults.add({ name: 'validation', with: { ids: [id], message: 'Region is required' } });
    const first = await sync();
    expect(first).toMatchObject({ written: 19, rejected: 1, writeCalls: 1 });
    expect(first.rejections).toMatchObject([{ count: 1, example: id }]);
    expect(first.rejections[0].reason).toMatch(/FIELD_CUSTOM_VALIDATION_EXCEPTION.*Region is required/);
    expect(healthOf(id).filter((v) => v !== null)).toEqual([]);
    expect(filled()).toHaveLength(19);
    loop.host.crm.faults.clear();
    await loop.later(HOUR);
    loop.host.crm.calls.reset();
    expect(await sync()).toMatchObject({ written: 1, rejected: 0, writeCalls: 1 });
    expect(serverCalls(loop).fields).toBe(1);
    expect(filled()).toHaveLength(20);
  });

  it('end with an account that was deleted: it is neither scored nor written', async () => {
    await sync();
    const gone = latestScores(loop)[0]?.account ?? '';
    const before = healthOf(gone);
    const person = await Person.login(loop.host);
    await person.delete('Account', gone);
    await loop.later(DAY);
    expect(await sync()).toMatchObject({ accounts: 19, rejected: 0 });
    expect(healthOf(gone)).toEqual(before);
  });

  it('put back a score that a person changed, and leave alone what is theirs', async () => {
    await sync();
    const person = await Person.login(loop.host);
    const { account, points } = latestScores(loop).find((s) => s.points !== null) ?? { account: '', points: null };
    await person.update('Account', account, { Health_Score__c: 1, Description: 'Ours' });
    await loop.later(HOUR);
    expect(await sync()).toMatchObject({ written: 1 });
    expect(accountRows(loop).get(account)).toMatchObject({
      Health_Score__c: Math.round(Number(points) / 10_000),
      Description: 'Ours',
    });
  });

  it('blank an account that is no customer any more, once', async () => {
    await sync();
    const person = await Person.login(loop.host);
    const account = latestScores(loop)[0]?.account ?? '';
    await person.update('Account', account, { Type: 'Partner' });
    await loop.later(HOUR);
    expect(await sync()).toMatchObject({ accounts: 19, written: 1 });
    expect(healthOf(account).filter((v) => v !== null)).toEqual([]);
    await loop.later(HOUR);
    expect(await sync()).toMatchObject({ written: 0, writeCalls: 0, planned: { fields: 0 } });
  });
});

describe('manager tasks', () => {
  it('are none on the first run, though they have begun; then one each, whatever becomes of it', async () => {
    expect(await sync()).toMatchObject({ tasks: 0, planned: { tasks: 0 } });
    expect(managerTasks(loop)).toEqual([]);
    await loop.later(DAY);
    const second = await sync();
    const tasks = managerTasks(loop);
    expect(second.tasks).toBe(tasks.length);
    expect(tasks.length).toBeGreaterThanOrEqual(2);
    const person = await Person.login(loop.host);
    const [closed, deleted] = tasks.map((t) => String(t.Id));
    await person.update('Task', String(closed), { Status: 'Completed', Subject: 'Done by me' });
    await person.delete('Task', String(deleted));
    await loop.later(DAY);
    const keys = tasks.map((t) => t.Health_Task_Key__c);
    const third = await sync();
    expect(third.tasks).toBe(managerTasks(loop).filter((t) => !keys.includes(t.Health_Task_Key__c)).length);
    expect(managerTasks(loop).filter((t) => t.Id === closed)).toMatchObject([
      { Subject: 'Done by me', IsClosed: true },
    ]);
  });

  it('are found again, not made again, by a workspace that has lost its memory', async () => {
    await sync();
    await loop.later(DAY);
    await sync();
    const before = managerTasks(loop);
    expect(before.length).toBeGreaterThanOrEqual(2);
    const person = await Person.login(loop.host);
    await person.update('Task', String(before[0]?.Id), { Subject: 'Mine now' });
    const edited = managerTasks(loop);
    for (const end of ['', '-wal', '-shm']) rmSync(join(loop.dir, `pulseback.db${end}`), { force: true });
    await sync(); // a first run again: silent
    const again = await sync();
    expect(again).toMatchObject({ tasks: 0, planned: { tasks: before.length } });
    expect(managerTasks(loop)).toEqual(edited);
  });
});
