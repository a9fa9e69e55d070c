import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { crmOf } from '../../../connectors/hubspot/crm.ts';
import { companyProperty } from '../../../connectors/hubspot/definitions.ts';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import { companyId } from '../../../connectors/hubspot/sandbox/keys.ts';
import type { Crm, FieldValue } from '../../../src/contract/index.ts';
import { hasHubspotContract, judgeHubspot } from '../../contract/hubspot.ts';
import { Served } from './served.ts';
import { collect, HOST, makeCtx, NOW, refusal, shownProperty, stream } from './support.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
  nock.cleanAll();
});

/** A portal that is set up, and the CRM on it. */
async function start(options: Parameters<typeof Served.start>[0] = {}): Promise<() => Crm> {
  served = await Served.start({ customers: 12, ...options });
  const at = served;
  const open = (): Crm => crmOf(at.portal());
  const crm = open();
  for (const { ok, reason } of await collect(crm.provision.apply(await crm.provision.plan())))
    expect(ok, reason).toBe(true);
  return open;
}

describe('what is written', () => {
  const VALUES: Record<string, FieldValue> = {
    score: 71,
    band: 'Yellow',
    trend: 'Declining fast',
    change30: -11.4,
    actionText: 'Call Priya by Friday: what changed?',
    reasons: 'Active users 41→22 of 50 seats.\nRenewal 14 Jan, £84k.',
    confidence: 0,
    scoredAt: '2026-11-25T09:00:00.000Z',
  };

  it('is read back as it was, and cleared as it was cleared', async () => {
    const open = await start();
    const account = companyId(0);
    const written = await collect(open().write(stream([{ id: '1', account, values: VALUES }])));
    expect(written).toEqual([{ intent: '1', result: 'written' }]);
    const [held] = await collect(open().read([account]));
    expect(held?.account).toBe(account);
    expect(held?.values).toMatchObject(VALUES);
    expect(held?.values).toMatchObject({ riskFlags: null, overrideUntil: null });
    const cleared = Object.fromEntries(Object.keys(VALUES).map((name) => [name, null]));
    await collect(open().write(stream([{ id: '2', account, values: cleared }])));
    expect((await collect(open().read([account])))[0]?.values).toMatchObject(cleared);
  });

  it('is what people filled in, too', async () => {
    const open = await start();
    const response = await fetch(`${served?.sandbox.origin}/crm/v3/objects/companies/${companyId(1)}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${served?.sandbox.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        properties: {
          chs_health_override_until: '2027-01-31',
          chs_health_override_band: 'Red',
          chs_health_pulse: 'Poor',
        },
      }),
    });
    expect(response.status).toBe(200);
    expect((await collect(open().read([companyId(1)])))[0]?.values).toMatchObject({
      overrideUntil: '2027-01-31',
      overrideBand: 'Red',
      pulse: 'Poor',
    });
  });

  it('does not reach companies that are gone, and one refused row hurts no other', async () => {
    const open = await start();
    const refused = companyId(3);
    served?.sandbox.faults.add({ name: 'row-refused', with: { ids: [refused], message: 'frozen by finance' } });
    const list = [companyId(0), '12345', refused, companyId(4)].map((account, n) => ({
      id: `i${n}`,
      account,
      values: { score: 50 + n },
    }));
    const outcomes = await collect(open().write(stream(list)));
    expect(outcomes.map((o) => [o.intent, o.result]).toSorted()).toEqual([
      ['i0', 'written'],
      ['i1', 'rejected'],
      ['i2', 'rejected'],
      ['i3', 'written'],
    ]);
    expect(outcomes.find((o) => o.intent === 'i2')?.reason).toContain('frozen by finance');
    expect(served?.calls.filter((label) => label === 'companies.update')).toHaveLength(1);
    const held = await collect(open().read([...list.map((i) => i.account), 'not an id']));
    expect(held.map((h) => [h.account, h.values.score]).toSorted()).toEqual(
      [
        [companyId(0), 50],
        [refused, null],
        [companyId(4), 53],
      ].toSorted(),
    );
  });
});

it('writes every row that can be written where batches know no trace ids', async () => {
  const open = await start();
  const refused = companyId(3);
  served?.sandbox.faults.add({ name: 'no-trace-ids' });
  served?.sandbox.faults.add({ name: 'row-refused', with: { ids: [refused], message: 'frozen by finance' } });
  const list = Array.from({ length: 8 }, (_, n) => ({ id: `i${n}`, account: companyId(n), values: { score: 50 + n } }));
  const outcomes = await collect(open().write(stream(list)));
  expect(outcomes).toHaveLength(8);
  expect(outcomes.filter((o) => o.result !== 'written')).toEqual([
    { intent: 'i3', result: 'rejected', reason: expect.stringContaining('frozen by finance') },
  ]);
  const held = await collect(open().read(list.map((i) => i.account)));
  expect(held.find((h) => h.account === companyId(7))?.values.score).toBe(57);
});

it('does not take the company that a merged one became for the one that was asked for', async () => {
  const { ctx } = makeCtx();
  const portal = portalOf(ctx);
  const results = portal.ours.map((field) => shownProperty(companyProperty(field, portal.mapping)));
  nock(HOST).get('/crm/properties/2026-03/companies').reply(200, { results });
  const stamps = { createdAt: '2026-11-25T09:00:00Z', updatedAt: '2026-11-25T09:00:00Z' };
  nock(HOST)
    .post('/crm/objects/2026-03/companies/batch/read', {
      inputs: [{ id: '7' }, { id: '8' }],
      properties: portal.ours.map((field) => field.api),
      propertiesWithHistory: [],
    })
    .reply(200, {
      results: [
        { id: '8', properties: { chs_health_score: '40' }, ...stamps },
        { id: '9', properties: { chs_health_score: '90' }, ...stamps }, // what 7 became
      ],
    });
  const held = await collect(crmOf(portal).read(['7', '8']));
  expect(held.map(({ account, values }) => [account, values.score])).toEqual([['8', 40]]);
});

describe('who the portal is', () => {
  const details = (over: object = {}) =>
    nock(HOST)
      .get('/account-info/2026-03/details')
      .reply(200, {
        portalId: 4711,
        accountType: 'STANDARD',
        timeZone: 'US/Eastern',
        uiDomain: 'app-eu1.hubspot.com',
        ...over,
      });
  const crm = (config: Record<string, unknown> = {}) => crmOf(portalOf(makeCtx(config).ctx));

  it('is asked once, and links lead to where people see it', async () => {
    details();
    const one = crm();
    expect(await one.describe()).toMatchObject({ id: '4711', kind: 'production' });
    expect(await one.describe()).toMatchObject({ id: '4711' });
    expect(await one.link('account', '7')).toBe('https://app-eu1.hubspot.com/contacts/4711/record/0-2/7');
    expect(await one.link('task', '8')).toBe('https://app-eu1.hubspot.com/contacts/4711/record/0-27/8');
  });

  it.each([
    ['SANDBOX', 'sandbox'],
    ['DEVELOPER_TEST', 'sandbox'],
    ['STANDARD', 'production'],
    ['APP_DEVELOPER', 'production'],
  ])('a %s counts as %s', async (accountType, kind) => {
    details({ accountType });
    expect((await crm().describe()).kind).toBe(kind);
  });

  it('tells when its day ends: calls that are used up come back at midnight there', async () => {
    details({ timeZone: 'America/Los_Angeles' });
    const portal = portalOf(makeCtx().ctx);
    await crmOf(portal).describe();
    nock(HOST)
      .get('/crm/properties/2026-03/companies')
      .reply(429, { status: 'error', policyName: 'DAILY', message: 'daily limit' });
    // 09:00 UTC is one o’clock in the morning there.
    expect(await refusal(portal.schema.properties('companies'))).toMatchObject({
      action: 'wait',
      retryAfterMs: 23 * 3_600_000,
    });
  });

  it('gives no link to a stranger’s address', async () => {
    details({ uiDomain: 'evil.example/app' });
    expect((await refusal(Promise.resolve(crm().link('account', '7')))).message).toMatch(/unreadable/);
  });
});

describe('the quota', () => {
  it('comes from the usage report before the first call, and from the headers after it', async () => {
    const open = await start({ perDay: 1_000, usedByOthers: 400 });
    const crm = open();
    const asked = await crm.quota();
    expect(asked.limit).toBe(1_000);
    expect(asked.used).toBeGreaterThan(400);
    await collect(crm.read([companyId(0)]));
    const before = served?.calls.filter((label) => label === 'account.usage').length;
    expect((await crm.quota()).used).toBeGreaterThan(asked.used ?? 0);
    expect(served?.calls.filter((label) => label === 'account.usage')).toHaveLength(before ?? 0);
  });

  it('is asked for anew where the last answer is older than a minute: others use the same calls', async () => {
    let now = NOW;
    const open = await start({ perDay: 1_000 });
    open(); // set up
    const crm = crmOf((served as Served).portal({}, { now: () => now }));
    await collect(crm.read([companyId(0)]));
    await crm.quota();
    expect(served?.calls).not.toContain('account.usage');
    now += 2 * 60_000;
    await crm.quota();
    expect(served?.calls).toContain('account.usage');
  });

  it('is unknown where the portal does not say, and for apps that are not counted by day', async () => {
    nock(HOST).get('/account-info/2026-03/api-usage/daily/private-apps').reply(403, { category: 'MISSING_SCOPES' });
    expect(await crmOf(portalOf(makeCtx().ctx)).quota()).toEqual({ used: null, limit: null });
    const oauth = makeCtx({ auth: { flow: 'refresh-token', clientId: 'x' } });
    expect(await crmOf(portalOf(oauth.ctx)).quota()).toEqual({ used: null, limit: null });
  });
});

/** Skipped only where ../shared/contracts is missing. */
describe.skipIf(!hasHubspotContract)('the vendor’s contract', () => {
  it.each(['v3', '2026-03', '2026-09'])(
    'has all that is written by %s, and all that is answered',
    async (apiVersion) => {
      const judge = judgeHubspot();
      served = await Served.start({ customers: 12, onExchange: judge.onExchange });
      const at = served;
      const open = (): Crm => crmOf(at.portal({ apiVersion }));
      const first = open();
      await collect(first.provision.apply(await first.provision.plan()));
      await open().provision.plan();
      const accounts = [companyId(0), companyId(1), '12345'];
      await collect(
        open().write(stream(accounts.map((account, n) => ({ id: `i${n}`, account, values: { score: n } })))),
      );
      await collect(open().read(accounts));
      const task = {
        key: '42-1-low-h20270514',
        account: companyId(0),
        ownerId: '101',
        subject: 'Renewal at risk',
        body: 'Why',
        dueOn: '2026-12-01',
        priority: 'high' as const,
      };
      await collect(open().tasks(stream([{ id: 't1', ...task }])));
      await open().findTasks([task, { key: 'unknown', account: companyId(1) }]);
      await open().describe();
      await open().quota();
      const verdict = judge.verdict();
      expect(verdict.problems).toEqual([]);
      expect(verdict.valid).toBe(verdict.answers);
      expect(verdict.requests).toBeGreaterThan(20);
      expect(served.world.now()).toBe(NOW);
    },
  );
});
