import type { BacktestReport } from './report.ts';
import type { SignalProof } from './signals.ts';

/** Fewer accounts that left, or that stayed, with a signal say too little to speak against it. */
const LEAST = 30;
/** What a signal that predicts nothing by itself may add to the whole all the same. */
const LITTLE = 0.005;
const Z95 = 1.959963984540054;

/** A signal that a score would not miss. */
export interface Retirement {
  /** `dimension.signal` */
  signal: string;
  label: string;
  why: 'no better than chance' | 'points the wrong way' | 'adds nothing';
  /** Of the signal by itself, with its interval; and of the score without it. */
  auc: number;
  low: number;
  high: number;
  without: number | null;
}
export interface Retirements {
  /** Why none can be named; null = there were events enough. */
  reason: string | null;
  inputs: Retirement[];
}

/**
 * Names inputs to retire: signals that predict nothing by themselves and take next to nothing from the score when they go, that point
 * the wrong way, or that add nothing beside the others. One at a time: of two that say the same each adds nothing beside the other.
 */
export function inputsToRetire(report: BacktestReport): Retirements {
  const stayed = report.accounts - report.lostAccounts;
  if (Math.min(report.lostAccounts, stayed) < LEAST) {
    const reason = `too few events to name any: ${report.lostAccounts} accounts left and ${stayed} stayed, ${LEAST} of each are needed`;
    return { reason, inputs: [] };
  }
  const inputs = report.signals.flatMap((signal) => retirement(report, signal) ?? []);
  return { reason: null, inputs: inputs.sort((a, b) => a.auc - b.auc || (a.signal < b.signal ? -1 : 1)) };
}

function retirement(report: BacktestReport, proof: SignalProof): Retirement | null {
  if (proof.auc === null || report.observations === 0) return null;
  const share = proof.present / report.observations;
  const [left, stayed] = [report.lostAccounts * share, (report.accounts - report.lostAccounts) * share];
  if (Math.min(left, stayed) < LEAST) return null;
  const error = Z95 * standardError(proof.auc, left, stayed);
  const [low, high] = [Math.max(0, proof.auc - error), Math.min(1, proof.auc + error)];
  const without = proof.without?.value ?? null;
  const lost = without === null || report.auc.value === null ? null : report.auc.value - without;
  const why = verdict(low, high, lost);
  if (why === null) return null;
  return { signal: `${proof.dimension}.${proof.signal}`, label: proof.label, why, auc: proof.auc, low, high, without };
}

/** @param lost AUC that the score loses with the signal; null = nothing is left without it */
function verdict(low: number, high: number, lost: number | null): Retirement['why'] | null {
  if (high < 0.5) return 'points the wrong way';
  if (lost === null) return null;
  if (low <= 0.5) return lost <= LITTLE ? 'no better than chance' : null;
  return lost <= 0 ? 'adds nothing' : null;
}

/**
 * Of an AUC, by the numbers of accounts on both sides (Hanley and McNeil 1982): resampling every signal of a large book would take
 * minutes. @param left, stayed accounts, at least 1 each
 */
export function standardError(auc: number, left: number, stayed: number): number {
  const [q1, q2] = [auc / (2 - auc), (2 * auc ** 2) / (1 + auc)];
  const variance = auc * (1 - auc) + (left - 1) * (q1 - auc ** 2) + (stayed - 1) * (q2 - auc ** 2);
  return Math.sqrt(Math.max(0, variance) / (left * stayed));
}
