import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeSecrets } from '../../src/cli/sandbox-host.ts';
import { CRMS, sideOf } from './crm/index.ts';
import type { Side } from './crm/side.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows, count, fieldsOf, managerTasks, serverCalls } from './seen.ts';
import { refused, says } from './told.ts';

const SMALL = { accounts: 20, usageDays: 20 };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(crm: string, ready = true): Promise<Loop> {
  const loop = await Loop.start({ crm, ...SMALL });
  open.push(loop);
  if (ready) expect((await loop.run('setup', '--yes')).code).toBe(0);
  return loop;
}

/** A second server for the same world: another org, or one with few calls left. */
async function serveOther(loop: Loop, options: Parameters<Side['serve']>[1]): Promise<Record<string, unknown>> {
  const server = await loop.side.serve(loop.host.world, options);
  open.push(server);
  const secrets = mkdtempSync(join(loop.dir, 'other-'));
  const secretFiles = writeSecrets(secrets, loop.side.name, server.env);
  return { ...loop.host.crmSection(server.config), secretFiles };
}
const crmOf = (loop: Loop, extra: Record<string, unknown>, settings: Record<string, unknown> = {}) => ({
  ...loop.host.crmSection(extra),
  ...settings,
});
/** Whatever went before: a sync now does all, and the next has nothing left to do. */
async function converges(loop: Loop): Promise<void> {
  const healed = await loop.run('sync');
  expect(healed.json, healed.err).toMatchObject({ ok: true, stopped: [], rejected: 0 });
  expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 0, tasks: 0, writeCalls: 0 });
  expect([...accountRows(loop).values()].filter((row) => fieldsOf(row).score !== null).length).toBeGreaterThan(15);
}

