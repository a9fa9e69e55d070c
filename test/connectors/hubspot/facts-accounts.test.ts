import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountFacts, MERGED, mergedInto } from '../../../connectors/hubspot/facts-accounts.ts';
import { Mapping } from '../../../connectors/hubspot/mapping.ts';
import { type CrmRecord, mapRecords } from '../../../connectors/hubspot/record.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { DAY, record, sound, T0 } from './facts-support.ts';

const mapping = loadYaml('mappings/crm/hubspot.yaml', Mapping);
const types = new Map([
  ['test_account', 'bool'],
  ['lifecyclestage', 'enumeration'],
]);
const reading = { mapping, currency: 'GBP', timezone: 'Europe/London', types };

const VALUES: Record<string, string | null> = {
  name: 'Zoë & Søn',
  domain: 'acme.com',
  website: 'https://www.Acme.com/about',
  hubspot_owner_id: '101',
  hs_parent_company_id: '400',
  arr: '84000.5',
  account_currency: 'EUR',
  renewal_date: '2027-01-14',
  seats: '50',
  external_key: 'CUST-1',
  lifecyclestage: 'customer',
  segment: 'smb',
  cs_manager: '102',
  test_account: 'false',
};
const past = (values: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [[T0, value] as [number, string | null]]]));
const company = (over: Record<string, string | null> = {}, more: Partial<CrmRecord> = {}): CrmRecord => {
  const values = { ...VALUES, ...over };
  return record(values, past(values), more);
};

describe('a company', () => {
  it('becomes an account fact', () => {
    const facts = accountFacts(company(), reading).map(sound);
    expect(facts).toEqual([
      {
        kind: 'account',
        id: '501',
        account: '501',
        at: T0,
        knownAt: T0,
        data: {
          name: 'Zoë & Søn',
          domains: ['acme.com'],
          keys: ['CUST-1'],
          ownerId: '101',
          parentId: '400',
          arr: { minor: 8400050, currency: 'EUR' },
          renewalOn: '2027-01-14',
          seats: 50,
          createdOn: '2026-01-10',
          attributes: { lifecyclestage: 'customer', test_account: false, segment: 'smb', cs_manager: '102' },
        },
      },
    ]);
  });

  it('is known as it was: ARR, seats, renewal date, lifecycle, segment and owner', () => {
    const values = { ...VALUES, arr: '90000', lifecyclestage: 'churned' };
    const arr: [number, string][] = [
      [T0, '84000.5'],
      [T0 + 10 * DAY, '90000'],
    ];
    const stage: [number, string][] = [
      [T0, 'customer'],
      [T0 + 20 * DAY, 'churned'],
    ];
    const facts = accountFacts(record(values, { ...past(VALUES), arr, lifecyclestage: stage }), reading);
    expect(facts.map((f) => [(f.at - T0) / DAY, f.data])).toMatchObject([
      [0, { arr: { minor: 8400050 }, attributes: { lifecyclestage: 'customer' } }],
      [10, { arr: { minor: 9000000 }, attributes: { lifecyclestage: 'customer' } }],
      [20, { arr: { minor: 9000000 }, attributes: { lifecyclestage: 'churned' } }],
    ]);
  });

  it('keeps unknown apart from zero', () => {
    const [fact] = accountFacts(
      company({ arr: null, seats: '0', renewal_date: null, domain: 'n/a', website: null, external_key: null }),
      reading,
    );
    expect(fact?.data).toMatchObject({ arr: null, seats: 0, renewalOn: null, domains: [], keys: [] });
  });

  it('takes the mapping’s currency, then the reporting one, where it names none', () => {
    const named = { ...reading, mapping: { ...mapping, currency: { ...mapping.currency, default: 'JPY' } } };
    expect(accountFacts(company({ account_currency: null }), reading)[0]?.data).toMatchObject({
      arr: { minor: 8400050, currency: 'GBP' },
    });
    expect(accountFacts(company({ account_currency: '£' }), named)[0]?.data).toMatchObject({
      arr: { minor: 84001, currency: 'JPY' },
    });
  });

  it('reads a date of midnight UTC as that day in every zone, and any other instant in the company’s', () => {
    const dates = (renewal_date: string, timezone: string) =>
      accountFacts(company({ renewal_date }), { ...reading, timezone }).map((f) => f.kind === 'account' && f.data);
    for (const zone of ['America/Los_Angeles', 'Pacific/Auckland', 'UTC'])
      for (const day of ['2027-01-14', '2027-01-14T00:00:00Z', String(Date.UTC(2027, 0, 14))])
        expect(dates(day, zone)).toMatchObject([{ renewalOn: '2027-01-14' }]);
    expect(dates('2027-01-14T23:30:00Z', 'Pacific/Auckland')).toMatchObject([{ renewalOn: '2027-01-15' }]);
    expect(dates('2027-01-14T23:30:00Z', 'Europe/London')).toMatchObject([{ renewalOn: '2027-01-14' }]);
  });

  it('holds none of our own properties', () => {
    const facts = accountFacts(company({ chs_health_score: '12', chs_health_band: 'Red' }), reading);
    expect(JSON.stringify(facts)).not.toMatch(/chs_|Red/);
  });

  it('is a reject where a value has the wrong type, and its neighbours pass', () => {
    const rows = [
      company({ arr: 'lots' }),
      company({}, { id: '502' }),
      company({ seats: 'many' }, { id: '503' }),
      company({ renewal_date: 'soon' }, { id: '504' }),
      company({ renewal_date: '999999999999999' }, { id: '505' }),
      company({ test_account: 'maybe' }, { id: '506' }),
    ];
    const { mapped, rejects } = mapRecords('companies', rows, (row) => accountFacts(row, reading));
    expect(mapped.flat().map((f) => f.id)).toEqual(['502']);
    expect(rejects.map((r) => [r.where, r.reason.split(':')[0]])).toEqual([
      ['companies 501', 'arr'],
      ['companies 503', 'seats'],
      ['companies 504', 'renewal_date'],
      ['companies 505', 'renewal_date'],
      ['companies 506', 'test_account'],
    ]);
    expect(JSON.stringify(rejects)).not.toMatch(/lots|many|soon|maybe/);
  });

  it('keeps amounts exact, and those that come with an exponent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (pence) => {
        const [fact] = accountFacts(company({ arr: (pence / 100).toFixed(2) }), reading);
        expect(fact).toMatchObject({ data: { arr: { minor: pence } } });
      }),
    );
    expect(accountFacts(company({ arr: '1.2E7' }), reading)[0]?.data).toMatchObject({ arr: { minor: 1_200_000_000 } });
  });

  it('ends those that were merged into it, when its history says', () => {
    const winner = record(
      { ...VALUES, [MERGED]: '77;88' },
      {
        ...past(VALUES),
        [MERGED]: [
          [T0 + 3 * DAY, '77'],
          [T0 + 8 * DAY, '77;88'],
        ],
      },
    );
    expect(accountFacts(winner, reading).slice(1)).toEqual([
      { kind: 'account', id: '77', account: null, at: T0 + 3 * DAY, knownAt: T0 + 3 * DAY, deleted: true, data: {} },
      { kind: 'account', id: '88', account: null, at: T0 + 8 * DAY, knownAt: T0 + 8 * DAY, deleted: true, data: {} },
    ]);
    const silent = record({ ...VALUES, [MERGED]: '77' }, past(VALUES));
    expect(mergedInto(silent)).toEqual([{ id: '77', at: T0 + 30 * DAY }]);
  });
});
