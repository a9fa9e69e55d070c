import type { Estimate } from '../../core/backtest/auc.ts';
import type { Part } from '../../core/backtest/lift.ts';
import { REFERENCE } from '../../core/backtest/reference.ts';
import type { BacktestReport, Churn } from '../../core/backtest/report.ts';
import { inputsToRetire } from '../../core/backtest/retire.ts';
import { leftOutWords, outcomeWords } from '../../core/backtest/words.ts';
import { counted, listed } from '../../core/format.ts';
import { oneLine } from '../../core/text.ts';
import type { BacktestResult } from '../../pipeline/backtest.ts';
import { bandTitle, dateText, table } from '../format.ts';
import type { Io } from '../io.ts';
import { sayRetirements } from '../publish/text.ts';

/** False greens that are named on the screen; the others are in the JSON. */
const NAMED = 15;
/** Signals that tell nothing unusual are listed up to here. */
const SIGNALS = 30;

export interface Asked {
  model: string;
  horizon: number;
  resamples: number;
  seed: number;
  dates: string[] | null;
}

/** What a backtest found: first what to beware of, then the figures. */
export function sayBacktest(io: Io, result: BacktestResult, asked: Asked): void {
  sayWhat(io, result, asked);
  for (const { text } of result.findings) io.say(`  ! ${text}`);
  if (result.report.observations === 0) return;
  sayRanking(io, result, asked);
  sayChurn(io, result.report);
  sayTasks(io, result.report);
  sayBefore(io, result.report);
  saySignals(io, result.report);
  sayRetirements(io, inputsToRetire(result.report));
  sayGreens(io, result);
}

function sayWhat(io: Io, { dates, outcome, notOver, report }: BacktestResult, asked: Asked): void {
  const chosen =
    asked.dates !== null || outcome?.kind === 'file'
      ? ''
      : outcome?.snapshot
        ? ' (the end of the data)'
        : ' (month ends that leave a horizon, or the nearest day there is)';
  const days = dates.length > 3 ? [dates[0], '…', dates.at(-1)] : dates;
  const shown = days.map((d) => (d === '…' ? d : dateText(d ?? null))).join(', ');
  io.say(`Model ${asked.model}, ${counted(dates.length, 'date')}${dates.length > 0 ? `: ${shown}${chosen}` : ''}`);
  io.say(`Outcome: ${outcomeWords(outcome, asked.horizon)}`);
  const { kept, lost, contracted, expanded } = report;
  const kinds = [`${lost} lost`, `${contracted} contracted`, `${kept} kept`, `${expanded} expanded`];
  const shownKinds = kinds.filter((k) => !k.startsWith('0 ') || k.endsWith('lost') || k.endsWith('kept'));
  io.say(
    `${counted(report.observations, 'observation')} of ${counted(report.accounts, 'account')}: ${shownKinds.join(', ')}`,
  );
  const left = leftOutWords(report.leftOut, notOver).map(({ count, what }) => `${count} ${what}`);
  if (left.length > 0) io.say(`Left out: ${left.join('; ')}`);
}

function sayRanking(io: Io, { report, dates }: BacktestResult, { resamples, seed }: Asked): void {
  const { tested } = report;
  io.say(
    `\nWho left had the lower score: AUC ${estimate(report.auc)} (0.5 = chance, ${resamples} resamples of accounts, seed ${seed})`,
  );
  if (report.aucWithContraction)
    io.say(`  with contraction counted as loss: AUC ${estimate(report.aucWithContraction)}`);
  io.say(
    `  worst tenth ${part(report.worstTenth)}; worst fifth ${part(report.worstFifth)}; best fifth ${part(report.bestFifth)}`,
  );
  const named = (positions: number[] | null): string =>
    listed((positions ?? []).map((at) => dateText(dates[at] ?? null)));
  const how =
    tested.method === 'out of time'
      ? `Out of time, fitted on ${named(tested.fit)} and judged on ${named(tested.judge)}`
      : `Cross-validated over ${tested.parts} parts of the accounts`;
  io.say(`${how}: ${counted(tested.cases, 'observation')}, ${tested.events} lost`);
  io.say(`  AUC ${estimate(tested.auc)}; worst fifth ${part(tested.worstFifth)}; best fifth ${part(tested.bestFifth)}`);
  if (tested.reason !== null) io.say(`  no churn probability: ${tested.reason}`);
  else
    io.say(
      `  churn probability: Brier ${figure(tested.brier)} (${figure(tested.brierOfBase)} by the base rate alone), calibration error ${figure(tested.calibrationError)}`,
    );
}

