import { z } from 'zod';
import type { Finding } from '../backtest/findings.ts';
import type { BacktestReport, BandChurn } from '../backtest/report.ts';
import { counted, percent } from '../format.ts';
import type { Comparison } from './pairs.ts';

/** Below these a model is not published without a person who says why. Defaults with their reasons stand in README.md. */
export const Floors = z.strictObject({
  leastEvents: z
    .int()
    .min(10)
    .default(30)
    .describe('Fewest accounts that left, and that stayed, by which a model can be judged.'),
  leastAuc: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.6)
    .describe('Lowest AUC; its 95 % interval has to lie above 0.5, chance, in any case.'),
  worseBy: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.05)
    .describe('By how much of AUC it may be worse than the live model, at the low end of the paired 95 % interval.'),
  bestBandChurn: z
    .number()
    .min(0)
    .max(10)
    .default(0.8)
    .describe("Most churn in the best band, as a multiple of the whole book's."),
  bandChanges: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe("Largest share of today's accounts that it may put into another band."),
});
export type Floors = z.infer<typeof Floors>;

/** Everything that floors are held against. */
export interface Judged {
  /** The backtest of the model that is to be published. */
  report: BacktestReport;
  findings: readonly Finding[];
  /** With the live model, on the same renewals; null = it is the live one. */
  comparison: Comparison | null;
  /** Of the accounts there are today; null = it is the live one. */
  today: { accounts: number; changed: number } | null;
}

/** One floor that is not reached. */
export interface Shortfall {
  floor: 'cannot-be-judged' | 'too-few-events' | 'knows-the-outcome' | 'chance' | keyof Omit<Floors, 'leastEvents'>;
  /** What it is: the end of a sentence that begins with the model. */
  text: string;
}

const NOT_JUDGED = new Set<Finding['code']>(['horizon-not-over', 'no-outcome', 'one-class', 'no-history']);

/** The floors that a model is below, gravest first; none = it may be published. Where it cannot be judged, nothing else is asked. */
export function shortfalls(judged: Judged, floors: Floors): Shortfall[] {
  const { report, findings, comparison, today } = judged;
  const moved = today === null ? [] : bandsMoved(today, floors);
  const never = findings.find(({ code }) => NOT_JUDGED.has(code));
  if (never && report.auc.value === null)
    return [{ floor: 'cannot-be-judged', text: `cannot be judged: ${lowered(never.text)}` }, ...moved];
  const few = tooFew(report, comparison, floors);
  if (few !== null) return [{ floor: 'too-few-events', text: few }, ...moved];
  return [
    ...findings
      .filter(({ code }) => code === 'knows-the-outcome')
      .map(
        ({ text }): Shortfall => ({
          floor: 'knows-the-outcome',
          text: `is too good to be true: ${text.replace(/\.$/, '')}`,
        }),
      ),
    ...ranksTooBadly(report, floors),
    ...(comparison ? worseThanLive(comparison, floors) : []),
    ...leavesFromTheBest(report, floors),
    ...moved,
  ];
}

function tooFew(report: BacktestReport, comparison: Comparison | null, { leastEvents }: Floors): string | null {
  const stayed = report.accounts - report.lostAccounts;
  const few = (left: number, kept: number): boolean => Math.min(left, kept) < leastEvents;
  const wanted = `${leastEvents} of each are needed`;
  if (few(report.lostAccounts, stayed))
    return `cannot be judged: ${counted(report.lostAccounts, 'account')} that left and ${stayed} that stayed are too few, ${wanted}`;
  if (report.auc.low === null) return `cannot be judged: ${report.auc.reason}`;
  if (comparison === null || comparison.live.cases === 0) return null;
  const { lostAccounts, keptAccounts, difference } = comparison;
  if (few(lostAccounts, keptAccounts))
    return `cannot be compared with the live model: both score only ${counted(lostAccounts, 'account')} that left and ${keptAccounts} that stayed, ${wanted}`;
  return difference.low === null ? `cannot be compared with the live model: ${difference.reason}` : null;
}

function ranksTooBadly({ auc }: BacktestReport, { leastAuc }: Floors): Shortfall[] {
  const { value, low, high } = auc;
  if (value === null || low === null || high === null) return [];
  const said = `AUC is ${two(value)} (${two(low)}–${two(high)})`;
  if (high < 0.5) return [{ floor: 'chance', text: `points the wrong way: its ${said}, below chance` }];
  if (low <= 0.5) return [{ floor: 'chance', text: `does not predict here: its ${said}, not different from chance` }];
  return value < leastAuc ? [{ floor: 'leastAuc', text: `ranks too badly: its ${said}, below ${leastAuc}` }] : [];
}

function worseThanLive({ difference, live }: Comparison, { worseBy }: Floors): Shortfall[] {
  const { value, low, high } = difference;
  if (live.cases === 0 || value === null || low === null || high === null || low >= -worseBy) return [];
  const said = `AUC ${signedTwo(value)} against it (${signedTwo(low)} to ${signedTwo(high)})`;
  const text = high < 0 ? `is worse than the live model: ${said}` : `may be worse than the live model: ${said}`;
  return [{ floor: 'worseBy', text: `${text}, more than ${worseBy} at the low end` }];
}

function leavesFromTheBest({ bands, rate }: BacktestReport, { bestBandChurn }: Floors): Shortfall[] {
  const [best] = bands;
  if (!best || best.rate === null || rate === null || rate === 0 || best.rate <= bestBandChurn * rate) return [];
  return [{ floor: 'bestBandChurn', text: bestText(best, best.rate, rate, bestBandChurn) }];
}

const bestText = ({ band }: BandChurn, own: number, rate: number, most: number): string =>
  `calls too many healthy that leave: ${percent(own)} of ${band} left, of all ${percent(rate)}, and at most ${most} times that may`;

function bandsMoved(
  { accounts, changed }: { accounts: number; changed: number },
  { bandChanges }: Floors,
): Shortfall[] {
  if (accounts === 0 || changed <= bandChanges * accounts) return [];
  const text = `puts ${changed} of today's ${counted(accounts, 'account')} into another band (${((100 * changed) / accounts).toFixed(1)} %), more than ${percent(bandChanges)}`;
  return [{ floor: 'bandChanges', text }];
}

const two = (value: number): string => value.toFixed(2);
const signedTwo = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
