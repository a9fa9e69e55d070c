import type { Part as PartOfBook } from '../../core/backtest/lift.ts';
import { track } from '../charts/track.ts';
import { type Html, html, type Part } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Level, verdictOf } from '../verdict.ts';
import { count, estimate, interval, sentence, several, share, two } from '../words.ts';

/** A sign and a word beside the colour. */
const SIGNS: Record<Level, { sign: string; word: string }> = {
  tells: { sign: '✓', word: 'May be used' },
  reserved: { sign: '!', word: 'With reservations' },
  not: { sign: '✕', word: 'Do not act on it' },
  unknown: { sign: '?', word: 'Cannot be told' },
};

export function summary(input: ReportInput): Html {
  const { level, title, judged, found, forManagers, forRevOps } = verdictOf(input);
  const { sign, word } = SIGNS[level];
  return html`<header class="verdict ${level}">
<p class="badge"><span class="sign" aria-hidden="true">${sign}</span> ${word}</p>
<h1>${title}</h1>
<p class="told">${judged}</p>
<p class="told">${found}</p>
${input.result.report.observations > 0 && tiles(input)}
<div class="audiences"><div><h2>For account managers</h2><p>${forManagers}</p></div><div><h2>For RevOps</h2><p>${forRevOps}</p></div></div>
</header>
${findings(input, level)}`;
}

function findings({ incomplete, result }: ReportInput, level: Level): Part {
  const all = [
    ...(incomplete === null ? [] : [`Not all data could be read: ${incomplete}`]),
    ...result.findings.map((f) => f.text),
  ];
  if (all.length === 0)
    return html`<section class="findings tells" id="findings" aria-labelledby="findings-head"><h2 id="findings-head">What to beware of</h2><p>Nothing was found that speaks against these figures. Looked for were: too few that left, a score no better than chance, a signal that knows the outcome, carries the score alone or turns, and a churn rate that moved.</p></section>`;
  return html`<section class="findings ${level}" id="findings" aria-labelledby="findings-head"><h2 id="findings-head">What to beware of</h2><ol>${all.map((text) => html`<li>${sentence(text)}</li>`)}</ol></section>`;
}

function tiles({ result: { report } }: ReportInput): Html {
  const { auc, lost, observations, lostAccounts, rate } = report;
  const around = interval(auc);
  return html`<dl class="tiles">
${tile('Left', share(rate), `${count(lost)} of ${several(observations, 'observation')}; ${several(lostAccounts, 'account')}`)}
${tile('Lowest-scored fifth', share(report.worstFifth?.rate ?? null), fifth(report.worstFifth))}
${tile('Highest-scored fifth', share(report.bestFifth?.rate ?? null), fifth(report.bestFifth))}
<div class="tile"><dt>Ranking (AUC)</dt><dd><strong>${two(auc.value)}</strong>${
    auc.value !== null &&
    html`<span class="gauge">${track({ from: 0, to: 1, grid: [0, 0.5, 1], point: auc.value, low: auc.low, high: auc.high, tone: 'plain' })}</span>`
  }<small>${around === null ? estimate(auc) : `95 % interval ${around}; 0.5 is chance, 1 always right`}</small></dd></div>
</dl>`;
}

const tile = (name: string, figure: string, small: string): Html =>
  html`<div class="tile"><dt>${name}</dt><dd><strong>${figure}</strong><small>${small}</small></dd></div>`;

function fifth(part: PartOfBook | null): string {
  if (part === null) return 'fewer than five observations';
  if (part.lift === null) return `of ${count(part.cases)}; nobody left at all`;
  return `of ${count(part.cases)} left: ${part.lift.toFixed(1)} times the average`;
}
