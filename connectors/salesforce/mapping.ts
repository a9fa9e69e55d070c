import { z } from 'zod';
import { type FieldSpec, InputError } from '../../src/contract/index.ts';
import { AccountRules, Condition } from '../../src/core/rules.ts';
import { adviceOn } from '../../src/kit/nearest.ts';
import { isFieldPath } from './soql.ts';

/** API name of a field, or a path through a lookup (`RecordType.DeveloperName`). */
const Field = z
  .string()
  .refine(isFieldPath, 'expected a field API name like ARR__c, or a path like RecordType.DeveloperName');
const ApiName = z.string().regex(/^[A-Za-z](?:_?[A-Za-z0-9])*(?:__c)?$/, 'expected an API name like Health_Score__c');
const SetName = z
  .string()
  .regex(/^[A-Za-z](?:_?[A-Za-z0-9])*$/, 'expected a permission set API name like Pulseback_Runtime');

/** `mappings/crm/salesforce.yaml`: which org fields mean what. Every key is described in the shipped file. */
export const Mapping = z.strictObject({
  account: z.strictObject({
    arr: Field.optional(),
    renewalOn: Field.optional(),
    seats: Field.optional(),
    keys: z.array(Field).default([]),
    domains: z.array(Field).default(['Website']),
    parent: Field.default('ParentId'),
    attributes: z.array(Field).default([]),
  }),
  currency: z
    .strictObject({
      field: Field.default('CurrencyIsoCode'),
      default: z
        .string()
        .regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code like GBP')
        .optional(),
    })
    .prefault({}),
  rules: AccountRules.prefault({}),
  renewalOpportunity: Condition.default({ field: 'Type', is: 'Renewal' }),
  writeback: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9]*_$/, 'expected a prefix like Health_')
        .default('Health_'),
      fields: z.record(z.string(), ApiName).default({}),
    })
    .prefault({}),
  taskKey: ApiName.default('Health_Task_Key__c'),
  permissionSets: z
    .strictObject({
      runtime: SetName.default('Pulseback_Runtime'),
      csm: SetName.default('Pulseback_CSM'),
      viewer: SetName.default('Pulseback_Viewer'),
    })
    .prefault({}),
});
export type Mapping = z.infer<typeof Mapping>;

/** Fields of the account fact that rules may name beside the org's own. */
export const CANONICAL = ['name', 'domains', 'keys', 'ownerId', 'parentId', 'arr', 'renewalOn', 'seats', 'createdOn'];

/** "csmPulse" → "Csm_Pulse", "change30" → "Change_30", "dimension-usage" → "Dimension_Usage". */
function words(logical: string): string {
  return logical
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Za-z])(\d)/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((w) => w.charAt(0).toUpperCase() + w.slice(1))
    .join('_');
}

/** API name of a write-back field. @throws InputError where no valid name comes of it */
export function apiName(mapping: Mapping, logical: string): string {
  const named = mapping.writeback.fields[logical];
  if (named) return named.endsWith('__c') ? named : `${named}__c`;
  const base = `${mapping.writeback.prefix}${words(logical)}`;
  if (base.length > 40 || !/^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(base))
    throw new InputError(`writeback: "${logical}" makes the field name ${base}__c, which Salesforce does not allow`, {
      hint: `Name it under writeback.fields.${logical} (at most 40 letters, digits and single underscores).`,
    });
  return `${base}__c`;
}

/** A write-back field with its name in the org. */
export interface OurField extends FieldSpec {
  api: string;
}

/** @throws InputError where two fields would share one name */
export function ourFields(mapping: Mapping, specs: readonly FieldSpec[]): OurField[] {
  const known = new Set(specs.map((s) => s.name));
  const strangers = Object.keys(mapping.writeback.fields).filter((n) => !known.has(n));
  if (strangers.length)
    throw new InputError(
      `writeback.fields of the CRM mapping: ${strangers.map((n) => `no write-back field is called \`${n}\`; ${adviceOn(n, [...known])}`).join('; ')}`,
      { hint: `Known are: ${[...known].join(', ')}.` },
    );
  const fields = specs.map((spec) => ({ ...spec, api: apiName(mapping, spec.name) }));
  const seen = new Map<string, string>();
  for (const { api, name } of fields) {
    const other = seen.get(api.toLowerCase());
    if (other)
      throw new InputError(`writeback: "${other}" and "${name}" share the field name ${api}`, {
        hint: 'Rename one under writeback.fields.',
      });
    seen.set(api.toLowerCase(), name);
  }
  return fields;
}

/** Fields that a condition reads. */
export function fieldsOf(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(fieldsOf);
  if ('any' in condition) return condition.any.flatMap(fieldsOf);
  if ('none' in condition) return condition.none.flatMap(fieldsOf);
  return [condition.field];
}
