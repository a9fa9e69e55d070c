import type { Reliability } from '../../core/backtest/reliability.ts';
import { type Html, html, type Part } from '../html.ts';
import { count, share, tick } from '../words.ts';
import { across, axisTitle, drawing, gridAcross, roundEnd, ticksBelow, upward } from './plot.ts';

const HEIGHT = 268;
const [TOP, BOTTOM] = [28, 220] as const;
/** Radius of a point, by how many cases it stands for. */
const [SMALLEST, LARGEST] = [3, 7] as const;

/** The greatest figure of some curves, so that two of them can be drawn to one scale. */
export const endOfCurves = (...curves: readonly Reliability[][]): number =>
  Math.min(1, roundEnd(Math.max(0, ...curves.flat().flatMap((p) => [p.said, p.high]))));

/** What was said (across) against what came (upward), with intervals; on the dashed line both agree. @param curve with one point or more */
export function calibrationChart(id: string, title: string, curve: readonly Reliability[], end: number): Html {
  const [x, y] = [across(0, end), upward(0, end, BOTTOM, TOP)];
  const most = Math.max(...curve.map((p) => p.cases));
  const radius = (cases: number): number => SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(cases / most);
  const ticks = x.ticks(4);
  const whiskers: Part = curve.map(
    ({ said, low, high }) => html`<path class="whisker" d="M${x(said) - 3},${y(high)}h6m-3,0V${y(low)}m-3,0h6"/>`,
  );
  const points: Part = curve.map(
    ({ said, rate, cases }) => html`<circle class="left" cx="${x(said)}" cy="${y(rate)}" r="${radius(cases)}"/>`,
  );
  return drawing({
    id,
    title,
    description: `${curve.map((p) => `said ${share(p.said)}, came ${share(p.rate)}`).join('; ')}. ${count(curve.reduce((sum, p) => sum + p.cases, 0))} observations.`,
    height: HEIGHT,
    body: [
      html`<text class="label" x="40" y="14">left, of those of whom it was said</text>`,
      gridAcross(ticks.map((at) => ({ at: y(at), label: at === 0 ? '' : tick(at) }))),
      html`<line class="ideal" x1="${x(0)}" y1="${y(0)}" x2="${x(end)}" y2="${y(end)}"/>`,
      whiskers,
      points,
      ticksBelow(
        ticks.map((at) => ({ at: x(at), label: tick(at) })),
        BOTTOM,
      ),
      axisTitle('said beforehand', BOTTOM + 38),
    ],
  });
}
