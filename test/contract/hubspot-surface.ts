import { readFileSync } from 'node:fs';

export type Json = Record<string, unknown>;
interface Field {
  type: string;
  required?: boolean;
  enum?: string[];
}
interface Listed {
  http: string;
  path: string;
  query?: string[];
  body?: string;
  form?: string[];
  responses: Record<string, string>;
}
interface Surface {
  groups: Record<string, { operations: Listed[]; models: Record<string, Record<string, Field>> }>;
}

/** One call of the vendor's client, as JSON schemas. */
export interface Operation {
  method: string;
  /** In the numbered set. */
  path: string;
  query: Record<string, Json>;
  /** null = no body. */
  body: Json | null;
  form: string[] | null;
  /** Status → schema of the answer's body; null = it has none. */
  answers: Record<string, Json | null>;
}

/** Calls of the published client, its models as schemas that name every field. */
export function readSurface(file: string): { definitions: Json; operations: Operation[] } {
  const { groups } = JSON.parse(readFileSync(file, 'utf8')) as Surface;
  const definitions: Json = {};
  const operations: Operation[] = [];
  for (const [group, { operations: listed, models }] of Object.entries(groups)) {
    const key = (model: string): string => `${group} ${model}`.replace(/[^\w]+/g, '.');
    const ref = (model: string): Json => ({ $ref: `surface#/$defs/${key(model)}` });
    for (const [name, fields] of Object.entries(models)) definitions[key(name)] = modelSchema(name, fields, ref);
    for (const one of listed) operations.push(operationOf(one, models, ref));
  }
  return { definitions, operations };
}

function operationOf(listed: Listed, models: object, ref: (model: string) => Json): Operation {
  const answers = Object.entries(listed.responses).map(([status, model]): [string, Json | null] => {
    if (model === '(none)') return [status, null];
    return [status, model in models ? ref(model) : {}];
  });
  return {
    method: listed.http,
    path: listed.path.replace(/\/$/, ''),
    query: Object.fromEntries((listed.query ?? []).map(querySchema)),
    body: listed.body === undefined ? null : ref(listed.body),
    form: listed.form ?? null,
    answers: Object.fromEntries(answers.filter(([status]) => status !== 'default')),
  };
}

/** "limit:number", "idProperty:'id' | 'userId'", "properties:Array<string> (repeated)": given once, a list may also be one text. */
function querySchema(text: string): [string, Json] {
  const [name = '', type = ''] = text.replace(/ \(repeated\)$/, '').split(/:(.*)/s);
  if (type.startsWith("'")) return [name, { enum: type.split('|').map((part) => part.trim().replaceAll("'", '')) }];
  if (type === 'number') return [name, { type: 'string', pattern: '^\\d+$' }];
  if (type === 'boolean') return [name, { enum: ['true', 'false'] }];
  return [name, type.startsWith('Array') ? { type: 'array', items: { type: 'string' } } : { type: 'string' }];
}

function modelSchema(name: string, fields: Record<string, Field>, ref: (model: string) => Json): Json {
  const entries = Object.entries(fields).map(([field, { type, enum: values }]): [string, Json] => {
    const known = CORRECTIONS[`${name}.${field}`];
    return [field, known ?? (values ? { enum: values } : typeSchema(type, ref))];
  });
  const required = Object.entries(fields)
    .filter(([field, f]) => f.required && !OPTIONAL.has(`${name}.${field}`))
    .map(([field]) => field);
  return { type: 'object', required, properties: Object.fromEntries(entries) };
}

const ISO = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$';
/** The types of the client's own language. */
function typeSchema(type: string, ref: (model: string) => Json): Json {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list) return { type: 'array', items: typeSchema(list, ref) };
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map) return { type: 'object', additionalProperties: typeSchema(map, ref) };
  if (type.includes(' | ')) return { anyOf: type.split(' | ').map((part) => typeSchema(part, ref)) };
  if (type === 'Date') return { type: 'string', pattern: ISO };
  if (type === 'any' || type === 'Error') return {};
  return ['string', 'number', 'boolean', 'null'].includes(type) ? { type } : ref(type);
}

/** Where the client's models are known to say less or other than the vendor does; the sections are those of the fact sheet. */
const CORRECTIONS: Record<string, Json> = {
  // "sorts is typed string[] (objects {propertyName, direction} pass at runtime)": section 3.
  'PublicObjectSearchRequest.sorts': {
    type: 'array',
    maxItems: 1,
    items: {
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          required: ['propertyName'],
          properties: { propertyName: { type: 'string' }, direction: { enum: ['ASCENDING', 'DESCENDING'] } },
        },
      ],
    },
  },
  // "toObjectId typed string though a number can arrive": section 3.
  'MultiAssociatedObjectWithLabel.toObjectId': { type: ['string', 'number'] },
  'LabelsBetweenObjectPair.toObjectId': { type: ['string', 'number'] },
  'LabelsBetweenObjectPair.fromObjectId': { type: ['string', 'number'] },
  // Associations without a label say null.
  'AssociationSpecWithLabel.label': { type: ['string', 'null'] },
  // "properties stay strings or null": section 3; what was asked for and is empty is null after an upsert too.
  'SimplePublicUpsertObject.properties': { type: 'object', additionalProperties: { type: ['string', 'null'] } },
  // Two more forms of text than the client knows: section 9.
  'PropertyCreate.fieldType': {
    enum: [
      'textarea',
      'text',
      'html',
      'file',
      'phonenumber',
      'number',
      'date',
      'select',
      'radio',
      'checkbox',
      'booleancheckbox',
      'calculation_equation',
    ],
  },
};
/** "The spec marks all but query required, the service treats them as optional": section 5. Errors: "every field optional": section 8. */
const OPTIONAL = new Set([
  'ModelError.category',
  'StandardError.links',
  'StandardError.errors',
  'StandardError.context',
]);
