import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CRMS } from './crm/index.ts';
import { DAY, HOUR, Loop } from './harness.ts';
import { accountRows, heldOf, latestScores, managerTasks, serverCalls } from './seen.ts';

describe.each(CRMS)('%s', (crm) => {
  /** A small org and the whole product: what happens to single records on the wire, seen in the org's own rows. */
  let loop: Loop;
  beforeEach(async () => {
    loop = await Loop.start({ crm, accounts: 20, seed: 11, usageDays: 60 }, { tasks: { start: '2026-01-01' } });
    expect(await loop.run('setup', '--yes')).toMatchObject({ code: 0 });
  });
  afterEach(() => loop.close());

  const healthOf = (account: string): unknown[] => heldOf(accountRows(loop).get(account));
  const filled = (): string[] =>
    [...accountRows(loop).values()].flatMap(({ id, fields }) => (fields.band === null ? [] : [id]));
  const sync = async () => (await loop.run('sync')).json;

  describe('field writes', () => {
    it('of one refused account are told in the org’s words and block no other; once it may, it alone is written', async () => {
      const id = [...accountRows(loop).values()].filter((a) => a.customer)[3]?.id ?? '';
      loop.host.crm.faults.add(loop.side.faults.refuse([id], 'Region is required'));
      const first = await sync();
      expect(first).toMatchObject({ written: 19, rejected: 1, writeCalls: 1 });
      expect(first.rejections).toMatchObject([{ count: 1, example: id }]);
      expect(first.rejections[0].reason).toMatch(loop.side.words.refused);
      expect(first.rejections[0].reason).toContain('Region is required');
      expect(healthOf(id)).toEqual([]);
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
      const person = await loop.person();
      await person.deleteAccount(gone);
      await loop.later(DAY);
      expect(await sync()).toMatchObject({ accounts: 19, rejected: 0 });
      expect(healthOf(gone)).toEqual(before);
    });

    it('put back a score that a person changed, and leave alone what is theirs', async () => {
      await sync();
      const person = await loop.person();
      const { account, points } = latestScores(loop).find((s) => s.points !== null) ?? { account: '', points: null };
      await person.edit(account, { score: 1, note: 'Ours' });
      await loop.later(HOUR);
      expect(await sync()).toMatchObject({ written: 1 });
      expect(accountRows(loop).get(account)).toMatchObject({
        fields: { score: Math.round(Number(points) / 10_000) },
        note: 'Ours',
      });
    });

    it('blank an account that is no customer any more, once', async () => {
      await sync();
      const person = await loop.person();
      const account = latestScores(loop)[0]?.account ?? '';
      await person.edit(account, { status: 'partner' });
      await loop.later(HOUR);
      expect(await sync()).toMatchObject({ accounts: 19, written: 1 });
      expect(healthOf(account)).toEqual([]);
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
      const person = await loop.person();
      const [closed = '', deleted = ''] = tasks.map((t) => t.id);
      await person.editTask(closed, { subject: 'Done by me', done: true });
      await person.deleteTask(deleted);
      await loop.later(DAY);
      const keys = tasks.map((t) => t.key);
      const third = await sync();
      expect(third.tasks).toBe(managerTasks(loop).filter((t) => !keys.includes(t.key)).length);
      expect(managerTasks(loop).filter((t) => t.id === closed)).toMatchObject([
        { subject: 'Done by me', closed: true },
      ]);
    });

    it('are found again, not made again, by a workspace that has lost its memory', async () => {
      await sync();
      await loop.later(DAY);
      await sync();
      const before = managerTasks(loop);
      expect(before.length).toBeGreaterThanOrEqual(2);
      const person = await loop.person();
      await person.editTask(before[0]?.id ?? '', { subject: 'Mine now' });
      const edited = managerTasks(loop);
      for (const end of ['', '-wal', '-shm']) rmSync(join(loop.dir, `pulseback.db${end}`), { force: true });
      await sync(); // a first run again: silent
      const again = await sync();
      expect(again).toMatchObject({ tasks: 0, planned: { tasks: before.length } });
      expect(managerTasks(loop)).toEqual(edited);
    });
  });
});
