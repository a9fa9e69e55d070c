import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  atTime,
  daysBetween,
  endOfDay,
  parseDate,
  parseInstant,
  shortDate,
  startOfDay,
  todayIn,
  unitsBefore,
} from '../../src/kit/dates.ts';

const DAY = 86_400_000;

describe('dates', () => {
  it('gives the date of the zone, not of UTC', () => {
    const now = Date.UTC(2026, 10, 25, 23, 30);
    expect(todayIn('Europe/London', now)).toBe('2026-11-25');
    expect(todayIn('Asia/Tokyo', now)).toBe('2026-11-26');
    expect(todayIn('America/Los_Angeles', now)).toBe('2026-11-25');
  });

  it('counts calendar units back', () => {
    const at = (text: string) => Date.parse(`${text}T10:00:00Z`);
    expect(unitsBefore(at('2026-03-31'), 'month', 1)).toBe(at('2026-02-28'));
    expect(unitsBefore(at('2028-02-29'), 'year', 1)).toBe(at('2027-02-28'));
    expect(unitsBefore(at('2026-03-31'), 'week', 2)).toBe(at('2026-03-17'));
    expect(unitsBefore(at('2026-03-31'), 'day', 31)).toBe(at('2026-02-28'));
  });

  it('starts a day at its own midnight, also when the clock changes', () => {
    expect(startOfDay('2026-03-29', 'Europe/London')).toBe(Date.UTC(2026, 2, 29));
    expect(startOfDay('2026-03-30', 'Europe/London')).toBe(Date.UTC(2026, 2, 29, 23));
    expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toBe(Date.UTC(2018, 10, 4, 3)); // midnight did not exist
    expect(endOfDay('2026-03-29', 'Europe/London')).toBe(Date.UTC(2026, 2, 29, 23) - 1);
  });

  it('counts calendar days', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('2027-01-01', '2026-12-31')).toBe(-1);
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });

  it.each([
    ['2027-01-14', '14 Jan'],
    ['2026-09-01', '1 Sep'],
    ['2027-11-25', '25 Nov'],
    ['2027-11-26', '26 Nov 2027'],
    ['2025-11-24', '24 Nov 2025'],
  ])('writes %s as %s on 25 Nov 2026', (date, text) => expect(shortDate(date, '2026-11-25')).toBe(text));

  it.each(['2026-02-30', '2026-2-3', '2026-11-25T00:00:00Z', '25/11/2026', '', 'today'])('%s is no date', (text) => {
    expect(parseDate(text)).toBeNull();
    expect(() => addDays(text, 1)).toThrow(RangeError);
    expect(() => startOfDay(text, 'UTC')).toThrow(RangeError);
  });

  it('takes instants only with their offset', () => {
    expect(parseInstant('2026-11-25T10:00:00Z')).toBe(Date.UTC(2026, 10, 25, 10));
    expect(parseInstant('2026-11-25T10:00:00.250+02:00')).toBe(Date.UTC(2026, 10, 25, 8, 0, 0, 250));
    expect(parseInstant('2026-11-25T10:00:00.000+0000')).toBe(Date.UTC(2026, 10, 25, 10));
    for (const text of ['2026-11-25T10:00:00', '2026-11-25', '2026-13-25T10:00:00Z', ''])
      expect(parseInstant(text)).toBeNull();
  });

  it('knows an hour of a day by the clocks of the place, on days of a clock change too', () => {
    expect(atTime('2026-11-25', 9, 'America/New_York')).toBe(Date.UTC(2026, 10, 25, 14));
    expect(atTime('2026-03-29', 9, 'Europe/London')).toBe(Date.UTC(2026, 2, 29, 8));
    expect(atTime('2026-10-25', 9, 'Europe/London')).toBe(Date.UTC(2026, 9, 25, 9));
    expect(atTime('2026-03-29', 1, 'Europe/London')).toBe(Date.UTC(2026, 2, 29, 1));
    expect(() => atTime('2026-02-30', 9, 'UTC')).toThrow(RangeError);
  });

  it('refuses an unknown zone', () => expect(() => todayIn('Europe/Londn', 0)).toThrow(/Europe\/Londn/));

  it('adds up: any date plus its distance is the other date, and a day has its own date', () => {
    const day = fc.integer({ min: 0, max: 30_000 }).map((n) => new Date(n * DAY).toISOString().slice(0, 10));
    const zone = fc.constantFrom('UTC', 'Europe/London', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland');
    fc.assert(
      fc.property(day, day, zone, (a, b, timezone) => {
        expect(addDays(a, daysBetween(a, b))).toBe(b);
        expect(todayIn(timezone, startOfDay(a, timezone))).toBe(a);
        expect(todayIn(timezone, endOfDay(a, timezone))).toBe(a);
      }),
    );
  });
});
