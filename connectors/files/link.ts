import { InputError } from '../../src/contract/errors.ts';
import { BrokenFile } from './broken.ts';
import { BadCell } from './cells.ts';
import { accountReader, type Link, recordId } from './facts.ts';
import { findFiles } from './folder.ts';
import { dialectOf, type Job } from './job.ts';
import { formatOf, rowsOf } from './read.ts';

/**
 * Record id → account key over all files of an entry: held in memory, two texts a record. Records without id or account are left
 * out; they are bad rows of their own stream.
 * @throws InputError where the file cannot be read, since every row that links to it would then be wrong.
 */
export async function linkOf(job: Job, via: string, depth = 0): Promise<Link> {
  const { ctx, mapping, folder } = job;
  const entry = mapping.files[via];
  if (!entry || depth > 4) throw new InputError(`files.${job.name}.link: the links go round in a circle at \`${via}\``);
  const dialect = dialectOf(ctx, mapping.defaults);
  const account = accountReader(entry, dialect, entry.link ? await linkOf(job, entry.link.via, depth + 1) : null);
  const id = recordId(entry, dialect);
  const accounts = new Map<string, string>();
  for (const file of (await findFiles(folder, entry.file, mapping.defaults, ctx.now())).files) {
    try {
      const rows = rowsOf(
        file.path,
        entry,
        formatOf(entry, mapping.defaults, file.name),
        { start: 0, line: 1 },
        { signal: ctx.signal },
      );
      for await (const batch of rows)
        for (const row of batch) {
          if (row.problem !== undefined) continue;
          const pair = readPair(() => [id(row), account(row)]);
          if (pair?.[1]) accounts.set(pair[0], pair[1]);
        }
    } catch (error) {
      if (!(error instanceof BrokenFile)) throw error;
      throw new InputError(`${file.name}${error.line === null ? '' : `:${error.line}`}: ${error.message}`, {
        hint: `files.${job.name} finds its accounts through this file; correct it first.`,
      });
    }
  }
  return (key) => accounts.get(key);
}

function readPair(read: () => [string, string | null]): [string, string | null] | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadCell) return null;
    throw error;
  }
}
