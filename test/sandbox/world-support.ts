import { makeWorld } from '../../src/sandbox/world.ts';
import type { World, WorldAccount, WorldOptions } from '../../src/sandbox/world.types.ts';

export const NOW = Date.UTC(2026, 10, 25, 6, 0, 0);
export const DAY = 86_400_000;

export const worldOf = (options: Partial<WorldOptions> = {}): World =>
  makeWorld({ seed: 7, customers: 500, now: NOW, ...options });

/** Everything an account says, its lists included; functions left out. */
export const told = (account: WorldAccount): string => JSON.stringify(account);

/** Chance that a random positive has a lower value than a random negative (ties count half). */
export function aucOfLow(pairs: { value: number; positive: boolean }[]): number {
  const positives = pairs.filter((p) => p.positive);
  const negatives = pairs.filter((p) => !p.positive);
  let wins = 0;
  for (const p of positives) for (const n of negatives) wins += p.value < n.value ? 1 : p.value === n.value ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
}

export const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
