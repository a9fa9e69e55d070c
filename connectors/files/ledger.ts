import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';

/** What was read of one file. */
const Done = z.strictObject({
  name: z.string(),
  size: z.int().nonnegative(),
  mtimeMs: z.number(),
  sha256: z.string(),
  /** Hash of what the mapping says about this file: another mapping means another reading. */
  recipe: z.string(),
  rows: z.int().nonnegative(),
  bad: z.int().nonnegative(),
  /** Lines up to `size`, so that a tail is numbered on. */
  lines: z.int().nonnegative(),
  /** Why it could not be read to its end; null = finished. */
  failed: z.string().nullable(),
});
export type Done = z.infer<typeof Done>;

/** Where a run stopped inside a file. */
const Position = z.strictObject({
  file: z.string(),
  size: z.int(),
  mtimeMs: z.number(),
  sha256: z.string(),
  recipe: z.string(),
  /** Byte and line at which reading began: 0 and 1, or the old end of a file that grew. */
  start: z.int(),
  startLine: z.int(),
  replaces: z.boolean(),
  lines: z.int(),
  before: z.strictObject({ rows: z.int(), bad: z.int() }),
  /** Results delivered since `start`: good and bad rows, or what rows were combined to. */
  taken: z.int(),
});
export type Position = z.infer<typeof Position>;

/** The cursor of a stream: a list rather than a map, since a file may have any name (`__proto__` too). */
export const Ledger = z.strictObject({
  version: z.literal(1),
  files: z.array(Done),
  position: Position.nullable(),
});
export type Ledger = z.infer<typeof Ledger>;

export const emptyLedger = (): Ledger => ({ version: 1, files: [], position: null });

/** A file as it lies in the folder now. */
export interface Present {
  name: string;
  path: string;
  size: number;
  mtimeMs: number;
}

export type Decision =
  /** Same size and time: not even opened. `failed` repeats why it was not finished. */
  | { what: 'skip'; done: Done }
  /** Same content (touched, renamed, copied): only the ledger learns of it. */
  | { what: 'note'; done: Done }
  /** From a byte on, replacing the facts of the same file where `replaces`. */
  | { what: 'read'; reading: Reading };

export interface Reading {
  sha256: string;
  start: number;
  startLine: number;
  /** Facts of the same file that are not stated again are removed. */
  replaces: boolean;
  /** Line ends in the whole file. */
  lines: number;
  /** What was counted before `start`. */
  before: { rows: number; bad: number };
}

/**
 * What to do with a file. `growable`: an append-only file whose beginning is unchanged is read from its old end.
 * Reads the content once for its hash, unless size and time are those of the ledger.
 */
export async function decide(
  file: Present,
  ledger: Ledger,
  recipe: string,
  options: { growable: boolean; snapshot: boolean },
): Promise<Decision> {
  const known = ledger.files.find((f) => f.name === file.name);
  const sameRecipe = known?.recipe === recipe;
  if (known && sameRecipe && known.size === file.size && known.mtimeMs === file.mtimeMs)
    return { what: 'skip', done: known };
  const grown =
    options.growable && known && sameRecipe && known.failed === null && file.size > known.size ? known : null;
  const { sha256, prefix, endsLine, lines } = await hashFile(file.path, grown?.size ?? 0);
  const twin = ledger.files.find((f) => f.sha256 === sha256 && f.recipe === recipe && isTwin(f, known));
  if (twin) return { what: 'note', done: { ...twin, name: file.name, size: file.size, mtimeMs: file.mtimeMs } };
  if (grown && prefix === grown.sha256 && endsLine)
    return {
      what: 'read',
      reading: {
        sha256,
        start: grown.size,
        startLine: grown.lines + 1,
        replaces: false,
        lines,
        before: { rows: grown.rows, bad: grown.bad },
      },
    };
  // Unchanged content read in another way replaces what the old mapping made of it, whatever the mode.
  const replaces = options.snapshot || (known !== undefined && known.sha256 === sha256);
  return { what: 'read', reading: { sha256, start: 0, startLine: 1, replaces, lines, before: { rows: 0, bad: 0 } } };
}

/** The file itself, touched; or, for a name never seen, a finished file with the same content. */
const isTwin = (other: Done, known: Done | undefined): boolean =>
  known === undefined ? other.failed === null : other.name === known.name;

/** SHA-256 of a file and of its first bytes, whether these end a line, and how many line ends the file has. */
export async function hashFile(
  path: string,
  prefixBytes: number,
): Promise<{ sha256: string; prefix: string; endsLine: boolean; lines: number }> {
  const hash = createHash('sha256');
  let prefix = '';
  let endsLine = false;
  let at = 0;
  let lines = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    const cut = prefixBytes - at;
    if (cut > 0 && cut <= chunk.length) {
      hash.update(chunk.subarray(0, cut));
      prefix = hash.copy().digest('hex');
      endsLine = chunk[cut - 1] === 10;
      hash.update(chunk.subarray(cut));
    } else hash.update(chunk);
    at += chunk.length;
    for (let lf = chunk.indexOf(10); lf >= 0; lf = chunk.indexOf(10, lf + 1)) lines += 1;
  }
  return { sha256: hash.digest('hex'), prefix, endsLine, lines };
}

/** The ledger with a file's new line in it. */
export const noted = (ledger: Ledger, done: Done): Ledger => ({
  version: 1,
  files: [...ledger.files.filter((f) => f.name !== done.name), done],
  position: null,
});
