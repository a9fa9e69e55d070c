import type { AccountFacts, FactData, FactKind, StoredFact } from '../../src/core/fact.ts';
import { AccountRules } from '../../src/core/rules.ts';
import { type AccountView, viewAt } from '../../src/core/view.ts';

export const NOW = Date.parse('2026-11-25T03:00:00Z');
export const TODAY = '2026-11-25';

/** A state of the primary source that holds since `at`. */
export function state<K extends FactKind>(
  kind: K,
  id: string,
  data: FactData<K>,
  at = NOW - 1000,
  source = 'crm',
): StoredFact {
  return { kind, id, account: 'A', at, knownAt: at, data, source } as StoredFact;
}
export function viewOf(...facts: StoredFact[]): AccountView {
  const all: AccountFacts = { account: 'A', facts: [...facts].sort((a, b) => a.at - b.at), sources: ['crm'] };
  return viewAt(all, 'crm', NOW);
}
export const rulesOf = (rules: object = {}): AccountRules => AccountRules.parse(rules);
