import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldFields, inPopulation, leavers } from '../../src/core/population.ts';
import { Condition, satisfies } from '../../src/core/rules.ts';
import { fieldSpecs } from '../../src/core/writeback-fields.ts';
import { rulesOf, state, viewOf } from './states.ts';

const account = (attributes: Record<string, string | number | null>) =>
  viewOf(state('account', 'A', { name: 'Acme', attributes }));
const customers = rulesOf({
  population: {
    all: [
      { field: 'Type', in: ['Customer', 'Key customer'] },
      {
        none: [
          { field: 'name', contains: 'test' },
          { field: 'Status', is: 'Churned' },
        ],
      },
      {
        any: [
          { field: 'Arr', atLeast: 1 },
          { field: 'Plan', exists: true },
        ],
      },
    ],
  },
});

describe('inPopulation', () => {
  it.each<[Record<string, string | number | null>, boolean, string]>([
    [{ Type: 'customer', Arr: 5 }, true, 'meets the customer rule'],
    [{ Type: 'Prospect', Arr: 5 }, false, 'Type is Prospect, must be Customer or Key customer'],
    [{ Arr: 5 }, false, 'Type is empty, must be Customer or Key customer'],
    [{ Type: 'Customer', Status: 'churned', Arr: 5 }, false, 'excluded: Status is churned'],
    [{ Type: 'Customer', Arr: 0 }, false, 'Arr is 0, must be at least 1; Plan is empty, must be filled'],
  ])('%j', (attributes, member, reason) => {
    expect(inPopulation(account(attributes), customers)).toEqual({ member, reason });
  });
  it('takes every account where no rule is set, but none without a record', () => {
    expect(inPopulation(account({}), rulesOf()).member).toBe(true);
    expect(inPopulation(viewOf(), rulesOf())).toEqual({
      member: false,
      reason: 'no account record: deleted, merged, or not yet known',
    });
  });
  it('agrees with the rule and always says why', () => {
    const { node } = fc.letrec<{ node: Condition }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.record({ field: fc.constantFrom('x', 'y'), is: fc.constantFrom('a', 1) }),
        fc.record({ field: fc.constantFrom('x', 'y'), not: fc.constantFrom('a', 1) }),
        fc.record({ field: fc.constantFrom('x', 'y'), exists: fc.boolean() }),
        fc.record({ field: fc.constantFrom('x', 'y'), atLeast: fc.integer({ min: 0, max: 2 }) }),
        fc.array(tie('node'), { maxLength: 3 }).map((all) => ({ all })),
        fc.array(tie('node'), { maxLength: 3 }).map((any) => ({ any })),
        fc.array(tie('node'), { maxLength: 3 }).map((none) => ({ none })),
      ),
    }));
    const value = fc.constantFrom('a', 1, null);
    fc.assert(
      fc.property(node, value, value, (population, x, y) => {
        const view = account({ x, y });
        const found = inPopulation(view, rulesOf({ population: Condition.parse(population) }));
        expect(found.member).toBe(satisfies(population, view.field));
        expect(found.reason).not.toBe('');
        expect(found.reason).not.toContain('no rule failed');
      }),
      { seed: 10 },
    );
  });
});

describe('leavers', () => {
  const fields = fieldSpecs([], [{ code: 'call', label: 'Call' }]);
  const held: HeldFields[] = [
    { account: 'in', values: { band: 'Red' } },
    { account: 'out', values: { band: 'Red', score: 0, trend: null, pulse: 'Good' } },
    { account: 'blank', values: { band: null, score: '', pulse: 'Good' } },
    { account: 'deleted', values: { band: 'Red' } },
  ];
  it('blanks what we wrote, once, and leaves what people wrote', () => {
    const first = leavers(held, new Set(['in']), fields, (a) => a !== 'deleted');
    expect(first).toEqual([{ account: 'out', values: { score: null, band: null } }]);
    const after = held.map((h) => ({
      ...h,
      values: { ...h.values, ...first.find((f) => f.account === h.account)?.values },
    }));
    expect(leavers(after, new Set(['in']), fields, (a) => a !== 'deleted')).toEqual([]);
  });
});
