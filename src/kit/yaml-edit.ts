import { isMap, isNode, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { InputError } from '../contract/errors.ts';

type Path = readonly (string | number)[];
type Plain = string | number | Plain[] | { [key: string]: Plain };

/**
 * Sets values in a YAML text and leaves every other letter of it as it is: comments, quotes, order and layout. What is new is written
 * on one line. @throws InputError where a value stands behind an alias, since another place would change with it
 */
export function editYaml(text: string, name: string, edits: readonly { path: Path; value: Plain }[]): string {
  return edits.reduce((edited, { path, value }) => setOne(edited, name, path, value), text);
}

function setOne(text: string, name: string, path: Path, value: Plain): string {
  const doc = parseDocument(text);
  let node: unknown = doc.contents;
  for (const [i, key] of path.entries()) {
    const next: unknown = isMap(node)
      ? node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(key))?.value
      : isSeq(node)
        ? node.items[Number(key)]
        : refuse(name, path);
    if (next === undefined && isMap(node) && node.range)
      return insert(text, node, String(key), nested(path.slice(i + 1), value));
    node = next;
  }
  if (!isNode(node) || !node.range || !(isScalar(node) || isMap(node) || isSeq(node))) return refuse(name, path);
  return replace(text, node, written(value));
}

function refuse(name: string, path: Path): never {
  throw new InputError(`${name}: ${path.join('.')} cannot be set where it stands`, {
    hint: 'Write it out in the file, without an alias (*name), and try again.',
  });
}

function replace(text: string, node: Node, by: string): string {
  const [from, to] = node.range ?? [0, 0];
  const end = isScalar(node) ? to : from + text.slice(from, to).trimEnd().length;
  return `${text.slice(0, from)}${by}${text.slice(end)}`;
}

function insert(text: string, map: YAMLMap, key: string, value: Plain): string {
  const [from, to] = map.range ?? [0, 0];
  const pair = `${written(key)}: ${written(value)}`;
  if (map.flow) {
    const end = from + text.slice(from, to).trimEnd().length - 1;
    const before = text.slice(0, end).trimEnd();
    return `${before}${map.items.length > 0 ? ',' : ''} ${pair} ${text.slice(end)}`;
  }
  const indent = ' '.repeat(from - (text.lastIndexOf('\n', from - 1) + 1));
  const body = text.slice(0, to).trimEnd();
  // After a comment on the last line, and before those that follow it.
  const lineEnd = text.indexOf('\n', body.length);
  const end = lineEnd < 0 ? text.length : lineEnd;
  return `${text.slice(0, end)}\n${indent}${pair}${text.slice(end)}`;
}

const nested = (path: Path, value: Plain): Plain => path.reduceRight<Plain>((inner, key) => ({ [key]: inner }), value);

/** On one line, as a person would write it. */
function written(value: Plain): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string')
    return /^[a-z][a-z0-9-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/.test(value)
      ? value
      : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  const pairs = Object.entries(value).map(([k, v]) => `${written(k)}: ${written(v)}`);
  return pairs.length > 0 ? `{ ${pairs.join(', ')} }` : '{}';
}
