import { once } from 'node:events';
import { createWriteStream, openSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Stringifier, stringify } from 'csv-stringify';
import { InputError } from '../contract/index.ts';

/**
 * A CSV file, streamed. Cells that a spreadsheet would run as a formula are escaped. The file appears when it is complete: until
 * then an earlier one of that name stays as it is.
 */
export class CsvFile {
  readonly #csv: Stringifier;
  readonly #written: Promise<void>;
  readonly #path: string;
  readonly #partial: string;

  constructor(path: string, head: readonly string[]) {
    this.#csv = stringify({ escape_formulas: true, bom: true });
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#written = pipeline(this.#csv, createWriteStream(this.#partial, { fd: open(this.#partial) }));
    this.#written.catch(() => {}); // told by the write or the close that meets it
    this.#csv.write(head);
  }

  async row(cells: readonly unknown[]): Promise<void> {
    if (!this.#csv.write(cells)) await Promise.race([once(this.#csv, 'drain'), this.#written]);
  }

  async close(): Promise<void> {
    this.#csv.end();
    await this.#written;
    renameSync(this.#partial, this.#path);
  }

  /** After a failure: nothing half-written stays behind. */
  async discard(): Promise<void> {
    this.#csv.destroy();
    await this.#written.catch(() => {});
    rmSync(this.#partial, { force: true });
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new InputError(`--out: ${path} cannot be written (${code})`, {
      hint: 'Name a file in a folder that this user may write.',
      cause,
    });
  }
}
