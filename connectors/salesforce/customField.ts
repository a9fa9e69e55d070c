import type { OurField } from './mapping.ts';

/** Ends the description of every field that we made; a field of the same name without it is somebody else's. */
export const MARKER = '[pulseback]';

/** A CustomField as the Metadata API takes it. */
export interface CustomField {
  fullName: string;
  [element: string]: unknown;
}

/**
 * The SOAP schema is a sequence: fullName first, the rest in alphabetical order; an element without a value must not be there, since
 * jsforce would send the text "undefined".
 */
function sequence(fullName: string, elements: Record<string, unknown>): CustomField {
  const given = Object.entries(elements).filter(([, value]) => value !== undefined);
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  return { fullName, ...Object.fromEntries(given) };
}

const HELP_LIMIT = 510;
const DESCRIPTION_LIMIT = 1000;

/** https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/customfield.htm */
export function accountField(field: OurField): CustomField {
  const note =
    field.direction === 'ours'
      ? 'Written by Pulseback; edits are overwritten.'
      : 'Filled in by people; read by Pulseback.';
  return sequence(`Account.${field.api}`, {
    label: field.label.slice(0, 40),
    description: describe(`${field.help} ${note}`),
    inlineHelpText: field.help.slice(0, HELP_LIMIT),
    ...shape(field),
  });
}

/** Activity fields appear on Task and Event alike; the key makes a manager task exist once (fact sheet §14). */
export function taskKeyField(api: string): CustomField {
  return sequence(`Activity.${api}`, {
    label: 'Health Task Key',
    description: describe('Identity of a manager task raised by Pulseback. Do not edit.'),
    type: 'Text',
    length: 80,
    externalId: true,
    unique: true,
    caseSensitive: true,
  });
}

const describe = (text: string): string => `${text.slice(0, DESCRIPTION_LIMIT - MARKER.length - 1)} ${MARKER}`;

function shape(field: OurField): Record<string, unknown> {
  switch (field.type) {
    case 'integer':
      return { type: 'Number', precision: 18, scale: 0 };
    case 'decimal':
      return { type: 'Number', precision: 18, scale: 4 };
    case 'text':
      return { type: 'Text', length: Math.min(field.length ?? 255, 255) };
    case 'longText':
      return { type: 'LongTextArea', length: Math.max(256, field.length ?? 4096), visibleLines: 5 };
    case 'date':
      return { type: 'Date' };
    case 'datetime':
      return { type: 'DateTime' };
    case 'boolean':
      return { type: 'Checkbox', defaultValue: false };
    case 'picklist':
      return { type: 'Picklist', valueSet: valueSet(field.values ?? []) };
  }
}

const valueSet = (values: string[]) => ({
  restricted: true,
  valueSetDefinition: { sorted: false, value: values.map((v) => ({ fullName: v, default: false, label: v })) },
});

/** A field as the org returns it. */
export interface Definition {
  type?: unknown;
  length?: unknown;
  label?: unknown;
  description?: unknown;
  inlineHelpText?: unknown;
  externalId?: unknown;
  scale?: unknown;
  valueSet?: { valueSetDefinition?: { value?: unknown } } | null;
}

export type Difference =
  | { action: 'create' }
  | { action: 'keep' }
  | { action: 'conflict'; detail: string }
  /** `field` = what to send so that nothing that exists is lost. */
  | { action: 'change'; detail: string; field: CustomField };

/** What to do so that the org's field is the wanted one: never adopts a stranger's field, never narrows or removes. */
export function difference(wanted: CustomField, existing: Definition | null): Difference {
  if (!existing) return { action: 'create' };
  const where = wanted.fullName;
  if (
    !String(existing.description ?? '')
      .trim()
      .endsWith(MARKER)
  )
    return {
      action: 'conflict',
      detail: `${where} exists, and Pulseback did not create it; name another under writeback.fields (or taskKey)`,
    };
  if (existing.type !== wanted.type || Boolean(existing.externalId) !== Boolean(wanted.externalId))
    return {
      action: 'conflict',
      detail: `${where} is of type ${String(existing.type)}, and ${String(wanted.type)} is needed; delete or rename it first`,
    };
  if (Number(existing.scale ?? 0) !== Number(wanted.scale ?? 0))
    return {
      action: 'conflict',
      detail: `${where} has ${String(existing.scale)} decimal places, and ${String(wanted.scale)} are needed`,
    };
  const changes: string[] = [];
  const merged: Record<string, unknown> = { ...wanted };
  const [has, needs] = [Number(existing.length ?? 0), Number(wanted.length ?? 0)];
  if (needs > has) changes.push(`length ${has} → ${needs}`);
  else if (needs > 0) merged.length = has;
  const values = listed(existing.valueSet);
  const missing = listed(wanted.valueSet).filter((v) => !values.includes(v));
  if (missing.length > 0) {
    changes.push(`values ${missing.join(', ')}`);
    // Values that people added stay, behind ours.
    const ours = listed(wanted.valueSet);
    merged.valueSet = valueSet([...ours, ...values.filter((v) => !ours.includes(v))]);
  }
  for (const text of ['label', 'inlineHelpText'] as const)
    if (wanted[text] !== undefined && existing[text] !== wanted[text])
      changes.push(text === 'label' ? 'label' : 'help text');
  if (changes.length === 0) return { action: 'keep' };
  const { fullName, ...rest } = merged;
  return { action: 'change', detail: changes.join('; '), field: sequence(String(fullName), rest) };
}

function listed(set: unknown): string[] {
  const value = (set as Definition['valueSet'])?.valueSetDefinition?.value;
  const items = Array.isArray(value) ? value : value ? [value] : [];
  return items.flatMap((v: { fullName?: unknown }) => (typeof v?.fullName === 'string' ? [v.fullName] : []));
}
