import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element in document order; names without their namespace prefix. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

/** The root element, or null where the text is not well-formed XML. */
export function parseXml(text: string): Element | null {
  if (XMLValidator.validate(text) !== true) return null;
  const nodes = parser.parse(text) as Node[];
  const root = nodes.map(toElement).find((e) => e !== null && e.name !== '?xml');
  return root ?? null;
}

type Node = Record<string, unknown>;

function toElement(node: Node): Element | null {
  const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
  if (name === undefined) return null;
  const inner = (node[name] ?? []) as Node[];
  const children = inner.map(toElement).filter((e) => e !== null);
  const text = inner.map((n) => ('#text' in n ? String(n['#text']) : '')).join('');
  return { name, attributes: (node[':@'] ?? {}) as Record<string, string>, children, text };
}

export const child = (e: Element | null | undefined, name: string): Element | null =>
  e?.children.find((c) => c.name === name) ?? null;
export const texts = (e: Element, name: string): string[] =>
  e.children.filter((c) => c.name === name).map((c) => c.text);

/** Values → elements in key order; arrays repeat their element; undefined is left out. */
export function toXml(value: Record<string, unknown>): string {
  return Object.entries(value)
    .map(([name, v]) => {
      if (v === undefined) return '';
      return (Array.isArray(v) ? v : [v]).map((one) => `<${name}>${inner(one)}</${name}>`).join('');
    })
    .join('');
}

const inner = (v: unknown): string =>
  typeof v === 'object' && v !== null ? toXml(v as Record<string, unknown>) : escapeXml(String(v ?? ''));
export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
