import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AccountScore } from '../../src/core/result.ts';
import { accountAt } from '../../src/sandbox/asof.ts';
import { CRMS } from './crm/index.ts';
import { cli, DAY, HOUR, Loop } from './harness.ts';
import { accountRows, count, fieldsOf, heldOf, latestScores, managerTasks, serverCalls } from './seen.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const tenth = (points: number): number => Math.sign(points) * (Math.round(Math.abs(points) / 1000) / 10) || 0;
const LABELS = new Map<string, string>(
  (
    parse(readFileSync(new URL('../../mappings/playbook.yaml', import.meta.url), 'utf8')) as {
      actions: { code: string; label: string }[];
    }
  ).actions.map((a) => [a.code, a.label]),
);
const orNull = (text: string): string | null => (text === '' ? null : text);

/** The CRM's fields for a score, worked out here once more. Texts of the store are short enough not to be cut in this world. */
const shown = (s: AccountScore): Record<string, unknown> => ({
  score: s.points === null ? null : Math.round(s.points / 10_000),
  band: capital(s.band),
  trend: s.score === null ? null : capital(s.trend),
  change30: s.change30 === null ? null : tenth(s.change30),
  actionCode: LABELS.get(s.action?.code ?? '') ?? null,
  actionText: orNull(s.action?.text ?? ''),
  reasons: orNull(s.reasons.join('\n')),
  ...Object.fromEntries(
    s.dimensions.map((d) => [`dim_${d.dimension}`, d.score === null ? null : Math.round(d.score / 10_000)]),
  ),
  riskFlags: orNull(s.flags.map((f) => capital(f.replaceAll('-', ' '))).join('; ')),
  confidence: Math.round(100 * s.confidence),
  coverage: orNull(s.coverage),
  scoredAt: Math.floor(s.asOf / 1000) * 1000,
  modelVersion: `${s.model} ${s.modelHash.slice(0, 12)}`,
});

const accountVersions = (loop: Loop): number =>
  count(
    loop,
    `select count(*) as n from facts as f join sources as s on s.id = f.source where f.kind = 1 and s.name = 'crm'`,
  );

