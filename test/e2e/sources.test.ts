import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRMS } from './crm/index.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows } from './seen.ts';

/** Support and billing beside the CRM: what they add to a score, and what their loss takes away. */
describe.each(CRMS)('support and billing beside %s', (crm) => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await Loop.start({ crm, accounts: 40, others: true });
    await loop.run('setup', '--yes');
  });
  afterAll(() => loop.close());

  const scores = async () => {
    const { json } = await loop.run('plan');
    expect(json.ok).toBe(true);
    const rows = [...accountRows(loop).values()].filter(({ fields }) => fields.band !== null);
    return new Map(rows.map(({ id, fields }) => [id, fields]));
  };

  it('are matched, scored and counted by vendor', async () => {
    const { code, json } = await loop.run('sync');
    expect(code).toBe(0);
    expect(json.written).toBe(40);
    expect(json.scored).toBeGreaterThanOrEqual(36);
    for (const vendor of [crm, 'stripe', 'zendesk']) expect(json.calls[vendor].read).toBeGreaterThan(0);
    for (const vendor of ['stripe', 'zendesk']) expect(json.calls[vendor].write).toBe(0);
    const unmatched = (await loop.run('unmatched')).json.unmatched as { source: string; sourceAccount: string }[];
    expect(unmatched.length).toBeLessThan(20);
    const supported = [...(await scores()).values()].filter((s) => s.dim_support !== null);
    expect(supported.length).toBeGreaterThan(30);
    const billed = [...(await scores()).values()].filter((s) => s.dim_billing !== null);
    expect(billed.length).toBeGreaterThan(25);
  });

  it('cost no write and few calls where nothing has changed', async () => {
    const { json } = await loop.run('sync');
    expect([json.written, json.tasks]).toEqual([0, 0]);
    expect(json.calls.zendesk.read).toBeLessThan(10);
    expect(json.calls.stripe.read).toBeLessThan(15);
  });

  it('lower the confidence alone when they fail, and the record says which is stale', async () => {
    const before = await scores();
    loop.host.others.zendesk?.faults.add({ name: 'forbidden-stream', times: 1_000_000 });
    await loop.later(5 * DAY);
    const { code, json, err } = await loop.run('sync');
    expect(code).toBe(1); // told, but everything else is done
    expect(json.stopped.length).toBeGreaterThan(0);
    expect(json.stopped.every((s: { stream: string }) => s.stream.startsWith('zendesk.'))).toBe(true);
    expect(err).toMatch(/zendesk/);
    expect(json.scored).toBeGreaterThanOrEqual(36);
    await loop.later(7 * DAY); // quiet writes: companions such as coverage follow within a week
    await loop.run('sync');
    await loop.later(7 * DAY);
    await loop.run('sync');
    const after = await scores();
    const told = [...after].filter(([, s]) => String(s.coverage).includes('zendesk stale since'));
    expect(told.length).toBeGreaterThan(30);
    const fell = told.filter(([id, s]) => Number(s.confidence) < Number(before.get(id)?.confidence ?? 0));
    expect(fell.length).toBeGreaterThan(20);
  });
});
