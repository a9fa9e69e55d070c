import type { FactOf } from '../../src/core/fact.ts';
import { emailDomainOf } from '../../src/core/match-keys.ts';
import { todayIn } from '../../src/kit/dates.ts';
import type { Customer } from './wire.ts';

/** A customer is the account of everything that is billed to it. */
export function customerFact(
  customer: Customer,
  { at, timezone, metadataKeys }: { at: number; timezone: string; metadataKeys: string[] },
): FactOf<'account'> {
  const keys = keysOf(customer, metadataKeys);
  const domain = emailDomainOf(customer.email ?? '');
  return {
    kind: 'account',
    id: customer.id,
    account: customer.id,
    at: at * 1000,
    knownAt: at * 1000,
    data: {
      name: customer.business_name || customer.name || null,
      domains: domain === null ? [] : [domain],
      keys,
      createdOn: todayIn(timezone, customer.created * 1000),
    },
  };
}

/** Ids of other systems that the metadata hold. */
export const keysOf = ({ metadata }: Pick<Customer, 'metadata'>, names: string[]): string[] =>
  [...new Set(names.map((name) => metadata?.[name]?.trim() ?? ''))].filter((key) => key !== '');

export const goneCustomer = (id: string, at: number): FactOf<'account'> => ({
  kind: 'account',
  id,
  account: id,
  at: at * 1000,
  knownAt: at * 1000,
  deleted: true,
  data: {},
});
