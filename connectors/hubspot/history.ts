import { type CrmRecord, type Values, valuesOf } from './record.ts';

/** A record as it was from an instant on. */
export interface Version {
  /** Epoch ms. */
  at: number;
  values: Values;
}

/**
 * What a record said over time, oldest first: one version for each instant at which one of the named properties changed. A property is
 * unknown before its oldest entry, since HubSpot keeps a limited number of them. What holds now and no entry tells (calculated
 * properties have none) holds since the record's own stamp, never earlier.
 */
export function versionsOf(record: CrmRecord, names: readonly string[]): Version[] {
  const changes = new Map<number, Map<string, string | null>>();
  for (const name of names)
    for (const { value, timestamp } of (record.propertiesWithHistory?.[name] ?? []).toReversed()) {
      const at = Math.max(timestamp, record.createdAt);
      const set = changes.get(at) ?? new Map<string, string | null>();
      changes.set(at, set.set(name, value)); // entries come newest first: of one instant the newest stays
    }
  const versions: Version[] = [];
  let held: Values = new Map();
  for (const [at, set] of [...changes].sort(([a], [b]) => a - b)) {
    held = new Map([...held, ...set]);
    versions.push({ at, values: held });
  }
  const now = valuesOf(record);
  if (versions.length > 0 && names.every((name) => (held.get(name) ?? null) === (now.get(name) ?? null)))
    return versions;
  const last = versions.at(-1);
  const at = Math.max(record.updatedAt, last?.at ?? record.createdAt);
  if (last?.at === at) versions.pop();
  return [...versions, { at, values: now }];
}
