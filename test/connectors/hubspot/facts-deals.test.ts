import { describe, expect, it } from 'vitest';
import type { Link } from '../../../connectors/hubspot/associations.ts';
import { dealFacts, dealProperties, roleFacts, rolesOf, type Stage } from '../../../connectors/hubspot/facts-deals.ts';
import { Mapping } from '../../../connectors/hubspot/mapping.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { DAY, record, sound, T0 } from './facts-support.ts';

const mapping = loadYaml('mappings/crm/hubspot.yaml', Mapping);
const stages = new Map<string, Stage>([
  ['166004', { label: 'Proposal', closed: false, won: false }],
  ['166006', { label: 'Closed Won', closed: true, won: true }],
  ['closedlost', { label: 'Closed Lost', closed: true, won: false }],
]);
const reading = { mapping, currency: 'GBP', timezone: 'Europe/London', stages };

const VALUES: Record<string, string | null> = {
  dealname: 'Renewal 2027',
  amount: '1000',
  deal_currency_code: 'USD',
  closedate: '2027-01-14T00:00:00Z',
  dealstage: '166006',
  pipeline: 'renewals',
  dealtype: 'existingbusiness',
  hubspot_owner_id: '101',
  hs_is_closed: 'true',
  hs_is_closed_won: 'true',
};
const deal = (over: Record<string, string | null> = {}, past: Record<string, [number, string | null][]> = {}) => {
  const values = { ...VALUES, ...over };
  const since = Object.entries(values).map(([name, value]) => [name, [[T0, value] as [number, string | null]]]);
  return record(values, { ...Object.fromEntries(since), ...past });
};

describe('a deal', () => {
  it('is an opportunity as it was at each change', () => {
    const moved = deal(
      {},
      {
        dealstage: [
          [T0, '166004'],
          [T0 + 5 * DAY, '166006'],
        ],
        hs_is_closed: [
          [T0, 'false'],
          [T0 + 5 * DAY, 'true'],
        ],
        hs_is_closed_won: [
          [T0, 'false'],
          [T0 + 5 * DAY, 'true'],
        ],
        amount: [
          [T0, '900'],
          [T0 + 2 * DAY, '1000'],
        ],
      },
    );
    const facts = dealFacts(moved, '9', reading).map(sound);
    const fixed = { name: 'Renewal 2027', closeOn: '2027-01-14', type: 'Renewal', renewal: true, ownerId: '101' };
    expect(facts.map((f) => [f.id, f.account, (f.at - T0) / DAY, f.data])).toEqual([
      [
        '501',
        '9',
        0,
        { ...fixed, stage: 'Proposal', closed: false, won: false, amount: { minor: 90000, currency: 'USD' } },
      ],
      [
        '501',
        '9',
        2,
        { ...fixed, stage: 'Proposal', closed: false, won: false, amount: { minor: 100000, currency: 'USD' } },
      ],
      [
        '501',
        '9',
        5,
        { ...fixed, stage: 'Closed Won', closed: true, won: true, amount: { minor: 100000, currency: 'USD' } },
      ],
    ]);
  });

  it('is closed and won as its stage says; a stage that is gone leaves it to the deal', () => {
    const data = (over: Record<string, string | null>) => dealFacts(deal(over), '9', reading).at(-1)?.data;
    expect(data({ dealstage: 'closedlost' })).toMatchObject({ stage: 'Closed Lost', closed: true, won: false });
    // The deal's own flags are calculated and have no past: at an earlier stage they are not known, or already those of today.
    const flags = { hs_is_closed: 'true', hs_is_closed_won: 'true' };
    expect(data({ dealstage: '166004', ...flags })).toMatchObject({ stage: 'Proposal', closed: false, won: false });
    expect(data({ hs_is_closed: null, hs_is_closed_won: null })).toMatchObject({ closed: true, won: true });
    expect(data({ dealstage: 'removed' })).toMatchObject({ stage: 'removed', closed: true, won: true });
    expect(data({ dealstage: 'removed', hs_is_closed: null, hs_is_closed_won: null })).toMatchObject({
      closed: null,
      won: null,
    });
  });

  it('is a renewal by pipeline, deal type or a property of the customer’s', () => {
    const renewal = (renewalDeal: Mapping['renewalDeal'], over: Record<string, string | null>) =>
      dealFacts(deal(over), '9', { ...reading, mapping: { ...mapping, renewalDeal } }).at(-1)?.data;
    expect(renewal(mapping.renewalDeal, { pipeline: 'default' })).toMatchObject({ renewal: false });
    expect(renewal({ field: 'dealtype', is: 'renewal' }, { dealtype: 'renewal' })).toMatchObject({ renewal: true });
    expect(renewal({ field: 'dealtype', is: 'renewal' }, { dealtype: null })).toMatchObject({ renewal: false });
    expect(renewal({ field: 'is_renewal', is: true }, { is_renewal: 'true' })).toMatchObject({ renewal: true });
    const own = { ...mapping, renewalDeal: { field: 'is_renewal', is: true }, dealTypes: [] };
    expect(dealProperties(own)).toContain('is_renewal');
  });

  it('has a type in the words of the models, else its own', () => {
    const type = (over: Record<string, string | null>) => dealFacts(deal(over), '9', reading).at(-1)?.data;
    expect(type({ pipeline: 'default' })).toMatchObject({ type: 'Expansion' });
    expect(type({ pipeline: 'default', dealtype: 'newbusiness' })).toMatchObject({ type: 'New Business' });
    expect(type({ pipeline: 'default', dealtype: 'partner' })).toMatchObject({ type: 'partner' });
    expect(type({ pipeline: 'default', dealtype: null })).toMatchObject({ type: null });
  });

  it('without an amount has none', () => {
    expect(dealFacts(deal({ amount: null }), null, reading).at(-1)).toMatchObject({
      account: null,
      data: { amount: null },
    });
  });
});

describe('roles', () => {
  const link = (id: string, ...labels: string[]): Link => ({ id, primary: false, labels });
  const roles = (links: Link[]) =>
    roleFacts(deal(), '9', links, mapping)
      .map(sound)
      .map((f) => [f.id, f.at - T0, f.account, f.data]);
  const of = (contactId: string, role: string | null, primary: boolean) => ({
    opportunityId: '501',
    contactId,
    role,
    primary,
  });

  it('are the labels of the deal’s contacts, from the deal’s creation on', () => {
    expect(roles([link('7', 'Champion', 'Primary contact'), link('8', 'Evaluator')])).toEqual([
      ['501-7-Champion', 0, '9', of('7', 'Champion', true)],
      ['501-8-Evaluator', 0, '9', of('8', 'Evaluator', false)],
    ]);
  });
  it('are one for each label, and one without for a contact that has none', () => {
    expect(roles([link('7', 'Champion', 'Influencer'), link('8'), link('9', 'Primary contact')])).toEqual([
      ['501-7-Champion', 0, '9', of('7', 'Champion', false)],
      ['501-7-Influencer', 0, '9', of('7', 'Influencer', false)],
      ['501-8', 0, '9', of('8', null, false)],
      ['501-9', 0, '9', of('9', null, true)],
    ]);
  });
  it('are another where the label is another, so that a role that is taken away ends; and are known by their deal', () => {
    const [before] = roleFacts(deal(), '9', [link('7', 'Champion')], mapping);
    const [after] = roleFacts(deal(), '9', [link('7', 'Evaluator')], mapping);
    expect(before?.id).not.toBe(after?.id);
    expect(before?.id.startsWith(rolesOf('501'))).toBe(true);
    expect(before?.id.startsWith(rolesOf('50'))).toBe(false);
  });
});
