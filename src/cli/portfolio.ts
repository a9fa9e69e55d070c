import type { ScoreSummary } from '../pipeline/score.ts';
import { bandTitle, bar, moneyText, percent, table } from './format.ts';
import type { Io } from './io.ts';

/** Band bars, ARR by band, and the largest ARR at risk with reason and action. */
export function sayPortfolio(io: Io, s: ScoreSummary): void {
  const total = s.scored + s.notScored;
  const arrTotal = Object.values(s.arrByBand).reduce((sum, n) => sum + n, 0);
  const money = (minor: number) => moneyText({ minor, currency: s.currency });
  io.say(`${total} accounts, ${s.scored} scored (${percent(s.scored, total)}), model ${s.model}`);
  for (const band of [...Object.keys(s.bands), 'not scored']) {
    const count = band === 'not scored' ? s.notScored : (s.bands[band] ?? 0);
    const arr = s.arrByBand[band] ?? 0;
    io.say(
      `  ${bandTitle(band).padEnd(11)} ${bar(count, total)} ${String(count).padStart(6)} ${percent(count, total).padStart(6)}   ARR ${money(arr).padStart(8)} ${percent(arr, arrTotal).padStart(6)}`,
    );
  }
  for (const stale of s.stale) io.say(`  ! ${stale}`);
  if (!s.atRisk.length) return;
  io.say(`\nLargest ARR at risk`);
  io.say(
    table(
      ['account', 'ARR', 'score', 'band', 'trend', 'renewal'],
      s.atRisk.map((a) => [
        a.name,
        moneyText(a.arr),
        a.score === null ? '–' : String(a.score),
        bandTitle(a.band),
        a.trend,
        a.renewalOn ?? '–',
      ]),
      { right: [1, 2], max: 32 },
    ),
  );
  io.say();
  for (const a of s.atRisk) {
    io.say(`  ${a.name}: ${a.reasons[0] ?? ''}`);
    if (a.action) io.say(`      → ${a.action}`);
  }
}
