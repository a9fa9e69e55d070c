import { describe, expect, it } from 'vitest';
import { apiName, Mapping, ourFields } from '../../../connectors/hubspot/mapping.ts';
import {
  namedCompanyProperties,
  namedDealProperties,
  namedTicketProperties,
} from '../../../connectors/hubspot/named.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { FIELDS } from './support.ts';

const shipped = loadYaml('mappings/crm/hubspot.yaml', Mapping);
const given = (over: object): Mapping => Mapping.parse({ account: {}, ...over });

describe('the shipped mapping', () => {
  it('leaves nothing to defaults that it does not show', () => {
    const defaults = Mapping.parse({ account: {} });
    const keys = (value: object) => Object.keys(value).sort();
    expect(keys(shipped)).toEqual(keys(defaults));
    expect(shipped).toMatchObject({
      renewalDeal: defaults.renewalDeal,
      dealTypes: defaults.dealTypes,
      writeback: defaults.writeback,
      group: defaults.group,
      taskKey: defaults.taskKey,
    });
  });

  it('names every property by its place, so that a missing one can be told', () => {
    expect(namedCompanyProperties(shipped)).toEqual([
      { where: 'account.arr', property: 'arr' },
      { where: 'account.renewalOn', property: 'renewal_date' },
      { where: 'account.seats', property: 'seats' },
      { where: 'account.parent', property: 'hs_parent_company_id' },
      { where: 'currency.account', property: 'account_currency' },
      { where: 'account.keys', property: 'external_key' },
      { where: 'account.domains', property: 'domain' },
      { where: 'account.domains', property: 'website' },
      { where: 'rules', property: 'lifecyclestage' },
      { where: 'rules', property: 'test_account' },
      { where: 'rules', property: 'segment' },
      { where: 'rules', property: 'cs_manager' },
    ]);
    expect(namedDealProperties(shipped)).toEqual([
      { where: 'renewalDeal', property: 'pipeline' },
      { where: 'dealTypes', property: 'pipeline' },
      { where: 'dealTypes', property: 'dealtype' },
    ]);
    expect(namedTicketProperties(shipped)).toEqual([{ where: 'tickets.escalated', property: 'escalated' }]);
  });

  it('gives every field of the write-back a name of its own that HubSpot takes', () => {
    const names = ourFields(shipped, FIELDS).map((f) => f.api);
    expect(new Set(names).size).toBe(FIELDS.length);
    for (const name of names) expect(name).toMatch(/^chs_health_[a-z0-9_]{1,89}$/);
    expect(names).toContain('chs_health_override_band');
    expect(names).toContain('chs_health_change_30');
  });
});

describe('names of our properties', () => {
  it('follow the prefix, and single ones can be set', () => {
    const mapping = given({ writeback: { prefix: 'acme_', fields: { score: 'customer_health' } } });
    expect(apiName(mapping, 'score')).toBe('customer_health');
    expect(apiName(mapping, 'riskFlags')).toBe('acme_risk_flags');
    expect(apiName(mapping, 'dim_product usage')).toBe('acme_dim_product_usage');
  });
  it('are refused where HubSpot would refuse them', () => {
    expect(() => apiName(shipped, 'x'.repeat(120))).toThrow(/writeback: .* HubSpot does not allow/);
    for (const prefix of ['Health_', 'hs_', '1_', 'chs-', 'chs', ''])
      expect(Mapping.safeParse({ account: {}, writeback: { prefix } }).success).toBe(false);
    for (const score of ['hs_score', 'Score', 'my score', 'a'.repeat(101)])
      expect(Mapping.safeParse({ account: {}, writeback: { fields: { score } } }).success).toBe(false);
  });
  it('are refused where two fields would share one, and where no field is called so', () => {
    const twice = given({ writeback: { fields: { score: 'chs_health_band' } } });
    expect(() => ourFields(twice, FIELDS)).toThrow(/"score" and "band" share the property name chs_health_band/);
    const stranger = given({ writeback: { fields: { scores: 'x' } } });
    expect(() => ourFields(stranger, FIELDS)).toThrow(/no write-back field is called `scores`.*score/);
  });
});

it('an unknown key is refused', () => {
  expect(Mapping.safeParse({ account: { arrr: 'arr' } }).success).toBe(false);
  expect(Mapping.safeParse({ account: {}, renewalOpportunity: { field: 'x', is: 1 } }).success).toBe(false);
});
