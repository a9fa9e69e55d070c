import { nearest } from '../../src/kit/yaml.ts';
import { BrokenFile } from './broken.ts';
import { type ByteOptions, contentOf, shapeOf } from './bytes.ts';
import { columnsNamed } from './columns.ts';
import type { Entry } from './mapping.ts';
import { recordsOf } from './records.ts';
import { csvRows, type Header, jsonRows, type Row, readHeader } from './rows.ts';

/** How the rows of a file are told apart; from the mapping. */
export interface Format {
  kind: 'csv' | 'jsonl';
  delimiter: string;
  encoding: 'utf-8' | 'windows-1252';
  skipAfterHeader: number;
}

export function formatOf(
  entry: Entry,
  defaults: { delimiter: string; encoding: Format['encoding'] },
  name: string,
): Format {
  const json = /\.(jsonl|ndjson|jsonlines)(\.gz)?$/i.test(name);
  return {
    kind: entry.format ?? (json ? 'jsonl' : 'csv'),
    delimiter: entry.delimiter ?? defaults.delimiter,
    encoding: entry.encoding ?? defaults.encoding,
    skipAfterHeader: entry.skipAfterHeader,
  };
}

/** Whether a file can be read from its middle. */
export async function seekable(path: string): Promise<boolean> {
  const shape = await shapeOf(path);
  return !shape.gzip && shape.utf16 === null;
}

/**
 * Rows in batches of some hundreds. The header is read first, also where reading starts further down.
 * @throws BrokenFile: nothing after its line can be read.
 */
export async function* rowsOf(
  path: string,
  entry: Entry,
  format: Format,
  from: { start: number; line: number },
  options: Omit<ByteOptions, 'start'> = {},
): AsyncGenerator<Row[]> {
  if ((await shapeOf(path)).zip)
    throw new BrokenFile('found a zip archive; expected CSV, JSONL or gzip: unpack it', null);
  const records = recordsOf(contentOf(path, { ...options, start: from.start }), {
    delimiter: format.kind === 'csv' ? format.delimiter : null,
    encoding: format.encoding,
    firstLine: from.line,
  });
  if (format.kind === 'jsonl') {
    for await (const batch of records) yield jsonRows(batch);
    return;
  }
  let header = from.start > 0 ? await headerOf(path, entry, format) : null;
  let skip = from.start > 0 ? 0 : format.skipAfterHeader;
  for await (let batch of records) {
    const [first] = batch;
    if (!header && first) {
      header = checkedHeader(readHeader(first, format.delimiter), entry, first.line, format.delimiter);
      batch = batch.slice(1);
    }
    const skipped = Math.min(skip, batch.length);
    skip -= skipped;
    if (header && batch.length > skipped) yield csvRows(batch.slice(skipped), header, format.delimiter);
  }
  if (!header) throw new BrokenFile('the file is empty; expected a header line', 1);
}

/** The header of a CSV file, checked against the mapping. @throws BrokenFile */
export async function headerOf(path: string, entry: Entry, format: Format): Promise<Header> {
  const records = recordsOf(contentOf(path), { delimiter: format.delimiter, encoding: format.encoding });
  for await (const [first] of records)
    if (first) return checkedHeader(readHeader(first, format.delimiter), entry, first.line, format.delimiter);
  throw new BrokenFile('the file is empty; expected a header line', 1);
}

function checkedHeader(header: Header, entry: Entry, line: number, delimiter: string): Header {
  const columns = [...header.keys()];
  const absent = [...columnsNamed(entry)].filter(([column]) => !header.has(column));
  if (absent.length === 0) return header;
  const other = header.size === 1 ? otherDelimiter(columns[0] ?? '', delimiter) : null;
  if (other)
    throw new BrokenFile(
      `found one column; expected ${shownDelimiter(delimiter)} between columns, and the header has ${shownDelimiter(other)}: set \`delimiter\``,
      line,
    );
  const told = absent.map(([column, where]) => {
    const near = nearest(column, columns);
    return `"${column}" (${where})${near ? `, nearest is "${near}"` : ''}`;
  });
  throw new BrokenFile(`no column ${told.join('; ')}; the file has ${columns.join(', ')}`, line);
}

const otherDelimiter = (header: string, delimiter: string): string | null =>
  [';', '\t', '|', ','].find((d) => d !== delimiter && header.includes(d)) ?? null;

const shownDelimiter = (delimiter: string): string => (delimiter === '\t' ? 'a tab' : `"${delimiter}"`);
