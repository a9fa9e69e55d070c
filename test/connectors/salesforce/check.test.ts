import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkOrg } from '../../../connectors/salesforce/check.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { ACCOUNT, allowLogin, DATA, describeAnswer, HOST, makeCtx, sfId, TASK } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());

const rows = (records: object[]) => ({ totalSize: records.length, done: true, records });

/** An org that answers everything that check asks. */
function serve(over: { account?: object; viewAll?: boolean; viewRecords?: boolean; limits?: object } = {}): void {
  allowLogin();
  const objects: Record<string, object> = { Account: over.account ?? ACCOUNT, Task: TASK };
  nock(HOST)
    .persist()
    .get(/\/sobjects\/\w+\/describe$/)
    .reply(async (request: Request) => {
      const name = /sobjects\/(\w+)/.exec(request.url)?.[1] ?? '';
      return [200, objects[name] ?? describeAnswer(name, { Id: 'id', Type: 'picklist' })];
    });
  nock(HOST)
    .persist()
    .get(`${DATA}/query`)
    .query(true)
    .reply(async (request: Request) => {
      const soql = new URL(request.url).searchParams.get('q') ?? '';
      if (soql.includes('FROM Organization'))
        return [200, rows([{ Id: sfId('00D', 1), Name: 'Acme', IsSandbox: false }])];
      if (soql.includes('FROM PermissionSetAssignment'))
        return [
          200,
          rows([
            {
              Id: sfId('0Pa', 1),
              PermissionSetId: sfId('0PS', 1),
              PermissionSet: { PermissionsViewAllData: over.viewAll ?? false },
            },
          ]),
        ];
      if (soql.includes('FROM ObjectPermissions'))
        return [200, rows([{ Id: sfId('110', 1), PermissionsViewAllRecords: over.viewRecords ?? false }])];
      return [404, [{ errorCode: 'NOT_FOUND', message: soql }]];
    });
  nock(HOST)
    .persist()
    .get(`${DATA}/limits`)
    .reply(200, over.limits ?? { DailyApiRequests: { Max: 1000, Remaining: 990 } });
}

const findings = async (config = {}) => {
  const { items } = await checkOrg(makeCtx(config).ctx);
  for (const item of items) if (!item.ok) expect(item.fix).toBeTruthy();
  return items;
};
const wrong = async (config = {}) => (await findings(config)).filter((i) => !i.ok);

describe('check', () => {
  it('finds nothing wrong where nothing is', async () => {
    serve({ viewAll: true });
    const items = await findings();
    expect(items.filter((i) => !i.ok)).toEqual([]);
    expect(items.map((i) => i.what)).toEqual(
      expect.arrayContaining([
        `org Acme (${sfId('00D', 1)}, production)`,
        expect.stringMatching(/API calls.*10 of 1000/),
      ]),
    );
  });

  it('names a mapped field that is missing, and the nearest', async () => {
    serve({
      viewAll: true,
      account: {
        ...ACCOUNT,
        fields: ACCOUNT.fields.map((f) => (f.name === 'Seats__c' ? { ...f, name: 'Seats_2__c' } : f)),
      },
    });
    expect(await wrong()).toEqual([
      {
        ok: false,
        level: 'error',
        what: expect.stringMatching(/account\.seats: Account has no visible field Seats__c; nearest is Seats_2__c/),
        fix: expect.any(String),
      },
    ]);
  });

  it('names a mapped field of the wrong type', async () => {
    serve({
      viewAll: true,
      account: {
        ...ACCOUNT,
        fields: ACCOUNT.fields.map((f) => (f.name === 'ARR__c' ? { ...f, type: 'textarea' } : f)),
      },
    });
    expect(await wrong()).toMatchObject([
      { what: expect.stringMatching(/account\.arr: Account\.ARR__c is of type textarea/) },
    ]);
  });

  it('sends a person to setup for hidden, read-only and incomplete health fields', async () => {
    const fields = ACCOUNT.fields
      .filter((f) => f.name !== 'Health_Reasons__c')
      .map((f) => {
        if (f.name === 'Health_Score__c') return { ...f, updateable: false };
        if (f.name === 'Health_Band__c')
          return {
            ...f,
            picklistValues: [
              { value: 'green', active: true },
              { value: 'red', active: false },
            ],
          };
        return f;
      });
    serve({ viewAll: true, account: { ...ACCOUNT, fields } });
    const items = await wrong();
    expect(items.map((i) => i.what)).toEqual([
      'missing or hidden from the integration user: Account.Health_Reasons__c',
      'Account.Health_Score__c is read-only for the integration user',
      'Account.Health_Band__c lacks the values red, not scored',
    ]);
    for (const item of items) expect(item.fix).toContain('pulseback setup');
  });

  it('accepts View All Records, and warns where nothing proves the sight of all accounts', async () => {
    serve({ viewRecords: true });
    expect(await wrong()).toEqual([]);
    nock.cleanAll();
    serve();
    expect(await wrong()).toMatchObject([{ level: 'warning', what: expect.stringContaining('would look deleted') }]);
  });

  it('tells a used-up quota', async () => {
    serve({ viewAll: true, limits: { DailyApiRequests: { Max: 1000, Remaining: 0 } } });
    expect(await wrong()).toMatchObject([{ level: 'error', what: expect.stringContaining('1000 of 1000') }]);
  });

  it('says what is wrong with the credentials, and stops there', async () => {
    nock('https://login.salesforce.com')
      .post('/services/oauth2/token')
      .reply(400, { error: 'invalid_client_id', error_description: 'client identifier invalid' });
    const items = await wrong();
    expect(items).toMatchObject([
      { what: expect.stringContaining('client identifier invalid'), fix: expect.stringContaining('clientId') },
    ]);
  });

  it('says what is wrong with the mapping file, without a call', async () => {
    const items = await wrong({ mapping: 'package.json' });
    expect(items).toMatchObject([{ what: expect.stringMatching(/package\.json:\d+:\d+/) }]);
  });
});

it('describes itself to the rest of the product', () => {
  const { ctx } = makeCtx();
  expect(salesforce.rules?.(ctx).segment).toHaveLength(3);
  expect(Object.keys(salesforce.streams(ctx))).toContain('opportunityHistory');
  expect(salesforce.config.safeParse({ auth: { flow: 'jwt', clientId: 'a' } }).success).toBe(false);
  expect(salesforce.config.safeParse({ auth: { flow: 'client-credentials', clientId: 'a' }, tokn: 'x' }).success).toBe(
    false,
  );
});
