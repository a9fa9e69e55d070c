import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { type Html, html, type Part } from '../html.ts';

/** Units of every drawing: as wide as the chart on a phone, so that text there is nearly as large as it is written. */
export const WIDTH = 360;
const LEFT = 40;
const RIGHT = 20;
/** Of a character of axis text, at most: enough to know that two labels do not meet. */
export const CHAR = 6.6;

export type Scale = ScaleLinear<number, number>;
export const across = (from: number, to: number): Scale =>
  scaleLinear()
    .domain([from, to])
    .range([LEFT, WIDTH - RIGHT]);
export const upward = (from: number, to: number, bottom: number, top: number): Scale =>
  scaleLinear().domain([from, to]).range([bottom, top]);

/** The end of an axis from 0 on: a round figure that takes the greatest value, and never nothing. */
export function roundEnd(greatest: number, ticks = 4): number {
  const end = scaleLinear()
    .domain([0, Math.max(greatest, 1e-3)])
    .nice(ticks)
    .domain()[1];
  return end ?? 1;
}

export interface Drawing {
  /** Unique in the page. */
  id: string;
  title: string;
  /** What there is to see, for who does not see it. */
  description: string;
  height: number;
  body: Part;
}

export const drawing = ({ id, title, description, height, body }: Drawing): Html => html`
<svg class="plot" id="${id}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>
${body}
</svg>`;

export interface Tick {
  at: number;
  label: string;
}

/** Lines across with their labels at the left. */
export const gridAcross = (ticks: readonly Tick[], end = WIDTH - RIGHT): Part =>
  ticks.map(
    ({ at, label }) =>
      html`<line class="grid" x1="${LEFT}" x2="${end}" y1="${at}" y2="${at}"/><text class="tick" x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${label}</text>`,
  );

/** Labels below a line. */
export const ticksBelow = (ticks: readonly Tick[], y: number): Part => [
  html`<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>`,
  ticks.map(
    ({ at, label }) =>
      html`<line class="axis" x1="${at}" x2="${at}" y1="${y}" y2="${y + 4}"/><text class="tick" x="${at}" y="${y + 17}" text-anchor="middle">${label}</text>`,
  ),
];

export const axisTitle = (text: string, y: number): Html =>
  html`<text class="axis-title" x="${WIDTH - RIGHT}" y="${y}" text-anchor="end">${text}</text>`;
