import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseId, recordId, to18 } from '../../../connectors/salesforce/sandbox/ids.ts';

test('the checksum counts capitals, five characters a digit', () => {
  // No capitals: AAA. All capitals: 555. One capital as first, second or third of its five: bits 1, 2, 4.
  expect(to18('001300000000001')).toBe('001300000000001AAA');
  expect(to18('0013000000NO2ZX')).toHaveLength(18);
  expect(to18('aaaaaaaaaaaaaaa').slice(15)).toBe('AAA');
  expect(to18('AAAAAAAAAAAAAAA').slice(15)).toBe('555');
  expect(to18('AaaaaaAaaaaaAaa').slice(15)).toBe('BCE');
});

test('ids of one type are unique, sort like their numbers and are read in both lengths', () => {
  const number = fc.integer({ min: 0, max: 62 ** 8 - 1 });
  fc.assert(
    fc.property(number, number, (a, b) => {
      const [x, y] = [recordId('00T', a), recordId('00T', b)];
      expect(Math.sign(a - b)).toBe(x < y ? -1 : x > y ? 1 : 0);
      expect(parseId(x)).toBe(x);
      expect(parseId(x.slice(0, 15))).toBe(x);
    }),
  );
});

test('a swapped letter case breaks the checksum', () => {
  const id = recordId('001', 123_456_789);
  const at = [...id].findIndex((c, i) => i < 15 && /[a-z]/.test(c));
  const broken = id.slice(0, at) + id.charAt(at).toUpperCase() + id.slice(at + 1);
  expect(parseId(broken)).toBeNull();
  expect(parseId('short')).toBeNull();
  expect(parseId("001gK0000000'--")).toBeNull();
});
