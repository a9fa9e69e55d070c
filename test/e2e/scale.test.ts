import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { companyId } from '../../connectors/hubspot/sandbox/keys.ts';
import { seedCompanies } from '../../connectors/hubspot/sandbox/seed.ts';
import { serveHubspot } from '../../connectors/hubspot/sandbox.ts';
import { accountId } from '../../connectors/salesforce/sandbox/keys.ts';
import { writeSecrets } from '../../src/cli/sandbox-host.ts';
import { toYaml } from '../../src/kit/yaml.ts';
import { makeWorld } from '../../src/sandbox/world.ts';
import { cli, HOUR, START } from './harness.ts';
import { SmallOrg, streamOf } from './small-org.ts';
import { editStore, storedRows } from './stored-facts.ts';

/** A quarter more than the customers are prospects and the like. */
const CUSTOMERS = 20_000;
const ACCOUNTS = 25_000;

it('25,000 accounts arrive exactly once, over many pages', { timeout: 180_000 }, async () => {
  // Accounts are all that is asked for, so they need no past.
  const world = { dirt: false, historyDays: 1, futureDays: 1 };
  const org = await SmallOrg.start({ customers: CUSTOMERS, pageRows: 2_000, world });
  try {
    expect(org.world.size).toBe(ACCOUNTS);
    const result = await org.run('pull', '--stream', 'accounts');
    expect(result.code).toBe(0);
    expect(streamOf(result, 'accounts')).toMatchObject({ rows: ACCOUNTS, stored: ACCOUNTS, unchanged: 0, removed: 0 });
    expect(org.crm.calls.byKind()).toMatchObject({ queryMore: Math.ceil(ACCOUNTS / 2_000) - 1 });
    const rows = storedRows(org.store, 'crm', 'account');
    const ids = Array.from({ length: ACCOUNTS }, (_, index) => accountId(index)).sort();
    expect(rows.length).toBe(ACCOUNTS);
    expect(rows.map((row) => row.id).sort()).toEqual(ids);
    expect(rows.filter((row) => row.deleted || row.account !== row.id)).toEqual([]);
    const again = await org.run('pull', '--stream', 'accounts');
    expect(streamOf(again, 'accounts').stored).toBe(0);
    expect(storedRows(org.store, 'crm', 'account').length).toBe(ACCOUNTS);
  } finally {
    await org.close();
  }
});

it('25,000 companies, 15,000 of them on one stamp, arrive exactly once by list and by search', {
  timeout: 180_000,
}, async () => {
  const MANY = 15_000;
  const stamp = START - HOUR;
  const created = START - 100 * HOUR;
  const world = makeWorld({ seed: 11, customers: 1, now: START, historyDays: 1, futureDays: 1 });
  const crm = await serveHubspot({
    world,
    limits: false,
    seed: seedCompanies(ACCOUNTS, (index) => ({
      created,
      updated: index < MANY ? stamp : stamp - index,
      props: { name: `Company ${index}`, lifecyclestage: 'customer' },
    })),
  });
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-scale-'));
  const [config, store] = [join(dir, 'pulseback.yaml'), join(dir, 'pulseback.db')];
  try {
    const section = { connector: 'hubspot', config: crm.config, secretFiles: writeSecrets(dir, 'hubspot', crm.env) };
    writeFileSync(config, toYaml({ store, currency: 'GBP', logLevel: 'silent', crm: section }));
    const pull = () =>
      cli(['pull', '--stream', 'accounts', '--json', '--config', config, '--now', new Date(START).toISOString()]);
    const ids = Array.from({ length: ACCOUNTS }, (_, index) => companyId(index)).sort();
    const stored = () => storedRows(store, 'crm', 'account').map((row) => row.id);

    const listed = await pull();
    expect(listed.code, listed.err).toBe(0);
    expect(streamOf(listed, 'accounts')).toMatchObject({ rows: ACCOUNTS, stored: ACCOUNTS, removed: 0 });
    expect(stored().sort()).toEqual(ids);
    crm.calls.reset();
    expect(streamOf(await pull(), 'accounts')).toMatchObject({ stored: 0, removed: 0 });
    expect(crm.calls.byKind()['companies.search']).toBeGreaterThan(MANY / 200); // beyond the 10,000th result of any search

    // The same by search alone: a store that knows nothing, and a watermark before all of it.
    editStore(store, 'delete from facts');
    editStore(store, `update streams set cursor_json = ? where stream = 'accounts'`, JSON.stringify({ t: created }));
    expect(streamOf(await pull(), 'accounts')).toMatchObject({ stored: ACCOUNTS, removed: 0 });
    expect(stored().sort()).toEqual(ids);
  } finally {
    await crm.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
