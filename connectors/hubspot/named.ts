import { InputError } from '../../src/contract/index.ts';
import { type Condition, fieldsNamed } from '../../src/core/rules.ts';
import { nearest } from '../../src/kit/nearest.ts';
import { CANONICAL, type Mapping } from './mapping.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';

/** A property that the mapping file names, and under which key. */
export interface Named {
  where: string;
  property: string;
}

/** Company properties that rules, roles and `attributes` name. */
export function attributeProperties(mapping: Mapping): string[] {
  const named = fieldsNamed(mapping.rules).filter((name) => !CANONICAL.includes(name));
  return [...new Set([...named, ...mapping.account.attributes])];
}

export function namedCompanyProperties(mapping: Mapping): Named[] {
  const { arr, renewalOn, seats, keys, domains, parent, attributes } = mapping.account;
  const single: [string, string | undefined][] = [
    ['account.arr', arr],
    ['account.renewalOn', renewalOn],
    ['account.seats', seats],
    ['account.parent', parent],
    ['currency.account', mapping.currency.account],
  ];
  return [
    ...single.flatMap(([where, property]) => (property ? [{ where, property }] : [])),
    ...keys.map((property) => ({ where: 'account.keys', property })),
    ...domains.map((property) => ({ where: 'account.domains', property })),
    ...attributeProperties(mapping).map((property) => ({
      where: attributes.includes(property) ? 'account.attributes' : 'rules',
      property,
    })),
  ];
}

export function namedDealProperties(mapping: Mapping): Named[] {
  const of = (where: string, conditions: Condition[]): Named[] =>
    [...new Set(conditions.flatMap(propertiesOf))].map((property) => ({ where, property }));
  return [
    ...of('renewalDeal', [mapping.renewalDeal]),
    ...of(
      'dealTypes',
      mapping.dealTypes.map((type) => type.when),
    ),
  ];
}

export const namedTicketProperties = ({ tickets }: Mapping): Named[] =>
  tickets.escalated === undefined ? [] : [{ where: 'tickets.escalated', property: tickets.escalated }];

/** Properties that a condition reads. */
export function propertiesOf(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(propertiesOf);
  if ('any' in condition) return condition.any.flatMap(propertiesOf);
  if ('none' in condition) return condition.none.flatMap(propertiesOf);
  return [condition.field];
}

/** "account.arr: companies have no property arrr; nearest is arr" for each named property that is missing. */
export async function missingProperties(portal: Portal, type: ObjectType, named: readonly Named[]): Promise<string[]> {
  const known = await portal.schema.properties(type);
  return named
    .filter(({ property }) => !known.has(property))
    .map(({ where, property }) => {
      const near = nearest(property, [...known.keys()]);
      return `${where}: ${type} have no property ${property}${near ? `; nearest is ${near}` : ''}`;
    });
}

/** A read leaves out unknown properties without a word. @throws InputError listing every named one that is missing */
export async function requireProperties(portal: Portal, type: ObjectType, named: readonly Named[]): Promise<void> {
  const problems = await missingProperties(portal, type, named);
  if (problems.length === 0) return;
  throw new InputError(`${portal.file} names properties that ${type} lack: ${problems.join('; ')}`, {
    problems: problems.map((problem) => `${portal.file}: ${problem}`),
    hint: 'Correct the name (Settings → Properties shows internal names), then run `npx pulseback check`.',
  });
}
