import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainTree } from '../../src/core/explain.ts';
import type { Fact } from '../../src/core/fact.ts';
import { AccountRules } from '../../src/core/rules.ts';
import { withEvidence } from '../../src/pipeline/evidence.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { scoreAll } from '../../src/pipeline/score.ts';
import { sync } from '../../src/pipeline/sync.ts';
import { book, customer, DAY } from './book.ts';
import { NOW } from './support.ts';

type Over = Parameters<typeof customer>[1];
const gbp = (minor: number) => ({ minor, currency: 'GBP' });
const scored = async (facts: Fact[], score: 'each' | 'top' = 'each') => {
  const made = await book(facts);
  made.rules = AccountRules.parse({ population: { field: 'Type', is: 'Customer' }, hierarchy: { score } });
  await pullSource(made, made.primary);
  return { made, ...(await scoreAll(made, NOW)), of: async (id: string) => (await made.store.latestScore(id))?.score };
};

describe('families, each scored', () => {
  it('show a parent its worst child and the score weighted by ARR, of customers only', async () => {
    const { of, summary } = await scored([
      customer('G', { a: 90, arr: gbp(100) }),
      customer('FR', { a: 41, arr: gbp(50), parentId: 'G' }),
      customer('DE', { a: 80, arr: { minor: 80, currency: 'USD' }, parentId: 'G' }), // £0.40
      customer('DE-S', { a: 10, arr: gbp(10), parentId: 'DE' }),
      customer('LEAD', { a: 1, arr: gbp(999), parentId: 'G', attributes: { Type: 'Prospect' } }),
      customer('ALONE', { a: 50 }),
    ]);
    expect(await of('G')).toMatchObject({
      score: 90,
      family: { children: 2, worst: { account: 'FR', name: 'Account FR', score: 41, band: 'red' }, weighted: 717_500 },
    });
    expect((await of('G'))?.reasons).toContain('Weakest of 2 subsidiaries: Account FR, 41 (red); 72 weighted by ARR.');
    expect((await of('G'))?.reasons.length).toBeLessThanOrEqual(3);
    expect(await of('DE')).toMatchObject({ family: { children: 1, worst: { account: 'DE-S' } } });
    expect((await of('ALONE'))?.family ?? null).toBeNull();
    expect(summary).toMatchObject({ accounts: 5, outside: 1, parents: { cyclic: 0, unknown: 0 } });
    const g = await of('G');
    expect(g && explainTree(g).family).toMatchObject({ children: 2, weighted: 71.75 });
  });

  it('store a parent anew when only a child has moved', async () => {
    const { made, of } = await scored([customer('G', { a: 90 }), customer('FR', { a: 80, parentId: 'G' })]);
    made.next = [customer('FR', { a: 20, parentId: 'G' }, NOW + 1)];
    await pullSource(made, made.primary);
    await scoreAll(made, NOW + 1_000);
    expect((await of('G'))?.family?.worst).toMatchObject({ score: 20, band: 'red' });
  });

  it('are as of the day that is scored', async () => {
    const { made } = await scored([
      customer('G', { a: 90 }),
      customer('FR', { a: 40, parentId: 'G' }, NOW - 100 * DAY),
      customer('FR', { a: 40, parentId: null }, NOW - 10 * DAY),
    ]);
    await scoreAll(made, NOW - 50 * DAY);
    expect((await made.store.latestScore('G', NOW - 50 * DAY))?.score.family).toMatchObject({ children: 1 });
    expect((await made.store.latestScore('G'))?.score.family ?? null).toBeNull();
  });

  it('end where parents lead in a circle or are not known, and say so', async () => {
    const { summary } = await scored([
      customer('A', { parentId: 'B' }),
      customer('B', { parentId: 'A' }),
      customer('S', { parentId: 'S' }),
      customer('X', { parentId: 'nobody' }),
    ]);
    expect(summary).toMatchObject({ accounts: 4, parents: { cyclic: 3, unknown: 1 } });
  });
});

