import { type FileHandle, mkdir, open, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportMapping } from './exports/mapping.ts';
import { type Cell, EXPORT_KINDS, type ExportKind, isExported, TABLES } from './exports/tables.ts';
import { DAY, dayOf } from './world/time.ts';
import type { World } from './world.types.ts';

export { EXPORT_KINDS, type ExportKind } from './exports/tables.ts';

export interface ExportOptions {
  /** Days of usage before the cut; default all. */
  usageDays?: number;
  /** Show nothing later than this (epoch ms); never later than the world's now, which is the default. */
  until?: number;
  kinds?: readonly ExportKind[];
}
export interface ExportSummary {
  /** Data rows written, by kind. */
  rows: Partial<Record<ExportKind, number>>;
  /** Path of the mapping file that reads the folder. */
  mapping: string;
}

/** Characters gathered before they are written: bounds memory, and waiting for the write is the backpressure. */
const CHUNK = 256 * 1024;

/**
 * Writes a folder of CSV files (RFC 4180, UTF-8, LF) as a customer would export them nightly, and `mapping.yaml` that reads it.
 * What the world does not know yet by its `now` is not in it. Written again after time has moved on, every earlier row of an event is
 * still there, and records that go on (tickets, invoices) show their new state. One account is in memory at a time; each file
 * appears whole, by rename. `name` and texts are written raw, as exports do: who reads them must not trust them.
 */
export async function writeExports(world: World, dir: string, options: ExportOptions = {}): Promise<ExportSummary> {
  const kinds = EXPORT_KINDS.filter((kind) => options.kinds?.includes(kind) ?? true);
  const until = Math.min(options.until ?? world.now(), world.now());
  const usageFrom = options.usageDays === undefined ? 0 : dayOf(until) - options.usageDays * DAY;
  await mkdir(dir, { recursive: true });
  const files: CsvFile[] = [];
  try {
    for (const kind of kinds) files.push(await openCsv(dir, kind, until));
    for (const account of world.accounts()) {
      if (!isExported(account, until)) continue;
      for (const file of files) await file.add(TABLES[file.kind].rows(account, { until, usageFrom }));
    }
    for (const file of files) await file.finish();
  } finally {
    for (const file of files) await file.close();
  }
  const mapping = join(dir, 'mapping.yaml');
  // Whole at once, as the files: a pull may be reading the one before.
  await writeFile(`${mapping}.tmp`, exportMapping(kinds));
  await rename(`${mapping}.tmp`, mapping);
  return { rows: Object.fromEntries(files.map((file) => [file.kind, file.count()])), mapping };
}

interface CsvFile {
  kind: ExportKind;
  add(rows: Cell[][]): Promise<void>;
  /** Writes the rest and puts the file in its place. */
  finish(): Promise<void>;
  close(): Promise<void>;
  count(): number;
}

async function openCsv(dir: string, kind: ExportKind, until: number): Promise<CsvFile> {
  const path = join(dir, `${kind}.csv`);
  const handle: FileHandle = await open(`${path}.tmp`, 'w');
  let pending = `${TABLES[kind].header.join(',')}\n`;
  let count = 0;
  const flush = async (): Promise<void> => {
    const text = pending;
    pending = '';
    await handle.writeFile(text);
  };
  return {
    kind,
    count: () => count,
    add: async (rows) => {
      for (const row of rows) pending += line(row);
      count += rows.length;
      if (pending.length >= CHUNK) await flush();
    },
    finish: async () => {
      await flush();
      await handle.close();
      // Rows that no column dates are known since the file's own time: that of the world, not of this machine.
      await utimes(`${path}.tmp`, until / 1000, until / 1000);
      await rename(`${path}.tmp`, path);
    },
    close: () => handle.close(),
  };
}

const line = (row: Cell[]): string => `${row.map(cell).join(',')}\n`;

/** Quoted where RFC 4180 asks for it. */
function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
