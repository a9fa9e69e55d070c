import type { Fact } from '../../src/core/fact.ts';
import { domainOf } from '../../src/core/match-keys.ts';
import { toMoney } from '../../src/kit/money.ts';
import { tombstone } from './facts.ts';
import { versionsOf } from './history.ts';
import type { Mapping } from './mapping.ts';
import { attributeProperties, namedCompanyProperties } from './named.ts';
import { bool, type CrmRecord, day, num, RowError, str, type Values } from './record.ts';

/** Property that names the companies that were merged into this one, joined by `;`. */
export const MERGED = 'hs_merged_object_ids';
const OWNER = 'hubspot_owner_id';

/** The properties that an account fact is made of. */
export const accountProperties = (mapping: Mapping): string[] => [
  ...new Set(['name', OWNER, ...namedCompanyProperties(mapping).map((n) => n.property)]),
];

export interface AccountReading {
  mapping: Mapping;
  /** For amounts that name no currency. */
  currency: string;
  /** Company time zone. */
  timezone: string;
  /** Property name → HubSpot type, for attributes. */
  types: ReadonlyMap<string, string>;
}

/** A company as it was over time, and the end of those that were merged into it. */
export function accountFacts(record: CrmRecord, reading: AccountReading): Fact[] {
  const { id } = record;
  const versions = versionsOf(record, accountProperties(reading.mapping)).map(
    ({ at, values }): Fact => ({
      kind: 'account',
      id,
      account: id,
      at,
      knownAt: at,
      data: {
        ...dataOf(values, reading),
        createdOn: new Date(record.createdAt).toISOString().slice(0, 10),
      },
    }),
  );
  return [...versions, ...mergedInto(record).map((loser) => tombstone('account', loser.id, loser.at))];
}

function dataOf(values: Values, reading: AccountReading) {
  const { mapping, timezone, types } = reading;
  const { arr, renewalOn, seats, keys, domains, parent } = mapping.account;
  return {
    name: str(values, 'name'),
    domains: unique(domains.map((name) => domainOf(str(values, name) ?? ''))),
    keys: unique(keys.map((name) => str(values, name))),
    ownerId: str(values, OWNER),
    parentId: str(values, parent),
    arr: arr ? amount(values, arr, mapping.currency.account, mapping.currency.default ?? reading.currency) : null,
    renewalOn: renewalOn ? day(values, renewalOn, timezone) : null,
    seats: seats ? num(values, seats) : null,
    attributes: Object.fromEntries(
      attributeProperties(mapping).map((name) => [name, attribute(values, name, types.get(name))]),
    ),
  };
}

function attribute(values: Values, name: string, type: string | undefined): string | number | boolean | null {
  if (type === 'number') return num(values, name);
  return type === 'bool' ? bool(values, name) : str(values, name);
}

const unique = (values: (string | null)[]): string[] => [...new Set(values.filter((v): v is string => v !== null))];

/** An amount in the currency that `currencyProperty` names, else in the given one. */
export function amount(values: Values, name: string, currencyProperty: string | undefined, otherwise: string) {
  const text = str(values, name);
  if (text === null) return null;
  const code = currencyProperty === undefined ? null : str(values, currencyProperty);
  // Calculated numbers come with an exponent where they are large.
  const plain = /e/i.test(text) ? Number(text) : text;
  const money = toMoney(plain, code !== null && /^[A-Z]{3}$/.test(code) ? code : otherwise);
  if (money === null) throw new RowError(`${name}: found a text, expected an amount`);
  return money;
}

/** Ids of the companies that went into this one, and when; where no history tells, at this one's own stamp. */
export function mergedInto(record: CrmRecord): { id: string; at: number }[] {
  const history = (record.propertiesWithHistory?.[MERGED] ?? []).toSorted((a, b) => a.timestamp - b.timestamp);
  return losers(record.properties[MERGED]).map((id) => {
    const told = history.find((entry) => losers(entry.value).includes(id))?.timestamp;
    return { id, at: told ?? record.updatedAt };
  });
}

const losers = (text: string | null | undefined): string[] =>
  (text ?? '').split(/[;,\s]+/).filter((id) => /^\d+$/.test(id));
