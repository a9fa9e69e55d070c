import { leftOutWords, outcomeWords } from '../../core/backtest/words.ts';
import { dateText, listed } from '../../core/format.ts';
import { type Html, html } from '../html.ts';
import type { ReportInput } from '../input.ts';
import { type Column, section, table } from '../table.ts';
import { count, sentence, several } from '../words.ts';

type LeftOut = ReturnType<typeof leftOutWords>[number];

const LEFT_OUT: Column<LeftOut>[] = [
  { head: 'observations', kind: 'name', cell: (l) => count(l.count) },
  { head: 'why', kind: 'text', cell: (l) => l.what },
];

export function leftOut({ result: { report, notOver } }: ReportInput): Html {
  const rows = leftOutWords(report.leftOut, notOver);
  return section(
    'left-out',
    'What was left out, and why',
    'An observation is one account at one date. None of these is in any figure above.',
    rows.length === 0
      ? html`<p>${report.observations > 0 ? 'Nothing: every account at every date has a score and a known outcome.' : 'Nothing: there was no account to leave out.'}</p>`
      : table('Left out', LEFT_OUT, rows),
  );
}

/** How it was made, so that it can be made again, and what the words mean. */
export function method(input: ReportInput): Html {
  const { model, horizon, resamples, seed, result } = input;
  const dates = result.dates.length > 0 ? listed(result.dates.map(dateText)) : 'none could be judged';
  return section(
    'method',
    'How this was made',
    'The same data, model, dates and seed give the same figures, to the last digit.',
    html`<dl class="facts">
<div><dt>Model</dt><dd>${model}</dd></div>
<div><dt>Dates</dt><dd>${dates}</dd></div>
<div><dt>Outcome</dt><dd>${sentence(outcomeWords(result.outcome, horizon))}</dd></div>
<div><dt>Horizon</dt><dd>${several(horizon, 'day')}</dd></div>
<div><dt>Intervals</dt><dd>${count(resamples)} resamples of accounts, seed ${String(seed)}; of churn: Wilson</dd></div>
</dl>
<dl class="words">
<div><dt>AUC</dt><dd>How likely an account that left had the lower score than one that stayed. 0.5 is chance, 1 always.</dd></div>
<div><dt>95 % interval</dt><dd>Where the figure would lie with other accounts like these, 19 times of 20. A wide one says that too few left.</dd></div>
<div><dt>Brier</dt><dd>Mean squared gap between the probability that was said and what came. Lower is better; it has to beat saying the average to everybody.</dd></div>
<div><dt>Calibration</dt><dd>Whether of those of whom 30 % was said, some 30 % left.</dd></div>
<div><dt>False green</dt><dd>An account in the best band that left all the same.</dd></div>
</dl>`,
  );
}
