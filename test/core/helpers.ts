import { fullCoverage } from '../../src/core/coverage.ts';
import { DAY_MS, dayOf } from '../../src/core/days.ts';
import type { FactData, FactKind, StoredFact } from '../../src/core/fact.ts';
import { Model } from '../../src/core/model.ts';
import type { ScoringInput } from '../../src/core/score.ts';
import { viewAt } from '../../src/core/view.ts';

/** T of these tests: a Wednesday. */
export const TODAY = '2026-11-25';
export const NOON = (dayOf(TODAY) + 0.5) * DAY_MS;
export const daysAgo = (n: number): number => (dayOf(TODAY) - n) * DAY_MS;

let serial = 0;
export function fact<K extends FactKind>(
  kind: K,
  at: number,
  data: FactData<K>,
  more: { id?: string; source?: string; deleted?: boolean } = {},
): StoredFact {
  const { id = `${kind}-${++serial}`, source = 'crm', ...rest } = more;
  return { kind, id, source, account: 'A1', at, knownAt: at, data, ...rest } as StoredFact;
}

export const account = (data: FactData<'account'> = {}, at = daysAgo(800)): StoredFact =>
  fact('account', at, { name: 'Acme', createdOn: '2024-01-10', ownerId: 'U1', ...data }, { id: 'A1' });

/** The input of an account whose streams are all covered, at TODAY. */
export function inputOf(facts: StoredFact[], more: Partial<ScoringInput> = {}, at = NOON): ScoringInput {
  const sorted = [...facts].sort((a, b) => a.at - b.at);
  return {
    view: viewAt({ account: 'A1', facts: sorted, sources: ['crm'] }, 'crm', at),
    today: TODAY,
    segment: null,
    renewal: null,
    staleSources: [],
    coverage: fullCoverage(),
    ...more,
  };
}

export type SignalInput = Record<string, unknown>;

/** A signal of a model file with defaults for what a test does not care about. */
export const signal = (key: string, more: SignalInput): SignalInput => ({
  key,
  label: key,
  unit: '',
  weight: 1,
  tag: 'leading',
  direction: 'higher is better',
  curve: {
    linear: [
      [0, 0],
      [100, 100],
    ],
  },
  text: '{value}',
  ...more,
});

export interface ModelInput {
  dimensions: { key: string; weight: number; signals: SignalInput[] }[];
  [key: string]: unknown;
}
export const modelOf = (input: ModelInput): Model =>
  Model.parse({
    name: 'test',
    version: 1,
    bands: [
      { key: 'green', from: 80 },
      { key: 'yellow', from: 60 },
      { key: 'red', from: 0 },
    ],
    floor: 0,
    ...input,
    dimensions: input.dimensions.map((d) => ({ label: d.key, ...d })),
  });

/** A signal that simply reads a custom field of the account: for arithmetic. */
export const reads = (key: string, weight: number, more: SignalInput = {}): SignalInput =>
  signal(key, { weight, from: { kind: 'account', metric: key }, aggregation: 'latest', ...more });
