import { expect, it } from 'vitest';
import { hasHubspotContract, judgeHubspot } from '../contract/hubspot.ts';
import { CRMS } from './crm/index.ts';
import { DAY, Loop } from './harness.ts';

/**
 * The whole product against a portal, every exchange judged by what the vendor's own client sends and reads. Skipped where
 * ../shared/contracts is not at hand.
 */
it.skipIf(!CRMS.includes('hubspot') || !hasHubspotContract)(
  'set-up, pull, scores and tasks send nothing that the vendor’s contract does not have',
  async () => {
    const judge = judgeHubspot();
    const loop = await Loop.start({ crm: 'hubspot', accounts: 20, usageDays: 60, onExchange: judge.onExchange });
    try {
      expect(await loop.run('setup', '--yes')).toMatchObject({ code: 0 });
      expect(await loop.run('check')).toMatchObject({ code: 0 });
      expect((await loop.run('sync')).json).toMatchObject({ written: 20, rejected: 0 });
      await loop.later(DAY);
      const second = (await loop.run('sync')).json;
      expect(second.tasks).toBeGreaterThan(0);
    } finally {
      await loop.close();
    }
    const verdict = judge.verdict();
    console.info(
      `hubspot contract, the whole loop: ${JSON.stringify({ ...verdict, problems: verdict.problems.length, paths: verdict.paths })}`,
    );
    expect(verdict.problems).toEqual([]);
    expect(verdict.valid).toBe(verdict.answers);
    expect(verdict.paths).toContain('POST /crm/v3/objects/companies/batch/update');
  },
);
