import { alternatives, counted } from '../core/format.ts';
import { NOT_SCORED } from '../core/result.ts';
import { oneLine } from '../core/text.ts';
import type { AtRisk, ScoreSummary } from '../pipeline/score.ts';
import { bandTitle, bar, dateText, moneyText, percent, table } from './format.ts';
import type { Io } from './io.ts';

/** Band bars, ARR by band, and the largest ARR at risk with reason and action. */
export function sayPortfolio(io: Io, s: ScoreSummary): void {
  const total = s.scored + s.notScored;
  const arrTotal = Object.values(s.arrByBand).reduce((sum, n) => sum + n, 0);
  io.say(`${counted(total, 'account')}, ${s.scored} scored (${percent(s.scored, total)}), model ${s.model}`);
  for (const band of [...Object.keys(s.bands), NOT_SCORED]) {
    const count = band === NOT_SCORED ? s.notScored : (s.bands[band] ?? 0);
    const line = `  ${bandTitle(band).padEnd(11)} ${bar(count, total)} ${String(count).padStart(6)} ${percent(count, total).padStart(6)}`;
    io.say(arrTotal ? line + arrShare(s.arrByBand[band] ?? 0, arrTotal, s.currency) : line);
  }
  if (s.currenciesWithoutRate.length) {
    const left = s.arrUnconverted ? `${counted(s.arrUnconverted, 'account')} left out of ARR` : 'Some sums are unknown';
    const from = alternatives(s.currenciesWithoutRate);
    io.say(`  ! ${left}: no rate from ${from} into ${s.currency} on that day; \`rates\` can name one.`);
  }
  // Where nobody at all is found, the source has no people, and saying so of each account would be noise.
  if (s.unresolvedRoles && s.unresolvedRoles < total)
    io.say(`  ! ${counted(s.unresolvedRoles, 'account')} without a CSM or a manager that could be found.`);
  if (s.overrides.held)
    io.say(
      `  ! ${counted(s.overrides.held, 'account')} whose band or score was set by a person; \`explain\` shows both.`,
    );
  if (s.overrides.ignored)
    io.say(
      `  ! ${counted(s.overrides.ignored, 'account')} whose override does not hold, such as ${s.overrides.example}.`,
    );
  if (s.parents.cyclic)
    io.say(`  ! ${counted(s.parents.cyclic, 'account')} whose parent accounts lead in a circle; the circle is cut.`);
  if (s.parents.unknown) io.say(`  ! ${counted(s.parents.unknown, 'account')} whose parent account is not known.`);
  for (const stale of s.stale) io.say(`  ! ${stale}`);
  if (s.atRisk.length) sayAtRisk(io, s.atRisk);
}

const arrShare = (minor: number, total: number, currency: string): string =>
  `   ARR ${moneyText({ minor, currency }).padStart(8)} ${percent(minor, total).padStart(6)}`;

function sayAtRisk(io: Io, rows: AtRisk[]): void {
  io.say('\nLargest ARR at risk');
  io.say(
    table(
      ['account', 'ARR', 'score', 'band', 'trend', 'renewal'],
      rows.map((a) => [
        a.name,
        moneyText(a.arr),
        a.score === null ? '–' : String(a.score),
        bandTitle(a.band),
        a.trend,
        dateText(a.renewalOn),
      ]),
      { right: [1, 2, 5], max: 32 },
    ),
  );
  io.say();
  for (const a of rows) {
    io.say(`  ${oneLine(a.name)}: ${a.reasons[0] ?? ''}`);
    if (a.action) io.say(`      → ${a.action}`);
  }
}
