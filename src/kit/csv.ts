import { readFileSync } from 'node:fs';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { InputError } from '../contract/index.ts';

/** A small CSV file with a header, whole. */
export interface CsvTable {
  header: string[];
  /** As many cells each as the header has. */
  rows: string[][];
}

/** @param option that named the file, for the words of an error. @throws InputError that names file, line and what was found */
export function readCsvTable(option: string, path: string): CsvTable {
  const text = textOf(option, path);
  const records = parseCsv(text, delimiterOf(text));
  if (typeof records === 'string') throw new InputError(`${option} ${path}: ${records}`);
  const [header, ...rows] = records.map((record) => record.map((cell) => cell.trim()));
  if (header === undefined) throw new InputError(`${option} ${path}: the file is empty; expected a header`);
  rows.forEach((row, i) => {
    if (row.length !== header.length)
      throw new InputError(`${option} ${path}:${i + 2}: found ${row.length} fields; expected ${header.length}`);
  });
  return { header, rows };
}

/** Programs whose decimal sign is a comma write semicolons, others tabs: what the header has most of is it. */
function delimiterOf(text: string): string {
  const [header = ''] = text.replace(/"[^"]*"/g, '').split('\n', 1);
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most)).delimiter;
}

/** Records of CSV text, or why it is none. Records may differ in length. */
export function parseCsv(text: string, delimiter = ','): string[][] | string {
  try {
    return parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const column = typeof error.column === 'number' ? `field ${error.column + 1}` : 'a field';
    return `found a stray quote in ${column}; expected the whole field in quotes and each quote inside it doubled`;
  }
}

function textOf(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n')
      .trimEnd();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InputError(`${option} ${path}: no such file`);
    if (code === 'EISDIR') throw new InputError(`${option} ${path}: that is a folder; expected a CSV file`);
    throw error;
  }
}
