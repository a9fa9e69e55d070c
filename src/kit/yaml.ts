import { readFileSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  stringify,
} from 'yaml';
import type { z } from 'zod';
import { InputError } from '../contract/errors.ts';
import { type Problem, problemsOf } from './problems.ts';

export { nearest } from './nearest.ts';

/**
 * Reads and checks a YAML file. Every problem is named at once, each as "file:line:column: key.path: found …; expected …; nearest …".
 * Throws InputError for a file that is missing, unreadable, not YAML, or not what `schema` describes.
 */
export function loadYaml<T>(path: string, schema: z.ZodType<T>): T {
  return locatedYaml(path, schema).value;
}

/** What a file holds, and where in it each part stands. */
export interface Located<T> {
  value: T;
  /** Line (from 1) of a key, or of the nearest part above it that the file has. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** `loadYaml`, for those who tell of a file that loads. */
export function locatedYaml<T>(path: string, schema: z.ZodType<T>): Located<T> {
  return parseLocated(readText(path), path, schema);
}

function readText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new InputError(
      missing ? `${path}: there is no such file` : `${path}: cannot be read (${code ?? 'unknown reason'})`,
      {
        hint: missing
          ? 'Create the file, or correct the path that names it.'
          : 'Name a YAML file that this user may read.',
        problems: [
          `${path}: ${missing ? 'missing' : `cannot be read (${code ?? 'unknown reason'})`}; expected a YAML file`,
        ],
        cause,
      },
    );
  }
  return text;
}

/** Plain values → YAML text, for files and examples that people read. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 120 });
}

/** `loadYaml` for a text; `name` stands for the file in messages. */
export function parseYaml<T>(text: string, name: string, schema: z.ZodType<T>): T {
  return parseLocated(text, name, schema).value;
}

function parseLocated<T>(text: string, name: string, schema: z.ZodType<T>): Located<T> {
  const lines = new LineCounter();
  const doc = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, path: string, what: string): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${path}: ${what}`;
  };

  const all = [...doc.errors, ...doc.warnings];
  // Whatever else is wrong follows from a tab.
  const tabs = all.filter((fault) => fault.code === 'TAB_AS_INDENT');
  const faults = tabs.length > 0 ? tabs : all;
  if (faults.length > 0) {
    fail(
      name,
      faults.map((e) =>
        at(e.pos[0], pathText(pathAtOffset(doc, e.pos[0])), syntaxText(e.code, e.message, text, e.pos[0])),
      ),
    );
  }
  const value = plain(doc, (what) => fail(name, [at(0, pathText([]), what)]));
  const result = schema.safeParse(value, { reportInput: true });
  const lineOf = (path: readonly PropertyKey[]): number =>
    Math.max(lines.linePos(offsetOf(doc, { path: [...path], at: 'key' })).line, 1);
  if (result.success) return { value: result.data, lineOf };
  const problems = problemsOf(schema, value, result.error.issues).map((problem) => ({
    offset: offsetOf(doc, problem),
    problem,
  }));
  problems.sort((a, b) => a.offset - b.offset);
  return fail(name, [
    ...new Set(problems.map(({ offset, problem }) => at(offset, pathText(problem.path), problem.text))),
  ]);
}

function fail(name: string, problems: string[]): never {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new InputError(`${name} has ${count}`, {
    hint: 'Correct the places named; nothing was read from this file.',
    problems,
  });
}

/** YAML → plain values. An alias without its anchor, or one that explodes, shows itself only here. */
function plain(doc: Document.Parsed, refuse: (what: string) => never): unknown {
  try {
    return doc.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return refuse(`${error.message}; expected an alias (*name) after its anchor (&name)`);
  }
}

function syntaxText(code: string, message: string, text: string, offset: number): string {
  if (code === 'DUPLICATE_KEY')
    return `found the key \`${/^[^\s:]*/.exec(text.slice(offset))?.[0] ?? ''}\` twice; expected every key once`;
  if (code === 'TAB_AS_INDENT') return 'found a tab as indentation; expected spaces';
  if (code === 'MULTIPLE_DOCS') return 'found a second document (---); expected one document in a file';
  if (code === 'TAG_RESOLVE_FAILED') return `${lowerFirst(message)}; expected a plain value without a tag`;
  const begins = firstOfValue(text, offset);
  if (begins) return `found a text that begins with \`${begins}\`; expected quotes around it: '${begins}…'`;
  const found = /\S*/.exec(text.slice(offset))?.[0].slice(0, 30);
  return `found ${found ? `\`${found}\`` : 'the end of the line'}; expected valid YAML: ${lowerFirst(message)}`;
}

/** The sign that YAML reads otherwise than a person meant it, where a value on the line of a fault begins with one. */
function firstOfValue(text: string, offset: number): string | null {
  const from = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(from, (text.indexOf('\n', offset) + 1 || text.length + 1) - 1);
  const value = /^\s*(?:- )?[\w-]+:\s+(.*)$/.exec(line)?.[1] ?? '';
  const [, sign = null, rest = ''] = /^([{[%@`])(.*)$/.exec(value) ?? [];
  // A list or mapping that is not closed is another mistake.
  return sign !== null && '{['.includes(sign) && !/[}\]]\s+\S/.test(rest) ? null : sign;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** dimensions[2].weights.usage */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(top level)';
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('');
}

const startOf = (node: unknown): number | null => (isNode(node) && node.range ? node.range[0] : null);

/** Where a problem stands: its key or value, else (a missing key) the key or start of the nearest mapping that exists. */
function offsetOf(doc: Document.Parsed, problem: Pick<Problem, 'path' | 'at'>): number {
  let node: unknown = doc.contents;
  let offset = startOf(node) ?? 0;
  for (const [i, key] of problem.path.entries()) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(key));
      if (!pair) return offset;
      const last = i === problem.path.length - 1;
      const atValue = last && problem.at === 'value' && isScalar(pair.value) && pair.value.source !== '';
      offset = startOf(atValue ? pair.value : pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

/** The deepest key whose text starts at or before an offset: what a syntax error belongs to. */
function pathAtOffset(doc: Document.Parsed, offset: number): PropertyKey[] {
  const path: PropertyKey[] = [];
  let node: Node | null = doc.contents;
  while (node) {
    const children: { key: PropertyKey; start: number; node: unknown }[] = isMap(node)
      ? node.items.map((p) => ({
          key: isScalar(p.key) ? String(p.key.value) : '?',
          start: startOf(p.key) ?? Number.MAX_SAFE_INTEGER,
          node: p.value,
        }))
      : isSeq(node)
        ? node.items.map((item, i) => ({ key: i, start: startOf(item) ?? Number.MAX_SAFE_INTEGER, node: item }))
        : [];
    const next = children.filter((c) => c.start <= offset).at(-1);
    if (!next) break;
    path.push(next.key);
    node = isNode(next.node) ? next.node : null;
  }
  return path;
}
