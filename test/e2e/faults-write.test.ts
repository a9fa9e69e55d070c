import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CRMS, sideOf } from './crm/index.ts';
import { DAY, HOUR, Loop } from './harness.ts';
import { accountRows, count, fieldsOf, latestScores, managerTasks, serverCalls } from './seen.ts';
import { refused, says } from './told.ts';

const open: Loop[] = [];
afterEach(async () => {
  for (const loop of open.splice(0)) await loop.close();
});

/** An org that is set up, small batches so that a plan takes several calls. */
async function start(crm: string, batchSize = 5, accounts = 20): Promise<Loop> {
  const loop = await Loop.start({ crm, accounts, usageDays: 40 });
  open.push(loop);
  loop.configure(small(loop, batchSize));
  expect((await loop.run('setup', '--yes')).code).toBe(0);
  return loop;
}
const small = (loop: Loop, batchSize: number) => ({ crm: loop.host.crmSection({ batchSize }) });
const customers = (loop: Loop): string[] => latestScores(loop).map((s) => s.account);
/** Every scored account shows its newest score, every manager task is there once, and nothing is left to do. */
async function converged(loop: Loop): Promise<void> {
  const rows = accountRows(loop);
  for (const score of latestScores(loop)) {
    const shown = fieldsOf(rows.get(score.account));
    expect(shown.band, score.account).toBe(score.band.charAt(0).toUpperCase() + score.band.slice(1));
  }
  const keys = managerTasks(loop).map((t) => t.key);
  expect(new Set(keys).size).toBe(keys.length);
  loop.host.crm.calls.reset();
  expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 0, tasks: 0, writeCalls: 0 });
  expect(serverCalls(loop).write).toBe(0);
}
const outcomes = (loop: Loop, plan: number, type: string): number =>
  count(
    loop,
    `select count(*) as n from intents i join plans p on p.id = i.plan where p.number = ${plan} and i.type = '${type}' and i.decided_at is not null`,
  );

