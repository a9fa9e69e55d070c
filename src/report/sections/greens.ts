import type { FalseGreen } from '../../core/backtest/false-greens.ts';
import { dateText } from '../../core/format.ts';
import { track } from '../charts/track.ts';
import { type Html, html } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, cannotTell, heard, section, table } from '../table.ts';
import { count, several, share } from '../words.ts';

/** False greens that a report shows at once, and that it names in all; the others are counted. */
const SHOWN = 20;
export const NAMED = 100;
const COMMON = 8;

interface Common {
  what: string;
  accounts: number;
  of: number;
}

export function greens({ result: { report, falseGreens } }: ReportInput): Html {
  const { accounts, observations, rows } = falseGreens;
  const [shown, folded] = [rows.slice(0, SHOWN), rows.slice(SHOWN, NAMED)];
  const uncounted = accounts - shown.length - folded.length;
  const title = 'False greens';
  if (report.observations === 0) return section('greens', title, '', cannotTell('There is no outcome to find any by.'));
  if (accounts === 0) return section('greens', title, '', cannotTell('No account left from the best band.'));
  const common = commonOf(rows);
  return section(
    'greens',
    title,
    `${several(accounts, 'account')} left from the best band (${several(observations, 'observation')}). They are where the score is blind: what they had in common is what to measure better.`,
    html`${common.length > 0 && html`<h3>What they had in common</h3>${table('What false greens had in common', COMMONS, common, 'rows long')}`}
<h3>${accounts > shown.length ? `The ${shown.length} with the highest scores` : 'By name'}</h3>
${table('False greens by name', GREENS, shown, 'stacked')}
${folded.length > 0 && html`<details class="more"><summary>${several(folded.length, 'more by name', 'more by name')}</summary>${table('More false greens by name', GREENS, folded, 'stacked')}</details>`}
${uncounted > 0 && html`<p class="note">… and ${several(uncounted, 'more account')}. The command’s <code>--json</code> names up to 500.</p>`}`,
  );
}

/** What was missing, flagged or lowest in most of them, so that one look tells where to dig. */
function commonOf(rows: readonly FalseGreen[]): Common[] {
  const counts = new Map<string, number>();
  for (const { missing, flags, lowest } of rows)
    for (const what of new Set([
      ...missing.map((label) => `missing: ${label}`),
      ...flags.map((flag) => `flagged: ${flag}`),
      ...lowest.map(({ label }) => `among the lowest: ${label}`),
    ]))
      counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts]
    .map(([what, accounts]) => ({ what, accounts, of: rows.length }))
    .sort((a, b) => b.accounts - a.accounts || (a.what < b.what ? -1 : 1))
    .slice(0, COMMON);
}

const COMMONS: Column<Common>[] = [
  { head: heard('what'), kind: 'name', cell: (c) => c.what },
  {
    head: heard('share, drawn'),
    kind: 'wide',
    cell: (c) => track({ from: 0, to: 1, grid: [0, 0.5, 1], bar: c.accounts / c.of, tone: 'plain' }),
  },
  {
    head: 'accounts',
    kind: 'figure',
    cell: (c) =>
      html`<strong>${share(c.accounts / c.of)}</strong><small>${count(c.accounts)} of ${count(c.of)}</small>`,
  },
];

const GREENS: Column<FalseGreen>[] = [
  {
    head: 'account',
    kind: 'name',
    cell: (g) => html`<bdi>${g.name}</bdi>${g.name !== g.account && html`<small><bdi>${g.account}</bdi></small>`}`,
  },
  { head: 'score', label: 'score', kind: 'figure', cell: (g) => html`<strong>${g.score}</strong>` },
  { head: 'on', label: 'on', kind: 'date', cell: (g) => dateText(g.date) },
  {
    head: 'what the score missed',
    label: 'missed',
    kind: 'text',
    cell: (g) => html`<bdi>${g.missed || 'nothing stands out: every signal was there, and none was low'}</bdi>`,
  },
];
