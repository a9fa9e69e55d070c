import type { Fact, FactKind } from '../../src/core/fact.ts';

/** A record's deletion. To whom it belonged the store knows better than the portal, which has forgotten. */
export function tombstone(kind: FactKind, id: string, at: number): Fact {
  const data = kind === 'activity' ? { type: 'other' } : {};
  return { kind, id, account: null, at, knownAt: at, deleted: true, data } as Fact;
}

/** Records ids in their own order: numbers of different length, as text. */
export const byId = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
