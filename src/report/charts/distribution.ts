import type { Distribution, ScoreBin } from '../../core/backtest/distribution.ts';
import { bandTitle } from '../../core/format.ts';
import { type Html, html, type Part } from '../html.ts';
import type { BandFrom } from '../input.ts';
import { count, points, tick } from '../words.ts';
import { across, axisTitle, CHAR, drawing, gridAcross, roundEnd, type Scale, ticksBelow, upward } from './plot.ts';

const HEIGHT = 296;
const [TOP, ZERO, BOTTOM] = [52, 142, 232] as const;
const GAP = 1;
type End = 'stayed' | 'left';

/** Above the line those that stayed, below it those that left, each as a share of its own: so a few that left show as well as many. */
export function distributionChart({ bins, meanStayed, meanLeft }: Distribution, bands: readonly BandFrom[]): Html {
  const total = (end: End): number => bins.reduce((sum, bin) => sum + bin[end], 0);
  const totals = { stayed: total('stayed'), left: total('left') };
  const part = (bin: ScoreBin, end: End): number => (totals[end] > 0 ? bin[end] / totals[end] : 0);
  const most = roundEnd(Math.max(...bins.flatMap((bin) => [part(bin, 'stayed'), part(bin, 'left')])), 2);
  const x = across(0, 100);
  const y = { stayed: upward(0, most, ZERO, TOP), left: upward(0, most, ZERO, BOTTOM) };
  const bars = (end: End): Part =>
    bins.map((bin) => {
      const [from, to] = [x(bin.from), x(bin.to === 100 ? 100 : bin.to + 1)];
      const far = y[end](part(bin, end));
      if (bin[end] === 0) return null;
      return html`<rect class="${end}" x="${from + GAP}" width="${to - from - 2 * GAP}" y="${Math.min(far, ZERO)}" height="${Math.max(0.75, Math.abs(far - ZERO))}"/>`;
    });
  const mean = (value: number | null, end: End): Part =>
    value === null
      ? null
      : html`<line class="mean ${end}-line" x1="${x(value)}" x2="${x(value)}" y1="${ZERO}" y2="${y[end](most)}"/>`;
  const words = (end: End, value: number | null): string =>
    `${count(totals[end])} ${end}${value === null ? '' : `, mean score ${points(value)}`}`;
  return drawing({
    id: 'chart-distribution',
    title: 'How the scores lie: accounts that stayed above the line, accounts that left below it',
    description: `${words('stayed', meanStayed)}; ${words('left', meanLeft)}. Figures stand in the table below the chart.`,
    height: HEIGHT,
    body: [
      html`<text class="label stayed-text" x="40" y="16">▲ ${words('stayed', meanStayed)}</text>`,
      bandNames(bands, x),
      gridAcross([
        { at: y.stayed(most), label: tick(most) },
        { at: y.stayed(most / 2), label: tick(most / 2) },
        { at: ZERO, label: '0' },
        { at: y.left(most / 2), label: tick(most / 2) },
        { at: y.left(most), label: tick(most) },
      ]),
      bars('stayed'),
      bars('left'),
      mean(meanStayed, 'stayed'),
      mean(meanLeft, 'left'),
      html`<line class="axis" x1="${x(0)}" x2="${x(100)}" y1="${ZERO}" y2="${ZERO}"/>`,
      ticksBelow(
        [0, 20, 40, 60, 80, 100].map((at) => ({ at: x(at), label: String(at) })),
        BOTTOM + 8,
      ),
      axisTitle('score', BOTTOM + 40),
      html`<text class="label left-text" x="40" y="${BOTTOM + 58}">▼ ${words('left', meanLeft)}</text>`,
    ],
  });
}

/** Where bands begin, and their names where there is room. */
function bandNames(bands: readonly BandFrom[], x: Scale): Part {
  return bands.map(({ band, from }, i) => {
    const to = bands[i - 1]?.from ?? 100;
    const [left, right] = [x(Math.min(from, 100)), x(Math.min(to, 100))];
    const name = bandTitle(band);
    const fits = right - left > name.length * CHAR + 8;
    return [
      from > 0 && from < 100
        ? html`<line class="edge" x1="${left}" x2="${left}" y1="${TOP - 20}" y2="${BOTTOM}"/>`
        : null,
      fits
        ? html`<text class="tick" x="${(left + right) / 2}" y="${TOP - 12}" text-anchor="middle">${name}</text>`
        : null,
    ];
  });
}
