import { describe, expect, it } from 'vitest';
import { dateArgument, oneOf, wholeNumber } from '../../src/cli/arguments.ts';

describe('wholeNumber', () => {
  it('takes whole numbers from the least on', () => {
    expect(wholeNumber('--n', '0')).toBe(0);
    expect(wholeNumber('--n', '12', 1)).toBe(12);
  });
  it.each(['', '-1', '1.5', '1e3', ' 1', 'x', '0x10'])('refuses "%s" and names the option', (text) => {
    expect(() => wholeNumber('--n', text)).toThrow(`--n ${text}: expected a whole number from 0 on`);
  });
  it('refuses what is beyond the most', () => {
    expect(wholeNumber('--port', '65535', 0, 65_535)).toBe(65_535);
    expect(() => wholeNumber('--port', '99999', 0, 65_535)).toThrow(
      '--port 99999: expected a whole number from 0 to 65535',
    );
    expect(() => wholeNumber('--n', '99999999999999999')).toThrow('expected a whole number');
  });
  it('refuses what is below the least', () => {
    expect(() => wholeNumber('--n', '0', 1)).toThrow('expected a whole number from 1 on');
  });
});

describe('dateArgument', () => {
  it('takes calendar days, leap days too', () => {
    expect(dateArgument('--as-of', '2026-11-25')).toBe('2026-11-25');
    expect(dateArgument('--as-of', '2028-02-29')).toBe('2028-02-29');
  });
  it.each(['2026-02-30', '2027-02-29', '2026-13-01', '25.11.2026', '2026-1-1', 'yesterday', ''])(
    'refuses "%s"',
    (text) => {
      expect(() => dateArgument('--as-of', text)).toThrow('expected a date like 2026-11-25');
    },
  );
});

describe('oneOf', () => {
  it('gives the name back, or says which is nearest and which there are', () => {
    expect(oneOf('source', 'crm', ['crm', 'exports'])).toBe('crm');
    try {
      oneOf('source', 'exprts', ['crm', 'exports']);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        message: 'source "exprts" is not known',
        hint: 'The nearest is "exports". Known are: crm, exports.',
      });
    }
  });
});
