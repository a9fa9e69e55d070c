import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FactKind } from '../../src/core/fact.ts';
import type { Person } from './crm/side.ts';
import { DAY } from './harness.ts';
import { SmallOrg, streamOf } from './small-org.ts';
import { editStore, type StoredRow, storedRows } from './stored-facts.ts';
import { crmRows, sorted } from './world-facts.ts';

const MINUTE = 60_000;
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const KINDS = ['account', 'user', 'contact', 'opportunity', 'opportunityRole', 'activity'] as const;

let org: SmallOrg;
let person: Person;
/** Starts the org of a test; the usual one has pages of seven rows. */
async function open(options: Parameters<typeof SmallOrg.start>[0] = {}): Promise<void> {
  org = await SmallOrg.start(options);
  person = await org.person();
}
afterEach(() => org.close());

const lines = (rows: StoredRow[]): string[] =>
  rows.map((r) => `${r.id} @${r.at} ${r.account} ${r.deleted} ${sorted(r.data)}`).sort();
/** The store holds exactly what the world knows, after pulls that ended at these instants. */
function expectWhole(pulls: number[], kinds: readonly FactKind[] = KINDS): void {
  const known = crmRows(org.world, pulls);
  for (const kind of kinds) {
    const wanted = lines(known.get(kind) ?? []);
    const got = lines(storedRows(org.store, 'crm', kind));
    expect({ kind, missing: wanted.filter((l) => !got.includes(l)).slice(0, 2) }).toEqual({ kind, missing: [] });
    expect({ kind, extra: got.filter((l) => !wanted.includes(l)).slice(0, 2) }).toEqual({ kind, extra: [] });
  }
}
const live = (): string[] => org.seen().flatMap((a) => (a.deleted ? [] : [a.id]));
const seats = (id: string): unknown => org.accounts().get(id)?.data.seats;
const pullAccounts = () => org.run('pull', '--stream', 'accounts');

describe('pages', () => {
  it('of any size bring everything once', async () => {
    await open();
    expect(await org.run('pull')).toMatchObject({ code: 0 });
    expect(org.crm.calls.byKind().queryMore).toBeGreaterThan(100);
    expectWhole([org.world.now()]);
  });

  it('that get smaller on the way lose nothing', async () => {
    await open();
    org.crm.faults.add({ name: 'shrink-page', with: { rows: 3 } });
    expect(await org.run('pull')).toMatchObject({ code: 0 });
    expect(org.crm.faults.fired()['shrink-page']).toBeGreaterThan(100);
    expectWhole([org.world.now()]);
  });

  it('whose locator the org drops go on behind the last row', async () => {
    await open();
    org.crm.faults.add({ name: 'invalid-locator', skip: 2, times: 2 });
    expect(await org.run('pull')).toMatchObject({ code: 0 });
    expect(org.crm.faults.fired()['invalid-locator']).toBe(2);
    expectWhole([org.world.now()]);
  });
});

describe('many rows with one stamp', () => {
  /** Every account is edited in the same second: one stamp over six pages. */
  async function editAll(value: number): Promise<string[]> {
    const ids = live();
    for (const id of ids) await person.edit(id, { seats: value });
    const stamps = org.crm.rows('Account').flatMap((r) => (r.IsDeleted === false ? [r.SystemModstamp] : []));
    expect(new Set(stamps).size).toBe(1);
    expect(ids.length).toBeGreaterThan(5 * 7);
    return ids;
  }

  it('cross page borders', async () => {
    await open();
    await pullAccounts();
    org.world.advance(2 * MINUTE);
    const ids = await editAll(4_321);
    const result = await pullAccounts();
    expect(streamOf(result, 'accounts')).toMatchObject({ stored: ids.length });
    for (const id of ids) expect([id, seats(id)]).toEqual([id, 4_321]);
  });

  it.each([0, 15])(
    'are taken up where a pull broke off among them, with an overlap of %d minutes',
    async (overlapMinutes) => {
      await open({ config: { overlapMinutes } });
      await pullAccounts();
      org.world.advance(40 * MINUTE);
      const ids = await editAll(4_321);
      org.crm.faults.add({ name: 'limit-exhausted', on: 'queryMore', skip: 2, times: 1 });
      const broken = await pullAccounts();
      expect(broken.code).toBe(3); // the org's calls are used up: wait
      expect(streamOf(broken, 'accounts').error).toMatch(/REQUEST_LIMIT_EXCEEDED|limit/i);
      const half = ids.filter((id) => seats(id) === 4_321).length;
      expect(half).toBeGreaterThan(0);
      expect(half).toBeLessThan(ids.length);
      org.crm.faults.clear();
      expect(await pullAccounts()).toMatchObject({ code: 0 });
      for (const id of ids) expect([id, seats(id)]).toEqual([id, 4_321]);
      const versions = storedRows(org.store, 'crm', 'account').filter((row) => row.data.seats === 4_321);
      expect(versions.length).toBe(ids.length); // and none twice
    },
  );
});

