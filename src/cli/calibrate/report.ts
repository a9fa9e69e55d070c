import type { BacktestResult } from '../../core/backtest/result.ts';
import type { Calibration } from '../../core/calibrate/calibrate.ts';
import type { SegmentChange, SignalChange } from '../../core/calibrate/propose.ts';
import type { BandRate } from '../../core/calibrate/thresholds.ts';
import { counted, listed } from '../../core/format.ts';
import type { Model } from '../../core/model.ts';
import type { CalibrationPart, JudgedModel, WeightChange, WeightGroup } from '../../report/input.ts';
import { dateText } from '../format.ts';

/** A proposal as a report shows it. @param backtest by the same observations, with the days that positions mean */
export function calibrationPart(
  { method, parts, fit, judge, judged, proposal, findings }: Calibration,
  models: { before: Model; after: Model },
  { dates, findings: told }: Pick<BacktestResult, 'dates' | 'findings'>,
): CalibrationPart {
  const named = (positions: number[] | null): string =>
    listed((positions ?? []).map((at) => dateText(dates[at] ?? null)));
  const how =
    method === 'out of time'
      ? `Fitted on ${named(fit)}, judged on ${named(judge)}`
      : `Judged by cross-validation over ${parts} parts of the accounts`;
  const of = (which: 'before' | 'after', bands: readonly BandRate[]): JudgedModel => ({
    model: `${models[which].name} ${models[which].version}`,
    auc: judged[which],
    ...judged.probabilities[which],
    bands: bands.map(({ band, from, ...churn }) => ({ band, from, churn })),
  });
  return {
    before: of('before', judged.bandsBefore),
    after: of('after', judged.bands),
    judgedBy: `${how}: ${counted(judged.cases, 'observation')}, ${judged.lost} lost`,
    weights: [
      { segment: null, why: whyOf(proposal), changes: changesOf(models, proposal.signals) },
      ...proposal.segments.filter((s) => s.weights).map((s) => segmentGroup(s, models)),
    ],
    // What the backtest says of the same data stands above.
    notes: findings.map((f) => f.text).filter((text) => !told.some((f) => f.text === text)),
  };
}

function whyOf({ choice, lost }: Calibration['proposal']): string | null {
  if (!choice || !Number.isFinite(choice.strength)) return null;
  return `The weights before count as much as ${choice.strength} accounts that left; ${lost} did`;
}

/** Each dimension, then its signals. */
function changesOf(models: { before: Model; after: Model }, signals: readonly SignalChange[]): WeightChange[] {
  return models.after.dimensions.flatMap((dimension): WeightChange[] => {
    const own = signals.filter((s) => s.dimension === dimension.key);
    const sum = (of: 'before' | 'after'): number => own.reduce((total, s) => total + s[of], 0);
    const { key, label } = dimension;
    return [
      { dimension: key, signal: null, label, before: sum('before'), after: sum('after'), note: null },
      ...own.map(({ signal, label: name, before, after, verdict }) => ({
        dimension: key,
        signal,
        label: name,
        before,
        after,
        note: verdict === 'fitted' ? null : verdict,
      })),
    ];
  });
}

function segmentGroup(
  { segment, lost }: SegmentChange,
  { before, after }: { before: Model; after: Model },
): WeightGroup {
  const sharesIn = (model: Model): number[] => {
    const weights = model.dimensions.map((d) => model.segments[segment]?.weights?.[d.key] ?? d.weight);
    const all = weights.reduce((a, b) => a + b, 0);
    return weights.map((w) => (all > 0 ? w / all : 0));
  };
  const [was, is] = [sharesIn(before), sharesIn(after)];
  return {
    segment,
    why: `${lost} of its accounts left, and they ask for other weights than the whole`,
    changes: after.dimensions.map(({ key, label }, i) => ({
      dimension: key,
      signal: null,
      label,
      before: was[i] ?? 0,
      after: is[i] ?? 0,
      note: null,
    })),
  };
}
