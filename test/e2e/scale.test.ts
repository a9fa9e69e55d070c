import { expect, it } from 'vitest';
import { accountId } from '../../connectors/salesforce/sandbox/keys.ts';
import { SmallOrg, streamOf } from './small-org.ts';
import { storedRows } from './stored-facts.ts';

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