describe('rows that come late', () => {
  /** A long transaction holds a row back, while another one with a later stamp is read already. */
  async function late(): Promise<string> {
    const [held = '', other = ''] = live();
    await pullAccounts();
    org.world.advance(30 * MINUTE);
    await person.edit(held, { seats: 777 });
    org.crm.faults.add({ name: 'late-row', with: { object: 'Account', id: held, forMs: 5 * MINUTE } });
    org.world.advance(MINUTE);
    await person.edit(other, { seats: 778 });
    await pullAccounts();
    expect([seats(held), seats(other)]).not.toContain(777);
    expect(seats(other)).toBe(778);
    org.world.advance(6 * MINUTE);
    await pullAccounts();
    return held;
  }

  it('are found by the overlap', async () => {
    await open();
    expect(seats(await late())).toBe(777);
  });

  it('are what the overlap is for: without it they are lost', async () => {
    await open({ config: { overlapMinutes: 0 } });
    expect(seats(await late())).not.toBe(777);
  });
});

it('records that change while they are paged arrive with the next pull at the latest', async () => {
  await open({ latencyMs: 40 });
  const order = org.crm
    .rows('Account')
    .sort((a, b) => String(a.SystemModstamp).localeCompare(String(b.SystemModstamp)))
    .flatMap((r) => (r.IsDeleted === false ? [String(r.Id)] : []));
  const [early = '', lastOne = ''] = [order[0], order.at(-1)];
  let ended = false;
  org.crm.calls.reset();
  const pulling = pullAccounts().finally(() => {
    ended = true;
  });
  while (!org.crm.calls.byKind().queryMore && !ended) await wait(2);
  org.world.advance(1_000);
  await Promise.all([person.edit(early, { seats: 901 }), person.edit(lastOne, { seats: 902 })]);
  expect(ended).toBe(false);
  expect(await pulling).toMatchObject({ code: 0 });
  expect(seats(early)).not.toBe(901); // it had been delivered already
  expect(await pullAccounts()).toMatchObject({ code: 0 });
  expect([seats(early), seats(lastOne)]).toEqual([901, 902]);
  expect([...org.accounts().values()].filter((row) => !row.deleted).map((row) => row.id)).toEqual(live());
});

describe('what is gone', () => {
  it('a deleted account ends when it was deleted, and its past is kept', async () => {
    await open();
    await org.run('pull');
    org.world.advance(DAY / 24);
    const [id = ''] = live();
    await person.deleteAccount(id);
    const stamp = Date.parse(String(org.crm.rows('Account').find((r) => r.Id === id)?.SystemModstamp));
    await org.run('pull');
    expect(org.accounts().get(id)).toMatchObject({ deleted: true, at: stamp, data: {} });
    expect(storedRows(org.store, 'crm', 'account').filter((row) => row.id === id).length).toBe(2); // its past is kept
    await org.run('pull');
    expect([...org.accounts().values()].filter((row) => !row.deleted).map((row) => row.id)).toEqual(live());
  });

  it('merged and deleted accounts of the world end, and children go where they went', async () => {
    await open({ customers: 70, pageRows: 50 });
    const pulls = [org.world.now()];
    await org.run('pull');
    org.world.advance(58 * DAY);
    pulls.push(org.world.now());
    await org.run('pull');
    const [first = 0, second = 0] = pulls;
    const between = (at: number | null | undefined): boolean => !!at && at > first && at <= second;
    expect([...org.world.accounts()].some((a) => between(a.merged?.at))).toBe(true);
    expectWhole(pulls);
  });

  it('a hard delete is found by pull --reconcile only', async () => {
    await open({ pageRows: 300 });
    await org.run('pull');
    const [id = ''] = live();
    const children = (kind: FactKind) => storedRows(org.store, 'crm', kind).filter((row) => row.account === id);
    expect(children('activity').length).toBeGreaterThan(0);
    org.world.advance(DAY / 24);
    org.crm.faults.add({ name: 'purge', with: { object: 'Account', id } });
    await org.run('pull');
    expect(org.accounts().get(id)?.deleted).toBe(false);
    const others = lines(storedRows(org.store, 'crm', 'activity').filter((row) => row.account !== id));
    const result = await org.run('pull', '--reconcile');
    expect(result.code).toBe(0);
    expect(org.accounts().get(id)).toMatchObject({ deleted: true });
    expect(org.accounts().get(id)?.at).toBeGreaterThanOrEqual(org.world.now());
    expect(children('activity')).toEqual([]);
    expect(lines(storedRows(org.store, 'crm', 'activity'))).toEqual(others);
    expect([...org.accounts().values()].filter((row) => !row.deleted).map((row) => row.id)).toEqual(live());
    const before = lines([...org.accounts().values()]);
    expect(await org.run('pull', '--reconcile')).toMatchObject({ code: 0 });
    expect(lines([...org.accounts().values()])).toEqual(before);
  });

  it('a pull user who has lost his view makes nothing look deleted', async () => {
    await open({ pageRows: 300, customers: 60 });
    await org.run('pull');
    org.crm.faults.add({ name: 'no-view-all' });
    const hidden = await org.run('pull', '--reconcile');
    const gone = [...org.accounts().values()].filter((row) => row.deleted).map((row) => row.id);
    const deleted = org.crm.rows('Account').flatMap((r) => (r.IsDeleted === true ? [String(r.Id)] : []));
    expect({ code: hidden.code, gone }).toEqual({ code: 2, gone: deleted });
    expect(hidden.err).toMatch(/npx pulseback check/);
  });
});

