import { z } from 'zod';
import { badBody, invalid } from './errors.ts';

/** Which forms a type may take in the user interface; other pairs are refused. */
const PAIRS: Record<string, readonly string[]> = {
  number: ['number', 'calculation_equation'],
  string: ['text', 'textarea', 'html', 'file', 'phonenumber', 'calculation_equation'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox', 'calculation_equation'],
  bool: ['booleancheckbox', 'calculation_equation'],
  date: ['date'],
  datetime: ['date'],
};
const MAX_NAME = 100;

const Option = z.object({
  label: z.string(),
  value: z.string(),
  hidden: z.boolean(),
  displayOrder: z.int().default(-1),
  description: z.string().optional(),
});
export type Option = z.infer<typeof Option>;

const Changing = {
  label: z.string().min(1),
  groupName: z.string().min(1),
  type: z.string(),
  fieldType: z.string(),
  description: z.string(),
  displayOrder: z.int(),
  hidden: z.boolean(),
  formField: z.boolean(),
  calculationFormula: z.string(),
  options: z.array(Option),
};
export const PropertyUpdate = z.object(Changing).partial();
export const PropertyCreate = z.object({
  ...Changing,
  name: z.string().min(1),
  description: z.string().default(''),
  displayOrder: z.int().default(-1),
  hidden: z.boolean().default(false),
  formField: z.boolean().default(false),
  calculationFormula: z.string().optional(),
  options: z.array(Option).default([]),
  hasUniqueValue: z.boolean().default(false),
  externalOptions: z.boolean().default(false),
  referencedObjectType: z.string().optional(),
});
type Create = z.infer<typeof PropertyCreate>;

/** A property of an object type, as the portal keeps it. */
export interface Definition extends Create {
  hubspotDefined: boolean;
  calculated: boolean;
  readOnlyValue: boolean;
  createdAt: number;
  updatedAt: number;
  archivedAt: number | null;
}

/** Reads a JSON body; the first problem is told as the vendor's parser would. @throws ApiError 400 */
export function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badBody(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}`);
}

/** What the vendor asks of a definition before it looks at what is there already. @throws ApiError 400 */
export function checkDefinition(p: Create): void {
  if (!/^[a-z][a-z0-9_]*$/.test(p.name) || p.name.length > MAX_NAME)
    throw bad(
      'name',
      `Property name "${p.name}" is invalid: use at most ${MAX_NAME} lowercase letters, numbers and underscores, beginning with a letter`,
    );
  const pairs = PAIRS[p.type];
  if (!pairs)
    throw bad('type', `"${p.type}" is not a valid property type. Valid types: ${Object.keys(PAIRS).join(', ')}`);
  if (!pairs.includes(p.fieldType))
    throw bad('fieldType', `fieldType "${p.fieldType}" is not valid for type "${p.type}". Valid: ${pairs.join(', ')}`);
  checkOptions(p);
  if (p.hasUniqueValue && p.type !== 'string' && p.type !== 'number')
    throw bad('hasUniqueValue', `A property of type "${p.type}" cannot have unique values`);
}

function checkOptions({ type, options, externalOptions, referencedObjectType }: Create): void {
  const twice = (key: 'label' | 'value') => options.map((o) => o[key]).find((text, n, all) => all.indexOf(text) !== n);
  for (const key of ['label', 'value'] as const) {
    const repeated = twice(key);
    if (repeated !== undefined) throw bad('options', `Option ${key}s must be unique: "${repeated}" is there twice`);
  }
  if (externalOptions) {
    if (type !== 'enumeration' || referencedObjectType !== 'OWNER')
      throw bad('externalOptions', 'externalOptions needs type "enumeration" and referencedObjectType "OWNER"');
    return;
  }
  if (type === 'enumeration' && options.length === 0)
    throw bad('options', 'Enumeration properties must have at least one option');
  if (
    type === 'bool' &&
    options
      .map((o) => o.value)
      .sort()
      .join() !== 'false,true'
  )
    throw bad('options', 'Boolean properties must have exactly two options, "true" and "false"');
  if (options.length > 0 && type !== 'enumeration' && type !== 'bool')
    throw bad('options', `Properties of type "${type}" cannot have options`);
}

const bad = (property: string, message: string) =>
  invalid(message, [{ message, in: property, context: { propertyName: [property] } }]);

const day = (at: number): string => new Date(at).toISOString();

/** As the vendor shows a property. What is not set is left out. */
export function showDefinition(p: Definition): Record<string, unknown> {
  const { hubspotDefined, calculated, readOnlyValue, createdAt, updatedAt, archivedAt, ...own } = p;
  return {
    ...own,
    createdAt: day(createdAt),
    updatedAt: day(updatedAt),
    calculated,
    archived: archivedAt !== null,
    ...(archivedAt === null ? {} : { archivedAt: day(archivedAt) }),
    ...(hubspotDefined ? { hubspotDefined } : {}),
    modificationMetadata: {
      archivable: !hubspotDefined,
      readOnlyDefinition: hubspotDefined,
      readOnlyOptions: hubspotDefined,
      readOnlyValue,
    },
    dataSensitivity: 'non_sensitive',
  };
}
