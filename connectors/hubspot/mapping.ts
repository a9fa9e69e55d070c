import { z } from 'zod';
import { type FieldSpec, InputError } from '../../src/contract/index.ts';
import { AccountRules, Condition } from '../../src/core/rules.ts';
import { adviceOn } from '../../src/kit/nearest.ts';

const MAX_NAME = 100;
/** Internal name of a property of the portal. */
const Property = z.string().regex(/^[A-Za-z]\w*$/, 'expected an internal property name like renewal_date');
/** Internal name of something that we create. */
const OwnName = z
  .string()
  .max(MAX_NAME)
  .regex(
    /^(?!hs_)[a-z][a-z0-9_]*$/,
    'expected lowercase letters, digits and underscores, not beginning with hs_, like chs_health_score',
  );
const Currency = z.string().regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code like GBP');

/** `mappings/crm/hubspot.yaml`: which properties of the portal mean what. Every key is described in the shipped file. */
export const Mapping = z.strictObject({
  account: z.strictObject({
    arr: Property.optional(),
    renewalOn: Property.optional(),
    seats: Property.optional(),
    keys: z.array(Property).default([]),
    domains: z.array(Property).default(['domain', 'website']),
    parent: Property.default('hs_parent_company_id'),
    attributes: z.array(Property).default([]),
  }),
  currency: z
    .strictObject({
      account: Property.optional(),
      deal: Property.default('deal_currency_code'),
      default: Currency.optional(),
    })
    .prefault({}),
  rules: AccountRules.prefault({}),
  renewalDeal: Condition.default({ field: 'pipeline', is: 'renewals' }),
  dealTypes: z
    .array(z.strictObject({ name: z.string().min(1), when: Condition }))
    .default([
      { name: 'Renewal', when: { field: 'pipeline', is: 'renewals' } },
      { name: 'Expansion', when: { field: 'dealtype', is: 'existingbusiness' } },
      { name: 'New Business', when: { field: 'dealtype', is: 'newbusiness' } },
    ])
    .describe("What a deal sells, in the words that models use; first match wins, else the deal type's own name."),
  primaryContactLabel: z
    .string()
    .min(1)
    .default('Primary contact')
    .describe("Label of the deal's association to the one contact that counts most."),
  tickets: z.strictObject({ escalated: Property.optional() }).prefault({}),
  writeback: z
    .strictObject({
      prefix: OwnName.endsWith('_', 'expected a prefix like chs_health_').default('chs_health_'),
      fields: z.record(z.string(), OwnName).default({}),
    })
    .prefault({}),
  group: OwnName.default('pulseback'),
  taskKey: OwnName.default('chs_health_task_key'),
});
export type Mapping = z.infer<typeof Mapping>;

/** Fields of the account fact that rules may name beside the portal's own. */
export const CANONICAL = ['name', 'domains', 'keys', 'ownerId', 'parentId', 'arr', 'renewalOn', 'seats', 'createdOn'];

/** "overrideBand" → "override_band", "change30" → "change_30", "dim_usage" stays. */
const words = (logical: string): string =>
  logical
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Za-z])(\d)/g, '$1_$2')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .join('_')
    .toLowerCase();

/** Name of a property of ours: the prefix, then its own name. @throws InputError where no valid name comes of it */
export function propertyName(mapping: Mapping, logical: string): string {
  const name = `${mapping.writeback.prefix}${words(logical)}`;
  if (OwnName.safeParse(name).success) return name;
  throw new InputError(`writeback: "${logical}" makes the property name ${name}, which HubSpot does not allow`, {
    hint: `Name it under writeback.fields.${logical} (at most ${MAX_NAME} lowercase letters, digits and underscores).`,
  });
}

/** Property name of a write-back field. @throws InputError where no valid name comes of it */
export const apiName = (mapping: Mapping, logical: string): string =>
  mapping.writeback.fields[logical] ?? propertyName(mapping, logical);

/** A write-back field with its name in the portal. */
export interface OurField extends FieldSpec {
  api: string;
}

/** @throws InputError where two fields would share one name */
export function ourFields(mapping: Mapping, specs: readonly FieldSpec[]): OurField[] {
  const known = specs.map((s) => s.name);
  const strangers = Object.keys(mapping.writeback.fields).filter((n) => !known.includes(n));
  if (strangers.length)
    throw new InputError(
      `writeback.fields of the CRM mapping: ${strangers.map((n) => `no write-back field is called \`${n}\`; ${adviceOn(n, known)}`).join('; ')}`,
      { hint: `Known are: ${known.join(', ')}.` },
    );
  const fields = specs.map((spec) => ({ ...spec, api: apiName(mapping, spec.name) }));
  const seen = new Map<string, string>();
  for (const { api, name } of fields) {
    const other = seen.get(api);
    if (other !== undefined)
      throw new InputError(`writeback: "${other}" and "${name}" share the property name ${api}`, {
        hint: 'Rename one under writeback.fields.',
      });
    seen.set(api, name);
  }
  return fields;
}
