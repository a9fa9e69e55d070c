import { parseDate, parseInstant } from '../../../src/kit/dates.ts';
import type { Definition } from './definition.ts';
import type { ValueProblem } from './errors.ts';

const MAX_TEXT = 65_536;
const DAY = 86_400_000;

/** What a value may refer to outside its property: an owner's id, never a user's. */
export type Referenced = (kind: string, value: string) => boolean;

/** Instants as values of records show them: whole seconds without a fraction. */
export const stampText = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

type Read = { value: string } | { error: string; message: string };

/**
 * A sent value as it is kept, or why it cannot be. The empty string clears. Values travel as text; JSON numbers and booleans are
 * taken as their text.
 */
export function readValue(property: Definition, sent: unknown, referenced: Referenced): Read {
  if (typeof sent === 'object') return { error: 'INVALID_FORMAT', message: `${property.name} must be a string` };
  const text = String(sent);
  if (text === '') return { value: '' };
  if (property.type === 'number') return number(text);
  if (property.type === 'date') return date(text);
  if (property.type === 'datetime') return datetime(text);
  if (property.type === 'bool') return bool(text);
  if (property.type === 'enumeration') return enumeration(property, text, referenced);
  if (text.length > MAX_TEXT)
    return { error: 'INVALID_LENGTH', message: `${property.name} is too long: at most ${MAX_TEXT} characters` };
  return { value: text };
}

function number(text: string): Read {
  if (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return { value: text };
  return { error: 'INVALID_DOUBLE', message: `${text} was not a valid number.` };
}

/** Days are midnight UTC, as ISO date, ISO instant or epoch ms. */
function date(text: string): Read {
  const at = instant(text);
  if (at === null) return { error: 'INVALID_DATE', message: `${text} was not a valid date.` };
  if (at % DAY !== 0) return { error: 'INVALID_DATE', message: `${text} is at ${stampText(at)}, not midnight!` };
  return { value: new Date(at).toISOString().slice(0, 10) };
}

function datetime(text: string): Read {
  const at = instant(text);
  if (at === null) return { error: 'INVALID_LONG', message: `${text} was not a valid long.` };
  return { value: stampText(at) };
}

/** The instant that was read last: whoever writes a thousand records writes the same one to all of them. */
let last = { text: '', at: null as number | null };

function instant(text: string): number | null {
  if (/^-?\d{5,}$/.test(text)) return Number(text);
  if (text !== last.text) last = { text, at: parseDate(text) === null ? parseInstant(text) : Date.parse(text) };
  return last.at;
}

function bool(text: string): Read {
  if (text === 'true' || text === 'false') return { value: text };
  return { error: 'INVALID_OPTION', message: `${text} was not one of the allowed options: [true, false]` };
}

function enumeration(property: Definition, text: string, referenced: Referenced): Read {
  if (property.externalOptions) {
    const kind = property.referencedObjectType ?? property.name;
    if (referenced(kind, text)) return { value: text };
    if (kind === 'OWNER') return { error: 'INVALID_OWNER_ID', message: `Owner ${text} does not exist` };
    return { error: 'INVALID_OPTION', message: `${text} was not one of the allowed options` };
  }
  const allowed = property.options.map((option) => option.value);
  const parts = property.fieldType === 'checkbox' ? text.split(';').filter(Boolean) : [text];
  const stranger = parts.find((part) => !allowed.includes(part));
  if (stranger === undefined) return { value: parts.join(';') };
  const shown = property.options.map((o) => `label: "${o.label}" value: "${o.value}"`).join(', ');
  return { error: 'INVALID_OPTION', message: `${stranger} was not one of the allowed options: [${shown}]` };
}

/** Every sent value, kept or refused. `null` changes nothing. */
export function readValues(
  find: (name: string) => Definition | null,
  sent: Record<string, unknown>,
  referenced: Referenced,
): { values: Record<string, string>; problems: ValueProblem[] } {
  const values: Record<string, string> = {};
  const problems: ValueProblem[] = [];
  for (const [name, value] of Object.entries(sent)) {
    const property = find(name);
    if (!property) {
      problems.push({ name, error: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` });
    } else if (property.readOnlyValue) {
      problems.push({
        name,
        error: 'READ_ONLY_VALUE',
        message: `"${name}" is a read only property; its value cannot be set.`,
      });
    } else if (value !== null) {
      const read = readValue(property, value, referenced);
      if ('value' in read) values[name] = read.value;
      else problems.push({ name, ...read });
    }
  }
  return { values, problems };
}