it('roles follow their opportunity to another account, although their own stamp stays', async () => {
  await open();
  await org.run('pull');
  const roles = () => storedRows(org.store, 'crm', 'opportunityRole');
  const opportunity = String(roles()[0]?.data.opportunityId);
  const of = (rows: StoredRow[]) => rows.filter((row) => row.data.opportunityId === opportunity);
  const other = live().find((id) => id !== of(roles())[0]?.account) ?? '';
  const untouched = lines(roles().filter((row) => row.data.opportunityId !== opportunity));
  org.world.advance(DAY / 24);
  await person.moveOpportunity(opportunity, other);
  const result = await org.run('pull');
  expect(of(roles()).length).toBeGreaterThan(0);
  expect(new Set(of(roles()).map((row) => row.account))).toEqual(new Set([other]));
  expect(lines(roles().filter((row) => row.data.opportunityId !== opportunity))).toEqual(untouched);
  expect(streamOf(result, 'opportunityRoles').rows).toBeLessThan(roles().length / 2);
});

describe('the cursor', () => {
  beforeEach(() => open({ pageRows: 100 }));

  it('lets a second pull read the overlap only', async () => {
    const first = streamOf(await pullAccounts(), 'accounts');
    org.world.advance(MINUTE);
    const second = streamOf(await pullAccounts(), 'accounts');
    expect(first.rows).toBeGreaterThan(30);
    expect(second.rows).toBeLessThan(first.rows / 4);
    expect(second.stored).toBe(0);
  });

  it('is forgotten by pull --reset, and nothing is doubled', async () => {
    const first = streamOf(await pullAccounts(), 'accounts');
    const before = lines(storedRows(org.store, 'crm', 'account'));
    const reset = await org.run('pull', '--reset', 'crm.accounts', '--stream', 'accounts');
    expect(reset.code).toBe(0);
    expect(streamOf(reset, 'accounts')).toMatchObject({ rows: first.rows, stored: 0, unchanged: first.rows });
    expect(lines(storedRows(org.store, 'crm', 'account'))).toEqual(before);
  });

  it('that cannot be read is exit 2 with the way out; other streams go on', async () => {
    await org.run('pull');
    const changed = editStore(
      org.store,
      `update streams set cursor_json = ? where stream = 'accounts'`,
      JSON.stringify({ page: 7 }),
    );
    expect(changed).toBe(1);
    const refused = await org.run('pull');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('npx pulseback pull --reset crm.accounts');
    expect(streamOf(refused, 'accounts')).toMatchObject({ rows: 0, hint: expect.stringContaining('--reset') });
    expect(streamOf(refused, 'contacts').error).toBeUndefined();
    expect(await org.run('pull', '--reset', 'crm.accounts')).toMatchObject({ code: 0 });
    expect(await org.run('pull')).toMatchObject({ code: 0 });
    expectWhole([org.world.now()]);
  });

  it('names a stream that does not exist with exit 2 and the known ones', async () => {
    const refused = await org.run('pull', '--reset', 'crm.acounts');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('accounts');
  });
});

it('a pull that is killed between two commits is finished by the next one, with nothing lost or doubled', async () => {
  await open({ latencyMs: 3 });
  org.crm.calls.reset();
  const now = new Date(org.world.now()).toISOString();
  const child = spawn(process.execPath, [MAIN, 'pull', '--config', org.config, '--now', now], {
    stdio: 'ignore',
  });
  const exited = new Promise<NodeJS.Signals | null>((done) => child.once('exit', (_code, signal) => done(signal)));
  while ((org.crm.calls.byKind().queryMore ?? 0) < 25 && child.exitCode === null) await wait(2);
  child.kill('SIGKILL');
  expect(await exited).toBe('SIGKILL');
  const stored = storedRows(org.store, 'crm', 'contact').length;
  expect(stored).toBeGreaterThan(0);
  expect(await org.run('pull')).toMatchObject({ code: 0 });
  expect(storedRows(org.store, 'crm', 'activity').length).toBeGreaterThan(stored);
  expectWhole([org.world.now()]);
});
