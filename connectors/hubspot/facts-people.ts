import type { Fact } from '../../src/core/fact.ts';
import type { Config } from './config.ts';
import { type Owner, personKey } from './owners.ts';
import { type CrmRecord, str, valuesOf } from './record.ts';

/** The properties that a contact fact is made of. */
export const CONTACT = ['email', 'firstname', 'lastname', 'jobtitle', 'hs_email_hard_bounce_reason_enum'];

/** A contact as it is now, since its own stamp. */
export function contactFact(record: CrmRecord, account: string | null): Fact {
  const values = valuesOf(record);
  return {
    kind: 'contact',
    id: record.id,
    account,
    at: record.updatedAt,
    knownAt: record.updatedAt,
    data: {
      name: joined(str(values, 'firstname'), str(values, 'lastname')),
      email: str(values, 'email'),
      title: str(values, 'jobtitle'),
      bounced: str(values, 'hs_email_hard_bounce_reason_enum') !== null,
    },
  };
}

/** An owner → a user. The manager comes from the configuration: by name, else the lead of the person's main team. */
export function userFact(owner: Owner, config: Pick<Config, 'managers' | 'teamLeads'>): Fact {
  const team = owner.teams.find((t) => t.primary) ?? owner.teams[0];
  const lead = team === undefined ? undefined : config.teamLeads[team.id];
  const manager = config.managers[owner.id] ?? lead ?? null;
  return {
    kind: 'user',
    id: owner.id,
    account: null,
    at: owner.updatedAt,
    knownAt: owner.updatedAt,
    data: {
      name: joined(owner.firstName, owner.lastName),
      email: owner.email,
      active: !owner.archived,
      managerId: manager === owner.id ? null : manager,
      ...(owner.userIdIncludingInactive ? { keys: [personKey(owner.userIdIncludingInactive)] } : {}),
    },
  };
}

const joined = (...parts: (string | null)[]): string | null => parts.filter(Boolean).join(' ') || null;
