import { stat } from 'node:fs/promises';
import type { Page, Reject } from '../../src/contract/connector.ts';
import { InputError } from '../../src/contract/errors.ts';
import type { Fact } from '../../src/core/fact.ts';
import { hashOf } from '../../src/core/hash.ts';
import { BrokenFile } from './broken.ts';
import { mapperOf } from './facts.ts';
import { findFiles } from './folder.ts';
import { Groups } from './groups.ts';
import { dialectOf, type Job } from './job.ts';
import {
  type Done,
  decide,
  emptyLedger,
  type Ledger,
  noted,
  type Position,
  type Present,
  type Reading,
} from './ledger.ts';
import { linkOf } from './link.ts';
import type { Entry } from './mapping.ts';
import { Occurrences } from './occurrences.ts';
import { formatOf, rowsOf, seekable } from './read.ts';
import { combinedResults, plainResults, type Result, type Tally } from './results.ts';

const PAGE_FACTS = 2_000;
/** Results after which a page is delivered even if nearly all of them are left out by `where`. */
const PAGE_RESULTS = 20_000;

/**
 * New and changed files of an entry, in order of name, as pages. A file that cannot be read is a reject, and an InputError after
 * all others were delivered, on every pull until it is mended; its good rows are kept and nothing of its older version is removed.
 */
export async function* pullEntry(job: Job, from: Ledger | null): AsyncGenerator<Page> {
  const { ctx, entry, name, mapping, folder } = job;
  const { files, waiting } = await findFiles(folder, entry.file, mapping.defaults, ctx.now());
  for (const { name: file, reason } of waiting) ctx.log.info({ stream: name, file, reason }, 'file not read yet');
  if (files.length === 0 && waiting.length === 0 && !entry.optional)
    throw new InputError(`${folder}: no file matches ${entry.file} (files.${name})`, {
      hint: 'Put the file there, correct `file` in the mapping, or mark the entry `optional: true`.',
    });
  const recipe = await recipeOf(job);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const failures: string[] = [];
  let ledger = from ?? emptyLedger();
  let before = 0; // bytes of the files already done
  for (const file of files) {
    const resumed = resumable(ledger.position, file, recipe);
    const growable = !resumed && entry.mode === 'append' && tellsIdentity(entry) && (await seekable(file.path));
    const decision = resumed ?? (await decide(file, ledger, recipe, { growable, snapshot: entry.mode === 'snapshot' }));
    let done: Done | null = null;
    if (decision.what === 'read') {
      const reader = readFile(job, file, recipe, ledger, decision.reading, resumed?.taken ?? 0, { before, total });
      done = yield* reader;
      ledger = done ? noted(ledger, done) : { ...ledger, position: null };
    } else {
      done = decision.done;
      ledger = decision.what === 'note' ? noted(ledger, done) : ledger;
      if (decision.what === 'note') yield { facts: [], rejects: [], cursor: ledger };
    }
    if (done?.failed) failures.push(`${file.name}: ${done.failed}`);
    before += file.size;
  }
  if (failures.length > 0)
    throw new InputError(
      failures.length === 1 ? String(failures[0]) : `${failures.length} of ${files.length} files could not be read`,
      {
        hint: 'Correct the file or the mapping; the file is read again as soon as it changes.',
        problems: failures,
      },
    );
}

/** Whether the records of a file are named by the file itself, not by their order in it: then its tail can be read alone. */
const tellsIdentity = (entry: Entry): boolean =>
  entry.kind === 'account' ||
  entry.id !== undefined ||
  (entry.kind === 'usage' && (entry.combine ?? 'last') === 'last');

type Resumed = { what: 'read'; reading: Reading; taken: number };

/** The place to go on from, if it is still the same file under the same mapping. */
function resumable(position: Position | null, file: Present, recipe: string): Resumed | null {
  if (position?.file !== file.name || position.recipe !== recipe) return null;
  if (position.size !== file.size || position.mtimeMs !== file.mtimeMs) return null;
  const { sha256, start, startLine, replaces, lines, before, taken } = position;
  return { what: 'read', reading: { sha256, start, startLine, replaces, lines, before }, taken };
}

