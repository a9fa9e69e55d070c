import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrOf } from '../../src/core/arr.ts';
import { Families, familySentence, familyView, withFamily } from '../../src/core/family.ts';
import { Hierarchy, type ParentLink } from '../../src/core/hierarchy.ts';
import { type AccountScore, POINT, type Points } from '../../src/core/result.ts';
import { viewAt } from '../../src/core/view.ts';
import { score } from '../cli/support.ts';
import { daysAgo, fact, NOON, TODAY } from './helpers.ts';

const link = (account: string, parent: string, known = true): ParentLink => ({ account, parent, known });
const scored = (account: string, points: Points | null, more: Partial<AccountScore> = {}): AccountScore =>
  score({
    account,
    name: account,
    points,
    score: points === null ? null : Math.round(points / POINT),
    band: points === null ? 'not scored' : points < 60 * POINT ? 'red' : 'green',
    ...more,
  });

/** Children before parents, as a scoring does it. */
function familiesOf(hierarchy: Hierarchy, scores: Map<string, { score: AccountScore; arr: number | null }>) {
  const families = new Families(hierarchy);
  const out = new Map<string, ReturnType<Families['of']>>();
  const order = [...[...scores.keys()].filter((a) => !hierarchy.isParent(a)), ...hierarchy.levels().flat()];
  for (const account of order) {
    const own = scores.get(account);
    if (!own) continue;
    families.add(own.score, own.arr);
    out.set(account, families.of(own.score, own.arr));
  }
  return out;
}

describe('Hierarchy', () => {
  it('cuts circles at the smallest id, whatever the order, and counts who is in them', () => {
    const links = [link('C', 'A'), link('A', 'B'), link('B', 'C'), link('X', 'B'), link('S', 'S')];
    for (const order of [links, [...links].reverse()]) {
      const hierarchy = new Hierarchy(order);
      expect(hierarchy.cyclic).toBe(4);
      expect([hierarchy.parentOf('A'), hierarchy.parentOf('S')]).toEqual([null, null]);
      expect(hierarchy.families()).toEqual(new Map([['A', ['C', 'B', 'X']]]));
      expect(hierarchy.levels()).toEqual([['B'], ['C'], ['A']]);
    }
  });

  it('takes an account whose parent is not known for one without', () => {
    const hierarchy = new Hierarchy([link('A', 'gone', false), link('B', 'A')]);
    expect(hierarchy.orphaned).toBe(1);
    expect(hierarchy.parentOf('A')).toBeNull();
    expect(hierarchy.descendantsOf('A')).toEqual(['B']);
  });

  it('ends in any graph: everybody has one top, and levels put children first', () => {
    const graph = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 60 });
    fc.assert(
      fc.property(graph, (edges) => {
        const parents = new Map(edges.map(([a, b]) => [`a${a}`, `a${b}`]));
        const hierarchy = new Hierarchy([...parents].map(([a, p]) => link(a, p)));
        const level = new Map(hierarchy.levels().flatMap((all, i) => all.map((account) => [account, i])));
        const inside = [...hierarchy.families().values()].flat();
        expect(new Set(inside).size).toBe(inside.length);
        for (const account of parents.keys()) {
          const parent = hierarchy.parentOf(account);
          expect(inside.includes(account)).toBe(parent !== null);
          if (parent === null) continue;
          expect([...hierarchy.ancestorsOf(account)].length).toBeLessThanOrEqual(31);
          expect(level.get(parent)).toBeGreaterThan(level.get(account) ?? -1);
        }
      }),
    );
  });
});

