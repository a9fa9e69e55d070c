import type { Finding } from '../../core/backtest/findings.ts';
import type { SignalProof } from '../../core/backtest/signals.ts';
import { scaleOf, columns as smallColumns, track } from '../charts/track.ts';
import { type Html, html, type Part } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, cannotTell, section, table } from '../table.ts';
import { count, share, two } from '../words.ts';

/** Findings about single signals, in a word. Those that are not named here are told by their code. */
const CHIPS: Record<string, string> = {
  'knows-the-outcome': 'knows the outcome',
  'one-signal': 'carries the score',
  'not-monotone': 'not monotone',
  'never-there': 'never there',
};

export function signals({ result: { report, findings } }: ReportInput): Html {
  const rows = report.signals.toSorted((a, b) => (b.auc ?? -1) - (a.auc ?? -1));
  const most = Math.max(0, ...rows.flatMap((s) => s.fifths.map((f) => f.rate)));
  return section(
    'signals',
    'What each signal tells',
    'Alone: how well the signal ranks by itself (AUC, 0.5 = chance). Without: what is left of the whole score when it is taken out. Churn by fifths goes from the lowest to the highest fifth of what was measured: it should rise or fall, not both.',
    rows.length === 0
      ? cannotTell('No signal was there at those dates.')
      : table('Each signal by itself', columnsOf(report.observations, most, findings), rows, 'stacked'),
  );
}

const columnsOf = (observations: number, most: number, findings: readonly Finding[]): Column<SignalProof>[] => [
  {
    head: 'signal',
    kind: 'name',
    cell: (s) => html`${s.label}<small>${s.dimension}.${s.signal}</small>${chips(s, findings)}`,
  },
  {
    head: html`alone ${scaleOf(0, 1, String, 0.5)}`,
    label: 'alone',
    kind: 'wide',
    cell: (s) =>
      s.auc === null
        ? html`<small>${s.present === 0 ? 'never there' : 'one class only'}</small>`
        : html`<span class="strip">${track({ from: 0, to: 1, grid: [0, 0.5, 1], bar: s.auc, base: 0.5, tone: 'plain' })}<span class="value">${two(s.auc)}</span></span>`,
  },
  {
    head: 'without',
    label: 'without',
    kind: 'figure',
    cell: (s) => (s.without === null ? html`<small>nothing else is there</small>` : two(s.without.value)),
  },
  {
    head: 'present',
    label: 'present',
    kind: 'figure',
    cell: (s) => html`${share(observations > 0 ? s.present / observations : null)}<small>${count(s.present)}</small>`,
  },
  {
    head: 'churn by fifths',
    label: 'churn by fifths',
    kind: 'wide',
    cell: (s) =>
      s.fifths.length === 0
        ? html`<small>${s.present > 0 ? 'categories, not figures' : 'never there'}</small>`
        : html`${smallColumns(
            s.fifths.map((f) => f.rate),
            most,
          )}<span class="fifths">${s.fifths.map((f) => html`<span>${share(f.rate).replace(' %', '')}</span>`)}</span>`,
  },
];

function chips(s: SignalProof, findings: readonly Finding[]): Part {
  const key = `${s.dimension}.${s.signal}`;
  const codes = [...new Set(findings.filter((f) => f.signals?.includes(key)).map((f) => f.code))];
  return codes.map((code) => html`<span class="chip warn">${CHIPS[code] ?? code.replaceAll('-', ' ')}</span>`);
}
