import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Connector, Ctx, Cursor, StreamSpec } from '../../src/contract/connector.ts';
import { InputError } from '../../src/contract/errors.ts';
import { checkFolder } from './check.ts';
import { Ledger } from './ledger.ts';
import { loadMapping, type Mapping } from './mapping.ts';
import { pullEntry } from './pull.ts';

const Config = z.strictObject({
  path: z.string().min(1).describe('Folder with CSV or JSONL files'),
  mapping: z.string().min(1).optional().describe('Which column is which field; default: mapping.yaml in the folder'),
});
type Config = z.infer<typeof Config>;

function mappingOf(ctx: Ctx<Config>): Mapping {
  const { path, mapping } = ctx.config;
  const folder = ctx.file(path);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory())
    throw new InputError(found ? `${folder} is a file; expected a folder of exports` : `there is no folder ${folder}`, {
      hint: 'Name the folder that holds the CSV or JSONL files and their mapping.yaml.',
    });
  const file = mapping === undefined ? join(folder, 'mapping.yaml') : ctx.file(mapping);
  if (mapping === undefined && statSync(file, { throwIfNoEntry: false }) === undefined)
    throw new InputError(`${file}: there is no such file; expected the mapping that says which column is which field`, {
      hint: 'Start from mappings/files/example.yaml of the package, and put it beside the exports.',
    });
  return loadMapping(file);
}

function readLedger(stream: string, from: Cursor): Ledger {
  const parsed = Ledger.safeParse(from);
  if (parsed.success) return parsed.data;
  throw new InputError(`${stream}: the stored list of files already read is unreadable`, {
    hint: 'Run `npx pulseback pull --reset` for this stream: its files are read again, and nothing is doubled by it.',
  });
}

/**
 * Exports in a folder: CSV and JSONL, plain or gzip. A mapping file says which column is which field; each of its entries is a
 * stream. Real input without any account anywhere, and the template for other connectors.
 */
export const files: Connector<Config> = {
  name: 'files',
  title: 'CSV and JSONL files',
  config: Config,
  secrets: {},
  example: [
    '# Folder with CSV or JSONL exports (gzip too), and the file that says which column is which field.',
    'path: ./exports',
    '# mapping: ./exports/mapping.yaml',
  ].join('\n'),
  streams: (ctx) =>
    Object.fromEntries(
      Object.entries(mappingOf(ctx).files).map(([name, entry]): [string, StreamSpec] => [
        name,
        {
          title: `${entry.kind} from ${entry.file}`,
          kinds: [entry.kind],
          cursor: Ledger,
          mode: 'incremental',
          overlapMs: 0, // the ledger knows every file by its content
          schedule: '0 5 * * *',
          deletions: 'none', // a snapshot replaces its older version by its origin
        },
      ]),
    ),
  check: (ctx) => checkFolder(ctx, () => mappingOf(ctx), ctx.file(ctx.config.path)),
  async *pull(ctx, stream, from) {
    const mapping = mappingOf(ctx);
    const entry = mapping.files[stream];
    if (!entry)
      throw new InputError(`the mapping has no entry \`${stream}\``, {
        hint: `It has ${Object.keys(mapping.files).join(', ')}.`,
      });
    const ledger = from === null ? null : readLedger(stream, from);
    yield* pullEntry({ ctx, folder: ctx.file(ctx.config.path), name: stream, entry, mapping }, ledger);
  },
  rules: (ctx) => mappingOf(ctx).accounts,
};
