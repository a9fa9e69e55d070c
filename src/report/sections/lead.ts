import type { Before, Lead } from '../../core/backtest/lead.ts';
import { REFERENCE } from '../../core/backtest/reference.ts';
import { leadChart } from '../charts/lead.ts';
import { scaleOf, track } from '../charts/track.ts';
import { type Html, html, type Part } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, cannotTell, chart, figures, heard, section, table } from '../table.ts';
import { count, estimate, points, sentence, two } from '../words.ts';

/** AUCs are drawn from here on: none that matters lies lower. */
const LOWEST = 0.2;

export function lead({ result: { report } }: ReportInput): Html {
  const { before, leads } = report;
  const untold = before.filter((b) => b.reason !== null);
  const known = before.filter((b) => b.meanLeft !== null && b.meanOthers !== null);
  const reasons = untold.map((b) => html`<li>${b.days} days: ${sentence(b.reason ?? '')}</li>`);
  return section(
    'lead',
    'How early it shows',
    'A score is of use if it falls while there is time to act.',
    html`<div class="pair"><article><h3>The score before accounts left</h3>
${
  known.length === 0
    ? cannotTell('No mean score before churn can be told, for these reasons:')
    : chart(leadChart(before), figures(table('Mean score before accounts left', BEFORE, before)))
}${reasons.length > 0 && html`<ul class="reasons">${reasons}</ul>`}</article>
<article><h3>Each dimension by itself</h3>
${
  leads.every((l) => l.by.every((by) => by.auc.value === null))
    ? cannotTell('No dimension can be judged: around none of these days were there both accounts that left and others.')
    : html`<p class="intro">How well it tells those that left from the others, so many days before (AUC; the line in the middle is chance). It tells where the whole interval lies to the right of chance.</p>${table('How early each dimension tells them apart', LEADS, leads)}`
}<p class="note">Uncited figures that circulate: ${REFERENCE.leads.map(({ what, days }) => `${what} ${days}`).join(', ')} days.</p></article></div>`,
  );
}

const BEFORE: Column<Before>[] = [
  { head: 'days before', kind: 'name', cell: (b) => String(b.days) },
  { head: 'left', kind: 'figure', cell: (b) => count(b.left) },
  { head: 'their mean', kind: 'figure', cell: (b) => points(b.meanLeft) },
  { head: 'the others', kind: 'figure', cell: (b) => points(b.meanOthers) },
];

const LEADS: Column<Lead>[] = [
  {
    head: heard('dimension'),
    kind: 'name',
    cell: (l) =>
      html`${l.label}<small>${l.days === null ? 'never beyond doubt' : `from ${l.days} days before`}</small>`,
  },
  {
    head: [heard('AUC so many days before'), scaleOf(LOWEST, 1, two, 0.5)],
    kind: 'wide',
    cell: (l) => l.by.map((by) => strip(by)),
  },
];

/** One line for each moment: how many days before, the interval, and the figures in words for who sees no drawing. */
function strip({ days, left, auc }: Lead['by'][number]): Part {
  if (auc.value === null) return html`<span class="strip"><b>${days} d</b><small>${auc.reason}</small></span>`;
  const drawn = track({
    from: LOWEST,
    to: 1,
    grid: [0.5],
    point: auc.value,
    low: auc.low,
    high: auc.high,
    tone: auc.low === null ? 'plain' : 'left',
  });
  return html`<span class="strip" title="${estimate(auc)}, ${count(left)} left"><b>${days} d</b>${drawn}<span class="value">${two(auc.value)}</span></span>`;
}
