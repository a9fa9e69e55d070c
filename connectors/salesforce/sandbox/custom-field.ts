import { RowError } from './errors.ts';
import { type Field, field, pickValue } from './field.ts';
import { child, type Element, texts } from './xml.ts';

/** Metadata types of custom fields that this sandbox can make. */
const TYPES: Record<string, Field['type']> = {
  Number: 'double',
  Currency: 'currency',
  Percent: 'percent',
  Text: 'string',
  TextArea: 'textarea',
  LongTextArea: 'textarea',
  Picklist: 'picklist',
  Checkbox: 'boolean',
  Date: 'date',
  DateTime: 'datetime',
  Email: 'email',
  Url: 'url',
  Lookup: 'reference',
};
const KEYABLE = ['Text', 'Number', 'Email'];

/** A CustomField component → the field, or the vendor's refusal of it. */
export function customField(e: Element, name: string): Field {
  const text = (key: string): string | null => child(e, key)?.text ?? null;
  const int = (key: string): number | null => (text(key) === null ? null : Number(text(key)));
  const yes = (key: string): boolean => /^(true|1)$/.test(text(key) ?? '');
  const declared = text('type');
  const type = TYPES[declared ?? ''];
  if (declared === null || !type) throw bad(`bad value for restricted picklist field: ${declared ?? 'null'}`, 'type');
  checkName(name);
  const label = text('label');
  if (!label) throw new RowError('REQUIRED_FIELD_MISSING', 'Required field is missing: label', ['label']);
  if (label.length > 40)
    throw new RowError('STRING_TOO_LONG', `Label: data value too large: ${label} (max length=40)`, ['label']);
  const help = text('inlineHelpText');
  if (help !== null && help.length > 510)
    throw new RowError('STRING_TOO_LONG', 'Help Text: data value too large (max length=510)', ['inlineHelpText']);
  if ((yes('externalId') || yes('unique')) && !KEYABLE.includes(declared)) {
    throw bad(`Can not specify 'externalId' or 'unique' for a CustomField of type ${declared}`, 'externalId');
  }
  const f = field(name, type, {
    label,
    help,
    description: text('description'),
    externalId: yes('externalId'),
    unique: yes('unique'),
    caseSensitive: yes('caseSensitive'),
    nillable: declared !== 'Checkbox' && !yes('required'),
    filterable: declared !== 'LongTextArea',
    secured: !yes('required'),
    metadata: toPlain(e),
  });
  return { ...f, ...shape(e, declared, text, int) };
}

type Text = (key: string) => string | null;
type Int = (key: string) => number | null;

function shape(e: Element, declared: string, text: Text, int: Int): Partial<Field> {
  switch (declared) {
    case 'Number':
    case 'Currency':
    case 'Percent': {
      const precision = need(int, 'precision', declared);
      const scale = need(int, 'scale', declared);
      if (precision < 1 || precision > 18 || scale < 0 || scale > precision)
        throw bad('precision must be 1 to 18, scale within it', 'precision');
      return { precision, scale };
    }
    case 'Text': {
      const length = need(int, 'length', declared);
      if (length < 1 || length > 255) throw bad('Text field length must be 1 to 255', 'length');
      return { length };
    }
    case 'LongTextArea': {
      const length = need(int, 'length', declared);
      if (length < 256 || length > 131_072) throw bad('Long text area length must be 256 to 131072', 'length');
      need(int, 'visibleLines', declared);
      return { length };
    }
    case 'Checkbox': {
      const value = text('defaultValue');
      if (value === null) throw bad("Must specify 'defaultValue' for a CustomField of type Checkbox", 'defaultValue');
      return { defaultValue: value === 'true' };
    }
    case 'Picklist':
      return picklist(e);
    case 'Lookup':
      if (!text('referenceTo')) throw bad("Must specify 'referenceTo' for a CustomField of type Lookup", 'referenceTo');
      return { referenceTo: [text('referenceTo') ?? ''], relationshipName: text('relationshipName') };
    case 'TextArea':
      return { length: 255 };
    default:
      return {};
  }
}

function picklist(e: Element): Partial<Field> {
  const set = child(e, 'valueSet');
  const definition = child(set, 'valueSetDefinition');
  if (!definition) throw bad("Must specify 'valueSet' for a CustomField of type Picklist", 'valueSet');
  if (!child(definition, 'sorted')) throw bad('Required field is missing: sorted', 'valueSet');
  const values = definition.children.filter((c) => c.name === 'value');
  const picks = values.map((v) => {
    const [name] = texts(v, 'fullName');
    const [byDefault] = texts(v, 'default');
    if (!name || byDefault === undefined) throw bad('Required fields are missing: [fullName, default]', 'valueSet');
    return pickValue(name, texts(v, 'label')[0] ?? name, byDefault === 'true');
  });
  const names = new Set(picks.map((p) => p.value.toLowerCase()));
  if (names.size !== picks.length)
    throw new RowError('DUPLICATE_VALUE', 'Duplicate label: picklist values must be unique', ['valueSet']);
  return {
    picklist: picks,
    restricted: child(set, 'restricted')?.text === 'true',
    defaultValue: picks.find((p) => p.defaultValue)?.value ?? null,
  };
}

/** What an existing field may not become. */
export function checkChange(before: Field, after: Field): void {
  if (before.type !== after.type || before.filterable !== after.filterable) {
    throw bad(`Cannot change the type of ${before.name} from ${before.type} to ${after.type} by this sandbox`, 'type');
  }
  if (after.length < before.length || after.precision - after.scale < before.precision - before.scale) {
    throw bad(`Cannot make ${before.name} shorter: data could be lost`, 'length');
  }
  const kept = new Set(after.picklist.map((p) => p.value));
  const lost = before.picklist.filter((p) => !kept.has(p.value));
  if (lost.length > 0) throw bad(`Cannot remove picklist values: ${lost.map((p) => p.value).join(', ')}`, 'valueSet');
}

function checkName(name: string): void {
  const bare = name.replace(/__c$/, '');
  if (
    !name.endsWith('__c') ||
    !/^[A-Za-z][A-Za-z0-9_]*$/.test(bare) ||
    bare.includes('__') ||
    bare.endsWith('_') ||
    bare.length > 40
  ) {
    throw bad(
      `The field name ${name} must begin with a letter, end in __c and have at most 40 letters, digits and single underscores`,
      'fullName',
    );
  }
}

function need(int: Int, key: string, type: string): number {
  const value = int(key);
  if (value === null) throw bad(`Must specify '${key}' for a CustomField of type ${type}`, key);
  return value;
}

/** The component as plain values, for readMetadata; repeated elements become arrays. */
function toPlain(e: Element): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const c of e.children) {
    if (c.attributes.nil === 'true') continue;
    const value = c.children.length > 0 ? toPlain(c) : c.text;
    const known = plain[c.name];
    plain[c.name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return plain;
}

const bad = (message: string, key: string): RowError => new RowError('FIELD_INTEGRITY_EXCEPTION', message, [key]);
