import { describe, expect, it } from 'vitest';
import {
  bandTitle,
  bar,
  cut,
  dateText,
  moneyText,
  pad,
  percent,
  pointsText,
  signed,
  table,
  timeText,
  width,
} from '../../src/cli/format.ts';

describe('table', () => {
  it('aligns columns by what a terminal shows: wide characters take two cells, combining ones none', () => {
    const rows = [
      ['Acme', '1'],
      ['東京電力', '20'],
      ['Łódź Cafe\u0301', '300'],
      ['🚀 Ltd', '4'],
    ];
    const lines = table(['name', 'n'], rows, { right: [1] }).split('\n');
    expect(lines).toEqual([
      'name         n',
      '─────────  ───',
      'Acme         1',
      '東京電力    20',
      'Łódź Cafe\u0301  300',
      '🚀 Ltd       4',
    ]);
    expect(new Set(lines.map(width))).toEqual(new Set([14]));
  });

  it('cuts long cells with an ellipsis, by cells and never through a character', () => {
    const [, , first, second] = table(['a'], [['abcdefghijkl'], ['東京電力株式会社']], { max: 8 }).split('\n');
    expect(first).toBe('abcdefg…');
    expect(second).toBe('東京電…');
    expect(cut('exactly8', 8)).toBe('exactly8');
    expect(cut('👩‍🚀👩‍🚀👩‍🚀', 4)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/u);
  });

  it('keeps a row on one line, and lets no name steer the terminal', () => {
    const text = table(['name', 'n'], [['Two\nlines \u001b[31mred', '1']]);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toContain('\u001b');
  });

  it('pads to the left or to the right', () => {
    expect(pad('東', 4)).toBe('東  ');
    expect(pad('東', 4, true)).toBe('  東');
    expect(pad('long', 2)).toBe('long');
  });
});

describe('figures for people', () => {
  it('shows money in its own currency and digits', () => {
    expect(moneyText({ minor: 3_812_345, currency: 'GBP' })).toBe('£38.1k');
    expect(moneyText({ minor: 124_000_000, currency: 'USD' })).toBe('US$1.24m');
    expect(moneyText({ minor: 5_000_000, currency: 'JPY' })).toBe('JP¥5m'); // no minor units
    expect(moneyText({ minor: 1_234_000, currency: 'BHD' })).toMatch(/^BHD\s1\.23k$/); // three digits of minor units
    expect(moneyText({ minor: 0, currency: 'EUR' })).toBe('€0');
    expect(moneyText(null)).toBe('–');
  });

  it('writes days and instants by the company’s clock', () => {
    expect(dateText('2026-09-05')).toBe('5 Sep 2026');
    expect(dateText(null)).toBe('–');
    const at = Date.parse('2026-06-30T23:30:00Z');
    expect(timeText(at, 'UTC')).toBe('30 Jun 2026, 23:30');
    expect(timeText(at, 'Europe/London')).toBe('1 Jul 2026, 00:30');
    expect(timeText(null, 'UTC')).toBe('–');
  });

  it('writes points, changes, shares and bars', () => {
    expect(pointsText(721_234)).toBe('72.1');
    expect(pointsText(721_234, 4)).toBe('72.1234');
    expect(pointsText(null)).toBe('–');
    expect([signed(12_000), signed(-5_000), signed(0), signed(null)]).toEqual(['+1.2', '−0.5', '±0.0', '–']);
    expect([percent(1, 3), percent(0, 0), percent(0, 9), percent(9, 9)]).toEqual(['33 %', '–', '0 %', '100 %']);
    expect([percent(499, 500), percent(1, 500)]).toEqual(['>99 %', '<1 %']);
    expect(bar(1, 2, 10)).toBe('█████░░░░░');
    expect(bar(0, 0, 4)).toBe('░░░░');
    expect(bandTitle('not scored')).toBe('Not scored');
  });
});
