import type { Estimate } from '../../core/backtest/auc.ts';
import type { Retirement, Retirements } from '../../core/backtest/retire.ts';
import { outcomeWords } from '../../core/backtest/words.ts';
import { counted } from '../../core/format.ts';
import type { Model } from '../../core/model.ts';
import type { BacktestOptions } from '../../pipeline/backtest.ts';
import type { Verdict } from '../../pipeline/judge-model.ts';
import { bandTitle, dateText, table } from '../format.ts';
import type { Io } from '../io.ts';
import { sayMatrix, sayMovers } from '../model-diff-text.ts';

const named = ({ name, version }: Model): string => `${name} ${version}`;

/** What a model is worth beside the live one: first what to beware of, then the figures, then what it is below. */
export function sayVerdict(io: Io, model: Model, verdict: Verdict, warnings: string[], options: BacktestOptions): void {
  const { result, against, shortfalls, retire } = verdict;
  const { report, dates, findings } = result;
  io.say(`${named(model)}, judged ${spanText(dates)}`);
  io.say(
    `Outcome: ${outcomeWords(result.outcome, options.horizon)}: ${counted(report.lostAccounts, 'account')} of ${report.accounts} left (${counted(report.observations, 'observation')})`,
  );
  for (const { text } of findings) io.say(`  ! ${text}`);
  for (const warning of warnings) io.say(`  ! ${warning}`);
  if (report.observations > 0) sayFigures(io, model, verdict, options);
  if (against) {
    sayMatrix(io, against.today, { before: against.model, after: model });
    sayMovers(io, against.today);
  }
  sayRetirements(io, retire);
  if (shortfalls.length === 0) io.say('\n✓ Above every floor.');
  else io.say(`\nBelow ${counted(shortfalls.length, 'floor')}`);
  for (const { text } of shortfalls) io.say(`  ✗ ${named(model)} ${text}`);
}

function spanText(dates: readonly string[]): string {
  const [first = null, last = null] = [dates[0], dates.at(-1)];
  if (dates.length < 2) return first === null ? 'at no date' : `as of ${dateText(first)}`;
  return `as of ${dates.length} dates from ${dateText(first)} to ${dateText(last)}`;
}

function sayFigures(io: Io, model: Model, { result, against }: Verdict, { resamples, seed }: BacktestOptions): void {
  const { report } = result;
  const [best] = report.bands;
  const rows = [[named(model), estimate(report.auc), rate(best?.rate ?? null), String(report.observations)]];
  if (against) {
    const { model: other, comparison, bestBandChurn } = against;
    rows.push([named(other), estimate(comparison.live.auc), rate(bestBandChurn), String(comparison.live.cases)]);
  }
  io.say();
  io.say(table(['model', 'AUC', `churn in ${bandTitle(best?.band ?? '')}`, 'observations'], rows, { right: [2, 3] }));
  io.say(`  of all ${rate(report.rate)} left; AUC 0.5 = chance; ${resamples} resamples of accounts, seed ${seed}`);
  if (!against) return;
  const { difference, cases, lostAccounts } = against.comparison;
  io.say(
    `  the same ${counted(cases, 'observation')} (${counted(lostAccounts, 'account')} left), paired: AUC ${signedEstimate(difference)}`,
  );
}

/** Inputs that the score would not miss. */
export function sayRetirements(io: Io, { reason, inputs }: Retirements): void {
  if (reason !== null) {
    io.say(`\nInputs to retire: ${reason}.`);
    return;
  }
  if (inputs.length === 0) {
    io.say('\nInputs to retire: none; each predicts, or adds to the others.');
    return;
  }
  io.say('\nInputs to retire, one at a time');
  for (const input of inputs) io.say(`  ${input.label} (${input.signal}): ${retirementText(input)}`);
}

function retirementText({ why, auc, low, high, without }: Retirement): string {
  const rest = without === null ? '' : `, the score without it ${without.toFixed(3)}`;
  return `${why}, AUC ${auc.toFixed(2)} by itself (${low.toFixed(2)}–${high.toFixed(2)})${rest}`;
}

const rate = (value: number | null): string => (value === null ? '–' : `${(value * 100).toFixed(1)} %`);
const sign = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
function estimate({ value, low, high, reason }: Estimate): string {
  if (value === null) return `– (${reason})`;
  return `${value.toFixed(3)} ${low === null || high === null ? '(no interval)' : `[${low.toFixed(3)}–${high.toFixed(3)}]`}`;
}
function signedEstimate({ value, low, high, reason }: Estimate): string {
  if (value === null) return `– (${reason})`;
  return `${sign(value)} ${low === null || high === null ? `(no interval: ${reason})` : `[${sign(low)} to ${sign(high)}]`}`;
}
