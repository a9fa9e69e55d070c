import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumAmounts } from '../../src/core/amount.ts';
import { addDays, daysBetween, dueDay, isDate, weekdayText } from '../../src/core/calendar.ts';
import { dayOf, isWorkday } from '../../src/core/days.ts';
import { cutAtWord, joinWithin, oneLine, sentenceCase } from '../../src/core/text.ts';

describe('text', () => {
  it('cuts between words, never within one', () => {
    expect(cutAtWord('one two three', 13)).toBe('one two three');
    expect(cutAtWord('one two three', 12)).toBe('one two…');
    expect(cutAtWord('one, two', 6)).toBe('one…');
    expect(cutAtWord('oneword', 3)).toBe('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (text, max) => {
        const cut = cutAtWord(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut.isWellFormed()).toBe(true);
        if (cut.endsWith('…') && cut !== text) {
          const kept = cut.slice(0, -1);
          expect(text.startsWith(kept)).toBe(true);
          expect(text.slice(kept.length)).toMatch(/^[,;:.\s–-]/u);
        }
      }),
      { seed: 11 },
    );
  });
  it('joins whole items and counts the rest', () => {
    expect(joinWithin(['aa', 'bb', 'cc'], '; ', 10)).toBe('aa; bb; cc');
    expect(joinWithin(['aa', 'bb', 'cccccc'], '; ', 13)).toBe('aa; +2 more');
    expect(joinWithin([], '; ', 5)).toBe('');
    expect(oneLine(' a\r\n\tb\u0000 c ')).toBe('a b c');
    expect(sentenceCase('not scored')).toBe('Not scored');
  });
});

describe('calendar', () => {
  it('knows real dates', () => {
    expect(['2026-02-28', '2028-02-29'].every(isDate)).toBe(true);
    expect(['2026-02-30', '2027-02-29', '26-1-1', '', null, 20260101].some(isDate)).toBe(false);
    expect(weekdayText('2026-12-04', '2026-11-25')).toBe('Fri 4 Dec');
    expect(weekdayText('1969-12-31', '1969-12-30')).toBe('Wed 31 Dec');
  });
  it.each([
    ['2026-11-25', 7, null, '2026-12-02'],
    ['2026-11-25', 3, null, '2026-11-27'], // Saturday → the Friday before
    ['2026-11-27', 1, null, '2026-11-30'], // Friday: the next working day is Monday
    ['2026-11-25', 14, '2026-12-01', '2026-11-30'], // before the renewal
    ['2026-11-25', 14, '2026-11-26', '2026-11-26'], // no room: the next working day
    ['2026-11-25', 7, '2026-11-01', '2026-12-02'], // overdue
  ])('from %s within %i days, before %s: %s', (today, within, before, due) => {
    expect(dueDay(today, within, before)).toBe(due);
  });
  it('a due day is a working day from tomorrow on, within the time given or the next working day', () => {
    const offset = fc.integer({ min: -400, max: 400 });
    fc.assert(
      fc.property(
        fc.integer({ min: 18_000, max: 25_000 }),
        fc.integer({ min: 1, max: 90 }),
        fc.option(offset),
        (d, within, by) => {
          const today = addDays('1970-01-01', d);
          const due = dueDay(today, within, by === null ? null : addDays(today, by));
          expect(isWorkday(dayOf(due))).toBe(true);
          expect(daysBetween(today, due)).toBeGreaterThan(0);
          expect(daysBetween(today, due)).toBeLessThanOrEqual(Math.max(within, 3));
        },
      ),
      { seed: 12 },
    );
  });
});

describe('sumAmounts', () => {
  const gbp = (minor: number) => ({ minor, currency: 'GBP' });
  it('is unknown where a part is unknown', () => {
    expect(sumAmounts([gbp(1), gbp(2)])).toEqual(gbp(3));
    expect(sumAmounts([gbp(1), null])).toBeNull();
    expect(sumAmounts([])).toBeNull();
    expect(sumAmounts([gbp(1), { minor: 2, currency: 'EUR' }])).toBeNull();
    expect(sumAmounts([gbp(1), { minor: 2, currency: 'EUR' }], (m) => gbp(m.minor * 2))).toEqual(gbp(6));
    expect(sumAmounts([gbp(1), { minor: 2, currency: 'EUR' }], (m) => (m.currency === 'GBP' ? m : null))).toBeNull();
  });
});
