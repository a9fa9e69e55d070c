import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateOf, dayOf } from '../../src/core/days.ts';

test('a day and its date are two names of one thing', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 1_000_000 }), (day) => {
      expect(dayOf(dateOf(day))).toBe(day);
    }),
  );
});

test.each(['', '2026-11', '2026-13-01', '2026-00-10', '2026-11-32', '2026-1x-05', '2026-11-05T10:00', 'next Tuesday'])(
  '“%s” is no day',
  (text) => {
    expect(dayOf(text)).toBeNaN();
  },
);
