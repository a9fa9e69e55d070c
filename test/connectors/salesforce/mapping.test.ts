import { describe, expect, it } from 'vitest';
import { apiName, Mapping, ourFields } from '../../../connectors/salesforce/mapping.ts';
import { attributeFields, namedAccountFields } from '../../../connectors/salesforce/org.ts';
import { fromOrg, toOrg } from '../../../connectors/salesforce/values.ts';
import { type FieldSpec, InputError } from '../../../src/contract/index.ts';
import { loadYaml, parseYaml } from '../../../src/kit/yaml.ts';
import { FIELDS } from './support.ts';

const shipped = loadYaml('mappings/crm/salesforce.yaml', Mapping);

describe('the shipped mapping', () => {
  it('names the fields that it should', () => {
    expect(namedAccountFields(shipped).map((n) => n.field)).toEqual([
      'ARR__c',
      'Renewal_Date__c',
      'Seats__c',
      'ParentId',
      'External_Key__c',
      'Website',
      'Type',
      'Test_Account__c',
      'Segment__c',
      'CSM__c',
    ]);
    expect(shipped.rules.segment.map((s) => s.key)).toEqual(['enterprise', 'mid-market', 'smb']);
    expect(shipped.rules.roles).toEqual({
      csm: [{ field: 'CSM__c' }, 'owner'],
      manager: [{ managerOf: 'csm' }, { managerOf: 'owner' }],
    });
  });
  it('does not ask the org for canonical fields', () => {
    const mapping = parseYaml('account: {}\nrules: { population: { field: arr, atLeast: 1 } }', 'x.yaml', Mapping);
    expect(attributeFields(mapping)).toEqual([]);
  });
});

describe('names of our fields', () => {
  it.each([
    ['score', 'Health_Score__c'],
    ['csmPulse', 'Health_Csm_Pulse__c'],
    ['change30', 'Health_Change_30__c'],
    ['dimension-usage', 'Health_Dimension_Usage__c'],
    ['scored_at', 'Health_Scored_At__c'],
  ])('%s → %s', (logical, api) => expect(apiName(shipped, logical)).toBe(api));

  it('can be set, and need no __c', () => {
    const mapping = parseYaml('account: {}\nwriteback: { fields: { score: Customer_Health } }', 'x.yaml', Mapping);
    expect(ourFields(mapping, FIELDS)[0]?.api).toBe('Customer_Health__c');
  });
  it('must be ones that Salesforce takes, each once', () => {
    expect(() => apiName(shipped, 'a'.repeat(60))).toThrow(InputError);
    const twice = parseYaml('account: {}\nwriteback: { fields: { score: X__c, band: X__c } }', 'x.yaml', Mapping);
    expect(() => ourFields(twice, FIELDS)).toThrow(/share the field name X__c/);
    const stranger = parseYaml('account: {}\nwriteback: { fields: { scoer: X__c } }', 'x.yaml', Mapping);
    expect(() => ourFields(stranger, FIELDS)).toThrow(/scoer/);
  });
});

describe('a wrong mapping', () => {
  it.each([
    ['acount: {}', /acount.*account/],
    ['account: { arr: "ARR__c; DROP" }', /account\.arr/],
    ['account: { seat: Seats__c }', /seat/],
    ['account: {}\nrules: { renewal: [contract] }', /renewal/],
    ['account: {}\ntaskKey: 1x', /taskKey/],
  ])('%j is refused with its place', (yaml, place) => {
    try {
      parseYaml(yaml, 'salesforce.yaml', Mapping);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).problems.join('\n')).toMatch(place);
    }
  });
});

describe('values', () => {
  const field = (type: FieldSpec['type']) => ({
    name: 'x',
    label: '',
    help: '',
    type,
    direction: 'ours' as const,
    api: 'X__c',
  });
  it.each([
    ['integer', 79, 79.0],
    ['decimal', -3.1234, -3.1234],
    ['text', 'hello', 'hello'],
    ['longText', 'a\nb', 'a\r\nb'],
    ['picklist', 'not scored', 'not scored'],
    ['date', '2026-11-25', '2026-11-25'],
    ['boolean', true, true],
  ] as const)('%s comes back as it was written', (type, value, stored) => {
    expect(toOrg(field(type), value)).toBe(value);
    expect(fromOrg(field(type), { X__c: stored })).toBe(value);
  });
  it('date-times keep whole seconds, as the org does', () => {
    expect(toOrg(field('datetime'), '2026-11-25T01:02:03.987Z')).toBe('2026-11-25T01:02:03.000Z');
    expect(fromOrg(field('datetime'), { X__c: '2026-11-25T01:02:03.000+0000' })).toBe('2026-11-25T01:02:03.000Z');
  });
  it('nothing is null, but false for a checkbox', () => {
    expect(toOrg(field('text'), '')).toBeNull();
    expect(toOrg(field('integer'), null)).toBeNull();
    expect(toOrg(field('boolean'), null)).toBe(false);
    expect(fromOrg(field('text'), { X__c: null })).toBeNull();
    expect(fromOrg(field('integer'), {})).toBeNull();
  });
});
