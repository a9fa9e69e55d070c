import type { AccountScore } from '../core/result.ts';
import { POINT } from '../core/result.ts';

/** Text tables for people: columns sized by content, long cells cut with an ellipsis. */
export function table(head: string[], rows: string[][], options: { right?: number[]; max?: number } = {}): string {
  const max = options.max ?? 60;
  const cut = (cell: string) => ([...cell].length > max ? `${[...cell].slice(0, max - 1).join('')}…` : cell);
  const cells = [head, ...rows].map((row) => row.map(cut));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => width(row[i] ?? ''))));
  const line = (row: string[]) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0, options.right?.includes(i) ?? false))
      .join('  ')
      .trimEnd();
  return [line(cells[0] ?? []), widths.map((w) => '─'.repeat(w)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

/** Terminal cells: East Asian wide characters take two. */
function width(text: string): number {
  let cells = 0;
  for (const char of text)
    cells +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u.test(
        char,
      )
        ? 2
        : /\p{M}/u.test(char)
          ? 0
          : 1;
  return cells;
}
const pad = (text: string, cells: number, right: boolean): string => {
  const gap = ' '.repeat(Math.max(0, cells - width(text)));
  return right ? gap + text : text + gap;
};

/** "███████░░░ 212 (42 %)" */
export function bar(value: number, total: number, cells = 30): string {
  const share = total > 0 ? value / total : 0;
  return `${'█'.repeat(Math.round(share * cells)).padEnd(cells, '░')}`;
}

export const percent = (part: number, whole: number): string =>
  whole > 0 ? `${Math.round((part / whole) * 100)} %` : '–';

export function moneyText(money: { minor: number; currency: string } | null): string {
  if (!money) return '–';
  const digits =
    new Intl.NumberFormat('en-GB', { style: 'currency', currency: money.currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  return new Intl.NumberFormat('en-GB', {
    style: 'currency',
    currency: money.currency,
    notation: 'compact',
    maximumSignificantDigits: 3,
  }).format(money.minor / 10 ** digits);
}

/** "72.4" */
export const pointsText = (points: number | null, digits = 1): string =>
  points === null ? '–' : (points / POINT).toFixed(digits);

export const signed = (points: number | null): string =>
  points === null ? '–' : `${points > 0 ? '+' : points < 0 ? '−' : '±'}${Math.abs(points / POINT).toFixed(1)}`;

export const bandTitle = (band: string): string => band.charAt(0).toUpperCase() + band.slice(1);

export function byRisk(a: AccountScore, b: AccountScore): number {
  return (b.arr?.minor ?? 0) - (a.arr?.minor ?? 0);
}
