import { counted, listed, percent } from '../format.ts';
import { FEWEST_EVENTS } from './auc.ts';
import { sameRate } from './proportions.ts';
import type { BacktestReport, Churn } from './report.ts';
import type { SignalProof } from './signals.ts';

/** An interval of the AUC that is wider than this tells too little. */
export const WIDEST_INTERVAL = 0.2;
/** From here on a figure is too good to be true. */
const NEAR_PERFECT = 0.99;
/** A signal alone that comes as near to the whole score as this carries it. */
const AS_GOOD = 0.01;
/** Base rates that differ with less probability than this by chance have moved. */
const MOVED = 0.01;

const NOT_OVER =
  'No outcome yet: at none of the dates is the horizon over in the data. Take earlier dates, or a shorter horizon.';

/** Something that must be known before a figure is believed. */
export interface Finding {
  code: FindingCode;
  text: string;
  /** `dimension.signal`, where it is about some. */
  signals?: string[];
}
export type FindingCode =
  | 'horizon-not-over'
  | 'no-history'
  | 'no-outcome'
  | 'one-class'
  | 'too-few-events'
  | 'does-not-predict'
  | 'points-the-wrong-way'
  | 'knows-the-outcome'
  | 'one-signal'
  | 'not-monotone'
  | 'never-there'
  | 'base-rate-moved';

/**
 * Honest words about a report, gravest first; none = nothing to hold against it. @param dates that were judged, and that were left
 * out since their horizon is not over
 */
export function findingsOf(report: BacktestReport, dates = { judged: 1, notOver: 0 }): Finding[] {
  if (dates.judged === 0)
    return dates.notOver > 0
      ? [{ code: 'horizon-not-over', text: NOT_OVER }]
      : [{ code: 'no-outcome', text: 'No outcome: nothing in the data tells who left and who stayed.' }];
  const classes = aboutClasses(report);
  if (report.observations === 0) return classes;
  return [
    ...classes,
    ...aboutScore(report),
    ...aboutLeaks(report),
    ...aboutOneSignal(report),
    ...aboutShape(report.signals),
    ...aboutRates(report),
  ];
}

function aboutClasses({ observations, lost, leftOut }: BacktestReport): Finding[] {
  if (observations + Object.values(leftOut).reduce((a, b) => a + b, 0) === 0)
    return [
      {
        code: 'no-history',
        text: 'No account was known at any of the dates. Accounts without a history of their own begin with the first pull: take later dates, or exports that say since when (observedAt).',
      },
    ];
  if (observations === 0)
    return [{ code: 'no-outcome', text: 'No outcome: of no scored account is it known what became of it.' }];
  const some = counted(observations, 'observation');
  if (lost === 0)
    return [{ code: 'one-class', text: `Nobody left (${some}): there is nothing that a score could predict.` }];
  if (lost === observations)
    return [{ code: 'one-class', text: `Everybody left (${some}): there is nothing that a score could predict.` }];
  return [];
}

function aboutScore({ auc, lost, lostAccounts, observations, accounts }: BacktestReport): Finding[] {
  if (auc.value === null) return [];
  const { low, high } = auc;
  const events = `${counted(lostAccounts, 'account')} of ${accounts} left (${lost} of ${counted(observations, 'observation')})`;
  if (low === null || high === null) {
    const text = `Too few events for an interval narrower than ${WIDEST_INTERVAL}: ${events}. With fewer than ${FEWEST_EVENTS} accounts that left, or that stayed, there is none at all. Look back further, or take a longer horizon.`;
    return [{ code: 'too-few-events', text }];
  }
  const found: Finding[] = [];
  const width = high - low;
  if (width > WIDEST_INTERVAL) {
    const needed = Math.ceil(lostAccounts * (width / WIDEST_INTERVAL) ** 2);
    found.push({
      code: 'too-few-events',
      text: `Too few events for an interval narrower than ${WIDEST_INTERVAL}: ${events}, and the interval of the AUC is ${width.toFixed(2)} wide. About ${needed} accounts that left would be enough.`,
    });
  }
  const interval = `AUC ${two(auc.value)}, 95 % interval ${two(low)}–${two(high)}`;
  if (low <= 0.5 && high >= 0.5)
    found.push({
      code: 'does-not-predict',
      text: `The score does not predict here: ${interval}, which is not different from chance (0.5).`,
    });
  else if (high < 0.5)
    found.push({
      code: 'points-the-wrong-way',
      text: `The score points the wrong way: ${interval}. Accounts that left had scored higher than those that stayed.`,
    });
  return found;
}

