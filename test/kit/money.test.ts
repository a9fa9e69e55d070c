import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponentOf, minorUnits, shortMoney, toDecimal, toMoney } from '../../src/kit/money.ts';

const minor = (amount: string | number | null, currency = 'GBP', format = {}) =>
  toMoney(amount, currency, format)?.minor ?? null;

describe('toMoney', () => {
  it.each([
    [1234.56, 'GBP', 123456],
    [1.005, 'GBP', 101],
    [0.1 + 0.2, 'USD', 30],
    [4.35, 'EUR', 435],
    [1e21, 'GBP', null],
    [5e-7, 'GBP', 0],
    [1.5e3, 'GBP', 150000],
    [-19.99, 'GBP', -1999],
    [Number.NaN, 'GBP', null],
    [1234, 'JPY', 1234],
    [1234.5, 'JPY', 1235],
    ['1.234', 'BHD', 1234],
    ['1.2345', 'BHD', 1235],
    ['1.2344', 'BHD', 1234],
    ['-0.005', 'GBP', -1],
    ['-0.004', 'GBP', 0],
    ['+5', 'GBP', 500],
    ['.5', 'GBP', 50],
    ['5.', 'GBP', 500],
    [' 5 ', 'gbp', 500],
    ['', 'GBP', null],
    ['.', 'GBP', null],
    ['n/a', 'GBP', null],
    ['1.2.3', 'GBP', null],
    ['1e3', 'GBP', null],
    ['£5', 'GBP', null],
    ['5', 'POUNDS', null],
    [null, 'GBP', null],
  ])('%s %s → %s minor units', (amount, currency, expected) => expect(minor(amount, currency)).toBe(expected));

  it('takes thousands separators only where they are declared, and only in their places', () => {
    expect(minor('1,234.56')).toBeNull();
    expect(minor('1,234.56', 'GBP', { thousands: ',' })).toBe(123456);
    expect(minor('1.234,56', 'EUR', { thousands: '.', decimal: ',' })).toBe(123456);
    expect(minor('1\u00a0234,5', 'EUR', { thousands: ' ', decimal: ',' })).toBe(123450);
    expect(minor("1'234'567", 'CHF', { thousands: "'" })).toBe(123456700);
    expect(minor('12,34', 'GBP', { thousands: ',' })).toBeNull();
    expect(minor('1,2345', 'GBP', { thousands: ',' })).toBeNull();
    expect(minor('1234.5', 'GBP', { thousands: ',' })).toBe(123450);
    expect(minor('1234.5', 'EUR', { decimal: ',' })).toBeNull();
    expect(minor('-1,234', 'GBP', { thousands: ',' })).toBe(-123400);
  });

  it('keeps every amount exactly through text and back, in any currency', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
        fc.constantFrom('GBP', 'JPY', 'BHD', 'USD'),
        (amount, currency) => {
          const money = { minor: amount, currency };
          expect(toMoney(toDecimal(money), currency)).toEqual(money);
        },
      ),
    );
  });

  it('reads the number of a decimal text as the text itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (cents) => {
        const text = toDecimal({ minor: cents, currency: 'GBP' });
        expect(minor(Number(text))).toBe(minor(text));
      }),
    );
  });

  it('gives NaN as bare minor units where there is no amount', () => {
    expect(minorUnits('12.30', 'GBP')).toBe(1230);
    expect(minorUnits('x', 'GBP')).toBeNaN();
  });

  it('knows the digits of currencies', () => expect(['JPY', 'GBP', 'BHD'].map(exponentOf)).toEqual([0, 2, 3]));
});

describe('shortMoney', () => {
  it.each([
    [84_000_00, 'GBP', '£84k'],
    [1_200_000_00, 'GBP', '£1.2m'],
    [840_00, 'GBP', '£840'],
    [0, 'GBP', '£0'],
    [99_99, 'GBP', '£100'],
    [999_60, 'GBP', '£1k'],
    [999_49, 'GBP', '£999'],
    [1_500_00, 'GBP', '£1.5k'],
    [9_960_00, 'GBP', '£10k'],
    [999_400_00, 'GBP', '£999k'],
    [999_600_00, 'GBP', '£1m'],
    [2_000_000_000_00, 'USD', '$2bn'],
    [-84_000_00, 'GBP', '-£84k'],
    [84_000, 'JPY', '¥84k'],
    [84_000_000, 'BHD', 'BHD\u00a084k'],
    [1_000_00, 'EUR', '€1k'],
  ])('%i %s → %s', (amount, currency, text) => expect(shortMoney({ minor: amount, currency })).toBe(text));
});
