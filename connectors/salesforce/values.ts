import type { FieldSpec, FieldValue } from '../../src/contract/index.ts';
import type { OurField } from './mapping.ts';
import { bool, instant, num, type Row, str } from './rows.ts';
import type { FieldInfo, ObjectInfo } from './schema.ts';

/**
 * A value as Salesforce takes it. A text of nothing is null; a checkbox knows no null; date-times keep whole seconds, since the org
 * drops the rest.
 */
export function toOrg(field: OurField, value: FieldValue): FieldValue {
  if (field.type === 'boolean') return value ?? false;
  if (value === '' || value === null) return null;
  if (field.type === 'datetime') return wholeSeconds(Date.parse(String(value)));
  return value;
}

/** What the org holds, in the form that was written. */
export function fromOrg(field: OurField, row: Row): FieldValue {
  switch (field.type) {
    case 'integer':
    case 'decimal':
      return num(row, field.api);
    case 'boolean':
      return bool(row, field.api);
    case 'datetime': {
      const ms = instant(row, field.api);
      return ms === null ? null : wholeSeconds(ms);
    }
    default:
      return str(row, field.api)?.replace(/\r\n?/g, '\n') ?? null;
  }
}

const wholeSeconds = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();

const TYPES: Record<FieldSpec['type'], string[]> = {
  integer: ['double', 'int', 'currency', 'percent'],
  decimal: ['double', 'int', 'currency', 'percent'],
  text: ['string', 'picklist', 'email', 'url', 'phone'],
  longText: ['textarea'],
  picklist: ['picklist'],
  datetime: ['datetime'],
  date: ['date'],
  boolean: ['boolean'],
};

/** Whether a field of the org has the type that ours has; a stranger's field of the same name mostly has not. */
export const fits = (field: OurField, info: FieldInfo): boolean => TYPES[field.type].includes(info.type);

/** Those of our fields that the user may see, and that are what they should be. */
export const readable = (ours: OurField[], account: ObjectInfo): OurField[] =>
  ours.filter((f) => {
    const info = account.fields.get(f.api);
    return info !== undefined && fits(f, info);
  });

/** Our fields of one account row, by logical name. */
export function heldValues(fields: OurField[], row: Row): Record<string, FieldValue> {
  return Object.fromEntries(fields.map((f) => [f.name, fromOrg(f, row)]));
}