function sayChurn(io: Io, report: BacktestReport): void {
  io.say('\nChurn by band (95 % intervals count each account once)');
  io.say(
    table(
      ['band', 'observations', 'lost', 'churn', 'interval', 'contracted', 'expanded'],
      report.bands.map((b) => [bandTitle(b.band), ...churn(b), String(b.contracted), String(b.expanded)]),
      { right: [1, 2, 3, 4, 5, 6] },
    ),
  );
  io.say(
    `\nChurn by score, beside figures that circulate without a source (uncited, within ${REFERENCE.horizonDays} days)`,
  );
  io.say(
    table(
      ['score', 'observations', 'lost', 'churn', 'interval', 'uncited'],
      report.byScore.map((s) => [s.score, ...churn(s), rate(s.reference)]),
      { right: [1, 2, 3, 4, 5] },
    ),
  );
}

function sayTasks(io: Io, { tasks }: BacktestReport): void {
  if (tasks.length === 0) return;
  io.say('\nWhat became of accounts with a manager task, beside those of the same band without one');
  io.say(
    table(
      ['band', 'task', 'observations', 'lost', 'contracted', 'kept', 'expanded', 'churn', 'interval'],
      tasks.map((t) => [
        bandTitle(t.band),
        t.task ? 'yes' : 'no',
        ...[t.cases, t.lost, t.contracted, t.kept, t.expanded].map(String),
        ...churn(t).slice(2),
      ]),
      { right: [2, 3, 4, 5, 6, 7, 8] },
    ),
  );
  io.say(
    '  Tasks go to accounts whose renewal is near and whose score is low, so the two are not alike: this says neither that tasks help nor that they do not.',
  );
}

function sayBefore(io: Io, report: BacktestReport): void {
  io.say('\nMean score before accounts left, and of the others at the same dates');
  io.say(
    table(
      ['days before', 'left', 'their mean', 'the others', ''],
      report.before.map((b) => [String(b.days), String(b.left), mean(b.meanLeft), mean(b.meanOthers), b.reason ?? '']),
      { right: [0, 1, 2, 3] },
    ),
  );
  io.say('\nHow early each dimension tells them apart (AUC with interval, so many days before; – = too few for one)');
  const days = report.leads[0]?.by.map((by) => by.days) ?? [];
  io.say(
    table(
      ['dimension', ...days.map((d) => `${d} days`), 'earliest'],
      report.leads.map((l) => [l.label, ...l.by.map((by) => cell(by.auc)), l.days === null ? '–' : `${l.days} days`]),
    ),
  );
  io.say(`  Uncited: ${REFERENCE.leads.map(({ what, days: lead }) => `${what} ${lead}`).join(', ')} days.`);
}

function saySignals(io: Io, { signals }: BacktestReport): void {
  const present = signals.filter((s) => s.present > 0).toSorted((a, b) => (b.auc ?? 0) - (a.auc ?? 0));
  if (present.length === 0) return;
  io.say('\nEach signal by itself, and the score without it (AUC)');
  io.say(
    table(
      ['signal', 'present', 'alone', 'without', 'churn by fifths, lowest first'],
      present
        .slice(0, SIGNALS)
        .map((s) => [
          s.label,
          String(s.present),
          figure(s.auc),
          figure(s.without?.value ?? null),
          s.fifths.map((f) => rate(f.rate)).join(' '),
        ]),
      { right: [1, 2, 3] },
    ),
  );
}

function sayGreens(io: Io, { falseGreens }: BacktestResult): void {
  const { accounts, observations, rows } = falseGreens;
  if (accounts === 0) {
    io.say('\nNo account left from the best band.');
    return;
  }
  io.say(
    `\nFalse greens: ${counted(accounts, 'account')} left from the best band (${counted(observations, 'observation')})`,
  );
  for (const { name, date, score, missed } of rows.slice(0, NAMED))
    io.say(`  ${oneLine(name)}, ${score} on ${dateText(date)}: ${oneLine(missed)}`);
  if (accounts > NAMED) io.say(`  … and ${accounts - NAMED} more; --json names up to 500.`);
}

const figure = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
const mean = (value: number | null): string => (value === null ? '–' : value.toFixed(1));
const rate = (value: number | null): string => (value === null ? '–' : `${(value * 100).toFixed(1)} %`);
const part = (p: Part | null): string =>
  p === null ? '–' : `${rate(p.rate)}${p.lift === null ? '' : ` (lift ${p.lift.toFixed(2)})`}`;
const churn = (c: Churn): string[] => [
  String(c.cases),
  String(c.lost),
  rate(c.rate),
  c.low === null ? '–' : `${rate(c.low)}–${rate(c.high)}`,
];
const interval = ({ low, high }: Estimate): string =>
  low === null || high === null ? '–' : `${low.toFixed(2)}–${high.toFixed(2)}`;
const cell = (e: Estimate): string => (e.value === null ? '–' : `${e.value.toFixed(2)} [${interval(e)}]`);
function estimate({ value, low, high, reason }: Estimate): string {
  if (value === null) return `– (${reason})`;
  return `${value.toFixed(3)} ${low === null || high === null ? `(no interval: ${reason})` : `[${low.toFixed(3)}–${high.toFixed(3)}]`}`;
}
