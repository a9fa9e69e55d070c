import { z } from 'zod';

/**
 * Conditions over an account's fields, written by RevOps in YAML. `field` is a canonical field of the account fact (name, arr,
 * renewalOn, seats, …) or a raw field of its source (Type, Segment__c). A missing value satisfies only `exists: false`,
 * `not` and `notIn`.
 */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { none: Condition[] }
  | {
      field: string;
      is?: string | number | boolean;
      not?: string | number | boolean;
      in?: (string | number | boolean)[];
      notIn?: (string | number | boolean)[];
      atLeast?: number;
      below?: number;
      contains?: string;
      exists?: boolean;
    };

const Value = z.union([z.string(), z.number(), z.boolean()]);
const Test = z.strictObject({
  field: z.string().min(1),
  is: Value.optional(),
  not: Value.optional(),
  in: z.array(Value).optional(),
  notIn: z.array(Value).optional(),
  atLeast: z.number().optional(),
  below: z.number().optional(),
  contains: z.string().optional(),
  exists: z.boolean().optional(),
});
export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(Condition) }),
    z.strictObject({ any: z.array(Condition) }),
    z.strictObject({ none: z.array(Condition) }),
    Test,
  ]),
);

/** Who a role is, first that resolves to an active person wins. */
export const RoleSource = z.union([
  z.strictObject({ field: z.string() }), // a lookup field of the account that holds a user id
  z.literal('owner'),
  z.strictObject({ managerOf: z.enum(['csm', 'owner']) }),
  z.strictObject({ user: z.string() }), // a fixed user id
]);
export type RoleSource = z.infer<typeof RoleSource>;

export const RENEWAL_SOURCES = ['account field', 'open renewal opportunity', 'subscription'] as const;
export type RenewalSource = (typeof RENEWAL_SOURCES)[number];

/** How the accounts of the primary source are chosen and read: part of its mapping file. */
export const AccountRules = z.strictObject({
  population: Condition.optional().describe('Which accounts are customers and are scored. Absent = all.'),
  segment: z
    .array(z.strictObject({ key: z.string(), when: Condition }))
    .default([])
    .describe('First match names the segment.'),
  renewal: z
    .array(z.enum(RENEWAL_SOURCES))
    .default([...RENEWAL_SOURCES])
    .describe('Ordered sources of the renewal date and its ARR.'),
  hierarchy: z
    .strictObject({ score: z.enum(['each', 'top']).default('each') })
    .default({ score: 'each' })
    .describe(
      'Which accounts of a family are scored: each by itself, or the one at the top with all facts of those below it.',
    ),
  roles: z
    .strictObject({
      csm: z.array(RoleSource).default(['owner']),
      manager: z.array(RoleSource).default([{ managerOf: 'csm' }, { managerOf: 'owner' }]),
    })
    .default({ csm: ['owner'], manager: [{ managerOf: 'csm' }, { managerOf: 'owner' }] }),
});
export type AccountRules = z.infer<typeof AccountRules>;

type Lookup = (field: string) => unknown;

/** Whether an account satisfies a condition; `lookup` gives a field's value, undefined or null = missing. */
export function satisfies(condition: Condition, lookup: Lookup): boolean {
  if ('all' in condition) return condition.all.every((c) => satisfies(c, lookup));
  if ('any' in condition) return condition.any.some((c) => satisfies(c, lookup));
  if ('none' in condition) return !condition.none.some((c) => satisfies(c, lookup));
  const value = lookup(condition.field);
  const missing = value === undefined || value === null || value === '';
  if (condition.exists !== undefined && condition.exists === missing) return false;
  if (condition.not !== undefined && !missing && same(value, condition.not)) return false;
  if (condition.notIn?.some((v) => !missing && same(value, v))) return false;
  if (condition.is !== undefined && (missing || !same(value, condition.is))) return false;
  if (condition.in && (missing || !condition.in.some((v) => same(value, v)))) return false;
  if (condition.atLeast !== undefined && (missing || !(Number(value) >= condition.atLeast))) return false;
  if (condition.below !== undefined && (missing || !(Number(value) < condition.below))) return false;
  if (condition.contains !== undefined && (missing || !fold(value).includes(fold(condition.contains)))) return false;
  return true;
}

const fold = (value: unknown): string => String(value).trim().toLowerCase();
const same = (a: unknown, b: unknown): boolean =>
  a === b || (!(typeof a === 'boolean' && typeof b === 'boolean') && fold(a) === fold(b));

/** Every field that rules name, so that a source knows what to read. */
export function fieldsNamed(rules: AccountRules): string[] {
  const names = new Set<string>();
  const walk = (c: Condition): void => {
    if ('all' in c) c.all.forEach(walk);
    else if ('any' in c) c.any.forEach(walk);
    else if ('none' in c) c.none.forEach(walk);
    else names.add(c.field);
  };
  if (rules.population) walk(rules.population);
  for (const s of rules.segment) walk(s.when);
  for (const r of [...rules.roles.csm, ...rules.roles.manager])
    if (typeof r === 'object' && 'field' in r) names.add(r.field);
  return [...names];
}
