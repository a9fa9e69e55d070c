import type { CheckItem, CheckReport, Ctx } from '../../src/contract/connector.ts';
import { InputError } from '../../src/contract/errors.ts';
import { BrokenFile } from './broken.ts';
import { columnsNamed } from './columns.ts';
import { mapperOf } from './facts.ts';
import { findFiles } from './folder.ts';
import { dialectOf, type Job } from './job.ts';
import type { Present } from './ledger.ts';
import { linkOf } from './link.ts';
import type { Mapping } from './mapping.ts';
import { Occurrences } from './occurrences.ts';
import { formatOf, rowsOf } from './read.ts';
import { plainResults } from './results.ts';

const FIRST_ROWS = 200;

/** The mapping, each file of it, its header, its first rows, and the columns that nothing reads. Writes nothing. */
export async function checkFolder(ctx: Ctx<unknown>, load: () => Mapping, folder: string): Promise<CheckReport> {
  const items: CheckItem[] = [];
  try {
    const mapping = load();
    items.push({ ok: true, level: 'error', what: `mapping of ${Object.keys(mapping.files).length} entries` });
    for (const [name, entry] of Object.entries(mapping.files))
      items.push(...(await checkEntry({ ctx, folder, name, entry, mapping })));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    items.push(...problemItems(error));
  }
  return { items };
}

const problemItems = (error: InputError): CheckItem[] =>
  (error.problems.length > 0 ? error.problems : [error.message]).map((what) => ({
    ok: false,
    level: 'error',
    what,
    fix: error.hint ?? 'Correct the mapping file.',
  }));

async function checkEntry(job: Job): Promise<CheckItem[]> {
  const { ctx, entry, name, mapping, folder } = job;
  const { files, waiting } = await findFiles(folder, entry.file, mapping.defaults, ctx.now());
  const items: CheckItem[] = waiting.map((file) => ({
    ok: false,
    level: 'warning',
    what: `${name}: ${file.name} ${file.reason}`,
    fix: 'Nothing, if the file is still being written; it is read when it is complete.',
  }));
  if (files.length === 0 && waiting.length === 0)
    items.push({
      ok: entry.optional,
      level: 'error',
      what: `${name}: no file matches ${entry.file} in ${folder}`,
      fix: 'Put the file there, correct `file` in the mapping, or mark the entry `optional: true`.',
    });
  for (const file of files) items.push(await checkFile(job, file));
  return items;
}

async function checkFile(job: Job, file: Present): Promise<CheckItem> {
  const { ctx, entry, name, mapping } = job;
  const fix = `Correct ${file.name}, or the entry \`${name}\` of the mapping.`;
  try {
    const link = entry.link ? await linkOf(job, entry.link.via) : null;
    const map = mapperOf(name, entry, dialectOf(ctx, mapping.defaults), link);
    const seen = new Set<string>();
    let rows = 0;
    const bad: string[] = [];
    const format = formatOf(entry, mapping.defaults, file.name);
    const stamp = { modified: Math.floor(file.mtimeMs), occurrences: new Occurrences() };
    for await (const batch of rowsOf(file.path, entry, format, { start: 0, line: 1 }, { signal: ctx.signal })) {
      const first = batch.slice(0, FIRST_ROWS - rows);
      for (const row of first) for (const column of row.columns()) seen.add(column);
      const one = async function* () {
        yield first;
      };
      for await (const results of plainResults(one(), file.name, map, stamp, { rows: 0, bad: 0 }))
        for (const { reject } of results) if (reject) bad.push(`${reject.where}: ${reject.reason}`);
      rows += first.length;
      if (rows >= FIRST_ROWS) break;
    }
    const named = columnsNamed(entry);
    const unused = entry.attributes === 'all' ? [] : [...seen].filter((column) => !named.has(column));
    const absent =
      format.kind === 'jsonl' && rows > 0
        ? [...named.keys()].filter((c) => !seen.has(c.split('.')[0] ?? c) && !seen.has(c))
        : [];
    const what = `${name}: ${file.name}, first ${rows} rows read${unused.length > 0 ? `; columns not used: ${unused.join(', ')}` : ''}`;
    if (bad.length > 0)
      return {
        ok: false,
        level: bad.length === rows ? 'error' : 'warning',
        what: `${what}; ${bad.length} bad, first ${bad[0]}`,
        fix,
      };
    if (absent.length > 0)
      return { ok: false, level: 'warning', what: `${what}; never seen: ${absent.join(', ')}`, fix };
    return { ok: true, level: 'error', what };
  } catch (error) {
    if (error instanceof BrokenFile)
      return {
        ok: false,
        level: 'error',
        what: `${name}: ${file.name}${error.line === null ? '' : `:${error.line}`}: ${error.message}`,
        fix,
      };
    throw error;
  }
}
