import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Element } from './xml.ts';

/** The vendor's own WSDL, from the SDK's package: which elements a metadata type has, in which order. */
let source: string | null = null;
const types = new Map<string, Map<string, string>>();

/** Element name → type, in the order of the sequence; `fullName` of the base type first. */
export function elementsOf(type: string): Map<string, string> {
  const known = types.get(type);
  if (known) return known;
  source ??= readFileSync(createRequire(import.meta.url).resolve('jsforce/src/api/metadata/wsdl.xml'), 'utf8');
  const block = new RegExp(`<xsd:complexType name="${type}">(.*?)</xsd:complexType>`, 's').exec(source)?.[1];
  if (block === undefined) throw new Error(`The WSDL has no type ${type}`);
  const base = /<xsd:extension base="tns:(\w+)">/.exec(block)?.[1];
  const elements = new Map(base ? elementsOf(base) : []);
  for (const [, tag = ''] of block.matchAll(/<xsd:element ([^>]*)>/g)) {
    const name = /name="(\w+)"/.exec(tag)?.[1];
    const of = /type="(?:xsd|tns):(\w+)"/.exec(tag)?.[1];
    if (name && of) elements.set(name, of);
  }
  types.set(type, elements);
  return elements;
}

const COMPLEX = new Set([
  'ValueSet',
  'ValueSetValuesDefinition',
  'CustomValue',
  'ValueSettings',
  'LookupFilter',
  'FilterItem',
]);

/** The first thing by which an element breaks its type (unknown, out of order, not a boolean, …), or null. */
export function violation(e: Element, type: string): string | null {
  const elements = elementsOf(type);
  const order = [...elements.keys()];
  let last = -1;
  for (const c of e.children) {
    const at = order.indexOf(c.name);
    const of = elements.get(c.name);
    if (of === undefined || at < last) {
      return `Element {http://soap.sforce.com/2006/04/metadata}${c.name} invalid at this location in type ${type}`;
    }
    last = at;
    const inner = COMPLEX.has(of) ? violation(c, of) : badText(c, of);
    if (inner) return inner;
  }
  return null;
}

function badText(e: Element, type: string): string | null {
  if (e.attributes.nil === 'true') return null;
  if (type === 'boolean' && !/^(true|false|1|0)$/.test(e.text))
    return `'${e.text}' is not a valid value for the type xsd:boolean`;
  if (type === 'int' && !/^-?\d+$/.test(e.text)) return `'${e.text}' is not a valid value for the type xsd:int`;
  return null;
}
