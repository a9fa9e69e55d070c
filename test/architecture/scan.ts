import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface Import {
  /** As written. */
  specifier: string;
  line: number;
  /** Erased at run time. */
  typeOnly: boolean;
  dynamic: boolean;
  /** Path from the repository root for a relative import; null for a package or node: module. */
  target: string | null;
  /** Package name ("@scope/name", "node:fs") for the others. */
  pkg: string | null;
}

export interface SourceFile {
  /** From the repository root, with forward slashes. */
  path: string;
  text: string;
  /** The text with comments and the contents of strings blanked out, same length and lines. */
  code: string;
  imports: Import[];
}

/** All sources below the folders, from the repository root. */
export function readSources(root: string, folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
      .map((entry) =>
        posix.join(entry.parentPath.slice(root.length).replaceAll('\\', '/').replace(/^\//, ''), entry.name),
      )
      .map((path) => scan(path, readFileSync(join(root, path), 'utf8'))),
  );
}

/** Reads one file's imports: `import`, `import type`, `export … from`, `import()` and `import('…').Type`. */
export function scan(path: string, text: string): SourceFile {
  const { code, uncommented } = blank(text);
  const imports: Import[] = [];
  const add = (specifier: string, at: number, typeOnly: boolean, dynamic: boolean): void => {
    const relative = specifier.startsWith('.');
    const target = relative ? posix.normalize(posix.join(posix.dirname(path), specifier)) : null;
    imports.push({
      specifier,
      line: lineAt(text, at),
      typeOnly,
      dynamic,
      target,
      pkg: relative ? null : packageOf(specifier),
    });
  };
  // Keywords and quotes are looked for in `code`, where strings are empty; the specifier itself is read from `uncommented`.
  const statement = /^[ \t]*(import|export)\b([^;'"]*?)(?:\bfrom\s*)?(['"])/gm;
  for (const m of code.matchAll(statement)) {
    const [whole, keyword, clause = ''] = m;
    const from = /\bfrom\s*['"]$/.test(whole);
    if (clause.includes('(') || clause.includes('=') || (!from && (keyword === 'export' || clause.trim() !== '')))
      continue;
    add(stringAt(uncommented, m.index + whole.length - 1), m.index + whole.search(/\S/), isTypeOnly(clause), false);
  }
  for (const m of code.matchAll(/\bimport\s*\(\s*/g)) {
    const at = m.index + m[0].length;
    const literal = /['"]/.test(code.charAt(at)) ? stringAt(uncommented, at) : null;
    const isType =
      /[:<|&=]\s*(?:typeof\s+)?$/.test(code.slice(0, m.index)) && /^['"][^'"]*['"]\s*\)\s*\./.test(code.slice(at));
    add(literal ?? '(computed)', m.index, isType, true);
  }
  return { path, text, code, imports };
}

/** `type X`, or braces in which every name is a type. */
function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b(?!\s*,)/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/
    .exec(clause)?.[1]
    ?.split(',')
    .map((n) => n.trim())
    .filter((n) => n !== '');
  return names !== undefined && names.length > 0 && names.every((n) => n.startsWith('type '));
}

const stringAt = (text: string, at: number): string => /^(['"])(.*?)\1/.exec(text.slice(at, at + 300))?.[2] ?? '';
export const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;
const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');

/** Blanks comments (`uncommented`), and also what stands inside strings, templates and regular expressions (`code`). */
function blank(text: string): { code: string; uncommented: string } {
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=(?:^|[=(,:[!&|?{};\n>]|\breturn)[ \t]*)\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
  const spaces = (s: string): string => s.replace(/[^\n]/g, ' ');
  const isComment = (s: string): boolean => s.startsWith('//') || s.startsWith('/*');
  return {
    uncommented: text.replace(token, (s) => (isComment(s) ? spaces(s) : s)),
    // What a template computes is code too: `${process.env.X}`.
    code: text.replace(token, (s) => {
      if (isComment(s)) return spaces(s);
      const inner = s
        .slice(1, -1)
        .replace(/\$\{[^}]*\}|[^\n]/g, (part) => (s.startsWith('`') && part.length > 1 ? part : spaces(part)));
      return s.charAt(0) + inner + s.charAt(s.length - 1);
    }),
  };
}
