import { describe, expect, it } from 'vitest';
import { accountOf, type Link, linksOf } from '../../../connectors/hubspot/associations.ts';
import { newestStamp, search } from '../../../connectors/hubspot/search.ts';
import { answered } from './answered.ts';

const type = (typeId: number, label: string | null = null, category = 'HUBSPOT_DEFINED') => ({
  category,
  typeId,
  label,
});
const to = (toObjectId: string | number, ...associationTypes: ReturnType<typeof type>[]) => ({
  toObjectId,
  associationTypes,
});
const none = (id: string) => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
  message: `No company is associated with deal ${id}.`,
  context: { fromObjectId: [id] },
});

describe('associations', () => {
  it('come with the primary one and the customer’s labels, in order of number', async () => {
    const { portal } = answered(() => ({
      results: [
        {
          from: { id: '1' },
          to: [
            to(10_000_000_000, type(341)),
            to(9_999_999_999, type(341), type(5, 'Primary'), type(19, 'Payer', 'USER_DEFINED')),
            to('77', type(13, 'Champion', 'USER_DEFINED'), type(11, 'Buyer', 'USER_DEFINED'), type(341)),
          ],
        },
      ],
    }));
    const links = (await linksOf(portal, 'deals', ['1'], 'companies')).get('1');
    expect(links).toEqual([
      { id: '77', primary: false, labels: ['Buyer', 'Champion'] },
      { id: '9999999999', primary: true, labels: ['Payer'] },
      { id: '10000000000', primary: false, labels: [] },
    ]);
    expect(accountOf(links)).toBe('9999999999');
    expect(accountOf(links?.filter((l) => !l.primary))).toBe('77');
    expect(accountOf(undefined)).toBeNull();
  });

  it.each([
    ['deals', 5],
    ['contacts', 1],
    ['tickets', 26],
  ] as const)('know the primary company of %s by its number alone', async (from, typeId) => {
    const { portal } = answered(() => ({
      results: [{ from: { id: '1' }, to: [to('7', type(typeId)), to('8', type(2))] }],
    }));
    const links = (await linksOf(portal, from, ['1'], 'companies')).get('1') ?? [];
    expect(links.map((l: Link) => [l.id, l.primary])).toEqual([
      ['7', true],
      ['8', false],
    ]);
  });

  it('are asked for a thousand at once, and again for who has more than one answer holds', async () => {
    const ids = Array.from({ length: 2_001 }, (_, n) => String(n + 1));
    const { portal, bodies } = answered((body) => {
      const { inputs } = body as { inputs: { id: string; after?: string }[] };
      return {
        results: inputs.map(({ id, after }) => ({
          from: { id },
          to: [to(after === undefined ? '50' : '60', type(280))],
          ...(id === '1' && after === undefined ? { paging: { next: { after: '50' } } } : {}),
        })),
      };
    });
    const links = await linksOf(portal, 'companies', ids, 'contacts');
    expect(bodies.map((body) => (body as { inputs: unknown[] }).inputs.length)).toEqual([1_000, 1_000, 2]);
    expect(links.size).toBe(2_001);
    expect(links.get('1')?.map((l) => l.id)).toEqual(['50', '60']);
    expect(links.get('2001')?.map((l) => l.id)).toEqual(['50']);
  });

  it('that do not exist are no failure; any other error is', async () => {
    const quiet = answered(() => ({ results: [], errors: [none('1'), none('2')] }));
    expect((await linksOf(quiet.portal, 'deals', ['1', '2'], 'companies')).size).toBe(0);
    const broken = answered(() => ({
      results: [],
      errors: [none('1'), { category: 'INTERNAL_ERROR', message: 'boom' }],
    }));
    await expect(linksOf(broken.portal, 'deals', ['1', '2'], 'companies')).rejects.toMatchObject({
      name: 'ConnectorError',
      code: 'INTERNAL_ERROR',
      message: expect.stringContaining('boom'),
    });
  });

  it('of nobody cost no call', async () => {
    const { portal, bodies } = answered(() => ({ results: [] }));
    await linksOf(portal, 'deals', [], 'companies');
    expect(bodies).toEqual([]);
  });
});

describe('a search', () => {
  const updatedAt = '2026-11-25T08:00:00Z';
  const hits = (...ids: number[]) => ids.map((id) => ({ id: String(id), updatedAt }));
  const more = { next: { after: '200' } };
  const walk = async (portal: ReturnType<typeof answered>['portal']) => {
    const ids: string[] = [];
    for await (const page of search(portal, 'deals', [])) ids.push(...page.map((hit) => hit.id));
    return ids;
  };

  it('goes on behind the last id, never by an offset', async () => {
    const { portal, bodies } = answered((_, n) => ({
      results: hits(9, 10),
      paging: more,
      ...(n === 1 && { results: hits(11) }),
      ...(n === 2 && { results: [], paging: null }),
    }));
    expect(await walk(portal)).toEqual(['9', '10', '11']);
    expect(bodies).toMatchObject([
      {
        filterGroups: [{ filters: [] }],
        sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
        limit: 200,
      },
      { filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'GT', value: '10' }] }] },
      { filterGroups: [{ filters: [{ propertyName: 'hs_object_id', operator: 'GT', value: '11' }] }] },
    ]);
    for (const body of bodies) expect(body).not.toHaveProperty('after');
  });

  it.each([
    ['sorted as text', [10, 9]],
    ['told twice', [9, 9]],
  ])('stops where ids are %s: what lies behind them would be left out', async (_, ids) => {
    const { portal } = answered(() => ({ results: hits(...ids) }));
    await expect(walk(portal)).rejects.toMatchObject({ code: 'UNSORTED' });
  });

  it('that repeats itself does not go on for ever', async () => {
    const { portal, bodies } = answered(() => ({ results: hits(9, 10), paging: more }));
    await expect(walk(portal)).rejects.toMatchObject({ code: 'UNSORTED' });
    expect(bodies.length).toBe(2);
  });

  it('is paid from the budget of searches, which is not that of the other calls', async () => {
    const { portal, calls } = answered(() => ({ results: hits(9) }));
    await walk(portal);
    expect(await newestStamp(portal, 'deals')).toBe(Date.parse(updatedAt));
    expect(calls.map(({ label, bucket }) => [label, bucket])).toEqual([
      ['deals.search', 'search'],
      ['deals.search', 'search'],
    ]);
  });
});
