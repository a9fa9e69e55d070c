import type { Compared } from './compare.ts';
import type { Proposal } from './propose.ts';
import type { BandRate } from './thresholds.ts';

/** A proposal with what it was worth on observations that had no say in it. */
export interface JudgedProposal {
  method: 'out of time' | 'cross-validation';
  /** Positions of the dates that fitted and that judged; null with cross-validation. */
  fit: number[] | null;
  judge: number[] | null;
  parts: number | null;
  /** What fitted. */
  fitted: { cases: number; accounts: number; lost: number; lostAccounts: number; bands: BandRate[] };
  /** Observations whose segment has a whole model of its own, which is calibrated by itself. */
  otherModels: number;
  proposal: Proposal;
  judged: Compared;
}
