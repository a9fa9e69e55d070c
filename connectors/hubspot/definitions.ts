import { type Mapping, type OurField, propertyName } from './mapping.ts';
import type { ObjectType } from './paths.ts';
import type { Property, PropertyOption } from './schema.ts';

/** Stands in the description of every property that we made. */
export const MARKER = '[pulseback]';
/**
 * Whether we made it: by the marker, or by our prefix and group together, since people rewrite descriptions and move properties. One
 * that a customer named freely, or keeps elsewhere, is theirs.
 */
export const isOurs = ({ name, groupName, description }: Property, { group, writeback }: Mapping): boolean =>
  description.includes(MARKER) || (groupName === group && name.startsWith(writeback.prefix));
const DESCRIPTION_LIMIT = 1000;

/** A property as it is created. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide */
export interface Definition {
  object: ObjectType;
  name: string;
  label: string;
  description: string;
  groupName: string;
  type: string;
  fieldType: string;
  options?: PropertyOption[];
  hasUniqueValue?: boolean;
}

const describe = (text: string): string => `${text.slice(0, DESCRIPTION_LIMIT - MARKER.length - 1)} ${MARKER}`;

const option = (value: string, displayOrder: number, label = value): PropertyOption => ({
  label,
  value,
  hidden: false,
  displayOrder,
});

function shape(field: OurField): Pick<Definition, 'type' | 'fieldType' | 'options'> {
  switch (field.type) {
    case 'integer':
    case 'decimal':
      return { type: 'number', fieldType: 'number' };
    case 'text':
      return { type: 'string', fieldType: 'text' };
    case 'longText':
      return { type: 'string', fieldType: 'textarea' };
    case 'date':
      return { type: 'date', fieldType: 'date' };
    case 'datetime':
      return { type: 'datetime', fieldType: 'date' };
    case 'boolean':
      return {
        type: 'bool',
        fieldType: 'booleancheckbox',
        options: [option('true', 0, 'Yes'), option('false', 1, 'No')],
      };
    case 'picklist':
      return { type: 'enumeration', fieldType: 'select', options: (field.values ?? []).map((v, n) => option(v, n)) };
  }
}

export function companyProperty(field: OurField, mapping: Mapping): Definition {
  const note =
    field.direction === 'ours'
      ? 'Written by Pulseback; edits are overwritten.'
      : 'Filled in by people; read by Pulseback.';
  return {
    object: 'companies',
    name: field.api,
    label: field.label,
    description: describe(`${field.help} ${note}`),
    groupName: mapping.group,
    ...shape(field),
  };
}

/** What makes each manager task exist once; unique where the portal takes that. */
export const taskKeyProperty = (mapping: Mapping): Definition => ({
  object: 'tasks',
  name: mapping.taskKey,
  label: 'Health task key',
  description: describe('Identity of a manager task raised by Pulseback. Do not edit.'),
  groupName: mapping.group,
  type: 'string',
  fieldType: 'text',
  hasUniqueValue: true,
});

/** Name of the company property that remembers which tasks were raised: a task that a person deleted cannot tell. */
export const taskLogName = (mapping: Mapping): string => propertyName(mapping, 'task_log');

export const taskLogProperty = (mapping: Mapping): Definition => ({
  object: 'companies',
  name: taskLogName(mapping),
  label: 'Health task log',
  description: describe('Manager tasks that Pulseback has raised for this company. Do not edit.'),
  groupName: mapping.group,
  type: 'string',
  fieldType: 'textarea',
});

export type Difference =
  | { action: 'create' }
  | { action: 'keep' }
  | { action: 'conflict'; detail: string }
  /** `options` = the whole list to send, since what is left out would be removed. */
  | { action: 'change'; detail: string; options: PropertyOption[] };

/**
 * What to do so that the portal's property is the wanted one: never adopts a stranger's, never removes an option. Label, help and
 * order are left as people changed them.
 */
export function difference(
  wanted: Definition,
  existing: Property | null,
  archived: boolean,
  mapping: Mapping,
): Difference {
  const { name, object } = wanted;
  if (!existing)
    return archived
      ? {
          action: 'conflict',
          detail: `${name} lies among the archived properties of ${object} and keeps its name: restore it there (Settings → Properties → Archived), or name another in the mapping file`,
        }
      : { action: 'create' };
  if (!isOurs(existing, mapping))
    return {
      action: 'conflict',
      detail: `${name} exists, and Pulseback did not create it; name another in the mapping file (or, if it is ours after all, write ${MARKER} back into its description)`,
    };
  if (existing.type !== wanted.type)
    return {
      action: 'conflict',
      detail: `${name} is of type ${existing.type}, and ${wanted.type} is needed; delete it or name another in the mapping file`,
    };
  const has = new Set(existing.options.map((o) => o.value));
  const missing = (wanted.options ?? []).filter((o) => !has.has(o.value));
  if (missing.length === 0) return { action: 'keep' };
  const next = Math.max(-1, ...existing.options.map((o) => o.displayOrder ?? -1)) + 1;
  return {
    action: 'change',
    detail: `values ${missing.map((o) => o.value).join(', ')}`,
    options: [...existing.options, ...missing.map((o, n) => ({ ...o, displayOrder: next + n }))],
  };
}