describe('Families', () => {
  it('shows the worst child, and the score of all below weighted by ARR with its own', () => {
    const hierarchy = new Hierarchy([link('FR', 'G'), link('DE', 'G'), link('DE-S', 'DE'), link('IT', 'G')]);
    const out = familiesOf(
      hierarchy,
      new Map([
        ['G', { score: scored('G', 90 * POINT), arr: 100 }],
        ['FR', { score: scored('FR', 41 * POINT), arr: 50 }],
        ['DE', { score: scored('DE', 80 * POINT), arr: 40 }],
        ['DE-S', { score: scored('DE-S', 10 * POINT), arr: 10 }],
        ['IT', { score: scored('IT', null), arr: 1_000 }],
      ]),
    );
    // (90×100 + 41×50 + 80×40 + 10×10) ÷ 200
    expect(out.get('G')).toEqual({
      children: 3,
      worst: { account: 'FR', name: 'FR', score: 41, band: 'red' },
      weighted: 71.75 * POINT,
    });
    expect(out.get('DE')).toMatchObject({ children: 1, worst: { account: 'DE-S' }, weighted: 66 * POINT });
    expect(out.get('FR')).toBeNull();
  });

  it('is the same in any order of siblings, and what adding it up by hand gives', () => {
    const member = fc.record({
      points: fc.option(fc.integer({ min: 0, max: 100 * POINT })),
      arr: fc.option(fc.integer({ min: 0, max: 1e12 })),
    });
    const world = fc.array(fc.record({ parent: fc.nat(14), member }), { minLength: 2, maxLength: 15 });
    fc.assert(
      fc.property(world, (nodes) => {
        const id = (i: number): string => `n${String(i).padStart(2, '0')}`;
        // A parent has a smaller number, so that there are no circles.
        const links = nodes.flatMap(({ parent }, i) => (parent < i ? [link(id(i), id(parent))] : []));
        const hierarchy = new Hierarchy(links);
        const scores = new Map(
          nodes.map(({ member }, i) => [id(i), { score: scored(id(i), member.points), arr: member.arr }]),
        );
        const told = familiesOf(hierarchy, scores);
        expect(familiesOf(hierarchy, new Map([...scores].reverse()))).toEqual(told);
        for (const [account, family] of told) {
          const below = [account, ...hierarchy.descendantsOf(account)].flatMap((a) => scores.get(a) ?? []);
          if (below.length === 1) {
            expect(family).toBeNull();
            continue;
          }
          const known = below.flatMap(({ score, arr }) =>
            score.points !== null && arr ? [{ points: BigInt(score.points), arr: BigInt(arr) }] : [],
          );
          const whole = known.reduce((sum, k) => sum + k.arr, 0n);
          const sum = known.reduce((s, k) => s + k.arr * k.points, 0n);
          expect(family?.weighted).toBe(whole === 0n ? null : Number((2n * sum + whole) / (2n * whole)));
          const children = nodes.flatMap((_, i) =>
            hierarchy.parentOf(id(i)) === account ? [scores.get(id(i))?.score] : [],
          );
          expect(family?.children).toBe(children.length);
          const lowest = Math.min(...children.flatMap((c) => c?.score ?? []));
          expect(family?.worst?.score ?? Number.POSITIVE_INFINITY).toBe(lowest);
        }
      }),
    );
  });

  it('is told in one sentence, before the renewal and within three', () => {
    const worst = { account: 'FR', name: 'Acme France', score: 41, band: 'red' };
    expect(familySentence({ children: 4, worst, weighted: 71.4 * POINT })).toBe(
      'Weakest of 4 subsidiaries: Acme France, 41 (red); 71 weighted by ARR.',
    );
    expect(familySentence({ children: 1, worst, weighted: null })).toBe('Its subsidiary: Acme France, 41 (red).');
    expect(familySentence({ children: 2, worst: null, weighted: null })).toBeNull();
    const reasons = ['One.', 'Two.', 'Renewal 14 Jan.'];
    const renewal = { on: '2027-01-14', daysAway: 50, arr: null, source: 'account field' };
    const told = withFamily(scored('G', 1, { reasons, renewal }), { children: 1, worst, weighted: null }, TODAY);
    expect(told.reasons).toEqual(['One.', 'Its subsidiary: Acme France, 41 (red).', 'Renewal 14 Jan.']);
    const far = withFamily(
      scored('G', 1, { reasons: ['One.', 'Two.', 'Three.'], renewal: null }),
      { children: 1, worst, weighted: null },
      TODAY,
    );
    expect(far.reasons).toEqual(['One.', 'Two.', 'Its subsidiary: Acme France, 41 (red).']);
  });
});

describe('familyView', () => {
  const record = (id: string, data: Record<string, unknown>, at = 500) =>
    fact('account', daysAgo(at), { name: id, ...data }, { id });
  const gbp = (minor: number) => ({ minor, currency: 'GBP' });
  const view = (...facts: ReturnType<typeof record>[]) =>
    familyView(
      viewAt({ account: 'TOP', facts: [...facts].sort((a, b) => a.at - b.at), sources: ['crm'] }, 'crm', NOON),
      'crm',
      (m) => (m.currency === 'USD' ? gbp(m.minor / 2) : m.currency === 'GBP' ? m : null),
    );

  it('adds up seats and ARR of the whole family, and is the top in everything else', () => {
    const family = view(
      record('SUB', { seats: 5, arr: { minor: 100, currency: 'USD' }, renewalOn: '2027-01-01' }, 700),
      record('TOP', { seats: 10, arr: gbp(1_000), renewalOn: '2027-05-05' }),
      record('SUB2', { seats: null }, 600),
    );
    expect(family.record).toMatchObject({ name: 'TOP', seats: 15, arr: gbp(1_050), renewalOn: '2027-05-05' });
    expect([family.field('seats'), family.field('arr'), family.field('name')]).toEqual([15, gbp(1_050), 'TOP']);
    expect(arrOf(family, TODAY)).toEqual(gbp(1_050));
  });

  it('knows earlier days as they were, and an amount without a rate leaves the sum unknown', () => {
    const family = view(
      record('TOP', { seats: 10, arr: gbp(1_000) }),
      record('SUB', { seats: 5, arr: { minor: 1, currency: 'SEK' } }, 100),
    );
    expect(family.record?.arr).toBeNull();
    expect(family.field('arr')).toBeUndefined();
    expect(family.earlier(daysAgo(200)).record).toMatchObject({ seats: 10, arr: gbp(1_000) });
  });
});