describe.each(CRMS)('%s', (crm) => {
  const side = sideOf(crm);
  describe('while reading', () => {
    it.each(side.faults.pages)('$name in the middle of the pull costs a retry and no row', async (fault) => {
      const loop = await start(crm);
      loop.configure({ crm: crmOf(loop, side.smallPages) }); // the tasks take several pages
      loop.host.crm.faults.add(fault);
      await converges(loop);
      expect(loop.host.crm.faults.fired()).toEqual({ [fault.name]: 2 });
      const twin = await start(crm);
      await converges(twin);
      const facts = 'select count(*) as n from facts';
      expect(count(loop, facts)).toBe(count(twin, facts));
    });

    if (crm === 'salesforce')
      it('renews a session that expired, once for all calls under way', async () => {
        const loop = await start(crm);
        loop.host.crm.calls.reset();
        loop.host.crm.faults.add({ name: 'expired-token', on: 'query', skip: 6 });
        await converges(loop);
        expect(loop.host.crm.faults.fired()).toMatchObject({ 'expired-token': 1 });
        expect(loop.host.crm.calls.total('auth')).toBeLessThanOrEqual(2 + 1); // two commands, one renewal
      });

    it('gives up a 401 that persists after a few tokens, and says what to check', async () => {
      const loop = await start(crm);
      loop.host.crm.calls.reset();
      loop.host.crm.faults.add({ name: side.faults.barred().name });
      const told = refused(await loop.run('sync'), 1);
      says(told, side.words.barred, 'npx pulseback check');
      expect(loop.host.crm.calls.total('auth')).toBeLessThanOrEqual(4);
      expect(serverCalls(loop).write).toBe(0);
      loop.host.crm.faults.clear();
      await converges(loop);
    });

    it('401 that begins in the middle of the pull keeps what had come', async () => {
      const loop = await start(crm);
      loop.host.crm.calls.reset();
      loop.host.crm.faults.add(side.faults.barred(5));
      refused(await loop.run('sync'), 1);
      expect(loop.host.crm.calls.total('auth')).toBeLessThanOrEqual(6);
      expect(count(loop, 'select count(*) as n from facts')).toBeGreaterThan(0);
      loop.host.crm.faults.clear();
      await converges(loop);
    });

    if (crm === 'salesforce')
      it('a token that is refused, or comes without `id`', async () => {
        const loop = await start(crm);
        loop.host.crm.faults.add({ name: 'token-refused' });
        says(refused(await loop.run('sync'), 1), 'invalid_grant', 'inactive or access is revoked', 'pre-authorised');
        loop.host.crm.faults.add({ name: 'token-without-id' });
        await converges(loop);
      });

    it('a server that hangs: the deadline ends it, the other source arrives, and the message says which call', async () => {
      const loop = await start(crm);
      loop.configure({ crm: crmOf(loop, { timeoutSeconds: 1 }) });
      loop.host.crm.faults.add({ name: 'hang', on: side.kinds.read, times: 1_000 });
      const told = refused(await loop.run('sync'), 1);
      says(told, side.words.hangs, 'status page');
      expect(
        count(loop, "select count(*) as n from facts f join sources s on s.id = f.source where s.name = 'exports'"),
      ).toBeGreaterThan(0);
      expect(serverCalls(loop).write).toBe(0);
      loop.host.crm.faults.clear();
      await converges(loop);
    }, 60_000);

    it('a maintenance page that stays is told as such', async () => {
      const loop = await start(crm);
      loop.host.crm.faults.add({ name: 'html', on: side.kinds.read, times: 1_000 });
      says(refused(await loop.run('sync'), 1), side.words.page, 'maintenance');
      loop.host.crm.faults.clear();
      await converges(loop);
    }, 60_000);

    it('calls that are used up in the pull hold the run; what came is kept, and the next run goes on', async () => {
      const loop = await start(crm);
      loop.host.crm.faults.add(side.faults.exhausted(side.kinds.read, 6));
      const told = refused(await loop.run('sync'), 3);
      says(told, side.words.exhausted, /Run again (later|then)/, 'kept');
      expect((await loop.run('runs')).json.runs[0]).toMatchObject({ command: 'sync', status: 'held' });
      expect(count(loop, 'select count(*) as n from facts')).toBeGreaterThan(0);
      loop.host.crm.faults.clear();
      await converges(loop);
    });

    if (crm === 'salesforce')
      it('a pull user who lost sight of all accounts is warned of by check', async () => {
        const loop = await start(crm);
        loop.host.crm.faults.add({ name: 'no-view-all' });
        const { code, json } = await loop.run('check');
        expect(code).toBe(0);
        const warning = json.sources[0].items.find((i: { ok: boolean }) => !i.ok);
        expect(warning).toMatchObject({
          level: 'warning',
          what: expect.stringContaining('would look deleted'),
          fix: expect.stringContaining('View All'),
        });
        expect(json.warnings).toBeGreaterThan(0);
      });
  });

  describe('which org it is', () => {
    const nothingWritten = (loop: Loop, held: Map<string, unknown>) => {
      expect(serverCalls(loop).write).toBe(0);
      expect(new Map([...accountRows(loop)].map(([id, row]) => [id, fieldsOf(row).scoredAt]))).toEqual(held);
    };

    it('refuses an org that is not the configured one, before it reads or writes anything', async () => {
      const loop = await start(crm);
      loop.host.crm.calls.reset();
      const facts = 'select count(*) as n from facts';
      for (const settings of [{ org: side.org.strange }, { kind: 'production' }]) {
        loop.configure({ crm: crmOf(loop, {}, settings) });
        for (const command of [['sync', '--yes'], ['pull'], ['setup', '--yes']]) {
          const told = refused(await loop.run(...command), 2);
          says(
            told,
            Object.values(settings)[0] ?? '',
            side.org.told,
            'Nothing was read or written',
            'Correct the credentials',
          );
        }
      }
      expect(count(loop, `${facts} where source = (select id from sources where name = 'crm')`)).toBe(0);
      expect(loop.host.crm.calls.total('write') + loop.host.crm.calls.total('setup')).toBe(0);
      loop.configure({ crm: crmOf(loop, {}, { kind: 'sandbox' }) });
      await converges(loop);
    });

    it('refuses an org other than the first that it met', async () => {
      const loop = await start(crm);
      expect((await loop.run('sync')).code).toBe(0);
      const held = new Map([...accountRows(loop)].map(([id, row]) => [id, fieldsOf(row).scoredAt]));
      const facts = count(loop, 'select count(*) as n from facts');
      await loop.later(DAY);
      loop.host.crm.calls.reset();
      loop.configure({ crm: await serveOther(loop, { other: true }) });
      for (const command of [
        ['sync', '--yes'],
        ['apply', '1', '--yes'],
        ['pull', '--source', 'crm'],
      ])
        if (command[0] !== 'apply')
          says(refused(await loop.run(...command), 2), 'belongs to org', 'since its first run', 'workspace');
      nothingWritten(loop, held);
      expect(
        count(loop, "select count(*) as n from facts f join sources s on s.id = f.source where s.name = 'crm'"),
      ).toBeLessThanOrEqual(facts);
      loop.configure({});
      const back = await loop.run('sync');
      expect(back.json, back.err).toMatchObject({ ok: true });
      expect(managerTasks(loop).length).toBe(back.json.tasks);
    });
  });

  describe('the budget of calls', () => {
    it('holds the plan where the org nears its limit, and goes on when calls are free again', async () => {
      const loop = await start(crm);
      const scarce = await serveOther(loop, { daily: { limit: 1_000, used: 790 } });
      loop.configure({ crm: scarce });
      await loop.run('setup', '--yes');
      const held = await loop.run('sync');
      says(refused(held, 3), /has used 8\d\d of its 1000 calls/, '80 %', /npx pulseback apply 1 --yes/, 'quota');
      expect(count(loop, "select count(*) as n from intents where status <> 'planned'")).toBe(0);
      loop.configure({ crm: scarce, quota: { orgShare: 0.95 } });
      const applied = await loop.run('apply', '1', '--yes');
      expect(applied.json, applied.err).toMatchObject({ ok: true, retry: 0 });
      expect(applied.json.written).toBeGreaterThan(15);
    });

    it('holds a plan that would take more than our share', async () => {
      const loop = await start(crm);
      loop.configure({ quota: { ownShare: 0 } });
      says(refused(await loop.run('sync'), 3), 'the plan needs', 'more than 0 %', 'quota');
      expect(serverCalls(loop).fields).toBe(0);
      loop.configure({});
      await converges(loop);
    });
  });
});
