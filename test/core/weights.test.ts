import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coefficientsOf, compositeOf, type Weighed } from '../../src/core/weights.ts';

const item = fc.record({
  key: fc.string({ minLength: 1, maxLength: 3 }),
  group: fc.constantFrom('a', 'b', 'c'),
  weight: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(1000, 2000, 5000)),
});
/** Every item of a group carries the group's weight. */
const items = fc
  .tuple(
    fc.uniqueArray(item, { minLength: 1, maxLength: 9, selector: (i) => i.key }),
    fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 3, maxLength: 3 }),
  )
  .map(([list, groups]): Weighed[] =>
    list.map((i) => ({ ...i, groupWeight: groups[i.group.charCodeAt(0) - 97] ?? 0 })),
  );
const values = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 9, maxLength: 9 });

test('what is reckoned in numbers is what is reckoned in full, and adds up', () => {
  let small = 0;
  fc.assert(
    fc.property(items, values, (list, all) => {
      const coefficients = coefficientsOf(list);
      const own = all.slice(0, list.length);
      const found = compositeOf(coefficients, own);
      expect(found).toEqual(compositeOf({ ...coefficients, small: null }, own));
      if (found) expect(found.points.reduce((a, b) => a + b, 0)).toBe(found.total);
      if (coefficients.small) small += 1;
    }),
    { numRuns: 500, seed: 3 },
  );
  expect(small).toBeGreaterThan(50);
  expect(small).toBeLessThan(450);
});
