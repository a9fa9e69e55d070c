/**
 * JSON with sorted keys and without null, undefined or non-finite members (all three mean "unknown"), so that equal content is
 * equal text. Array elements keep their places: an unknown element becomes null.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    let out = '';
    for (const key of Object.keys(value).sort()) {
      const member = (value as Record<string, unknown>)[key];
      if (isUnknown(member)) continue;
      out += `${out && ','}${JSON.stringify(storableText(key))}:${canonicalJson(member)}`;
    }
    return `{${out}}`;
  }
  if (typeof value === 'string') return JSON.stringify(storableText(value));
  return isUnknown(value) ? 'null' : JSON.stringify(value);
}

const isUnknown = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value));

/**
 * Text as it can be stored, and looked for, by every database: no NUL (PostgreSQL refuses it, SQLite ends the text there) and no half of a
 * surrogate pair (it would come back as another character and no longer be found).
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The same of an id. */
export const storableKey = storableText;
