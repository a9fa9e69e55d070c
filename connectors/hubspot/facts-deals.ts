import type { Fact } from '../../src/core/fact.ts';
import { satisfies } from '../../src/core/rules.ts';
import type { Link } from './associations.ts';
import { amount } from './facts-accounts.ts';
import { type Version, versionsOf } from './history.ts';
import type { Mapping } from './mapping.ts';
import { namedDealProperties } from './named.ts';
import { bool, type CrmRecord, day, str } from './record.ts';

const OWN = ['dealname', 'amount', 'closedate', 'dealstage', 'pipeline', 'dealtype', 'hubspot_owner_id'];
const STATE = ['hs_is_closed', 'hs_is_closed_won'];

/** The properties that an opportunity fact is made of. */
export const dealProperties = (mapping: Mapping): string[] => [
  ...new Set([...OWN, ...STATE, mapping.currency.deal, ...namedDealProperties(mapping).map((n) => n.property)]),
];

export interface Stage {
  label: string;
  /** null = the pipeline does not say. */
  closed: boolean | null;
  won: boolean | null;
}
export interface DealReading {
  mapping: Mapping;
  currency: string;
  timezone: string;
  /** By stage id; they are unique in a portal. */
  stages: ReadonlyMap<string, Stage>;
}

/** A deal as it was over time. The account is today's in all versions: HubSpot keeps no history of associations. */
export function dealFacts(record: CrmRecord, account: string | null, reading: DealReading): Fact[] {
  return versionsOf(record, dealProperties(reading.mapping)).map(
    (version): Fact => ({
      kind: 'opportunity',
      id: record.id,
      account,
      at: version.at,
      knownAt: version.at,
      data: dataOf(version, reading),
    }),
  );
}

function dataOf({ values }: Version, { mapping, currency, timezone, stages }: DealReading) {
  const id = str(values, 'dealstage');
  // A stage that was removed from its pipeline is known by what the deal itself says.
  const stage = id === null ? undefined : stages.get(id);
  const lookup = (name: string): string | null => str(values, name);
  const named = mapping.dealTypes.find((type) => satisfies(type.when, lookup));
  return {
    name: str(values, 'dealname'),
    stage: stage?.label ?? id,
    closed: stage?.closed ?? bool(values, 'hs_is_closed'),
    won: stage?.won ?? bool(values, 'hs_is_closed_won'),
    amount: amount(values, 'amount', mapping.currency.deal, mapping.currency.default ?? currency),
    closeOn: day(values, 'closedate', timezone),
    type: named?.name ?? str(values, 'dealtype'),
    renewal: satisfies(mapping.renewalDeal, lookup),
    ownerId: str(values, 'hubspot_owner_id'),
  };
}

/**
 * Who of the customer takes part: one role for each label that the association has, or one without. Associations have no date, so that
 * a role counts from the deal's creation on.
 */
export function roleFacts(record: CrmRecord, account: string | null, links: readonly Link[], mapping: Mapping): Fact[] {
  return links.flatMap(({ id: contactId, labels }): Fact[] => {
    const primary = labels.includes(mapping.primaryContactLabel);
    const roles: (string | null)[] = labels.filter((label) => label !== mapping.primaryContactLabel);
    if (roles.length === 0) roles.push(null);
    return roles.map((role) => ({
      kind: 'opportunityRole',
      id: roleId(record.id, contactId, role),
      account,
      at: record.createdAt,
      knownAt: record.createdAt,
      data: { opportunityId: record.id, contactId, role, primary },
    }));
  });
}

/** A role is its label: one that is taken away ends, and what replaces it is another. */
const roleId = (deal: string, contact: string, role: string | null): string =>
  `${rolesOf(deal)}${contact}${role === null ? '' : `-${role}`}`;
/** How the ids of all roles of a deal begin. */
export const rolesOf = (deal: string): string => `${deal}-`;
