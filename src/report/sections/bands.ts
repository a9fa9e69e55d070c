import { REFERENCE } from '../../core/backtest/reference.ts';
import type { BandChurn, Churn, ScoreChurn } from '../../core/backtest/report.ts';
import type { TaskOutcomes } from '../../core/backtest/tasks.ts';
import { bandTitle, dateText } from '../../core/format.ts';
import { roundEnd } from '../charts/plot.ts';
import { scaleOf, track } from '../charts/track.ts';
import { type Html, html, type Part } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, heard, section, table } from '../table.ts';
import { count, several, share, shareInterval, tick } from '../words.ts';

/** Churn with its interval, as a bar and in figures: three columns of a table. */
export function churnColumns<T extends Churn>(
  what: string,
  rows: readonly Churn[],
  name: (row: T, at: number) => Part,
  mark?: (row: T) => number,
): Column<T>[] {
  const marks = mark ? rows.map((row) => mark(row as T)) : [];
  const end = Math.min(1, roundEnd(Math.max(0, ...rows.flatMap((row) => row.high ?? []), ...marks)));
  return [
    {
      head: heard(what),
      kind: 'name',
      cell: (row, at) => html`${name(row, at)}<small>${several(row.accounts, 'account')}</small>`,
    },
    {
      head: [heard('churn, drawn'), scaleOf(0, end, tick)],
      kind: 'wide',
      cell: (row) =>
        track({
          from: 0,
          to: end,
          grid: [0, end / 2, end],
          bar: row.rate,
          low: row.low,
          high: row.high,
          mark: mark ? mark(row) : null,
        }),
    },
    { head: 'churn', kind: 'figure', cell: (row) => churnCell(row, mark ? mark(row) : null) },
  ];
}

function churnCell(row: Churn, mark: number | null): Part {
  const uncited = mark !== null && html`<small>◇ ${share(mark)} uncited</small>`;
  if (row.rate === null) return html`<small>nobody was there</small>${uncited}`;
  const around = shareInterval(row);
  return html`<strong>${share(row.rate)}</strong><small>${around ?? ''}</small><small>${count(row.lost)} of ${count(row.cases)}</small>${uncited}`;
}

export function bands(input: ReportInput): Html {
  const { report } = input.result;
  const byBand = churnColumns<BandChurn>(
    'band',
    report.bands,
    (b) =>
      html`${bandTitle(b.band)}${b.contracted + b.expanded > 0 && html`<small>contracted ${count(b.contracted)}, expanded ${count(b.expanded)}</small>`}`,
  );
  const byScore = churnColumns<ScoreChurn>(
    'score',
    report.byScore,
    (s) => s.score,
    (s) => s.reference,
  );
  return section(
    'churn',
    'Churn by band and by score',
    'Bars are what left, whiskers the 95 % interval. An interval rests on accounts, each counted once, since one account at many dates is one piece of evidence.',
    html`<div class="pair"><article><h3>In the bands of this model</h3>${table('Churn by band', byBand, report.bands)}</article>
<article><h3>Beside the figures that circulate</h3>${table('Churn by score, beside uncited figures', byScore, report.byScore)}
<p class="note">◇ Figures for ${REFERENCE.horizonDays} days that circulate about health scores. Nobody names a source for them: they are shown, and never used.</p></article></div>${withTasks(report.tasks)}`,
  );
}

/** Beside each other, not as cause and effect: accounts that get a task differ from those that do not. */
function withTasks(tasks: readonly TaskOutcomes[]): Part {
  if (tasks.length === 0) return null;
  const name = ({ band, task }: TaskOutcomes): string => `${bandTitle(band)}, ${task ? 'with a task' : 'without'}`;
  return html`<h3>Accounts whose manager had a task, and others of the same band</h3>${table('Churn with and without a manager task', churnColumns('band and task', tasks, name), tasks)}
<p class="note">No proof of what tasks do: they go to accounts whose renewal is near, which differ from the others of their band.</p>`;
}

export function byDate({ result: { report, dates } }: ReportInput): Html {
  const { fit, judge } = report.tested;
  const role = (at: number): string => (judge?.includes(at) ? 'judged' : fit?.includes(at) ? 'fitted' : '');
  const rows = report.byDate;
  const name = (_: Churn, at: number): Part =>
    html`${dateText(dates[at] ?? '')}${role(at) !== '' && html` <span class="chip">${role(at)}</span>`}`;
  return section(
    'dates',
    'Churn by date',
    'What left within the horizon after each date. Where the rate moves, probabilities that were fitted on earlier dates are off, even where the ranking holds.',
    table('Churn by date', churnColumns<Churn>('date', rows, name), rows),
  );
}
