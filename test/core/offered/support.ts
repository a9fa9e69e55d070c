import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { fullCoverage } from '../../../src/core/coverage.ts';
import { dateOf, dayOf } from '../../../src/core/days.ts';
import type { FactData, StoredFact } from '../../../src/core/fact.ts';
import { Model } from '../../../src/core/model.ts';
import { POINT } from '../../../src/core/result.ts';
import { type ScoringInput, scoreAccount } from '../../../src/core/score.ts';
import type { CoverageKey } from '../../../src/core/vocabulary.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { account, daysAgo, fact, inputOf, TODAY } from '../helpers.ts';

/** The signals that the default model offers, each on its own, with figures worked out by hand. */
export const model = loadYaml(
  fileURLToPath(new URL('../../../mappings/models/five-dimension.yaml', import.meta.url)),
  Model,
);

/** The model with one signal switched on and nothing else. */
function only(key: string): Model {
  const dimensions = model.dimensions.map((d) => ({
    ...d,
    signals: d.signals.map((s) => ({ ...s, enabled: s.key === key })),
  }));
  return { ...model, dimensions, segments: {}, caps: [], floor: 0 };
}

export interface Case {
  signal: string;
  why: string;
  facts: StoredFact[];
  /** What is measured, and what it is worth (0–100) to four decimals; null = missing. */
  raw: number | string | null;
  points: number | null;
  /** What the text says. */
  text?: string | RegExp;
  input?: Partial<ScoringInput>;
}

/** An account of 50 seats is there unless the case brings its own. */
export function expectCase({ signal, facts, raw, points, text, input }: Case): void {
  const own = facts.some((f) => f.kind === 'account') ? facts : [account({ seats: 50 }), ...facts];
  const line = scoreAccount(only(signal), inputOf(own, input)).contributions.find((c) => c.signal === signal);
  if (!line) throw new Error(`the model offers no signal ${signal}`);
  const value = line.value === null ? null : line.value / POINT;
  expect({ points: value, missing: line.missing !== undefined }).toEqual({ points, missing: points === null });
  // A category has no figure of its own.
  expect(line.raw).toBe(typeof raw === 'string' ? null : raw);
  if (typeof text === 'string') expect(line.text).toBe(text);
  else if (text) expect(line.text).toMatch(text);
}

/** A date so many days before T. */
export const on = (ago: number): string => dateOf(dayOf(TODAY) - ago);
export const used = (ago: number, metrics: Record<string, number>, feature: string | null = null): StoredFact =>
  fact('usage', daysAgo(ago), { feature, metrics }, { id: `use:${feature ?? ''}` });
/** Rows of the days from `first` to `last` days before T. */
export const daily = (first: number, last: number, metrics: Record<string, number>): StoredFact[] =>
  Array.from({ length: first - last + 1 }, (_, i) => used(first - i, metrics));
export const ticket = (ago: number, data: Partial<FactData<'ticket'>> = {}, more: { id?: string } = {}): StoredFact =>
  fact('ticket', daysAgo(ago), { openedAt: daysAgo(ago), ...data }, more);
export const activity = (ago: number, data: Partial<FactData<'activity'>> = {}): StoredFact =>
  fact('activity', daysAgo(ago), { type: 'call', ...data });
export const many = (count: number, make: (i: number) => StoredFact): StoredFact[] =>
  Array.from({ length: count }, (_, i) => make(i));
/** A stream that does not cover the account. */
export function gap(key: CoverageKey): Partial<ScoringInput> {
  const { gaps, sources } = fullCoverage();
  return { coverage: { gaps: { ...gaps, [key]: `no source carries ${key}` }, sources } };
}
