import type { Import, SourceFile } from './scan.ts';

/** A broken rule, told so that its author learns what to do. */
export interface Violation {
  rule: string;
  file: string;
  line: number;
  what: string;
  why: string;
  instead: string;
}

export const tell = (v: Violation): string =>
  `${v.file}:${v.line}: ${v.what}\n    rule: ${v.rule}\n    why: ${v.why}\n    instead: ${v.instead}`;

export type Rule = (file: SourceFile) => Violation[];
export type WholeRule = (files: SourceFile[]) => Violation[];

/** A violation that an import makes. */
export const found = (
  file: SourceFile,
  i: Import,
  rule: string,
  what: string,
  why: string,
  instead: string,
): Violation => ({
  rule,
  file: file.path,
  line: i.line,
  what,
  why,
  instead,
});

/** The room of a file: "core", "cli", "main.ts", or "connectors/NAME" for a connector's folder. */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : `${top}/${second}`;
}
export const isConnector = (room: string): boolean => room.startsWith('connectors/') && !room.endsWith('.ts');
export const isSandbox = (path: string): boolean => /^connectors\/[^/]+\/sandbox(\.ts$|\/)/.test(path);
