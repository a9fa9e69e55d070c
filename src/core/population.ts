import type { FieldSpec, FieldValue } from './fields.ts';
import { alternatives } from './format.ts';
import { type AccountRules, type Condition, satisfies } from './rules.ts';
import type { AccountView } from './view.ts';

export interface Membership {
  member: boolean;
  /** Which rule decided, with what was found: "Type is Prospect, not Customer". */
  reason: string;
}

/** P5: whether an account is a customer that is scored, and why. */
export function inPopulation(view: AccountView, rules: AccountRules): Membership {
  if (!view.record) return { member: false, reason: 'no account record: deleted, merged, or not yet known' };
  if (!rules.population) return { member: true, reason: 'every account is scored (no customer rule is set)' };
  const member = satisfies(rules.population, view.field);
  return member
    ? { member, reason: 'meets the customer rule' }
    : { member, reason: failure(rules.population, view.field) };
}

type Lookup = (field: string) => unknown;

/** The first part of a condition that is not met, in words. */
function failure(condition: Condition, lookup: Lookup): string {
  if ('all' in condition) {
    const failed = condition.all.find((c) => !satisfies(c, lookup));
    return failed ? failure(failed, lookup) : 'no rule failed';
  }
  if ('any' in condition)
    return condition.any.length === 0 ? 'no rule can be met' : condition.any.map((c) => failure(c, lookup)).join('; ');
  if ('none' in condition) {
    const met = condition.none.find((c) => satisfies(c, lookup));
    return met ? `excluded: ${found(met, lookup)}` : 'no rule failed';
  }
  const values = [condition.is, ...(condition.in ?? [])].filter((v) => v !== undefined).map(String);
  const excluded = [condition.not, ...(condition.notIn ?? [])].filter((v) => v !== undefined);
  const wanted = [
    values.length > 0 ? `must be ${alternatives(values)}` : '',
    excluded.length > 0 ? 'which is excluded' : '',
    condition.atLeast === undefined ? '' : `must be at least ${condition.atLeast}`,
    condition.below === undefined ? '' : `must be below ${condition.below}`,
    condition.contains === undefined ? '' : `must contain ${condition.contains}`,
    condition.exists === undefined ? '' : `must be ${condition.exists ? 'filled' : 'empty'}`,
  ].filter((w) => w !== '');
  return [found(condition, lookup), ...wanted].join(', ');
}

/** What the account has in the fields that a condition looks at. */
function found(condition: Condition, lookup: Lookup): string {
  if ('all' in condition) return condition.all.map((c) => found(c, lookup)).join(' and ');
  if ('any' in condition) return listOf(condition.any, lookup);
  if ('none' in condition) return listOf(condition.none, lookup);
  const value = lookup(condition.field);
  const empty = value === undefined || value === null || value === '';
  return `${condition.field} is ${empty ? 'empty' : String(value)}`;
}
const listOf = (conditions: Condition[], lookup: Lookup): string =>
  alternatives(conditions.map((c) => found(c, lookup)));

export interface HeldFields {
  account: string;
  values: Record<string, FieldValue>;
}

/**
 * P5: accounts that hold our values but are no longer scored get each of our filled fields blanked. Once blanked they are not
 * returned again. Accounts that exist no more cannot be written: `exists` leaves them out.
 */
export function leavers(
  held: Iterable<HeldFields>,
  population: ReadonlySet<string>,
  fields: readonly FieldSpec[],
  exists: (account: string) => boolean = () => true,
): HeldFields[] {
  const ours = fields.filter((f) => f.direction === 'ours').map((f) => f.name);
  const left: HeldFields[] = [];
  for (const { account, values } of held) {
    if (population.has(account) || !exists(account)) continue;
    const filled = ours.filter((name) => !isEmpty(values[name]));
    if (filled.length > 0) left.push({ account, values: Object.fromEntries(filled.map((name) => [name, null])) });
  }
  return left;
}

const isEmpty = (value: FieldValue | undefined): boolean => value === undefined || value === null || value === '';
