import { REFERENCE } from '../../core/backtest/reference.ts';
import type { Churn } from '../../core/backtest/report.ts';
import { bandTitle, dateText } from '../../core/format.ts';
import { roundEnd } from '../charts/plot.ts';
import { scaleOf, track } from '../charts/track.ts';
import { type Html, html, type Part } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, section, table } from '../table.ts';
import { count, several, share, shareInterval } from '../words.ts';

/** Churn with its interval, as a bar and in figures: three columns of a table. */
export function churnColumns<T extends Churn>(
  rows: readonly Churn[],
  name: (row: T, at: number) => Part,
  mark?: (row: T) => number,
): Column<T>[] {
  const marks = mark ? rows.map((row) => mark(row as T)) : [];
  const end = Math.min(1, roundEnd(Math.max(0, ...rows.flatMap((row) => row.high ?? []), ...marks)));
  return [
    {
      head: '',
      kind: 'name',
      cell: (row, at) => html`${name(row, at)}<small>${several(row.accounts, 'account')}</small>`,
    },
    {
      head: scaleOf(0, end, share),
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
    { head: 'churn', kind: 'figure', cell: churnCell },
  ];
}

function churnCell(row: Churn): Part {
  if (row.rate === null) return html`<small>nobody was there</small>`;
  const around = shareInterval(row);
  return html`<strong>${share(row.rate)}</strong><small>${around ?? ''}</small><small>${count(row.lost)} of ${count(row.cases)}</small>`;
}

export function bands(input: ReportInput): Html {
  const { report } = input.result;
  const moved = report.bands.some((b) => b.contracted + b.expanded > 0);
  const more: Column<(typeof report.bands)[number]>[] = moved
    ? [
        {
          head: 'contracted / expanded',
          kind: 'figure',
          cell: (b) => `${count(b.contracted)} / ${count(b.expanded)}`,
        },
      ]
    : [];
  const byBand = churnColumns<(typeof report.bands)[number]>(report.bands, (b) => bandTitle(b.band));
  const byScore = churnColumns<(typeof report.byScore)[number]>(
    report.byScore,
    (s) => s.score,
    (s) => s.reference,
  );
  const cited: Column<(typeof report.byScore)[number]> = {
    head: html`<span class="diamond" aria-hidden="true">◇</span> uncited`,
    kind: 'figure',
    cell: (s) => share(s.reference),
  };
  return section(
    'churn',
    'Churn by band and by score',
    'Bars are what left, whiskers the 95 % interval. An interval rests on accounts, each counted once, since one account at many dates is one piece of evidence.',
    html`<div class="pair"><article><h3>In the bands of this model</h3>${table('Churn by band', [...byBand, ...more], report.bands)}</article>
<article><h3>Beside the figures that circulate</h3>${table('Churn by score, beside uncited figures', [...byScore, cited], report.byScore)}
<p class="note">◇ Figures for ${REFERENCE.horizonDays} days that circulate about health scores. Nobody names a source for them: they are shown, and never used.</p></article></div>`,
  );
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
    table('Churn by date', churnColumns<Churn>(rows, name), rows),
  );
}
