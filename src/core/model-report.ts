import { enabledSignals, type Model, modelFor, type Segment } from './model.ts';
import { type Finding, findingsOf } from './model-findings.ts';

export type { Finding } from './model-findings.ts';

export interface LoadReport {
  /** Share of the weight that is on leading signals, 0–1, before segments. */
  leadingShare: number;
  segments: { segment: string; leadingShare: number }[];
  signalsOn: number;
  /** What a person should know about a model that loads but may be unwise, each with its place in the file. */
  findings: Finding[];
  /** The texts of those findings that are warnings. */
  warnings: string[];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** S13: how the weight lies, and what is unwise about it. */
export function loadReport(model: Model): LoadReport {
  const leading = leadingShare(model, {});
  const segments = Object.entries(model.segments).map(([segment, own]) => ({
    segment,
    // A segment with a model of its own is judged by that.
    leadingShare: own.model === undefined ? leadingShare(model, own) : leadingShare(modelFor(model, segment), {}),
  }));
  const findings: Finding[] = [];
  const warn = (path: PropertyKey[], text: string): number => findings.push({ level: 'warning', path, text });
  const outside = (share: number): boolean => Math.round(share * 1e6) < 700_000 || Math.round(share * 1e6) > 800_000;
  if (outside(leading))
    warn(['dimensions'], `${percent(leading)} of the weight is on leading signals; 70 to 80 % works best`);
  for (const s of segments)
    if (outside(s.leadingShare))
      warn(
        ['segments', s.segment],
        `segment ${s.segment}: ${percent(s.leadingShare)} of the weight is on leading signals`,
      );
  const dimensions = model.dimensions.filter((d) => d.weight > 0);
  if (dimensions.length < 4)
    warn(
      ['dimensions'],
      `only ${dimensions.length === 1 ? '1 dimension carries' : `${dimensions.length} dimensions carry`} weight; four to six see more`,
    );
  if (dimensions.length > 6)
    warn(['dimensions'], `${dimensions.length} dimensions carry weight; more than six blur the picture`);
  const on = dimensions.flatMap(enabledSignals);
  if (on.length > 8) warn(['dimensions'], `${on.length} signals are switched on; start with at most eight strong ones`);
  findings.push(...findingsOf(model));
  return {
    leadingShare: leading,
    segments,
    signalsOn: on.length,
    findings,
    warnings: findings.filter((f) => f.level === 'warning').map((f) => f.text),
  };
}

function leadingShare(model: Model, segment: Segment): number {
  let [leading, all] = [0, 0];
  for (const dimension of model.dimensions) {
    const weight = segment.weights?.[dimension.key] ?? dimension.weight;
    const weights = enabledSignals(dimension).map((s) => ({ s, w: segment.signals?.[s.key]?.weight ?? s.weight }));
    const total = weights.reduce((sum, { w }) => sum + w, 0);
    if (weight === 0 || total === 0) continue;
    all += weight;
    for (const { s, w } of weights) if (s.tag === 'leading') leading += (weight * w) / total;
  }
  return all === 0 ? 0 : leading / all;
}