/** Reads one file; returns its line for the ledger, or null where it changed meanwhile and must be read again. */
async function* readFile(
  job: Job,
  file: Present,
  recipe: string,
  ledger: Ledger,
  reading: Reading,
  skip: number,
  bytes: { before: number; total: number },
): AsyncGenerator<Page, Done | null> {
  const { size, mtimeMs } = file;
  const tally: Tally = { ...reading.before };
  let taken = 0;
  // A tail goes on where the file ended, a resumed reading where it stopped: neither is a new reading of the file.
  let begun = skip > 0 || reading.start > 0;
  let read = reading.start;
  let pending = 0;
  let facts: Fact[] = [];
  let rejects: Reject[] = [];
  let failed: string | null = null;
  const page = (cursor: Ledger, complete: boolean): Page => {
    const done = { done: bytes.before + Math.min(read, size), total: bytes.total };
    const origin = { name: file.name, complete, ...(begun ? {} : { begins: true }) };
    const made: Page = { facts, rejects, cursor, progress: done, origin };
    begun = true;
    [facts, rejects, pending] = [[], [], 0];
    return made;
  };
  try {
    for await (const batch of resultsOf(job, file, reading, tally, (n) => (read += n))) {
      for (const result of batch) {
        taken += 1;
        if (taken <= skip) continue;
        pending += 1;
        for (const fact of result.facts) facts.push(fact);
        if (result.reject) rejects.push(result.reject);
        if (facts.length < PAGE_FACTS && rejects.length < PAGE_FACTS && pending < PAGE_RESULTS) continue;
        const position = { file: file.name, size, mtimeMs, recipe, ...reading, taken };
        yield page({ ...ledger, position }, false);
      }
    }
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error;
    failed = error.line === null ? error.message : `line ${error.line}: ${error.message}`;
    rejects.unshift({
      where: error.line === null ? file.name : `${file.name}:${error.line}`,
      reason: `file not finished: ${error.message}`,
    });
  }
  const now = await stat(file.path);
  if (now.size !== size || now.mtimeMs !== mtimeMs) {
    job.ctx.log.warn({ stream: job.name, file: file.name }, 'file changed while it was read; it will be read again');
    yield page({ ...ledger, position: null }, false);
    return null;
  }
  const done: Done = {
    name: file.name,
    size,
    mtimeMs,
    sha256: reading.sha256,
    recipe,
    ...tally,
    lines: reading.lines,
    failed,
  };
  // A bad row may be a record of the older version: nothing is removed on the word of a file that is not wholly readable.
  yield page(noted(ledger, done), reading.replaces && failed === null && tally.bad === 0);
  return done;
}

function resultsOf(
  job: Job,
  file: Present,
  reading: Reading,
  tally: Tally,
  onRead: (bytes: number) => void,
): AsyncIterable<Result[]> {
  const { ctx, entry, name, mapping } = job;
  const format = formatOf(entry, mapping.defaults, file.name);
  const stamp = { modified: Math.floor(file.mtimeMs), occurrences: new Occurrences() };
  const from = { start: reading.start, line: reading.startLine };
  const open = () => rowsOf(file.path, entry, format, from, { signal: ctx.signal, onRead });
  const results = async function* (): AsyncGenerator<Result[]> {
    const link = entry.link ? await linkOf(job, entry.link.via) : null;
    const map = mapperOf(name, entry, dialectOf(ctx, mapping.defaults), link);
    const combine = entry.combine ?? 'last';
    const groups = () => new Groups(Object.keys(entry.metrics ?? {}), combine);
    if (entry.kind === 'usage' && combine !== 'last') yield* combinedResults(open, file, map, stamp, tally, groups);
    else yield* plainResults(open(), file.name, map, stamp, tally);
  };
  return results();
}

/** What the facts of a file depend on beside its content: where it differs, the file is read again. */
async function recipeOf({ ctx, name, entry, mapping, folder }: Job): Promise<string> {
  const { marker: _m, settleSeconds: _s, ...defaults } = mapping.defaults;
  const via = entry.link ? mapping.files[entry.link.via] : undefined;
  // Appended rows were linked when they came; the others follow the records that they link to.
  const linked =
    via && entry.mode !== 'append' ? (await findFiles(folder, via.file, mapping.defaults, ctx.now())).files : [];
  return hashOf([
    name,
    entry,
    via ?? null,
    defaults,
    ctx.timezone,
    ctx.currency,
    linked.map((f) => [f.name, f.size, f.mtimeMs]),
  ]);
}
