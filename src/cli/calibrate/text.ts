import type { Estimate } from '../../core/backtest/auc.ts';
import type { Calibration } from '../../core/calibrate/calibrate.ts';
import type { BandRate } from '../../core/calibrate/thresholds.ts';
import { counted, listed } from '../../core/format.ts';
import type { Model } from '../../core/model.ts';
import type { CalibrateResult } from '../../pipeline/calibrate.ts';
import { bandTitle, dateText, table } from '../format.ts';
import type { Io } from '../io.ts';

/** What is proposed and what it was worth: first what to beware of, then the figures. */
export function sayCalibration(io: Io, before: Model, { calibration, dates }: CalibrateResult): void {
  if (calibration === null) return;
  const named = (positions: number[] | null): string =>
    listed((positions ?? []).map((at) => dateText(dates[at] ?? null)));
  const { fitted, judged, proposal, method, parts } = calibration;
  io.say(
    method === 'out of time'
      ? `Fitted on ${named(calibration.fit)}, judged on ${named(calibration.judge)}, which it has not seen`
      : `Fitted on all accounts; judged by cross-validation over ${parts} parts of them, each by a fit on the others`,
  );
  io.say(
    `${counted(fitted.cases, 'observation')} of ${counted(fitted.accounts, 'account')} to fit on, of which ${fitted.lostAccounts} left; ${counted(judged.cases, 'observation')} to judge by, ${judged.lost} of them lost`,
  );
  for (const { text } of calibration.findings) io.say(`  ! ${text}`);
  sayStrength(io, calibration);
  io.say('\nWhat it is worth on those observations (AUC, 95 % interval over accounts)');
  io.say(
    table(
      ['', 'AUC', 'interval'],
      [
        ['the proposal', ...estimate(judged.after)],
        [`${before.name} ${before.version} as it is`, ...estimate(judged.before)],
        ['every dimension and signal the same', ...estimate(judged.equal)],
      ],
      { right: [1, 2] },
    ),
  );
  io.say(
    `  gained over the model as it is ${difference(judged.gain)}, over equal weights ${difference(judged.gainOverEqual)}`,
  );
  sayShares(io, calibration);
  sayBands(io, 'Churn in the proposed bands, where it was fitted', fitted.bands);
  sayBands(io, 'Churn in the proposed bands, where it was judged', judged.bands);
  for (const { segment, weights, bands, reason, lost } of proposal.segments) {
    const own = [weights ? 'weights' : '', bands ? 'bands' : ''].filter((part) => part !== '');
    io.say(
      `  ${segment} (${lost} left): ${own.length > 0 ? `${listed(own)} of its own` : 'as the whole'}${reason === null ? '' : `; ${reason}`}`,
    );
  }
}

function sayStrength(io: Io, { proposal }: Calibration): void {
  const { choice, lost } = proposal;
  if (!choice || !Number.isFinite(choice.strength)) return;
  io.say(
    `  The weights as they are count as much as ${choice.strength} accounts that left; ${lost} did. (Chosen by cross-validation over accounts: the strongest pull within one standard error of the best.)`,
  );
}

function sayShares(io: Io, { proposal }: Calibration): void {
  io.say('\nShare of the score, before and after');
  io.say(
    table(
      ['dimension', 'signal', 'before', 'after', 'AUC alone', ''],
      proposal.signals.map((s) => [
        s.dimension,
        s.label,
        percent(s.before),
        percent(s.after),
        s.auc === null ? '–' : s.auc.toFixed(3),
        s.verdict === 'fitted' ? '' : s.verdict,
      ]),
      { right: [2, 3, 4] },
    ),
  );
}

function sayBands(io: Io, title: string, bands: readonly BandRate[]): void {
  io.say(`\n${title} (95 % intervals count each account once)`);
  io.say(
    table(
      ['band', 'from', 'observations', 'lost', 'churn', 'interval'],
      bands.map((b) => [
        bandTitle(b.band),
        String(b.from),
        String(b.cases),
        String(b.lost),
        b.rate === null ? '–' : percent(b.rate),
        b.low === null || b.high === null ? '–' : `${percent(b.low)}–${percent(b.high)}`,
      ]),
      { right: [1, 2, 3, 4, 5] },
    ),
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const estimate = ({ value, low, high, reason }: Estimate): string[] => [
  value === null ? '–' : value.toFixed(3),
  low === null || high === null ? `– (${reason})` : `${low.toFixed(3)}–${high.toFixed(3)}`,
];
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
const difference = ({ value, low, high }: Estimate): string =>
  `${value === null ? '–' : signed(value)}${low === null || high === null ? '' : ` [${signed(low)} to ${signed(high)}]`}`;
