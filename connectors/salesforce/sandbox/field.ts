/** One field of an object, in the vendor's words (describe). */
export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'email'
  | 'phone'
  | 'url';

export interface PickValue {
  value: string;
  label: string;
  active: boolean;
  defaultValue: boolean;
}

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  /** Characters, where the type has them. */
  length: number;
  precision: number;
  scale: number;
  nillable: boolean;
  createable: boolean;
  updateable: boolean;
  externalId: boolean;
  unique: boolean;
  caseSensitive: boolean;
  custom: boolean;
  /** Long text can be selected, not filtered or sorted. */
  filterable: boolean;
  picklist: PickValue[];
  restricted: boolean;
  referenceTo: string[];
  relationshipName: string | null;
  defaultValue: string | number | boolean | null;
  help: string | null;
  description: string | null;
  /** Only granted users see it; false = everyone does. */
  secured: boolean;
  /** A value derived at query time: SQL over the row alias; activities dated before `archiveDay` are archived. */
  derived: ((alias: string, archiveDay: string) => string) | null;
  /** As created through the metadata API: its elements, for reading back. */
  metadata: Record<string, unknown> | null;
}

type Options = Partial<Field>;

/** A field with the vendor's usual defaults; custom names are recognised by their suffix. */
export function field(name: string, type: FieldType, options: Options = {}): Field {
  return {
    name,
    label: name.replace(/__c$/, '').replaceAll('_', ' '),
    type,
    length: LENGTHS[type] ?? 0,
    precision: type === 'currency' ? 18 : type === 'double' || type === 'percent' ? 18 : 0,
    scale: type === 'currency' ? 2 : 0,
    nillable: true,
    createable: true,
    updateable: true,
    externalId: false,
    unique: false,
    caseSensitive: false,
    custom: name.endsWith('__c'),
    filterable: true,
    picklist: [],
    restricted: false,
    referenceTo: [],
    relationshipName: null,
    defaultValue: null,
    help: null,
    description: null,
    secured: false,
    derived: null,
    metadata: null,
    ...options,
  };
}

const LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 32_000,
  picklist: 255,
  email: 80,
  phone: 40,
  url: 255,
};

/** Not writable by anyone but the system. */
export const fixed = (name: string, type: FieldType, options: Options = {}): Field =>
  field(name, type, { createable: false, updateable: false, ...options });

export const ref = (name: string, to: string | string[], options: Options = {}): Field =>
  field(name, 'reference', {
    referenceTo: Array.isArray(to) ? to : [to],
    relationshipName: name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, ''),
    ...options,
  });

export const pick = (name: string, values: string[], options: Options = {}): Field =>
  field(name, 'picklist', { picklist: values.map((v) => pickValue(v)), ...options });

export const pickValue = (value: string, label = value, defaultValue = false): PickValue => ({
  value,
  label,
  active: true,
  defaultValue,
});

export const flag = (name: string, options: Options = {}): Field =>
  field(name, 'boolean', { nillable: false, defaultValue: false, ...options });

/** How a field is kept: booleans and instants (epoch ms) are integers. */
export function cellType(f: Field): 'TEXT' | 'INTEGER' | 'REAL' {
  if (f.type === 'boolean' || f.type === 'datetime' || f.type === 'int') return 'INTEGER';
  return f.type === 'double' || f.type === 'currency' || f.type === 'percent' ? 'REAL' : 'TEXT';
}

/** Text is compared without case, ids and case-sensitive keys exactly. */
export function collates(f: Field): boolean {
  return cellType(f) === 'TEXT' && !['id', 'reference', 'date'].includes(f.type) && !f.caseSensitive;
}
