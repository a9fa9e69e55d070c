import { expect, it } from 'vitest';
import { CRMS } from './crm/index.ts';
import { DAY, Loop } from './harness.ts';
import { serverCalls } from './seen.ts';

const ACCOUNTS = 60;

it.each(CRMS)('%s: on an ordinary day at most a quarter of the accounts is written, over eight days', async (crm) => {
  const loop = await Loop.start({ crm, accounts: ACCOUNTS, seed: 11 });
  try {
    await loop.run('setup', '--yes');
    expect((await loop.run('sync')).json).toMatchObject({ written: ACCOUNTS });
    const days: { accounts: number; written: number; share: number }[] = [];
    for (let day = 1; day <= 8; day++) {
      await loop.later(DAY);
      loop.host.crm.calls.reset();
      const { code, json } = await loop.run('sync');
      expect({ day, code, rejected: json.rejected }).toEqual({ day, code: 0, rejected: 0 });
      expect(serverCalls(loop).fields).toBe(Math.ceil(json.written / loop.side.writeBatch));
      days.push({ accounts: json.accounts, written: json.written, share: json.written / json.accounts });
    }
    const mean = days.reduce((sum, d) => sum + d.share, 0) / days.length;
    expect(mean, JSON.stringify(days)).toBeLessThanOrEqual(0.25);
    // A book of 60 is small: two accounts more on one day are chance, not noise.
    for (const d of days) expect(d.written, JSON.stringify(days)).toBeLessThanOrEqual(Math.ceil(d.accounts / 4) + 2);
    expect(days.some((d) => d.written > 0)).toBe(true);
  } finally {
    await loop.close();
  }
});
