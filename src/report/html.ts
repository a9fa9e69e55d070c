/** Markup that is safe as it stands. Only `html` makes it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, numbers are rounded to hundredths, null and false are nothing, lists are joined. */
export type Part = Html | string | number | null | false | readonly Part[];

/**
 * Markup with values in it, in text or in quoted attributes. A number that is none is a fault of ours and throws: no page says NaN.
 * Twenty lines instead of a library, since nothing else is needed, and what escapes must be readable.
 */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  new Html(strings.map((text, i) => text + (i < parts.length ? written(parts[i] ?? null) : '')).join(''));

function written(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'number') return numeral(part);
  return typeof part === 'string' ? escaped(part) : part.map(written).join('');
}

function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} must not stand in a page`);
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Control characters have no meaning in HTML, and half of a surrogate pair is no character. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
