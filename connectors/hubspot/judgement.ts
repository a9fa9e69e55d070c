import type { Fact } from '../../src/core/fact.ts';
import { judgementOf } from '../../src/core/judgement.ts';
import { tombstone } from './facts.ts';
import { mergedInto } from './facts-accounts.ts';
import { heldValues } from './held.ts';
import { versionsOf } from './history.ts';
import type { OurField } from './mapping.ts';
import { personKey } from './owners.ts';
import type { CrmRecord } from './record.ts';

/**
 * What the company's manager said of it over time (S10): one version for each change, by whom the portal says. Before anything was
 * said there is none; what was emptied ends.
 */
export function judgementFacts(record: CrmRecord, fields: OurField[]): Fact[] {
  const { id } = record;
  const facts: Fact[] = [];
  for (const { at, values } of versionsOf(
    record,
    fields.map((f) => f.api),
  )) {
    const data = judgementOf(heldValues(fields, values), changedBy(record, fields, at));
    if (data !== null) facts.push({ kind: 'pulse', id, account: id, at, knownAt: at, data });
    else if (facts.length > 0) facts.push({ ...tombstone('pulse', id, at), account: id });
  }
  return [...facts, ...mergedInto(record).map((loser) => tombstone('pulse', loser.id, loser.at))];
}

function changedBy(record: CrmRecord, fields: OurField[], at: number): string | null {
  const entries = fields.flatMap(({ api }) => record.propertiesWithHistory?.[api] ?? []);
  const user = entries.find((entry) => entry.timestamp === at && entry.updatedByUserId)?.updatedByUserId;
  return user ? personKey(user) : null;
}
