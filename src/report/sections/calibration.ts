import { bandTitle } from '../../core/format.ts';
import { calibrationChart, endOfCurves } from '../charts/calibration.ts';
import { roundEnd } from '../charts/plot.ts';
import { scaleOf, track } from '../charts/track.ts';
import { type Html, html } from '../html.ts';
import type { CalibrationPart, JudgedModel, WeightChange, WeightGroup } from '../input.ts';
import { type Column, cannotTell, chart, heard, section, table } from '../table.ts';
import { estimate, sentence, share, shareInterval, three, tick } from '../words.ts';
import { curveTable } from './probability.ts';

/** What a calibration proposes beside what there is. */
export function calibration(part: CalibrationPart): Html {
  const { before, after, judgedBy, weights, notes } = part;
  return section(
    'calibration',
    'The proposal: before and after',
    `${sentence(judgedBy)} Nothing of it is applied: it becomes the live model only when a person publishes it.`,
    html`${notes.length > 0 && html`<ul class="reasons">${notes.map((note) => html`<li>${sentence(note)}</li>`)}</ul>`}
${table('Figures before and after', FIGURES, [before, after], 'stacked')}
<div class="pair">${curve(before, 'before', part)}${curve(after, 'after', part)}</div>
<div class="pair">${bandsOf(before, 'before', part)}${bandsOf(after, 'after', part)}</div>
${weights.map(weightsOf)}`,
  );
}

const FIGURES: Column<JudgedModel>[] = [
  { head: 'model', kind: 'name', cell: (m, at) => html`${at === 0 ? 'before' : 'after'}<small>${m.model}</small>` },
  { head: 'AUC', label: 'AUC', kind: 'figure', cell: (m) => estimate(m.auc) },
  {
    head: 'Brier',
    label: 'Brier',
    kind: 'figure',
    cell: (m) => html`${three(m.brier)}${m.brier === null && html`<small>${m.reason}</small>`}`,
  },
  { head: 'calibration error', label: 'calibration error', kind: 'figure', cell: (m) => share(m.calibrationError) },
];

function curve(model: JudgedModel, which: string, { before, after }: CalibrationPart): Html {
  const title = `Said and came, ${which}`;
  return html`<article><h3>${title}</h3>${
    model.curve.length === 0
      ? cannotTell(
          sentence(`no churn probability can be judged: ${model.reason ?? 'there is no observation to judge by'}`),
        )
      : chart(
          calibrationChart(`chart-calibration-${which}`, title, model.curve, endOfCurves(before.curve, after.curve)),
          curveTable(model.curve),
        )
  }</article>`;
}

function bandsOf(model: JudgedModel, which: string, { before, after }: CalibrationPart): Html {
  const end = Math.min(
    1,
    roundEnd(Math.max(0, ...[...before.bands, ...after.bands].flatMap((b) => b.churn?.high ?? []))),
  );
  const columns: Column<JudgedModel['bands'][number]>[] = [
    { head: 'band', kind: 'name', cell: (b) => html`${bandTitle(b.band)}<small>from ${b.from}</small>` },
    {
      head: [heard('churn, drawn'), scaleOf(0, end, tick)],
      kind: 'wide',
      cell: ({ churn }) =>
        track({ from: 0, to: end, grid: [0, end / 2, end], bar: churn?.rate, low: churn?.low, high: churn?.high }),
    },
    {
      head: 'churn',
      kind: 'figure',
      cell: ({ churn }) =>
        html`<strong>${share(churn?.rate ?? null)}</strong><small>${(churn && shareInterval(churn)) ?? 'nobody was there'}</small>`,
    },
  ];
  return html`<article><h3>Bands, ${which}</h3>${table(`Bands ${which}`, columns, model.bands)}</article>`;
}

function weightsOf({ segment, why, changes }: WeightGroup): Html {
  const title = segment === null ? 'Weights before and after' : `Weights in segment ${segment}`;
  const end = Math.min(1, roundEnd(Math.max(0, ...changes.flatMap((c) => [c.before, c.after]))));
  const columns: Column<WeightChange>[] = [
    {
      head: heard('dimension or signal'),
      kind: 'name',
      cell: (c) =>
        html`<span class="${c.signal === null ? 'whole' : 'inner'}">${c.label}</span>${c.note !== null && html`<small>${c.note}</small>`}`,
    },
    {
      head: [heard('weights, drawn'), scaleOf(0, end, tick)],
      kind: 'wide',
      cell: (c) => [
        track({ from: 0, to: end, grid: [0, end / 2, end], bar: c.before, tone: 'plain' }),
        track({ from: 0, to: end, grid: [0, end / 2, end], bar: c.after, tone: 'stayed' }),
      ],
    },
    {
      head: 'of the score, before → after',
      kind: 'figure',
      cell: (c) => html`${share(c.before)} → <strong>${share(c.after)}</strong>`,
    },
  ];
  return html`<h3>${title}</h3>${why !== null && html`<p class="intro">${sentence(why)}</p>`}${
    changes.length === 0 ? cannotTell('There is no weight to compare.') : table(title, columns, changes, 'rows long')
  }`;
}
