import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../connectors/hubspot/sandbox/errors.ts';
import { type PropertyOptions, PropertyTable } from '../../../connectors/hubspot/sandbox/properties.ts';
import { type Referenced, readValues } from '../../../connectors/hubspot/sandbox/property-values.ts';
import type { Answer } from '../../../src/sandbox/kit-types.ts';

/** Definitions as the vendor keeps them (../shared/reference/hubspot.md, "Provisioning properties"). */
const NOW = Date.parse('2026-11-02T09:00:00Z');
const OWNERS = ['101', '102'];
const referenced: Referenced = (kind, value) => (kind === 'OWNER' ? OWNERS.includes(value) : value === 'known');
const table = (more: Partial<PropertyOptions> = {}) => new PropertyTable({ now: () => NOW, ...more });
let properties: PropertyTable;
beforeEach(() => {
  properties = table();
});

const accept = (sent: Record<string, unknown>) =>
  readValues((name) => properties.find('companies', name), sent, referenced);
const refusal = (work: () => unknown): { status: number; body: Record<string, unknown> } => {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError)
      return { status: error.status, body: error.answer().body as Record<string, unknown> };
    throw error;
  }
  throw new Error('it was not refused');
};
const body = (answer: Answer) => answer.body as Record<string, unknown> & { results: Record<string, unknown>[] };
const score = {
  name: 'chs_health_score',
  label: 'Health score',
  groupName: 'companyinformation',
  type: 'number',
  fieldType: 'number',
};
const option = (value: string) => ({ label: value, value, hidden: false });
const band = {
  ...score,
  name: 'chs_health_band',
  type: 'enumeration',
  fieldType: 'select',
  options: [option('green')],
};

