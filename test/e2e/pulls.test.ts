import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FactKind } from '../../src/core/fact.ts';
import { CRMS } from './crm/index.ts';
import { cli, DAY, HOUR, Loop } from './harness.ts';
import { accountRows } from './seen.ts';
import { editStore, type StoredRow, storedRows } from './stored-facts.ts';
import { sorted } from './world-facts.ts';

/** What every CRM must bring, however often and however it was interrupted; incremental.test.ts and the connectors' own tests go deeper. */
const KINDS = ['account', 'user', 'contact', 'opportunity', 'opportunityRole', 'activity'] as const;

describe.each(CRMS)('%s', (crm) => {
  let loop: Loop;
  const open = async (accounts = 30): Promise<void> => {
    // Without set-up our fields are missing, which is told at each pull.
    loop = await Loop.start({ crm, accounts, usageDays: 5, historyDays: 120 }, { logLevel: 'error' });
  };
  afterEach(() => loop.close());

  const pull = (...more: string[]) => loop.run('pull', '--source', 'crm', ...more);
  const rows = (kind: FactKind, store = 'pulseback.db'): StoredRow[] => storedRows(join(loop.dir, store), 'crm', kind);
  const latest = (kind: FactKind, store?: string): StoredRow[] =>
    [...new Map(rows(kind, store).map((row) => [row.id, row])).values()].filter((row) => !row.deleted);
  /** What holds now. To whom records belong whose account is gone, CRMs tell differently; nobody asks. */
  const current = (kind: FactKind, store?: string): string[] => {
    const accounts = new Set(latest('account', store).map((row) => row.id));
    return latest(kind, store)
      .filter((row) => kind === 'user' || accounts.has(row.account ?? ''))
      .map((row) => `${row.id} ${row.account} ${sorted(row.data)}`)
      .sort();
  };
  const live = (): string[] => [...accountRows(loop).values()].flatMap((a) => (a.deleted ? [] : [a.id]));

  /** The store shows what a first pull of the same CRM shows now. */
  async function expectLikeFresh(): Promise<void> {
    const config = join(loop.dir, 'fresh.yaml');
    writeFileSync(config, loop.host.yaml({ store: join(loop.dir, 'fresh.db'), logLevel: 'error' }));
    const now = new Date(loop.host.world.now()).toISOString();
    expect(await cli(['pull', '--source', 'crm', '--config', config, '--now', now])).toMatchObject({ code: 0 });
    for (const kind of KINDS) {
      const [got, wanted] = [current(kind), current(kind, 'fresh.db')];
      const missing = wanted.filter((row) => !got.includes(row));
      const extra = got.filter((row) => !wanted.includes(row));
      expect({ kind, missing: missing.slice(0, 2), extra: extra.slice(0, 2) }).toEqual({
        kind,
        missing: [],
        extra: [],
      });
      expect(wanted.length).toBeGreaterThan(0);
    }
  }

  it('pulls of many days, with merges and deletions among them, end where one pull ends', async () => {
    await open(70);
    expect(await pull()).toMatchObject({ code: 0 });
    const first = loop.host.world.now();
    for (const days of [1, 13, 44]) {
      await loop.later(days * DAY);
      if (days === 13) await (await loop.person()).deleteAccount(live()[20] ?? '');
      expect(await pull()).toMatchObject({ code: 0 });
    }
    const between = (at: number | null | undefined): boolean => !!at && at > first && at <= loop.host.world.now();
    const all = [...loop.host.world.accounts()];
    expect(all.some((a) => between(a.merged?.at))).toBe(true);
    await expectLikeFresh();
  });

  it('an account that a person deletes ends then, and its past is kept', async () => {
    await open();
    await pull();
    await loop.later(HOUR);
    const [id = ''] = live();
    const before = rows('account').filter((row) => row.id === id).length;
    await (await loop.person()).deleteAccount(id);
    await loop.later(HOUR);
    await pull();
    const versions = rows('account').filter((row) => row.id === id);
    expect(versions.length).toBe(before + 1);
    expect(versions.at(-1)).toMatchObject({ deleted: true });
    expect(Math.abs((versions.at(-1)?.at ?? 0) - (loop.host.world.now() - HOUR))).toBeLessThan(60_000);
    await expectLikeFresh();
  });

  it('an open deal that moves to another account takes its people with it', async () => {
    await open();
    await pull();
    // An open one: what happens to closed ones, not every CRM tells.
    const openDeals = new Set(latest('opportunity').flatMap((row) => (row.data.closed === false ? [row.id] : [])));
    const role = rows('opportunityRole').find((r) => openDeals.has(String(r.data.opportunityId)) && r.account !== null);
    const deal = String(role?.data.opportunityId);
    const other = live().find((id) => id !== role?.account) ?? '';
    await loop.later(2 * HOUR);
    await (await loop.person()).moveOpportunity(deal, other);
    await loop.later(2 * HOUR);
    expect(await pull()).toMatchObject({ code: 0 });
    const now = new Map(rows('opportunityRole').map((row) => [row.id, row]));
    const its = [...now.values()].filter((row) => row.data.opportunityId === deal && !row.deleted);
    expect(its.length).toBeGreaterThan(0);
    expect(new Set(its.map((row) => row.account))).toEqual(new Set([other]));
  });

  it('a cursor that is forgotten doubles nothing; one that cannot be read is exit 2 with the way out', async () => {
    await open();
    await pull();
    const before = rows('account').map((row) => `${row.id} ${row.at} ${sorted(row.data)}`);
    expect(await pull('--reset', 'crm.accounts', '--stream', 'accounts')).toMatchObject({ code: 0 });
    expect(rows('account').map((row) => `${row.id} ${row.at} ${sorted(row.data)}`)).toEqual(before);
    const spoil = `update streams set cursor_json = '{"page":7}' where stream = 'accounts'`;
    expect(editStore(join(loop.dir, 'pulseback.db'), spoil)).toBe(1);
    const refused = await pull();
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('npx pulseback pull --reset');
    expect(await pull('--reset', 'crm.accounts')).toMatchObject({ code: 0 });
    await expectLikeFresh();
  });
});
