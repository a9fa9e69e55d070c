import { createHash } from 'node:crypto';
import { dateText } from '../core/format.ts';
import { Html, html, type Part } from './html.ts';
import type { ReportInput } from './input.ts';
import { bands, byDate } from './sections/bands.ts';
import { calibration } from './sections/calibration.ts';
import { distribution } from './sections/distribution.ts';
import { greens } from './sections/greens.ts';
import { lead } from './sections/lead.ts';
import { leftOut, method } from './sections/method.ts';
import { probability } from './sections/probability.ts';
import { signals } from './sections/signals.ts';
import { summary } from './sections/summary.ts';
import { STYLE } from './style.ts';

/**
 * The report as one file: no script, no network, no clock. All that comes from data is escaped, and a policy in the page forbids whatever
 * is not its own style.
 */
export function reportPage(input: ReportInput): string {
  const { result, model, version, madeOn } = input;
  const judged = result.report.observations > 0;
  const main: Part = judged
    ? [
        input.calibration && calibration(input.calibration),
        html`<section id="ranking" aria-labelledby="ranking-head"><h2 id="ranking-head">Does it rank, and do probabilities hold</h2><div class="pair">${distribution(input)}${probability(input)}</div></section>`,
        bands(input),
        byDate(input),
        lead(input),
        signals(input),
        greens(input),
      ]
    : [];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${input.calibration ? 'Calibration' : 'Backtest'} of ${model} – Pulseback</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<div class="page">
<main>
<p class="brand"><b>Pulseback</b> ${input.calibration ? 'calibration' : 'backtest'} of <b>${model}</b></p>
${summary(input)}
${judged && contents(input)}
${main}
${leftOut(input)}
${method(input)}
</main>
<footer>Made on ${dateText(madeOn)} by Pulseback ${version}. Scores are aids to judgement: people decide.</footer>
</div>
</body>
</html>
`;
  return page.text;
}

const styleHash = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

function contents({ calibration: proposal }: ReportInput): Html {
  const places = [
    ...(proposal ? [['calibration', 'The proposal']] : []),
    ['ranking', 'Scores and probabilities'],
    ['churn', 'Bands'],
    ['dates', 'Dates'],
    ['lead', 'How early'],
    ['signals', 'Signals'],
    ['greens', 'False greens'],
    ['left-out', 'Left out'],
    ['method', 'Method'],
  ];
  return html`<nav aria-label="In this report"><ul>${places.map(([id = '', name = '']) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
}