function aboutLeaks({ auc, signals }: BacktestReport): Finding[] {
  const knowing = signals.filter((s) => (s.apart ?? 0) >= NEAR_PERFECT);
  if (knowing.length > 0)
    return knowing.map((s) => ({
      code: 'knows-the-outcome' as const,
      signals: [keyOf(s)],
      text: `AUC ${two(s.apart ?? 0)}: a signal knows the outcome; look at ${named(s)}. Is it filled in, or changed, only once an account has left?`,
    }));
  if ((auc.value ?? 0) < NEAR_PERFECT) return [];
  const best = signals.toSorted((a, b) => (b.apart ?? 0) - (a.apart ?? 0)).slice(0, 2);
  const look = best.length > 0 ? `; look at ${listed(best.map(named))}` : '';
  return [{ code: 'knows-the-outcome', text: `AUC ${two(auc.value ?? 0)}: a signal knows the outcome${look}.` }];
}

/** Only of a score that predicts can a signal carry everything. */
function aboutOneSignal({ auc, signals }: BacktestReport): Finding[] {
  const { value, low } = auc;
  const used = signals.filter((s) => s.auc !== null);
  if (value === null || low === null || low <= 0.5 || used.length < 2) return [];
  return used.flatMap((s): Finding[] => {
    const falls = s.without !== null && s.without.low !== null && s.without.low <= 0.5;
    const alone = (s.auc ?? 0) >= value - AS_GOOD;
    if (!falls && !alone) return [];
    const without = s.without?.value ?? null;
    const rest = without === null ? 'nothing else is there' : `without it the score has ${two(without)}`;
    const text = falls
      ? `${named(s)} carries nearly everything: without it the score falls to chance (AUC ${two(without ?? 0.5)}).`
      : `${named(s)} alone ranks as well as the whole score: by itself it has AUC ${two(s.auc ?? 0)}, the whole ${two(value)}; ${rest}.`;
    return [{ code: 'one-signal', signals: [keyOf(s)], text }];
  });
}

function aboutShape(signals: readonly SignalProof[]): Finding[] {
  const absent = signals.filter((s) => s.present === 0);
  const turning = signals.filter((s) => s.turns);
  const never: Finding[] =
    absent.length > 0
      ? [
          {
            code: 'never-there',
            signals: absent.map(keyOf),
            text: `Never there at those dates, so without a say: ${listed(absent.map((s) => s.label))}. Fields without history begin with the first pull.`,
          },
        ]
      : [];
  const shapes = turning.map((s): Finding => {
    const rates = s.fifths.map((f) => percent(f.rate)).join(', ');
    return {
      code: 'not-monotone',
      signals: [keyOf(s)],
      text: `${named(s)} is not monotone: churn by its fifths, lowest first, is ${rates}. No curve that only rises or falls fits it.`,
    };
  });
  return [...never, ...shapes];
}

function aboutRates({ byDate, tested }: BacktestReport): Finding[] {
  if (!tested.fit || !tested.judge) return [];
  const [before, after] = [sumOf(byDate, tested.fit), sumOf(byDate, tested.judge)];
  const chance = before && after ? sameRate(before, after) : null;
  if (!before || !after || chance === null || chance >= MOVED) return [];
  return [
    {
      code: 'base-rate-moved',
      text: `The base rate moved from ${percent(before.rate)} at the earlier dates to ${percent(after.rate)} at the later ones: probabilities fitted on the earlier are off, even where the ranking holds.`,
    },
  ];
}

/** Of several dates together; evidence is as many cases as the largest of them has, since the same accounts come again. */
function sumOf(byDate: readonly Churn[], dates: readonly number[]): { rate: number; cases: number } | null {
  const all = dates.flatMap((date) => byDate[date] ?? []);
  const cases = all.reduce((sum, c) => sum + c.cases, 0);
  if (cases === 0) return null;
  return { rate: all.reduce((sum, c) => sum + c.lost, 0) / cases, cases: Math.max(...all.map((c) => c.accounts)) };
}

const two = (value: number): string => value.toFixed(2);
const keyOf = ({ dimension, signal }: SignalProof): string => `${dimension}.${signal}`;
const named = (s: SignalProof): string => `${s.label} (${keyOf(s)})`;