describe.each(CRMS)('%s', (crm) => {
  const side = sideOf(crm);
  describe('records that the org refuses', () => {
    it('a validation rule: the others are written, these are told in its words, and come once it is lifted', async () => {
      const loop = await start(crm);
      await loop.run('pull');
      await loop.run('plan');
      const ids = customers(loop).slice(3, 6);
      loop.host.crm.faults.add(side.faults.refuse(ids, 'Frozen by Finance.'));
      const result = await loop.run('sync');
      const told = refused(result, 1);
      says(told, 'refused 3 records', side.words.refused, 'Frozen by Finance.', 'npx pulseback plan show 2');
      expect(result.json).toMatchObject({ applied: true, rejected: 3, retry: 0, written: customers(loop).length - 3 });
      expect(result.json.rejections).toEqual([
        {
          reason: expect.stringContaining('Frozen by Finance.'),
          count: 3,
          example: expect.stringMatching(side.accountId),
        },
      ]);
      const rows = accountRows(loop);
      for (const id of customers(loop)) expect(fieldsOf(rows.get(id)).scoredAt === null).toBe(ids.includes(id));
      loop.host.crm.faults.clear();
      expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 3 });
      await converged(loop);
    });

    it('a picklist value that the org does not have: named with the field and what to do', async () => {
      const loop = await start(crm);
      // A new action in the playbook whose value set was never set up in the org.
      const playbook = readFileSync(new URL('../../mappings/playbook.yaml', import.meta.url), 'utf8');
      writeFileSync(
        join(loop.dir, 'playbook.yaml'),
        playbook
          .replace('label: Regular check-in', 'label: Monthly coffee')
          .replace('label: Ask for reference', 'label: Ask for a talk'),
      );
      loop.configure({ ...small(loop, 5), playbook: './playbook.yaml' });
      const check = await loop.run('check');
      expect(check.code).toBe(1);
      const missing = check.json.sources[0].items.find((i: { ok: boolean }) => !i.ok);
      expect(missing.what).toMatch(side.words.optionMissing);
      expect(missing.fix).toContain('npx pulseback setup');
      const result = await loop.run('sync');
      const told = refused(result, 1);
      says(told, side.words.optionRefused, /Monthly coffee|Ask for a talk/);
      expect(result.json.written + result.json.rejected).toBe(customers(loop).length);
      expect(result.json.written).toBeGreaterThan(0);
      expect((await loop.run('setup', '--yes')).code).toBe(0);
      expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: result.json.rejected });
      await converged(loop);
    });

    it('a field that setup never made: exit 2, and setup is the way out', async () => {
      const loop = await Loop.start({ crm, accounts: 20, usageDays: 20 });
      open.push(loop);
      says(refused(await loop.run('sync'), 2), side.words.fieldMissing, 'npx pulseback setup');
      expect(serverCalls(loop).write).toBe(0);
      expect((await loop.run('setup', '--yes')).code).toBe(0);
      expect((await loop.run('sync')).json).toMatchObject({ ok: true });
      await converged(loop);
    });

    it('rows that are locked for a moment: tried again, one outcome each', async () => {
      const loop = await start(crm);
      await loop.run('pull');
      await loop.run('plan');
      const ids = customers(loop).slice(0, 4);
      const lock = side.faults.lock(ids);
      loop.host.crm.faults.add(lock);
      const result = await loop.run('sync');
      expect(result.json, result.err).toMatchObject({
        ok: true,
        rejected: 0,
        retry: 0,
        written: customers(loop).length,
      });
      expect(loop.host.crm.faults.fired()).toEqual({ [lock.name]: lock.times });
      expect(outcomes(loop, 2, 'fields')).toBe(customers(loop).length);
      await converged(loop);
    });

    if (crm === 'salesforce')
      it('a row that stays locked is left for the next run, which brings it', async () => {
        const loop = await start(crm);
        await loop.run('pull');
        await loop.run('plan');
        const [id = ''] = customers(loop);
        loop.host.crm.faults.add({ name: 'lock-row', on: 'collections.update', times: 1_000, with: { ids: [id] } });
        const result = await loop.run('sync');
        says(refused(result, 1), '1 record could not be written', 'npx pulseback apply 2 --yes');
        expect(result.json).toMatchObject({ retry: 1, written: customers(loop).length - 1 });
        loop.host.crm.faults.clear();
        expect((await loop.run('apply', '2', '--yes')).json).toMatchObject({ ok: true, written: 1, retry: 0 });
        await converged(loop);
      }, 60_000);

    if (crm === 'salesforce')
      it('a trigger that runs out of time: halves until all are written', async () => {
        const loop = await start(crm, 16);
        loop.host.crm.faults.add({ name: 'trigger-cpu', on: 'collections.update', with: { max: 3 } });
        loop.host.crm.calls.reset();
        const result = await loop.run('sync');
        expect(result.json, result.err).toMatchObject({
          ok: true,
          rejected: 0,
          retry: 0,
          written: customers(loop).length,
        });
        expect(serverCalls(loop).fields).toBeGreaterThan(5);
        loop.host.crm.faults.clear();
        await converged(loop);
      });

    if (crm === 'salesforce')
      it('a trigger that never lets anything through: rejected in its words, in few calls', async () => {
        const loop = await start(crm, 16);
        loop.host.crm.faults.add({ name: 'trigger-cpu', on: 'collections.update', with: { max: 0 } });
        loop.host.crm.calls.reset();
        const result = await loop.run('sync');
        says(refused(result, 1), 'Apex CPU time limit exceeded');
        expect(result.json).toMatchObject({ written: 0, retry: 0, rejected: customers(loop).length });
        expect(serverCalls(loop).fields).toBeLessThan(60);
        loop.host.crm.faults.clear();
        expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: customers(loop).length });
        await converged(loop);
      });
  });

  describe('answers that are lost while writing', () => {
    it.each(side.faults.lost)('%s on field writes: sent again, all written', async (name) => {
      const loop = await start(crm);
      loop.host.crm.faults.add({ name, on: side.kinds.fields, skip: 1, times: 2 });
      const result = await loop.run('sync');
      expect(result.json, result.err).toMatchObject({
        ok: true,
        rejected: 0,
        retry: 0,
        written: customers(loop).length,
      });
      expect(loop.host.crm.faults.fired()).toEqual({ [name]: 2 });
      await converged(loop);
    });

    it.each(side.faults.lost)('%s on the task call: each task exists once', async (name) => {
      const loop = await start(crm, 5, 40);
      expect((await loop.run('sync')).code).toBe(0);
      await loop.later(DAY);
      loop.host.crm.faults.add({ name, on: side.kinds.tasks });
      const result = await loop.run('sync');
      expect(result.json, result.err).toMatchObject({ ok: true, rejected: 0, retry: 0 });
      expect(loop.host.crm.faults.fired()).toEqual({ [name]: 1 });
      const tasks = managerTasks(loop);
      expect(tasks.length).toBe(result.json.planned.tasks);
      expect(tasks.length).toBeGreaterThan(0);
      expect(result.json.tasks).toBe(tasks.length);
      expect(new Set(tasks.map((t) => t.account)).size).toBe(tasks.length);
      await converged(loop);
    });

    it('an org that is down while tasks are raised: the fields stay written, the tasks follow once', async () => {
      const loop = await start(crm, 5, 40);
      expect((await loop.run('sync')).code).toBe(0);
      await loop.later(DAY);
      loop.host.crm.faults.add({ name: 'reset-before', on: side.kinds.tasks, times: 1_000 });
      const told = refused(await loop.run('sync'), 1);
      says(told, side.words.taskCall, 'npx pulseback apply 2 --yes');
      expect(managerTasks(loop)).toEqual([]);
      loop.host.crm.faults.clear();
      const rest = await loop.run('apply', '2', '--yes');
      expect(rest.json, rest.err).toMatchObject({ ok: true, written: 0 });
      expect(rest.json.tasks).toBeGreaterThan(0);
      expect(managerTasks(loop).length).toBe(rest.json.tasks);
      await converged(loop);
    }, 60_000);

    it('calls used up in the middle of writing: exit 3, and the next run does only the rest', async () => {
      const loop = await start(crm);
      loop.host.crm.faults.add(side.faults.exhausted(side.kinds.fields, 2));
      const result = await loop.run('sync');
      says(refused(result, 3), side.words.exhausted, 'npx pulseback apply 1 --yes', 'stays written');
      const done = [...accountRows(loop).values()].filter((row) => fieldsOf(row).scoredAt !== null).length;
      expect(done).toBe(10); // two calls of five
      loop.host.crm.faults.clear();
      loop.host.crm.calls.reset();
      const rest = await loop.run('apply', '1', '--yes');
      expect(rest.json, rest.err).toMatchObject({ ok: true, written: customers(loop).length - done, retry: 0 });
      expect(serverCalls(loop).fields).toBe(Math.ceil((customers(loop).length - done) / 5));
      await converged(loop);
    });

    it('calls used up, and a new sync instead of apply: no double work either', async () => {
      const loop = await start(crm);
      loop.host.crm.faults.add(side.faults.exhausted(side.kinds.fields, 2));
      refused(await loop.run('sync'), 3);
      loop.host.crm.faults.clear();
      const rest = await loop.run('sync');
      expect(rest.json, rest.err).toMatchObject({ ok: true, written: customers(loop).length - 10 });
      await converged(loop);
    });

    if (crm === 'salesforce')
      it('a session that ends in the middle of writing is renewed', async () => {
        const loop = await start(crm);
        loop.host.crm.faults.add({ name: 'expired-token', on: 'collections.update', skip: 1 });
        const result = await loop.run('sync');
        expect(result.json, result.err).toMatchObject({ ok: true, rejected: 0, written: customers(loop).length });
        expect(loop.host.crm.faults.fired()).toEqual({ 'expired-token': 1 });
        await converged(loop);
      });
  });

  describe('the circuit breaker', () => {
    it('holds a plan whose bands moved because an export broke; a person may release it', async () => {
      const loop = await start(crm, 100, 60);
      expect((await loop.run('sync')).code).toBe(0);
      const before = new Map([...accountRows(loop)].map(([id, row]) => [id, fieldsOf(row)]));
      await loop.later(DAY);
      const usage = join(loop.dir, 'exports/usage.csv');
      const [head = '', ...rows] = readFileSync(usage, 'utf8').trimEnd().split('\n');
      const active = head.split(',').indexOf('active_users');
      const broken = rows.map((row) =>
        row
          .split(',')
          .map((cell, i) => (i >= active && /^\d+$/.test(cell) && head.split(',')[i] !== 'seats' ? '0' : cell))
          .join(','),
      );
      writeFileSync(usage, [head, ...broken, ''].join('\n'));
      loop.host.crm.calls.reset();
      const result = await loop.run('sync');
      const told = refused(result, 3);
      says(
        told,
        /\d+ of 60 accounts would change band at once \(limit 20 %\)/,
        'broken data',
        'npx pulseback plan show 2',
        'npx pulseback apply 2 --yes --release',
      );
      expect(serverCalls(loop).write).toBe(0);
      expect(new Map([...accountRows(loop)].map(([id, row]) => [id, fieldsOf(row)]))).toEqual(before);
      says(refused(await loop.run('apply', '2', '--yes'), 3), 'plan 2 is held', '--release');
      expect(serverCalls(loop).write).toBe(0);
      const released = await loop.run('apply', '2', '--yes', '--release');
      expect(released.json, released.err).toMatchObject({ ok: true });
      expect(released.json.written).toBeGreaterThan(12);
    });

    it('lets the mended export through without a person', async () => {
      const loop = await start(crm, 100, 60);
      expect((await loop.run('sync')).code).toBe(0);
      await loop.later(DAY);
      const usage = join(loop.dir, 'exports/usage.csv');
      const whole = readFileSync(usage, 'utf8');
      writeFileSync(usage, whole.replace(/(\d{4}-\d\d-\d\d),\d+/g, '$1,0'));
      refused(await loop.run('sync'), 3);
      writeFileSync(usage, whole);
      await loop.later(HOUR);
      const result = await loop.run('sync');
      expect(result.json, result.err).toMatchObject({ ok: true, applied: true });
      await converged(loop);
    });
  });

  describe('a person beside us', () => {
    it('who deletes an account between plan and apply costs that record only', async () => {
      const loop = await start(crm);
      await loop.run('pull');
      await loop.run('plan');
      const ids = customers(loop);
      const person = await loop.person();
      await person.deleteAccount(ids[2] ?? '');
      const result = await loop.run('apply', '1', '--yes');
      says(refused(result, 1), loop.side.words.gone, ids[2] ?? '');
      expect(result.json).toMatchObject({ written: ids.length - 1, rejected: 1 });
      const next = await loop.run('sync');
      expect(next.json, next.err).toMatchObject({ ok: true, rejected: 0 });
    });
  });
});
