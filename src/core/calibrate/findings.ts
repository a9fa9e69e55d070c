import { agesIn } from '../backtest/age.ts';
import type { FindingCode } from '../backtest/finding.ts';
import { sameRate } from '../backtest/proportions.ts';
import { counted, listed, percent } from '../format.ts';
import { FEWEST } from './fit-shares.ts';
import type { JudgedProposal } from './judged.ts';
import type { SignalChange } from './propose.ts';

/** Base rates that differ with less probability than this by chance have moved. */
const MOVED = 0.01;
/** A signal that ranks accounts the other way than its curve says by more than this. */
const TURNED = 0.45;

/** A signal with more than this share of the score carries nearly all of it. */
const NEARLY_ALL = 0.8;

/** Something that must be known before a proposal is believed. */
export interface CalibrationFinding {
  code: FindingCode | 'weights-stay' | 'bands-stay' | 'points-the-other-way' | 'not-better' | 'other-models';
  text: string;
  /** `dimension.signal`, where it is about some. */
  signals?: string[];
}

/** Honest words about a proposal, gravest first; none = nothing to hold against it. */
export function findingsOf(calibration: JudgedProposal): CalibrationFinding[] {
  return [
    ...aboutWorth(calibration),
    ...aboutEvidence(calibration),
    ...aboutOneSignal(calibration),
    ...aboutSignals(calibration.proposal.signals),
    ...aboutRates(calibration),
    ...aboutOthers(calibration),
  ];
}

const two = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

function aboutWorth({ judged }: JudgedProposal): CalibrationFinding[] {
  const { after, gain } = judged;
  if (after.value === null || after.low === null || after.high === null)
    return [
      {
        code: 'too-few-events',
        text: `What the proposal is worth cannot be told: ${after.reason ?? 'there is no interval'} (${counted(judged.cases, 'observation')} to judge by, ${judged.lost} of them lost).`,
      },
    ];
  if (after.low <= 0.5)
    return [
      {
        code: 'does-not-predict',
        text: `The proposal does not predict here: AUC ${two(after.value)}, 95 % interval ${two(after.low)}–${two(after.high)}, on observations that it had not seen, which is not better than chance (0.5).`,
      },
    ];
  if (gain.low !== null && gain.low > 0) return [];
  const text =
    gain.value === 0
      ? `The proposal ranks these observations exactly as the model does (AUC ${two(after.value)}).`
      : `The proposal is not better beyond doubt: its AUC differs from that of the model by ${signedTwo(gain.value)}, 95 % interval ${signedTwo(gain.low)} to ${signedTwo(gain.high)}.`;
  return [{ code: 'not-better', text }];
}

const signedTwo = (value: number | null): string =>
  value === null ? '–' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

function aboutEvidence({ proposal }: JudgedProposal): CalibrationFinding[] {
  const { reason, bandsReason, choice, lost, stayed } = proposal;
  const found: CalibrationFinding[] = [];
  if (Math.min(lost, stayed) < FEWEST) found.push({ code: 'too-few-events', text: `Too few events: ${reason ?? ''}.` });
  else if (reason !== null) {
    const some = proposal.signals.some((s) => s.verdict === 'knows the outcome' && s.after < s.before);
    const what = some ? 'The weights of the other signals keep their ratio' : 'The weights stay as they are';
    found.push({ code: 'weights-stay', text: `${what}: ${reason}.` });
  } else if (choice && !Number.isFinite(choice.strength))
    found.push({
      code: 'weights-stay',
      text: `The weights stay as they are: on accounts that a fit had not seen, no other weights are better than these by more than two standard errors (${lost} accounts left).`,
    });
  if (bandsReason !== null) found.push({ code: 'bands-stay', text: `Bands: ${bandsReason}.` });
  return found;
}

const keyOf = ({ dimension, signal }: SignalChange): string => `${dimension}.${signal}`;
const named = (s: SignalChange): string => `${s.label} (${keyOf(s)})`;

function aboutOneSignal({ proposal: { signals, model } }: JudgedProposal): CalibrationFinding[] {
  const most = signals.find((s) => s.after > NEARLY_ALL);
  if (!most || signals.filter((s) => s.before > 0).length < 2) return [];
  const only = agesIn(model).has(keyOf(most)) ? 'The proposal is driven by account age only: ' : '';
  const text = `${only}${named(most)} has ${percent(most.after)} of the score, so that hardly anything else has a say. A score of one figure misses whatever does not show in it.`;
  return [{ code: 'one-signal', signals: [keyOf(most)], text }];
}

function aboutSignals(signals: readonly SignalChange[]): CalibrationFinding[] {
  const of = (test: (s: SignalChange) => boolean) => signals.filter(test);
  const about = (
    code: CalibrationFinding['code'],
    some: SignalChange[],
    text: (names: string) => string,
  ): CalibrationFinding[] =>
    some.length > 0 ? [{ code, signals: some.map(keyOf), text: text(listed(some.map(named))) }] : [];
  return [
    ...about(
      'knows-the-outcome',
      of((s) => s.verdict === 'knows the outcome'),
      (names) =>
        `Left out, since it knows the outcome (near-perfect by itself): ${names}. Is it filled in, or changed, only once an account has left?`,
    ),
    ...about(
      'never-there',
      of((s) => s.verdict === 'never there'),
      (names) => `Never there at those dates, so nothing was learnt and the share stays: ${names}.`,
    ),
    ...about(
      'always-the-same',
      of((s) => s.verdict === 'always the same'),
      (names) => `The same for every account, so nothing was learnt and the share stays: ${names}.`,
    ),
    ...about(
      'points-the-other-way',
      of((s) => s.verdict === 'fitted' && s.auc !== null && s.auc < TURNED),
      (names) =>
        `Accounts that left had the better figures in ${names}; look at the curve, or retire it. Weights are never negative.`,
    ),
  ];
}

function aboutRates({ method, fitted, judged }: JudgedProposal): CalibrationFinding[] {
  if (method !== 'out of time' || fitted.cases === 0 || judged.cases === 0) return [];
  const [before, after] = [fitted.lost / fitted.cases, judged.lost / judged.cases];
  const chance = sameRate({ rate: before, cases: fitted.accounts }, { rate: after, cases: judged.accounts });
  if (chance === null || chance >= MOVED) return [];
  return [
    {
      code: 'base-rate-moved',
      text: `The base rate moved from ${percent(before)} where it was fitted to ${percent(after)} where it was judged: churn probabilities of bands are off, even where the ranking holds.`,
    },
  ];
}

function aboutOthers({ otherModels }: JudgedProposal): CalibrationFinding[] {
  if (otherModels === 0) return [];
  return [
    {
      code: 'other-models',
      text: `${counted(otherModels, 'observation')} left out: segments with a whole model of their own. Calibrate its file by itself with --model.`,
    },
  ];
}
