import type { CrmRecord } from '../../../connectors/hubspot/record.ts';
import { FACTS, type Fact } from '../../../src/core/fact.ts';

export const T0 = Date.parse('2026-01-10T08:00:00Z');
export const DAY = 86_400_000;

type Past = Record<string, [at: number, value: string | null][]>;

/** A record; `past` in the order of time, told as HubSpot tells it: newest first. */
export function record(properties: Record<string, string | null>, past: Past = {}, more: Partial<CrmRecord> = {}) {
  const created: CrmRecord = {
    id: '501',
    properties,
    createdAt: T0,
    updatedAt: T0 + 30 * DAY,
    propertiesWithHistory: Object.fromEntries(
      Object.entries(past).map(([name, entries]) => [
        name,
        entries.map(([timestamp, value]) => ({ timestamp, value })).toReversed(),
      ]),
    ),
    ...more,
  };
  return created;
}

/** Every fact must pass the schema that the rest of the product reads it by. */
export function sound<F extends Fact | null>(fact: F): F {
  if (fact && !fact.deleted) FACTS[fact.kind].data.parse(fact.data);
  return fact;
}