describe('a property', () => {
  it('is created, read, changed and put away; its name stays taken', () => {
    expect(properties.create('companies', score)).toMatchObject({
      status: 201,
      body: { ...score, archived: false, hasUniqueValue: false, createdAt: '2026-11-02T09:00:00.000Z' },
    });
    expect(refusal(() => properties.create('companies', score))).toMatchObject({
      status: 409,
      body: {
        status: 'error',
        category: 'OBJECT_ALREADY_EXISTS',
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    expect(properties.update('companies', score.name, { label: 'Health' })).toMatchObject({
      body: { label: 'Health', type: 'number' },
    });
    expect(properties.archive('companies', score.name).status).toBe(204);
    expect(properties.find('companies', score.name)).toBeNull();
    expect(refusal(() => properties.one('companies', score.name, false)).status).toBe(404);
    expect(body(properties.all('companies', true)).results).toMatchObject([{ name: score.name, archived: true }]);
    expect(refusal(() => properties.create('companies', score)).status).toBe(409);
  });

  it('of one type is none of another', () => {
    properties.create('companies', score);
    expect(properties.find('contacts', score.name)).toBeNull();
    expect(properties.create('tasks', { ...score, groupName: 'task' }).status).toBe(201);
  });

  it('has its options replaced, not added to', () => {
    properties.create('companies', band);
    properties.update('companies', band.name, { options: [option('red')] });
    expect(properties.find('companies', band.name)?.options.map((o) => o.value)).toEqual(['red']);
    expect(accept({ [band.name]: 'green' }).problems).toMatchObject([{ error: 'INVALID_OPTION' }]);
  });

  it.each([
    ['a capital in its name', { name: 'Score' }],
    ['a name that begins with a digit', { name: '1score' }],
    ['a name of 101 characters', { name: 'a'.repeat(101) }],
    ['no label', { label: '' }],
    ['a group that is not there', { groupName: 'pulseback' }],
    ['an unknown type', { type: 'money' }],
    ['a field that its type cannot have', { fieldType: 'text' }],
    ['no options where it needs some', { type: 'enumeration', fieldType: 'select' }],
    ['options of the same value', { type: 'enumeration', fieldType: 'select', options: [option('a'), option('a')] }],
    ['an option that does not say whether it is hidden', { ...band, options: [{ label: 'a', value: 'a' }] }],
    ['a boolean with three options', { type: 'bool', fieldType: 'booleancheckbox', options: [option('true')] }],
    ['options where it can have none', { options: [option('a')] }],
    ['outside options that are not owners', { type: 'enumeration', fieldType: 'select', externalOptions: true }],
    ['uniqueness of days', { type: 'date', fieldType: 'date', hasUniqueValue: true }],
  ])('is refused for %s', (_why, change) => {
    expect(refusal(() => properties.create('companies', { ...score, ...change }))).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    });
    expect(properties.live('companies').filter((p) => p.label === score.label)).toEqual([]);
  });

  it('of the vendor’s own cannot be changed or put away', () => {
    expect(refusal(() => properties.update('companies', 'name', { label: 'Firm' })).status).toBe(400);
    expect(refusal(() => properties.archive('companies', 'name')).status).toBe(400);
    expect(properties.find('companies', 'name')).toMatchObject({ hubspotDefined: true });
  });
});

describe('uniqueness', () => {
  const unique = (n: number) => ({
    ...score,
    name: `key_${n}`,
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  });

  it('is asked for at creation, ten times at most', () => {
    for (let n = 1; n <= 10; n += 1) properties.create('companies', unique(n));
    expect(refusal(() => properties.create('companies', unique(11))).status).toBe(400);
    properties.create('companies', score);
    properties.update('companies', score.name, { hasUniqueValue: true });
    expect(properties.find('companies', score.name)?.hasUniqueValue).toBe(false);
  });

  it('of tasks is the portal’s own affair', () => {
    const task = { ...unique(1), groupName: 'task' };
    expect(properties.create('tasks', task)).toMatchObject({ body: { hasUniqueValue: true } });
    expect(table({ uniqueTasks: 'ignored' }).create('tasks', task)).toMatchObject({ body: { hasUniqueValue: false } });
    expect(refusal(() => table({ uniqueTasks: 'refused' }).create('tasks', task)).status).toBe(400);
  });
});

describe('a batch of properties', () => {
  const another = { ...score, name: 'chs_health_trend' };

  it('is created as a whole, or but for those that are there: 207', () => {
    expect(properties.createBatch('companies', { inputs: [score, another] })).toMatchObject({ status: 201 });
    const third = { ...score, name: 'chs_health_confidence' };
    const answer = properties.createBatch('companies', { inputs: [score, third] });
    expect(answer).toMatchObject({
      status: 207,
      body: {
        status: 'COMPLETE',
        numErrors: 1,
        results: [{ name: third.name }],
        errors: [{ category: 'OBJECT_ALREADY_EXISTS', context: { name: [score.name] } }],
      },
    });
    expect(properties.readBatch('companies', { inputs: [{ name: 'nothing' }, { name: third.name }] })).toMatchObject({
      status: 207,
      body: { numErrors: 1, results: [{ name: third.name }], errors: [{ category: 'OBJECT_NOT_FOUND' }] },
    });
  });

  it('is refused as a whole for one that is no definition, and beyond a hundred', () => {
    expect(
      refusal(() => properties.createBatch('companies', { inputs: [score, { ...another, type: 'x' }] })).status,
    ).toBe(400);
    expect(properties.find('companies', score.name)).toBeNull();
    const many = Array.from({ length: 101 }, (_, n) => ({ ...score, name: `n_${n}` }));
    expect(refusal(() => properties.createBatch('companies', { inputs: many })).status).toBe(400);
  });

  it('ends where the type has as many as it may', () => {
    const small = table({ limit: properties.usage('companies').usage + 1 });
    expect(small.createBatch('companies', { inputs: [score, another] })).toMatchObject({
      status: 207,
      body: { numErrors: 1, results: [{ name: score.name }] },
    });
  });
});

describe('a value', () => {
  it.each([
    ['arr', '1200.50', '1200.50'],
    ['arr', 1200, '1200'],
    ['arr', '', ''],
    ['renewal_date', '2027-01-31', '2027-01-31'],
    ['renewal_date', String(Date.parse('2027-01-31')), '2027-01-31'],
    ['renewal_date', '2027-01-31T00:00:00.000Z', '2027-01-31'],
    ['createdate', '2027-01-31T10:00:00.250+01:00', '2027-01-31T09:00:00.250Z'],
    ['test_account', 'true', 'true'],
    ['segment', 'mid-market', 'mid-market'],
    ['cs_manager', '102', '102'],
    ['name', 'Zürich Öl', 'Zürich Öl'],
  ])('%s = %j is kept as %j', (name, sent, kept) => {
    expect(accept({ [name]: sent })).toEqual({ values: { [name]: kept }, problems: [] });
  });

  it.each([
    ['arr', '1,200', 'INVALID_DOUBLE'],
    ['arr', 'many', 'INVALID_DOUBLE'],
    ['renewal_date', '31.01.2027', 'INVALID_DATE'],
    ['renewal_date', '2027-02-30', 'INVALID_DATE'],
    ['renewal_date', '2027-01-31T10:00:00Z', 'INVALID_DATE'],
    ['createdate', 'yesterday', 'INVALID_LONG'],
    ['test_account', 'Yes', 'INVALID_OPTION'],
    ['segment', 'Mid-Market', 'INVALID_OPTION'],
    ['cs_manager', '50000001', 'INVALID_OWNER_ID'],
    ['name', 'x'.repeat(65_537), 'INVALID_LENGTH'],
    ['hs_object_id', '1', 'READ_ONLY_VALUE'],
    ['hs_lastmodifieddate', '2027-01-31T10:00:00Z', 'READ_ONLY_VALUE'],
    ['chs_health_score', '7', 'PROPERTY_DOESNT_EXIST'],
    ['name', { a: 1 }, 'INVALID_FORMAT'],
  ])('%s = %j is refused as %s', (name, sent, error) => {
    expect(accept({ [name]: sent, phone: '1' })).toMatchObject({
      values: { phone: '1' },
      problems: [{ name, error }],
    });
  });

  it('of null changes nothing; several options of a checkbox are joined by ";"', () => {
    expect(accept({ name: null })).toEqual({ values: {}, problems: [] });
    properties.create('companies', { ...band, fieldType: 'checkbox', options: [option('a'), option('b')] });
    expect(accept({ [band.name]: 'b;a' }).values).toEqual({ [band.name]: 'b;a' });
    expect(accept({ [band.name]: 'b,a' }).problems).toHaveLength(1);
  });
});

describe('groups', () => {
  it('are made once, changed, and only put away empty', () => {
    const { groups } = properties;
    const group = { name: 'pulseback', label: 'Account health', displayOrder: 1 };
    expect(groups.create('companies', group)).toEqual({ status: 201, body: { ...group, archived: false } });
    expect(refusal(() => groups.create('companies', group))).toMatchObject({ status: 409 });
    expect(groups.has('contacts', 'pulseback')).toBe(false);
    properties.create('companies', { ...score, groupName: 'pulseback' });
    expect(refusal(() => properties.archiveGroup('companies', 'pulseback')).status).toBe(400);
    properties.archive('companies', score.name);
    expect(properties.archiveGroup('companies', 'pulseback').status).toBe(204);
    expect(refusal(() => groups.one('companies', 'pulseback')).status).toBe(404);
    expect(refusal(() => groups.create('companies', { name: 'Big Group', label: 'x' })).status).toBe(400);
  });
});
