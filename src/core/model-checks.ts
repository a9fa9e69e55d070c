import { runs } from './curves.ts';
import { measureIssues, type NameIssue, templateIssues } from './measure.ts';
import { enabledSignals, type PlainModel, type Signal } from './model-shape.ts';

/** Everything in a model that its shape allows and that means nothing: unknown names, doubles, what never weighs. */
export function modelIssues(model: PlainModel): NameIssue[] {
  const issues: NameIssue[] = [];
  const dimensionKeys = model.dimensions.map((d) => d.key);
  const signalKeys = model.dimensions.flatMap((d) => d.signals.map((s) => s.key));
  const bandKeys = model.bands.map((b) => b.key);
  const known = (what: string, found: string, names: string[], path: PropertyKey[]): void => {
    if (!names.includes(found)) issues.push({ path, message: `unknown ${what}`, params: { found, names } });
  };
  const unique = (what: string, key: string, seen: Set<string>, path: PropertyKey[]): void => {
    if (seen.has(key)) issues.push({ path, message: `the ${what} \`${key}\` is there twice` });
    seen.add(key);
  };

  const [dimensions, signals, caps] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const [d, dimension] of model.dimensions.entries()) {
    unique('dimension', dimension.key, dimensions, ['dimensions', d, 'key']);
    for (const [s, signal] of dimension.signals.entries()) {
      const path = ['dimensions', d, 'signals', s];
      unique('signal', signal.key, signals, [...path, 'key']);
      issues.push(
        ...[...signalIssues(signal), ...rampIssues(signal, model.onboarding.days)].map((issue) => ({
          ...issue,
          path: [...path, ...issue.path],
        })),
      );
    }
    if (dimension.weight > 0 && dimension.signals.length > 0 && enabledSignals(dimension).every((s) => s.weight === 0))
      issues.push({ path: ['dimensions', d, 'signals'], message: 'no signal with a weight is switched on' });
  }
  if (model.dimensions.length > 0 && model.dimensions.every((d) => d.weight === 0))
    issues.push({ path: ['dimensions'], message: 'no dimension has a weight' });

  for (const [c, cap] of model.caps.entries()) {
    unique('cap', cap.key, caps, ['caps', c, 'key']);
    known('band', cap.bandAtMost, bandKeys, ['caps', c, 'bandAtMost']);
    for (const [t, test] of cap.when.entries()) {
      const path = ['caps', c, 'when', t];
      if (test.atLeast === undefined && test.below === undefined)
        issues.push({ path, message: 'a test needs `atLeast` or `below`' });
      issues.push(...measureIssues(test).map((issue) => ({ ...issue, path: [...path, ...issue.path] })));
    }
  }
  for (const [key, segment] of Object.entries(model.segments)) {
    const path = ['segments', key];
    for (const name of Object.keys(segment.weights ?? {}))
      known('dimension', name, dimensionKeys, [...path, 'weights', name]);
    for (const name of Object.keys(segment.signals ?? {}))
      known('signal', name, signalKeys, [...path, 'signals', name]);
    for (const [b, band] of (segment.bands ?? []).entries())
      known('band', band.key, bandKeys, [...path, 'bands', b, 'key']);
    if (model.dimensions.every((d) => (segment.weights?.[d.key] ?? d.weight) === 0))
      issues.push({ path: [...path, 'weights'], message: 'no dimension has a weight' });
  }
  for (const [key, { holds }] of Object.entries(model.contexts))
    for (const [h, name] of holds.entries())
      known('dimension or signal', name, [...dimensionKeys, ...signalKeys], ['contexts', key, 'holds', h]);
  return issues;
}

function signalIssues(signal: Signal): NameIssue[] {
  const issues = [...measureIssues(signal), ...templateIssues(signal.text, ['text'])];
  for (const key of ['changeText', 'emptyText'] as const) issues.push(...templateIssues(signal[key] ?? '', [key]));
  if (signal.curve.percentile && signal.direction === 'middle is best')
    issues.push({
      path: ['curve', 'percentile'],
      message: 'a percentile needs a direction: higher or lower is better',
    });
  if (!runs(signal.curve, signal.direction))
    issues.push({ path: ['curve'], message: `the curve does not run as the direction says (${signal.direction})` });
  return issues;
}

function rampIssues({ ramp, direction, curve }: Signal, days: number): NameIssue[] {
  if (!ramp) return [];
  const issue = (message: string): NameIssue[] => [{ path: ['ramp'], message }];
  if (direction === 'middle is best') return issue('a ramp needs a direction: higher or lower is better');
  if (curve.lookup) return issue('a ramp is for numbers, and the curve looks up categories');
  const last = ramp.at(-1)?.[0] ?? 0;
  if (last > days) return issue(`the ramp ends on day ${last}, and onboarding on day ${days}; expected no later`);
  return [];
}
