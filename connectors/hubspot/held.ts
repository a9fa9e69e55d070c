import type { FieldSpec, FieldValue } from '../../src/contract/index.ts';
import type { OurField } from './mapping.ts';
import { bool, day, instant, num, str, type Values } from './record.ts';
import type { Property } from './schema.ts';

/** What the portal holds, in the form that was written. */
export function fromPortal(field: OurField, values: Values): FieldValue {
  switch (field.type) {
    case 'integer':
    case 'decimal':
      return num(values, field.api);
    case 'boolean':
      return bool(values, field.api);
    case 'date':
      return day(values, field.api, 'UTC');
    case 'datetime': {
      const at = instant(values, field.api);
      return at === null ? null : new Date(at).toISOString();
    }
    default:
      return str(values, field.api)?.replace(/\r\n?/g, '\n') ?? null;
  }
}

const TYPES: Record<FieldSpec['type'], string> = {
  integer: 'number',
  decimal: 'number',
  text: 'string',
  longText: 'string',
  picklist: 'enumeration',
  datetime: 'datetime',
  date: 'date',
  boolean: 'bool',
};

/** Whether a property of the portal has the type that ours has; a stranger's of the same name mostly has not. */
export const fits = (field: OurField, property: Property): boolean => TYPES[field.type] === property.type;

/** Those of our fields that the portal has, and that are what they should be. */
export const readable = (ours: OurField[], properties: ReadonlyMap<string, Property>): OurField[] =>
  ours.filter((field) => {
    const property = properties.get(field.api);
    return property !== undefined && fits(field, property);
  });

/** Our fields of one company, by logical name. */
export const heldValues = (fields: OurField[], values: Values): Record<string, FieldValue> =>
  Object.fromEntries(fields.map((field) => [field.name, fromPortal(field, values)]));
