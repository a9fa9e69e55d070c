import { foldsOf, splitByTime } from '../backtest/folds.ts';
import type { Trial } from '../backtest/tested.ts';
import type { Steps } from '../steps.ts';
import { compared, ratesOf, Said } from './compare.ts';
import { type CalibrationFinding, findingsOf } from './findings.ts';
import { evidenceIn, type Gathered } from './gathered.ts';
import type { JudgedProposal } from './judged.ts';
import { propose } from './propose.ts';
import { withEqualWeights } from './weights.ts';

/** Parts of a cross-validation where one date only leaves no later one. */
const PARTS = 5;

export interface CalibrationOptions extends Trial {
  /** Day numbers of the dates, in their order. */
  days: readonly number[];
  horizon: number;
  /** Parts of a cross-validation; null = later dates judge, where there are any. */
  parts: number | null;
}

export interface Calibration extends JudgedProposal {
  findings: CalibrationFinding[];
}

/**
 * Proposes weights and bands, and judges the proposal, the model as it is, and equal weights where none of them has seen the outcomes:
 * at later dates, or else on parts of the accounts for each of which the whole procedure is repeated on the others.
 */
export function* calibrate(gathered: Gathered, options: CalibrationOptions): Steps<Calibration> {
  const { obs, marks, model } = gathered;
  const general = (rows: Int32Array): Int32Array => rows.filter((row) => marks.isGeneral(row));
  const all = general(obs.judged());
  const split = options.parts === null ? splitByTime(options.days, options.horizon) : null;
  const fitRows = split ? general(obs.judged(new Set(split.fit))) : all;
  const judgeRows = split ? general(obs.judged(new Set(split.judge))) : all;
  const parts = split ? null : (options.parts ?? PARTS);
  const proposal = yield* propose(gathered, fitRows, options.seed);
  const said = { before: new Said(obs.length), after: new Said(obs.length), equal: new Said(obs.length) };
  said.equal.add(gathered, withEqualWeights(model), judgeRows, fitRows);
  yield;
  if (parts !== null) yield* sayByFolds(gathered, all, parts, options.seed, said);
  else {
    said.before.add(gathered, model, judgeRows, fitRows);
    said.after.add(gathered, proposal.model, judgeRows, fitRows);
  }
  const onFit = new Said(obs.length);
  onFit.add(gathered, proposal.model, fitRows, fitRows);
  yield;
  const { lost: lostAccounts, lostRows: lost } = evidenceIn(obs, fitRows);
  const calibration = {
    method: split ? ('out of time' as const) : ('cross-validation' as const),
    fit: split?.fit ?? null,
    judge: split?.judge ?? null,
    parts,
    fitted: {
      cases: fitRows.length,
      accounts: obs.accountsIn(fitRows),
      lost,
      lostAccounts,
      bands: ratesOf(gathered, fitRows, onFit, proposal.model.bands),
    },
    otherModels: obs.judged().length - all.length,
    proposal,
    judged: yield* compared(gathered, judgeRows, said, proposal.model, options),
  };
  return { ...calibration, findings: findingsOf(calibration) };
}

/** Each part of the accounts is judged by a proposal that rests on the others alone: weights, pull and bands. */
function* sayByFolds(
  gathered: Gathered,
  rows: Int32Array,
  parts: number,
  seed: number,
  said: { before: Said; after: Said },
): Steps<void> {
  const { obs } = gathered;
  const most = rows.reduce((max, row) => Math.max(max, obs.account[row] ?? 0), 0) + 1;
  const folds = foldsOf(most, parts, seed);
  for (let part = 0; part < parts; part++) {
    const inside = (row: number): boolean => folds[obs.account[row] ?? 0] === part;
    const [others, own] = [rows.filter((row) => !inside(row)), rows.filter(inside)];
    const { model } = yield* propose(gathered, others, seed);
    said.before.add(gathered, gathered.model, own, others);
    said.after.add(gathered, model, own, others);
    yield;
  }
}