describe('families, the top scored', () => {
  const world = [
    customer('G', { a: 90, seats: 10, arr: gbp(100) }),
    customer('FR', { a: 10, seats: 5, arr: gbp(50), parentId: 'G' }),
    customer('FR-S', { a: 20, seats: 1, arr: gbp(5), parentId: 'FR' }),
    customer('ALONE', { a: 50 }),
  ];

  it('stands for all below it, who are outside of the population', async () => {
    const { of, summary, scored: members, outside } = await scored(world, 'top');
    expect([...members].sort()).toEqual(['ALONE', 'G']);
    expect([...outside].sort()).toEqual(['FR', 'FR-S']);
    expect(summary).toMatchObject({ accounts: 2, outside: 2 });
    expect(await of('G')).toMatchObject({ score: 90, arr: gbp(155) });
    expect(await of('FR')).toBeUndefined();
  });

  it('blanks the fields of those below once', async () => {
    const made = await book(world);
    await sync(made, true);
    expect(made.fake.held.get('FR')).toMatchObject({ score: 10, band: 'Red' });
    made.rules = AccountRules.parse({ ...made.rules, hierarchy: { score: 'top' } });
    made.next = [];
    made.at(NOW + DAY);
    const second = await sync(made, true);
    expect(second.decided?.blanked).toBe(2);
    expect(made.fake.held.get('FR')).toMatchObject({ score: null, band: null });
    expect(made.fake.held.get('G')).toMatchObject({ score: 90 });
    made.at(NOW + DAY + 1_000);
    expect((await sync(made, true)).write).toMatchObject({ written: 0, writeCalls: 0 });
  });

  it('leaves the sum unknown where an amount below has no rate, and names the currency', async () => {
    const { of, summary } = await scored(
      [customer('G', { arr: gbp(1) }), customer('SE', { arr: { minor: 1, currency: 'SEK' }, parentId: 'G' })],
      'top',
    );
    expect((await of('G'))?.arr).toBeNull();
    expect(summary).toMatchObject({ arrUnconverted: 0, currenciesWithoutRate: ['SEK'] });
  });

  it('rests on the facts of all below it, and names them', async () => {
    const contact = (id: string, account: string): Fact => ({
      kind: 'contact',
      id,
      account,
      at: NOW - 40 * DAY,
      knownAt: NOW,
      data: { name: id, title: 'CEO' },
    });
    const { made, of } = await scored([...world, contact('P1', 'FR')], 'top');
    const g = await of('G');
    if (!g) throw new Error('G has no score');
    const { score, note } = await withEvidence(made, g);
    expect(note).toBeNull();
    expect(score.contributions[0]?.evidence.map((e) => e.id)).toContain('G');
  });

  it('scores exactly the tops of any forest, and the sums are those of its members', async () => {
    const forest = fc.array(fc.record({ parent: fc.nat(8), seats: fc.integer({ min: 1, max: 9 }) }), {
      minLength: 1,
      maxLength: 9,
    });
    await fc.assert(
      fc.asyncProperty(forest, async (nodes) => {
        const id = (i: number): string => `N${i}`;
        const over = ({ parent, seats }: { parent: number; seats: number }, i: number): Over => ({
          seats,
          arr: gbp(seats * 100),
          parentId: parent < i ? id(parent) : null,
        });
        const { scored: members, of } = await scored(
          nodes.map((node, i) => customer(id(i), over(node, i))),
          'top',
        );
        const topOf = (i: number): number => {
          const parent = nodes[i]?.parent ?? i;
          return parent < i ? topOf(parent) : i;
        };
        const sums = new Map<string, number>();
        for (const [i, { seats }] of nodes.entries())
          sums.set(id(topOf(i)), (sums.get(id(topOf(i))) ?? 0) + seats * 100);
        expect([...members].sort()).toEqual([...sums.keys()].sort());
        for (const [top, minor] of sums) expect((await of(top))?.arr).toEqual(gbp(minor));
      }),
      { numRuns: 15 },
    );
  });
});
