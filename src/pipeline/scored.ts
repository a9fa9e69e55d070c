import type { AccountScore } from '../core/result.ts';
import type { ScoreRow, StoredScore } from '../store/types.ts';

/** What a whole book is summed up from, of one score. */
export type Told = Pick<
  AccountScore,
  | 'account'
  | 'name'
  | 'points'
  | 'score'
  | 'band'
  | 'trend'
  | 'segment'
  | 'arr'
  | 'renewal'
  | 'reasons'
  | 'action'
  | 'override'
  | 'overrideIgnored'
>;

/** One account's score as it is stored: whole only as text, which one thread can hand to another. */
export interface Scored {
  told: Told;
  row: ScoreRow;
  /** Whether somebody fills each role. */
  rolesFilled: boolean;
}

export function scoredOf({ asOf, inputsHash, score }: StoredScore, rolesFilled: boolean): Scored {
  const { account, modelHash, name, points, band, trend, segment, arr, renewal, reasons, action } = score;
  const { override, overrideIgnored } = score;
  return {
    told: {
      account,
      name,
      points,
      score: score.score,
      band,
      trend,
      segment,
      arr,
      renewal,
      reasons,
      action,
      ...(override ? { override } : {}),
      ...(overrideIgnored ? { overrideIgnored } : {}),
    },
    row: { account, modelHash, asOf, inputsHash, json: JSON.stringify(score) },
    rolesFilled,
  };
}

/** The whole score. */
export const scoreOf = ({ row }: Scored): AccountScore => JSON.parse(row.json);
