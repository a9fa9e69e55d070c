import { auc, type Estimate, renumbered } from './auc.ts';
import { aucOfClusters } from './clustered.ts';
import { type Observations, type SignalColumn, unpacked } from './observations.ts';
import { type Share, wilson } from './proportions.ts';
import { eventsIn, inParts } from './sample.ts';

const FIFTHS = 5;

/** What one signal tells by itself, and what the score tells without it. */
export interface SignalProof {
  dimension: string;
  signal: string;
  label: string;
  /** Observations in which it is there. */
  present: number;
  /** How many of these left; accounts that have it at some date, and that lack it at some. */
  presentLost: number;
  presentAccounts: number;
  absentAccounts: number;
  /** Of its value on the 0–100 scale; null = one class, or never there. */
  auc: number | null;
  /** Of what was measured, whichever way it points: 0.5–1. */
  apart: number | null;
  /** Of the score without it; null = nothing else is there. */
  without: Estimate | null;
  /** Churn by fifths of what was measured, lowest first; equal values stay together, so that there may be fewer. */
  fifths: (Share & { from: number; to: number; cases: number })[];
  /** Whether churn both rises and falls along the fifths, beyond their intervals. */
  turns: boolean;
}

/** Each signal of the model, over observations with a known outcome. */
export function* signalSteps(obs: Observations, rows: Int32Array): Generator<void, SignalProof[]> {
  const whole = new Float64Array(obs.length);
  const weights = new Float64Array(obs.length);
  for (const s of obs.signals)
    for (const i of rows) {
      const value = unpacked(s.value[i]);
      if (!Number.isFinite(value)) continue;
      whole[i] = (whole[i] ?? 0) + value * (s.weight[i] ?? 0);
      weights[i] = (weights[i] ?? 0) + (s.weight[i] ?? 0);
    }
  /** What the other signals say; NaN = none is there. */
  const others = (s: SignalColumn) => (i: number) => {
    const value = unpacked(s.value[i]);
    const own = Number.isFinite(value) ? (s.weight[i] ?? 0) : 0;
    const rest = (weights[i] ?? 0) - own;
    return rest > 0 ? ((whole[i] ?? 0) - (own > 0 ? value * own : 0)) / rest : Number.NaN;
  };
  const proofs: SignalProof[] = [];
  for (const s of obs.signals) {
    const values = obs.sample(rows, (i) => unpacked(s.value[i]));
    // Categories measure nothing but what they are worth.
    const numbers = obs.sample(rows, (i) => s.raw[i] ?? Number.NaN);
    const raw = numbers.values.length > 0 ? numbers : values;
    yield;
    const measured = auc(raw);
    const fifths = fifthsOf(raw);
    yield;
    const rest = obs.sample(rows, others(s));
    const without = rest.values.length > 0 ? aucOfClusters(rest) : null;
    yield;
    proofs.push({
      dimension: s.dimension,
      signal: s.signal,
      label: s.label,
      present: values.values.length,
      presentLost: eventsIn(values),
      presentAccounts: renumbered(values.groups).count,
      absentAccounts: obs.accountsIn(rows.filter((i) => !Number.isFinite(unpacked(s.value[i])))),
      auc: auc(values),
      apart: measured === null ? null : Math.max(measured, 1 - measured),
      without,
      fifths,
      turns: turns(fifths),
    });
    yield;
  }
  return proofs;
}

function fifthsOf({ values, events, groups }: ReturnType<Observations['sample']>): SignalProof['fifths'] {
  return inParts(values, FIFTHS).flatMap((part) => {
    const left = part.reduce((sum, i) => sum + (events[i] ?? 0), 0);
    const accounts = renumbered(Int32Array.from(part, (i) => groups[i] ?? 0)).count;
    const share = wilson(left, part.length, accounts);
    const [from, to] = [values[part[0] ?? 0] ?? 0, values[part.at(-1) ?? 0] ?? 0];
    return share ? [{ from, to, cases: part.length, ...share }] : [];
  });
}

const turns = (fifths: readonly Share[]): boolean => {
  const pairs = fifths.flatMap((a, i) => fifths.slice(i + 1).map((b) => [a, b] as const));
  return pairs.some(([a, b]) => b.low > a.high) && pairs.some(([a, b]) => b.high < a.low);
};
