import type { Field } from './field.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';

const SOAP_TYPES: Partial<Record<Field['type'], string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
};

/** GET /sobjects/X/describe: only fields that the user can see. */
export function describe(org: Org, object: ObjectSpec, version: string): Record<string, unknown> {
  return { ...summary(object, version), fields: org.fields(object).map((f) => describeField(org, object, f)) };
}

/** GET /sobjects */
export function describeGlobal(org: Org, version: string): Record<string, unknown> {
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects: org.objects().map((o) => summary(o, version)) };
}

function summary(object: ObjectSpec, version: string): Record<string, unknown> {
  const url = `/services/data/v${version}/sobjects/${object.name}`;
  return {
    name: object.name,
    label: object.name.replace(/([a-z])([A-Z])/g, '$1 $2'),
    keyPrefix: object.prefix,
    custom: false,
    customSetting: false,
    createable: object.createable,
    updateable: object.updateable,
    deletable: object.deletable,
    undeletable: object.recycles,
    queryable: true,
    retrieveable: true,
    replicateable: object.recycles,
    searchable: object.shared,
    urls: { sobject: url, describe: `${url}/describe`, rowTemplate: `${url}/{ID}` },
  };
}

function describeField(org: Org, object: ObjectSpec, f: Field): Record<string, unknown> {
  const editable = org.access.editable(object.name, f);
  return {
    name: f.name,
    label: f.label,
    // Long text is told from short by its length, not by its type.
    type: f.type,
    soapType: SOAP_TYPES[f.type] ?? 'xsd:string',
    length: f.length,
    byteLength: f.length * 3,
    precision: f.precision,
    scale: f.scale,
    digits: f.type === 'int' ? f.precision : 0,
    nillable: f.nillable,
    createable: f.createable && editable,
    updateable: f.updateable && editable,
    permissionable: f.nillable && f.type !== 'id',
    custom: f.custom,
    calculated: false,
    externalId: f.externalId,
    idLookup: f.externalId || f.type === 'id',
    unique: f.unique,
    caseSensitive: f.caseSensitive,
    filterable: f.filterable,
    sortable: f.filterable,
    groupable: f.filterable && f.type !== 'double' && f.type !== 'datetime',
    nameField: f.name === 'Name',
    defaultedOnCreate: f.defaultValue !== null || f.name === 'OwnerId' || !f.createable,
    defaultValue: f.defaultValue,
    inlineHelpText: f.help,
    restrictedPicklist: f.restricted,
    picklistValues: f.picklist.map((p) => ({ ...p, validFor: null })),
    referenceTo: f.referenceTo,
    relationshipName: f.relationshipName,
    polymorphicForeignKey: f.referenceTo.length > 1,
    htmlFormatted: false,
    extraTypeInfo: f.type === 'textarea' ? (f.filterable ? 'plaintextarea' : 'longtextarea') : null,
  };
}
