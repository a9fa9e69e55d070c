import { dateText as dateOf, majorUnits } from '../core/format.ts';
import { POINT } from '../core/result.ts';
import { oneLine } from '../core/text.ts';

/** One locale for all output, so that the same run reads the same everywhere. */
const LOCALE = 'en-GB';

/** Text tables for people: columns sized by content, long cells cut with an ellipsis, each row on one line. */
export function table(head: string[], rows: string[][], options: { right?: number[]; max?: number } = {}): string {
  const max = options.max ?? 60;
  const cells = [head, ...rows].map((row) => row.map((cell) => cut(oneLine(cell), max)));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => width(row[i] ?? ''))));
  const line = (row: string[]) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0, options.right?.includes(i) ?? false))
      .join('  ')
      .trimEnd();
  return [line(cells[0] ?? []), widths.map((w) => '─'.repeat(w)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

/** At most so many terminal cells, the last one an ellipsis where something is missing. */
export function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let kept = '';
  for (const char of text) {
    if (width(kept) + width(char) >= cells) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}

/** Terminal cells: East Asian wide characters take two. */
export function width(text: string): number {
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
export const pad = (text: string, cells: number, right = false): string => {
  const gap = ' '.repeat(Math.max(0, cells - width(text)));
  return right ? gap + text : text + gap;
};

/** "███████░░░" */
export function bar(value: number, total: number, cells = 30): string {
  const share = total > 0 ? value / total : 0;
  return `${'█'.repeat(Math.round(share * cells)).padEnd(cells, '░')}`;
}

/** "42 %"; never all or nothing where it is not: 499 of 500 is more than 99 %. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const rounded = Math.round((part / whole) * 100);
  if (rounded === 100 && part < whole) return '>99 %';
  return rounded === 0 && part > 0 ? '<1 %' : `${rounded} %`;
}

/** "£38.1k", "US$1.2m": three digits, the currency's own symbol. */
export function moneyText(money: { minor: number; currency: string } | null): string {
  if (!money) return '–';
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency: money.currency,
    notation: 'compact',
    maximumSignificantDigits: 3,
  }).format(majorUnits(money));
}

/** "2026-11-25" → "25 Nov 2026" */
export const dateText = (date: string | null): string => (date === null ? '–' : dateOf(date));

/** An instant on the company's clock: "25 Nov 2026, 02:04". */
export function timeText(at: number | null, timezone: string): string {
  if (at === null) return '–';
  const clock = new Intl.DateTimeFormat(LOCALE, { timeZone: timezone, timeStyle: 'short' });
  return `${dayFormat(timezone).format(at).replace('Sept', 'Sep')}, ${clock.format(at)}`;
}

const dayFormat = (timeZone: string) =>
  new Intl.DateTimeFormat(LOCALE, { timeZone, day: 'numeric', month: 'short', year: 'numeric' });

/** "72.4" */
export const pointsText = (points: number | null, digits = 1): string =>
  points === null ? '–' : (points / POINT).toFixed(digits);

export const signed = (points: number | null): string =>
  points === null ? '–' : `${points > 0 ? '+' : points < 0 ? '−' : '±'}${Math.abs(points / POINT).toFixed(1)}`;

export { bandTitle } from '../core/format.ts';
