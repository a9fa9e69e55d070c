import { describe, expect, it } from 'vitest';
import { readWhen } from '../../src/kit/read-date.ts';

const at = (text: string, zone: string, pattern?: string): string | null => {
  const found = readWhen(text, zone, pattern);
  return found && `${found.day} ${new Date(found.instant).toISOString().slice(0, 16)}`;
};

describe('dates as exports write them', () => {
  it.each([
    ['2026-01-02', 'UTC', undefined, '2026-01-02 2026-01-02T00:00'],
    ['2026-07-02', 'Europe/London', undefined, '2026-07-02 2026-07-01T23:00'],
    ['2026-07-02 10:30', 'Europe/London', undefined, '2026-07-02 2026-07-02T09:30'],
    ['2026-07-02T23:30:15.123Z', 'Europe/London', undefined, '2026-07-03 2026-07-02T23:30'],
    ['2026-07-02T10:30+0200', 'UTC', undefined, '2026-07-02 2026-07-02T08:30'],
    ['31/12/2026', 'UTC', 'dd/MM/yyyy', '2026-12-31 2026-12-31T00:00'],
    ['1767312000', 'UTC', 'X', '2026-01-02 2026-01-02T00:00'],
  ])('%s in %s by %s', (text, zone, pattern, expected) => {
    expect(at(text, zone, pattern)).toBe(expected);
  });

  it.each(['03/04/2026', '2026-02-30', '2026-1-2', '20260102', '2026-01-02T25:00', '2 Jan 2026', '46024', '2026', ''])(
    'guesses nothing: %s',
    (text) => {
      expect(readWhen(text, 'UTC')).toBeNull();
      expect(readWhen(text, 'Europe/London')).toBeNull();
    },
  );
});
