import { describe, expect, it } from 'vitest';
import { companyId } from '../../../connectors/hubspot/sandbox/keys.ts';
import { type Seed, seedCompanies } from '../../../connectors/hubspot/sandbox/seed.ts';
import { filters, HOUR, idsOf, NOW, start } from './support.ts';

/** The search endpoint by its published rules: ../shared/reference/hubspot.md, "Reading incrementally". */
const AT = NOW - 48 * HOUR;
const PEOPLE: [string, Record<string, string>][] = [
  ['Blue Harbour Ltd', { seats: '9', segment: 'smb', renewal_date: '2026-12-01', domain: 'blue-harbour.example' }],
  ['Red Harbour Ltd', { seats: '100', segment: 'enterprise', renewal_date: '2027-01-15' }],
  ['Green Field', { seats: '20', segment: 'smb' }],
];
const three = (): Seed[] => [
  ...seedCompanies(3, (n) => {
    const [name = '', more = {}] = PEOPLE[n] ?? [];
    return { created: AT, updated: AT + n * 1000, props: { name, ...more } };
  }),
];
const names = (n: number[]): string[] => n.map((index) => companyId(index));

describe('a search', () => {
  it.each([
    ['EQ compares numbers as numbers', [['seats', 'EQ', '9.0']], [0]],
    ['GT does too', [['seats', 'GT', '20']], [1]],
    ['text has no case', [['name', 'EQ', 'green field']], [2]],
    ['NEQ finds those without a value too', [['renewal_date', 'NEQ', '2026-12-01']], [1, 2]],
    ['dates are ISO or epoch ms', [['renewal_date', 'LTE', String(Date.parse('2026-12-01'))]], [0]],
    ['IN', [['segment', 'IN', ['smb', 'mid-market']]], [0, 2]],
    ['NOT_IN', [['segment', 'NOT_IN', ['smb']]], [1]],
    ['HAS_PROPERTY', [['renewal_date', 'HAS_PROPERTY']], [0, 1]],
    ['NOT_HAS_PROPERTY', [['renewal_date', 'NOT_HAS_PROPERTY']], [2]],
    ['CONTAINS_TOKEN takes whole words', [['name', 'CONTAINS_TOKEN', 'harbour']], [0, 1]],
    ['and not parts', [['name', 'CONTAINS_TOKEN', 'harb']], []],
    ['but with a star', [['name', 'CONTAINS_TOKEN', 'harb*']], [0, 1]],
    ['NOT_CONTAINS_TOKEN', [['name', 'NOT_CONTAINS_TOKEN', 'harbour']], [2]],
    ['stamps by ms', [['hs_lastmodifieddate', 'GTE', String(AT + 1000)]], [1, 2]],
    ['stamps by ISO', [['hs_lastmodifieddate', 'LT', new Date(AT + 1000).toISOString()]], [0]],
    // As text 9999999991 would come after 10000000000.
    ['ids as numbers', [['hs_object_id', 'GT', companyId(0)]], [1, 2]],
    [
      'filters of a group bind together',
      [
        ['segment', 'EQ', 'smb'],
        ['seats', 'LT', '10'],
      ],
      [0],
    ],
  ] as [string, [string, string, unknown?][], number[]][])('%s', async (_, asked, found) => {
    const { search } = await start({ seed: three() });
    const reply = await search('companies', { filterGroups: filters(...asked) });
    expect([reply.status, reply.body.total, idsOf(reply)]).toEqual([200, found.length, names(found)]);
  });

  it('takes groups as alternatives, BETWEEN with both ends, and a free query', async () => {
    const { search } = await start({ seed: three() });
    const groups = [...filters(['seats', 'EQ', '9']), ...filters(['seats', 'EQ', '20'])];
    expect(idsOf(await search('companies', { filterGroups: groups }))).toEqual(names([0, 2]));
    const between = { propertyName: 'seats', operator: 'BETWEEN', value: '20', highValue: '100' };
    expect(idsOf(await search('companies', { filterGroups: [{ filters: [between] }] }))).toEqual(names([1, 2]));
    expect(idsOf(await search('companies', { query: 'blue-harb' }))).toEqual(names([0]));
  });

  it('sorts by one property, equal values in no order that one could lean on', async () => {
    const { search } = await start({
      seed: seedCompanies(3, (n) => ({ created: AT, props: { name: `N${n}`, seats: n === 2 ? '1' : '2' } })),
    });
    const by = async (sorts: unknown) => idsOf(await search('companies', { sorts }));
    expect(await by([{ propertyName: 'seats', direction: 'ASCENDING' }])).toEqual(names([2, 1, 0]));
    expect(await by([{ propertyName: 'hs_object_id', direction: 'DESCENDING' }])).toEqual(names([2, 1, 0]));
    expect(await by(['hs_object_id'])).toEqual(names([0, 1, 2]));
    expect((await search('companies', { sorts: ['seats', 'name'] })).status).toBe(400);
  });

  it('shows the properties that are asked for, leaves unknown ones out, and has no associations', async () => {
    const { search } = await start({ customers: 5 });
    const { body } = await search('companies', { properties: ['arr', 'no_such'], limit: 1 });
    expect(Object.keys(body.results[0]?.properties ?? {}).sort()).toEqual([
      'arr',
      'createdate',
      'hs_lastmodifieddate',
      'hs_object_id',
    ]);
    expect(body.results[0]).not.toHaveProperty('associations');
  });

  it.each([
    ['more than 200 rows', { limit: 201 }],
    ['six groups', { filterGroups: Array.from({ length: 6 }, () => filters(['name', 'EQ', 'x'])[0]) }],
    [
      'seven filters',
      { filterGroups: filters(...Array.from({ length: 7 }, () => ['name', 'EQ', 'x'] as [string, string, string])) },
    ],
    ['an unknown property', { filterGroups: filters(['no_such', 'EQ', '1']) }],
    ['an unknown operator', { filterGroups: filters(['name', 'LIKE', '1']) }],
    ['a number that is none', { filterGroups: filters(['seats', 'GT', 'many']) }],
    ['an operator without its value', { filterGroups: filters(['seats', 'GT']) }],
    ['a query of over 3,000 characters', { query: 'x'.repeat(3_001) }],
  ])('refuses %s', async (_, request) => {
    const { search } = await start({ seed: three() });
    const { status, body } = await search('companies', request);
    expect([status, body.category]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('ends at 10,000 results, and by stamp and id a walk finds every one of 25,000', async () => {
    const many = 15_000;
    const seed = seedCompanies(25_000, (n) => ({
      created: AT - HOUR,
      updated: n < many ? AT : AT + n,
      props: { name: `C${n}` },
    }));
    const { search } = await start({ seed });
    const sorts = [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }];
    const all = await search('companies', { limit: 200, sorts });
    expect(all.body.total).toBe(25_000);
    expect((await search('companies', { limit: 200, sorts, after: '9800' })).body.paging?.next.after).toBe('10000');
    expect((await search('companies', { limit: 200, sorts, after: '10000' })).status).toBe(400);
    expect((await search('companies', { limit: 200, sorts, after: '9900' })).status).toBe(400);
    const seen = new Set<string>();
    for (let last = '0'; ; ) {
      const page = await search('companies', {
        filterGroups: filters(['hs_lastmodifieddate', 'EQ', String(AT)], ['hs_object_id', 'GT', last]),
        sorts,
        limit: 200,
      });
      for (const id of idsOf(page)) seen.add(id);
      last = idsOf(page).at(-1) ?? last;
      if (idsOf(page).length < 200) break;
    }
    expect(seen.size).toBe(many);
  });
});

describe('the search index', () => {
  it('is behind: a record is there by id before search shows it, as it was or at all', async () => {
    const { world, search, post, get } = await start({ seed: three(), searchLagMs: 10_000 });
    const made = await post('/crm/v3/objects/companies', { properties: { name: 'Brand New' } });
    const id = made.body.id ?? '';
    expect(made.status).toBe(201);
    await post(`/crm/v3/objects/companies/${companyId(0)}`, { properties: { seats: '77' } }, 'PATCH');
    await post(`/crm/v3/objects/companies/${companyId(1)}`, undefined, 'DELETE');
    const found = async () => idsOf(await search('companies', { filterGroups: filters(['seats', 'EQ', '77']) }));
    const everything = async () => idsOf(await search('companies', { limit: 200 }));
    world.advance(9_999);
    expect((await get(`/crm/v3/objects/companies/${id}`)).status).toBe(200);
    expect([await everything(), await found()]).toEqual([names([0, 1, 2]), []]);
    world.advance(1);
    expect([await everything(), await found()]).toEqual([[...names([0, 2]), id], names([0])]);
  });

  it('learns late of what the world does, too', async () => {
    const { world, search } = await start({ customers: 40, searchLagMs: HOUR });
    const from = world.now();
    world.advance(24 * HOUR);
    const since = async () =>
      (await search('calls', { filterGroups: filters(['hs_lastmodifieddate', 'GT', String(from)]), limit: 200 })).body;
    const before = (await since()).results;
    expect(before.length).toBeGreaterThan(0);
    expect(before.every((one) => Date.parse(one.updatedAt) <= world.now() - HOUR)).toBe(true);
  });
});
