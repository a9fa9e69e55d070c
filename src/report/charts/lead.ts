import type { Before } from '../../core/backtest/lead.ts';
import { type Html, html, type Part } from '../html.ts';
import { points } from '../words.ts';
import { across, axisTitle, drawing, gridAcross, ticksBelow, upward } from './plot.ts';

const HEIGHT = 248;
const [TOP, BOTTOM] = [28, 200] as const;
/** Room beside the first and the last point, in days. */
const ROOM = 12;

/** The mean score of those that left, so many days before, and of the others at the same dates. @param before with one figure or more */
export function leadChart(before: readonly Before[]): Html {
  const known = before
    .flatMap(({ days, meanLeft, meanOthers }) =>
      meanLeft === null || meanOthers === null ? [] : [{ days, left: meanLeft, others: meanOthers }],
    )
    .sort((a, b) => b.days - a.days);
  const days = before.map((b) => b.days).sort((a, b) => b - a);
  const x = across(-(Math.max(...days) + ROOM), -(Math.min(...days) - ROOM));
  const y = upward(0, 100, BOTTOM, TOP);
  const line = (of: 'left' | 'others', css: string): Part => [
    html`<polyline class="${css}-line" points="${known.map((k) => [x(-k.days).toFixed(2), y(k[of]).toFixed(2)].join(',')).join(' ')}"/>`,
    known.map((k) => {
      // The higher of two values is written above its point, the lower below: so they never meet.
      const above = of === 'others' ? k.others >= k.left : k.left > k.others;
      const [cx, cy] = [x(-k.days), y(k[of])];
      const mark =
        of === 'left'
          ? html`<rect class="left" x="${cx - 4}" y="${cy - 4}" width="8" height="8"/>`
          : html`<circle class="stayed" cx="${cx}" cy="${cy}" r="4.5"/>`;
      return html`${mark}<text class="label ${css}-text" x="${cx}" y="${above ? cy - 9 : cy + 18}" text-anchor="middle">${points(k[of])}</text>`;
    }),
  ];
  return drawing({
    id: 'chart-lead',
    title: 'Mean score before accounts left, and of the others at the same dates',
    description: known
      .map((k) => `${k.days} days before: ${points(k.left)} of those that left, ${points(k.others)} of the others`)
      .join('; '),
    height: HEIGHT,
    body: [
      html`<circle class="stayed" cx="45" cy="10" r="4.5"/><text class="label stayed-text" x="54" y="14">the others</text>`,
      html`<rect class="left" x="136" y="6" width="8" height="8"/><text class="label left-text" x="150" y="14">those that left</text>`,
      gridAcross([0, 25, 50, 75, 100].map((at) => ({ at: y(at), label: String(at) }))),
      line('others', 'stayed'),
      line('left', 'left'),
      ticksBelow(
        days.map((d) => ({ at: x(-d), label: `${d} days` })),
        BOTTOM,
      ),
      axisTitle('before they left', BOTTOM + 38),
    ],
  });
}
