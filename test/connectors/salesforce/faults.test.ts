import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { crmOf } from '../../../connectors/salesforce/crm.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { orgOf } from '../../../connectors/salesforce/org.ts';
import { serveSalesforce } from '../../../connectors/salesforce/sandbox.ts';
import { raiseTasks } from '../../../connectors/salesforce/tasks.ts';
import { writeFields } from '../../../connectors/salesforce/writer.ts';
import type { Outcome } from '../../../src/contract/index.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { RunningSandbox, World } from '../../../src/sandbox/world.types.ts';
import { collect, collectUntilError, makeCtx, stream } from './support.ts';

/** The whole connector against a server that was written without knowing it, one fault at a time. */
let server: RunningSandbox;
let world: World;
let accounts: string[];
const noPause = async (): Promise<void> => {};

beforeAll(async () => {
  nock.enableNetConnect('127.0.0.1');
  world = makeWorld({ seed: 5, customers: 250, now: Date.parse('2026-11-02T07:00:00Z'), historyDays: 60 });
  server = await serveSalesforce({ world, pageRows: 200 });
  const ctx = connect();
  const crm = crmOf(orgOf(ctx));
  const outcomes = await collect(crm.provision.apply(await crm.provision.plan()));
  expect(outcomes.filter((o) => !o.ok)).toEqual([]);
  expect((await salesforce.check(ctx)).items.filter((i) => !i.ok)).toEqual([]);
  accounts = (await pull()).filter((id) => !id.endsWith(' gone'));
});
afterEach(() => server.faults.clear());
afterAll(() => server.close());

function connect(config: Record<string, unknown> = {}) {
  return makeCtx(
    { ...server.config, ...config },
    { secrets: { privateKey: server.env.SALESFORCE_PRIVATE_KEY ?? '' }, now: () => world.now() },
  ).ctx;
}
async function pull(config = {}): Promise<string[]> {
  const pages = await collect(salesforce.pull(connect(config), 'accounts', null));
  return pages
    .flatMap((p) => p.facts.filter((f) => f.kind === 'account').map((f) => f.id + (f.deleted ? ' gone' : '')))
    .sort();
}

describe('a pull brings every account once', () => {
  it.each([
    ['expired-token', 'query'],
    ['503-before', 'query'],
    ['reset-before', 'query'],
    ['html', 'queryMore'],
    ['invalid-locator', 'queryMore'],
    ['query-timeout', 'query'],
    ['hang', 'query'],
  ])('through %s', async (name, on) => {
    const all = await pull();
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(200);
    server.faults.add({ name, on });
    expect(await pull({ timeoutSeconds: 2 })).toEqual(all);
    expect(server.faults.fired()[name]).toBe(1);
  });
});

async function write(config = {}): Promise<{ results: Record<string, number>; error: unknown; calls: number }> {
  server.calls.reset();
  const intents = accounts.map((account, i) => ({ id: `i${i}`, account, values: { score: i % 101 } }));
  const { got, error } = await collectUntilError(writeFields(orgOf(connect(config)), stream(intents), noPause));
  expect(new Set(got.map((o) => o.intent)).size).toBe(got.length);
  const results: Record<string, number> = {};
  for (const outcome of got) results[outcome.result] = (results[outcome.result] ?? 0) + 1;
  return { results, error, calls: server.calls.byKind()['collections.update'] ?? 0 };
}

describe('a write-back gives every account its outcome', () => {
  it('in as few calls as the org allows', async () => {
    expect(await write()).toEqual({
      results: { written: accounts.length },
      error: null,
      calls: Math.ceil(accounts.length / 200),
    });
  });
  it.each([
    ['503-after-commit', {}],
    ['reset-after-commit', {}],
    ['expired-token', {}],
  ])('through %s', async (name) => {
    server.faults.add({ name, on: 'collections.update' });
    expect((await write()).results).toEqual({ written: accounts.length });
  });
  it('through locks and a trigger that takes only so many', async () => {
    server.faults.add({ name: 'lock-row', times: 3, with: { ids: accounts.slice(0, 3) } });
    server.faults.add({ name: 'trigger-cpu', with: { max: 60 } });
    expect((await write()).results).toEqual({ written: accounts.length });
  });
  it('and one bad record blocks no other', async () => {
    server.faults.add({ name: 'validation', with: { ids: accounts.slice(7, 8) } });
    expect((await write()).results).toEqual({ written: accounts.length - 1, rejected: 1 });
  });
  it('and stops where the quota ends', async () => {
    server.faults.add({ name: 'limit-exhausted', on: 'collections.update', skip: 1 });
    const { results, error } = await write({ concurrency: 1 });
    expect(error).toMatchObject({ action: 'wait' });
    expect(results).toEqual({ written: 200, retry: accounts.length - 200 });
  });
});

describe('a manager task exists once', () => {
  it.each(['503-after-commit', 'reset-after-commit'])('through %s', async (name) => {
    const owner = server.rows('User').find((u) => u.IsActive === true)?.Id;
    const intents = accounts.slice(0, 3).map((account) => ({
      id: account,
      key: `${account}_${name}`,
      account,
      ownerId: String(owner),
      subject: 'Renewal at risk',
      body: 'Why',
      dueOn: '2026-12-01',
      priority: 'high' as const,
    }));
    const raise = (): Promise<Outcome[]> => collect(raiseTasks(orgOf(connect()), stream(intents), noPause));
    server.faults.add({ name, on: 'collections.upsert' });
    expect((await raise()).map((o) => [o.result, o.created])).toEqual(intents.map(() => ['written', true]));
    expect((await raise()).map((o) => [o.result, o.created])).toEqual(intents.map(() => ['unchanged', false]));
    expect(server.rows('Task').filter((t) => String(t.Health_Task_Key__c ?? '').endsWith(name))).toHaveLength(3);
  });
});
