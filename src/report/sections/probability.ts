import type { Reliability } from '../../core/backtest/reliability.ts';
import { dateText, listed } from '../../core/format.ts';
import { calibrationChart, endOfCurves } from '../charts/calibration.ts';
import { type Html, html } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, cannotTell, chart, figures, table } from '../table.ts';
import { count, estimate, NONE, sentence, several, share, shareInterval, three } from '../words.ts';

const COLUMNS: Column<Reliability>[] = [
  { head: 'said', kind: 'name', cell: (p) => share(p.said) },
  { head: 'came', kind: 'figure', cell: (p) => share(p.rate) },
  { head: '95 % interval', kind: 'figure', cell: (p) => shareInterval(p) ?? NONE },
  { head: 'observations', kind: 'figure', cell: (p) => count(p.cases) },
];

export const curveTable = (curve: readonly Reliability[]): Html =>
  figures(table('What was said against what came', COLUMNS, curve));

export function probability({ result: { report, dates } }: ReportInput): Html {
  const { tested } = report;
  const named = (at: number[] | null): string => listed((at ?? []).map((i) => dateText(dates[i] ?? '')));
  const how =
    tested.method === 'out of time'
      ? `Probabilities were fitted on ${named(tested.fit)} and judged on ${named(tested.judge)}`
      : `Probabilities were fitted on all parts of the accounts but one of ${tested.parts}, and judged on that one, in turn`;
  return html`<article><h3>Said beforehand, and what came</h3><p class="intro">${how}: ${several(tested.cases, 'observation')}, of which ${count(tested.events)} left. On the dashed line what was said and what came agree; above it more left than was said. Larger points stand for more observations.</p>
${
  tested.reason !== null || tested.curve.length === 0
    ? cannotTell(
        sentence(`no churn probability can be judged: ${tested.reason ?? 'there is no observation to judge by'}`),
      )
    : html`${chart(
        calibrationChart(
          'chart-calibration',
          'Calibration: churn that was said beforehand against churn that came',
          tested.curve,
          endOfCurves(tested.curve),
        ),
        curveTable(tested.curve),
      )}<p class="note">Ranking of these: AUC ${estimate(tested.auc)}. Squared error (Brier) ${three(tested.brier)}, against ${three(tested.brierOfBase)} by saying the average rate to everybody; mean gap between said and came ${share(tested.calibrationError)}.</p>`
}</article>`;
}
