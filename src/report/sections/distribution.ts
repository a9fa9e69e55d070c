import type { ScoreBin } from '../../core/backtest/distribution.ts';
import { distributionChart } from '../charts/distribution.ts';
import { type Html, html } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, cannotTell, chart, figures, table } from '../table.ts';
import { count, share } from '../words.ts';

const COLUMNS: Column<ScoreBin>[] = [
  { head: 'score', kind: 'name', cell: ({ from, to }) => `${from}–${to}` },
  { head: 'stayed', kind: 'figure', cell: ({ stayed }) => count(stayed) },
  { head: 'left', kind: 'figure', cell: ({ left }) => count(left) },
  {
    head: 'churn',
    kind: 'figure',
    cell: ({ stayed, left }) => share(stayed + left > 0 ? left / (stayed + left) : null),
  },
];

export function distribution({ result: { report }, bands }: ReportInput): Html {
  const { bins } = report.distribution;
  const used = bins.filter((bin) => bin.stayed + bin.left > 0);
  return html`<article><h3>Who had which score</h3><p class="intro">The two halves should lie apart: those that stayed to the right, those that left to the left. Each bar is a share of its own half; the upright lines are the means. Dashed lines are where the model’s general bands begin.</p>
${
  used.length === 0
    ? cannotTell('No scored account has a known outcome, so there are no scores to show.')
    : chart(distributionChart(report.distribution, bands), figures(table('Observations by score', COLUMNS, used)))
}</article>`;
}
