import { type Html, html, type Part } from '../html.ts';

/**
 * Bars in table rows: as wide as their cell, since they are drawn in parts of a hundred, while lines and marks keep their size. The
 * figures stand in text in the same row, so that a drawing says nothing more to who does not see it.
 */

const HEIGHT = 22;
const MIDDLE = HEIGHT / 2;

export interface Track {
  /** Both ends of the axis. */
  from: number;
  to: number;
  /** Where lines of the grid stand. */
  grid: readonly number[];
  /** A bar from the start of the axis, or from `base`. */
  bar?: number | null;
  base?: number;
  /** A point instead of a bar. */
  point?: number | null;
  low?: number | null;
  high?: number | null;
  /** A mark for a figure to compare with. */
  mark?: number | null;
  tone?: 'left' | 'stayed' | 'plain';
}

export function track({ from, to, grid, bar, base = from, point, low, high, mark, tone = 'left' }: Track): Html {
  const at = (value: number): number => Math.max(0, Math.min(100, ((value - from) / (to - from)) * 100));
  const lines: Part = grid.map(
    (value) => html`<line class="grid" x1="${at(value)}%" x2="${at(value)}%" y1="0" y2="${HEIGHT}"/>`,
  );
  const shown: Part = [
    isFigure(bar) &&
      html`<rect class="${tone} soft" x="${Math.min(at(base), at(bar))}%" width="${Math.abs(at(bar) - at(base))}%" y="${MIDDLE - 5}" height="10"/>`,
    isFigure(low) && isFigure(high) && whisker(at(low), at(high)),
    isFigure(point) && html`<circle class="${tone}" cx="${at(point)}%" cy="${MIDDLE}" r="4.5"/>`,
    isFigure(mark) &&
      html`<svg x="${at(mark)}%" y="${MIDDLE}" overflow="visible"><path class="mark" d="M0,-6L6,0L0,6L-6,0Z"/></svg>`,
  ];
  return html`<svg class="track" width="100%" height="${HEIGHT}" aria-hidden="true" focusable="false">${lines}${shown}</svg>`;
}

const whisker = (low: number, high: number): Html =>
  html`<line class="whisker" x1="${low}%" x2="${high}%" y1="${MIDDLE}" y2="${MIDDLE}"/><line class="whisker" x1="${low}%" x2="${low}%" y1="${MIDDLE - 4}" y2="${MIDDLE + 4}"/><line class="whisker" x1="${high}%" x2="${high}%" y1="${MIDDLE - 4}" y2="${MIDDLE + 4}"/>`;

/** The axis of a column of tracks, for its head. */
export function scaleOf(from: number, to: number, label: (value: number) => string, middle?: number): Html {
  const half = middle ?? (from + to) / 2;
  const at = ((half - from) / (to - from)) * 100;
  return html`<svg class="scale" width="100%" height="16" aria-hidden="true" focusable="false"><text class="tick" x="0" y="12">${label(from)}</text><text class="tick" x="${at}%" y="12" text-anchor="middle">${label(half)}</text><text class="tick" x="100%" y="12" text-anchor="end">${label(to)}</text></svg>`;
}

/** A row of small columns, each a share of `most`; one that is nothing still shows where it stands. */
export function columns(shares: readonly number[], most: number): Html {
  const wide = 100 / Math.max(1, shares.length);
  const bars = shares.map((value, i) => {
    const high = most > 0 ? Math.max(1, (value / most) * 28) : 1;
    return html`<rect class="left" x="${i * wide + 1}%" width="${wide - 2}%" y="${30 - high}" height="${high}"/>`;
  });
  return html`<svg class="columns" width="100%" height="30" aria-hidden="true" focusable="false"><line class="axis" x1="0" x2="100%" y1="29.5" y2="29.5"/>${bars}</svg>`;
}

const isFigure = (value: number | null | undefined): value is number => value !== null && value !== undefined;