describe.each(CRMS)('%s', (crm) => {
  describe('the loop, day by day', () => {
    let loop: Loop;
    beforeAll(async () => {
      loop = await Loop.start({ crm, accounts: 60, seed: 26 });
      // Every account that qualifies, so that none is left for a later day.
      const triggers = join(loop.dir, 'triggers.yaml');
      writeFileSync(
        triggers,
        'managerTask: { below: 70, withinDays: 90, overdueDays: 30, minTermDays: 90, maxPerManager: 500 }\n',
      );
      loop.configure({ triggers });
      expect(await loop.run('setup', '--yes')).toMatchObject({ code: 0 });
      loop.host.crm.calls.reset();
    });
    afterAll(() => loop.close());

    it('first run: every score stands in the CRM, field by field; no task is raised', async () => {
      const first = await loop.run('sync');
      expect(first.code).toBe(0);
      const scores = latestScores(loop);
      expect(scores.length).toBe(60);
      expect(first.json).toMatchObject({ written: 60, rejected: 0, tasks: 0, applied: true, accounts: 60 });
      expect(scores.filter((s) => s.score !== null).length).toBeGreaterThanOrEqual(54);
      const rows = accountRows(loop);
      for (const score of scores)
        expect({ account: score.account, ...fieldsOf(rows.get(score.account)) }).toEqual({
          account: score.account,
          ...shown(score),
        });
      expect(managerTasks(loop)).toEqual([]);
    });

    it('first run: nobody but customers was written, and in one call', () => {
      const scored = new Set(latestScores(loop).map((s) => s.account));
      const { world } = loop.host;
      const customers = [...world.accounts()].filter((a) => accountAt(a, world.now())?.status === 'customer');
      expect([...scored].sort()).toEqual(customers.map((a) => loop.side.ids.account(a.index)).sort());
      for (const [id, row] of accountRows(loop)) if (!scored.has(id)) expect(heldOf(row)).toEqual([]);
      expect(serverCalls(loop)).toMatchObject({ fields: 1, tasks: 0, write: 1 });
    });

    it('our own writes do not come back: a pull brings no new version, and the next plan is empty', async () => {
      const before = accountVersions(loop);
      loop.host.world.advance(2 * loop.side.lagMs);
      const pulled = await loop.run('pull');
      const accounts = pulled.json.sources[0].streams.find((s: { stream: string }) => s.stream === 'accounts');
      expect(accounts.rows).toBeGreaterThanOrEqual(60); // they were read …
      expect(accounts.stored).toBe(0); // … and say nothing new
      expect(accountVersions(loop)).toBe(before);
      const plan = await loop.run('plan');
      expect(plan.json.decided).toMatchObject({ fields: 0, tasks: 0 });
    });

    it('second run, a day later: one task for each low score near its renewal, to the manager of the owner', async () => {
      await loop.later(DAY);
      const second = await loop.run('sync');
      expect(second.code).toBe(0);
      const { world } = loop.host;
      const ids = loop.side.ids.users(world);
      const users = new Map(world.users.map((u) => [u.key, u]));
      const wanted = latestScores(loop).filter(
        ({ score, renewal }) =>
          score !== null && score < 70 && renewal && renewal.daysAway <= 90 && renewal.daysAway >= -30,
      );
      const expected = wanted.flatMap(({ account, renewal }) => {
        const index = [...world.accounts()].findIndex((a) => loop.side.ids.account(a.index) === account);
        const { ownerKey, renewalOn } = world.account(index);
        const own = accountAt(world.account(index), world.now())?.renewalOn;
        if (renewalOn.some((r) => r.value !== null)) expect(renewal?.on).toBe(own);
        const manager = users.get(users.get(ownerKey ?? '')?.managerKey ?? '');
        return manager?.active ? [{ account, owner: ids.get(manager.key) }] : [];
      });
      expect(expected.length).toBeGreaterThan(2);
      const tasks = managerTasks(loop);
      const by = (a: { account: unknown }, b: { account: unknown }) => (String(a.account) < String(b.account) ? -1 : 1);
      expect(tasks.map(({ account, owner }) => ({ account, owner })).sort(by)).toEqual(expected.sort(by));
      expect(second.json.tasks).toBe(tasks.length);
      expect(new Set(tasks.map((t) => t.key)).size).toBe(tasks.length);
      for (const task of tasks) {
        expect(task.key).toContain(task.account);
        expect(task).toMatchObject({ closed: false, deleted: false });
        expect(task.subject).not.toBe('');
      }
    });

    it('third run and an hour later: no write, no task, few reads', async () => {
      const tasks = managerTasks(loop).length;
      const before = accountRows(loop);
      for (const wait of [0, HOUR]) {
        if (wait) await loop.later(wait);
        loop.host.crm.calls.reset();
        const again = await loop.run('sync');
        expect(again).toMatchObject({ code: 0, json: { written: 0, tasks: 0, writeCalls: 0, planned: { fields: 0 } } });
        expect(serverCalls(loop)).toMatchObject({ write: 0, fields: 0, tasks: 0 });
        // A page or two of each stream, and what an object looks like: nothing that grows with the accounts.
        expect(serverCalls(loop).read).toBeLessThanOrEqual(loop.side.idleReads);
        if (!wait) expect(accountRows(loop)).toEqual(before);
      }
      expect(managerTasks(loop).length).toBe(tasks);
    });

    it('an account that is no customer any more has its fields blanked once', async () => {
      const person = await loop.person();
      const account = latestScores(loop).find((s) => s.score !== null)?.account ?? '';
      await person.edit(account, { status: 'churned' });
      loop.host.crm.calls.reset();
      const left = await loop.run('sync');
      expect(left).toMatchObject({ code: 0, json: { accounts: 59, written: 1, writeCalls: 1 } });
      expect(heldOf(accountRows(loop).get(account))).toEqual([]);
      loop.host.crm.calls.reset();
      expect((await loop.run('sync')).json).toMatchObject({ written: 0, planned: { fields: 0 } });
      expect(serverCalls(loop).write).toBe(0);
      await person.edit(account, { status: 'customer' });
      const back = await loop.run('sync');
      expect(back.json).toMatchObject({ accounts: 60, written: 1 });
      expect(fieldsOf(accountRows(loop).get(account)).score).toEqual(expect.any(Number));
    });
  });

  describe('while writing is off', () => {
    let loop: Loop;
    beforeAll(async () => {
      loop = await Loop.start({ crm, accounts: 30, seed: 12, usageDays: 60 }, { write: { enabled: false } });
      await loop.run('setup', '--yes');
      loop.host.crm.calls.reset();
    });
    afterAll(() => loop.close());
    const untouched = () => JSON.stringify([...accountRows(loop).values()].map((row) => row.fields));

    it('sync plans, tells how to carry it out, and writes nothing', async () => {
      const before = untouched();
      const now = new Date(loop.host.world.now()).toISOString();
      const told = await cli(['sync', '--config', loop.config, '--now', now]);
      expect(told.code).toBe(0);
      expect(told.out).toMatch(/Plan 1: 30 accounts to write/);
      expect(told.out).toContain('npx pulseback apply 1 --yes');
      expect(told.out).toContain('npx pulseback plan show 1');
      expect(serverCalls(loop).write).toBe(0);
      expect(untouched()).toBe(before);
    });

    it('apply without --yes is refused', async () => {
      const refused = await loop.run('apply', '1');
      expect(refused.code).toBe(2);
      expect(refused.err).toContain('--yes');
      expect(serverCalls(loop).write).toBe(0);
    });

    it('apply writes exactly the plan', async () => {
      const plan = await loop.run('plan', 'show', '1');
      const before = accountRows(loop);
      const done = await loop.run('apply', '1', '--yes');
      expect(done).toMatchObject({ code: 0, json: { written: 30, rejected: 0, writeCalls: 1 } });
      expect(serverCalls(loop)).toMatchObject({ fields: 1, write: 1 });
      type Intent = { account: string; payload: { changes: Record<string, { to: unknown }> } };
      const planned = new Map((plan.json.intents as Intent[]).map((i) => [i.account, i.payload.changes]));
      expect(planned.size).toBe(30);
      for (const [id, row] of accountRows(loop)) {
        const was = fieldsOf(before.get(id));
        const to = Object.entries(planned.get(id) ?? {}).map(([name, { to }]) => [
          name,
          name === 'scoredAt' ? Date.parse(String(to)) : to,
        ]);
        expect({ id, ...fieldsOf(row) }).toEqual({ id, ...was, ...Object.fromEntries(to) });
        if (!planned.has(id)) expect(row).toEqual(before.get(id));
      }
    });

    it('applying it again does nothing', async () => {
      loop.host.crm.calls.reset();
      expect(await loop.run('apply', '1', '--yes')).toMatchObject({ code: 0, json: { written: 0, writeCalls: 0 } });
      expect(serverCalls(loop).write).toBe(0);
    });

    it('a plan that a newer one replaced is refused with exit 2', async () => {
      await loop.later(3 * DAY);
      expect(await loop.run('sync')).toMatchObject({ code: 0, json: { plan: 2, applied: false } });
      expect(await loop.run('plan')).toMatchObject({ json: { plan: { number: 3 } } });
      loop.host.crm.calls.reset();
      const refused = await loop.run('apply', '2', '--yes');
      expect(refused.code).toBe(2);
      expect(refused.err).toMatch(/superseded/);
      expect(serverCalls(loop).write).toBe(0);
    });

    it('a plan that never was is refused with exit 2 and the known ones', async () => {
      const refused = await loop.run('apply', '99', '--yes');
      expect(refused.code).toBe(2);
      expect(refused.err).toContain('3 (');
    });
  });

  it('450 accounts cost as few write calls as batches allow, counted where they arrive', async () => {
    const loop = await Loop.start({ crm, accounts: 450, seed: 13, usageDays: 10 });
    try {
      await loop.run('setup', '--yes');
      loop.host.crm.calls.reset();
      const result = await loop.run('sync');
      const calls = Math.ceil(450 / loop.side.writeBatch);
      expect(result).toMatchObject({ code: 0, json: { written: 450, rejected: 0, writeCalls: calls } });
      expect(serverCalls(loop)).toMatchObject({ fields: calls, tasks: 0, write: calls });
      const filled = [...accountRows(loop).values()].filter((row) => row.fields.band !== null);
      expect(filled.length).toBe(450);
    } finally {
      await loop.close();
    }
  });
});
