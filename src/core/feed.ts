import type { FactKind } from './fact.ts';
import { listed } from './format.ts';
import { type Measure, termsOf } from './measure.ts';
import { enabledSignals, type Model, type Signal } from './model.ts';
import type { Finding } from './model-findings.ts';
import { type CoverageKey, KINDS, type SignalKind } from './vocabulary.ts';
import { coefficientsOf, toInteger } from './weights.ts';

/** What the connected sources deliver. */
export interface Feed {
  /** Source → the fact kinds that its streams bring. */
  kinds: Record<string, readonly FactKind[]>;
  /** Segments that the account rules can give. */
  segments: readonly string[];
}

/** What of a model the connected sources cannot feed, and what of its segments no rule ever names. */
export function feedFindings(model: Model, feed: Feed): Finding[] {
  const brought = new Set<SignalKind>([...Object.values(feed.kinds).flat(), 'renewal']);
  const found: Finding[] = [];
  const warn = (path: PropertyKey[], text: string): number => found.push({ level: 'warning', path, text });

  const hungry = new Set<string>();
  for (const [d, dimension] of model.dimensions.entries())
    for (const [s, signal] of dimension.signals.entries()) {
      const lacks = signal.enabled && dimension.weight > 0 ? lacking(signal, brought, signal.needs) : [];
      if (lacks.length === 0) continue;
      hungry.add(signal.key);
      warn(['dimensions', d, 'signals', s], `signal ${signal.key} cannot be measured: ${noSource(lacks)}`);
    }
  if (hungry.size > 0) found.push(...confidenceFinding(model, hungry));

  for (const [c, cap] of model.caps.entries()) {
    const lacks = [...new Set(cap.when.flatMap((test) => lacking(test, brought)))];
    if (lacks.length > 0) warn(['caps', c], `cap ${cap.key} never applies: ${noSource(lacks)}`);
  }
  for (const segment of Object.keys(model.segments))
    if (!feed.segments.includes(segment))
      warn(['segments', segment], `segment ${segment} never applies: ${ruled(feed.segments)}`);
  return found;
}

const noSource = (kinds: SignalKind[]): string =>
  `no connected source delivers ${listed(kinds.map((kind) => KINDS[kind].plural))}`;
const ruled = (segments: readonly string[]): string =>
  segments.length === 0 ? 'the account rules name no segments' : `the account rules give ${listed([...segments])}`;

/** Kinds without which a measure is always missing; empty where it can be fed. */
function lacking(measure: Measure, brought: ReadonlySet<SignalKind>, needs: readonly CoverageKey[] = []): SignalKind[] {
  const from = [...new Set(termsOf(measure).map((term) => term.kind))];
  const against = (measure.to ?? []).map((to) => ('kind' in to ? to.kind : null));
  const missing = [
    ...(from.some((kind) => brought.has(kind)) ? [] : from),
    ...(against.length === 0 || against.some((kind) => kind === null || brought.has(kind)) ? [] : against),
    ...needs.map(kindOf).filter((kind) => !brought.has(kind)),
  ];
  return [...new Set(missing.filter((kind) => kind !== null))];
}

const kindOf = (key: CoverageKey): SignalKind => {
  const own = Object.entries(KINDS).find(([, spec]) => spec.coverage === key);
  return own ? (own[0] as SignalKind) : 'activity'; // e-mail is a kind of activity
};

/** What is left of the confidence without these signals. */
function confidenceFinding(model: Model, hungry: ReadonlySet<string>): Finding[] {
  const weighted = model.dimensions.flatMap((dimension) =>
    enabledSignals(dimension).map((signal: Signal) => ({
      key: signal.key,
      group: dimension.key,
      groupWeight: toInteger(dimension.weight),
      weight: toInteger(signal.weight),
    })),
  );
  const shares = coefficientsOf(weighted).fractions;
  const left = weighted.reduce((sum, w, i) => (hungry.has(w.key) ? sum : sum + (shares[i] ?? 0)), 0);
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  if (left < model.floor)
    return [
      {
        level: 'warning',
        path: ['floor'],
        text: `no account can be scored: confidence is at most ${percent(left)}, and the floor is ${percent(model.floor)}`,
      },
    ];
  return [{ level: 'info', path: [], text: `without these signals confidence is at most ${percent(left)}` }];
}
