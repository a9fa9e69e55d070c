import type { CheckItem } from '../../src/contract/index.ts';
import type { Condition } from '../../src/core/rules.ts';
import { bad, good } from '../../src/kit/check.ts';
import { missingProperties, type Named } from './named.ts';
import type { ObjectType } from './paths.ts';
import { pipelineIds } from './pipelines.ts';
import type { Portal } from './portal.ts';
import type { Property } from './schema.ts';

/** What a mapped property must be for its place. */
const PLACES: Record<string, { types: string[]; what: string }> = {
  'account.arr': { types: ['number'], what: 'a number' },
  'account.renewalOn': { types: ['date', 'datetime'], what: 'a date' },
  'account.seats': { types: ['number'], what: 'a number' },
  'tickets.escalated': { types: ['bool', 'enumeration', 'string'], what: 'yes or no' },
};

/** Every property of the type that the mapping names exists, has the type of its place, and the values that conditions ask for. */
export async function mapped(portal: Portal, type: ObjectType, named: Named[]): Promise<CheckItem[]> {
  const known = await portal.schema.properties(type);
  const problems = await missingProperties(portal, type, named);
  const items = problems.map((problem) =>
    bad(`${portal.file}: ${problem}`, 'Correct the name in the mapping (Settings → Properties shows internal names).'),
  );
  for (const { where, property } of named) {
    const found = known.get(property);
    const place = PLACES[where];
    if (found && place && !place.types.includes(found.type))
      items.push(
        bad(
          `${portal.file}: ${where}: the property ${property} is of type ${found.type}, and ${place.what} is needed`,
          'Map another property.',
        ),
      );
  }
  items.push(...askedValues(portal, type, known));
  if (type === 'companies') items.push(...roleProperties(portal, known));
  return items.length ? items : [good(`${named.length} mapped ${type} properties exist and have the right type`)];
}

function roleProperties(portal: Portal, known: ReadonlyMap<string, Property>): CheckItem[] {
  const { csm, manager } = portal.mapping.rules.roles;
  return [...csm, ...manager].flatMap((role) => {
    if (typeof role !== 'object' || !('field' in role)) return [];
    const found = known.get(role.field);
    if (!found || found.holdsOwner || role.field === 'hubspot_owner_id') return [];
    return [
      bad(
        `${portal.file}: rules.roles: the property ${role.field} is not of type HubSpot user`,
        'Name a property of type HubSpot user.',
      ),
    ];
  });
}

/** A pipeline that the mapping names by an id which no pipeline has makes every deal "no renewal", in silence. */
export async function namedPipelines(portal: Portal): Promise<CheckItem[]> {
  const { renewalDeal, dealTypes } = portal.mapping;
  const places = [
    { where: 'renewalDeal', what: 'a renewal', when: renewalDeal },
    ...dealTypes.map(({ name, when }) => ({ where: 'dealTypes', what: name, when })),
  ];
  const asked = places.flatMap(({ when, ...place }) =>
    testsIn(when)
      .filter(({ field }) => field === 'pipeline')
      .flatMap(({ values }) => values.map((id) => ({ ...place, id }))),
  );
  if (asked.length === 0) return [];
  const known = await pipelineIds(portal);
  const unknown = asked.filter(({ id }) => !known.has(id));
  if (unknown.length === 0) return [good('the pipelines that the mapping names exist')];
  const list = [...known].map(([id, label]) => `${id} (${label})`).join(', ');
  return unknown.map(({ where, what, id }) =>
    bad(
      `${portal.file}: ${where}: no deal pipeline has the id ${id}`,
      `Name one of: ${list}; or ask another property. Until then no deal counts as ${what}.`,
      'warning',
    ),
  );
}

/** A condition that asks an enumeration for a value that it does not have is never true, in silence; a label for a value, mostly. */
function askedValues(portal: Portal, type: ObjectType, known: ReadonlyMap<string, Property>): CheckItem[] {
  const { rules, renewalDeal, dealTypes } = portal.mapping;
  const conditions: Record<string, Condition[]> = {
    companies: [...(rules.population ? [rules.population] : []), ...rules.segment.map((segment) => segment.when)],
    deals: [renewalDeal, ...dealTypes.map((dealType) => dealType.when)],
  };
  const items = new Map<string, CheckItem>();
  for (const { field, values } of (conditions[type] ?? []).flatMap(testsIn)) {
    const options = known.get(field)?.options ?? [];
    if (known.get(field)?.type !== 'enumeration' || options.length === 0) continue;
    for (const value of values) {
      if (options.some((option) => same(option.value, value))) continue;
      const meant = options.find((option) => same(option.label, value))?.value;
      items.set(
        `${field} ${value}`,
        bad(
          `${portal.file}: the property ${field} of ${type} has no value "${value}"`,
          meant === undefined
            ? `Its values are ${options.map((option) => option.value).join(', ')}.`
            : `That is a label; its value is ${meant}.`,
          'warning',
        ),
      );
    }
  }
  return [...items.values()];
}

/** Conditions compare without case. */
const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Every comparison with named values in a condition. */
function testsIn(condition: Condition): { field: string; values: string[] }[] {
  if ('all' in condition) return condition.all.flatMap(testsIn);
  if ('any' in condition) return condition.any.flatMap(testsIn);
  if ('none' in condition) return condition.none.flatMap(testsIn);
  const { field, is, not, in: among = [], notIn = [] } = condition;
  return [{ field, values: [is, not, ...among, ...notIn].flatMap((v) => (v === undefined ? [] : [String(v)])) }];
}
