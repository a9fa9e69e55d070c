import { once } from 'node:events';
import { createWriteStream, openSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Stringifier, stringify } from 'csv-stringify';
import { InputError } from '../contract/index.ts';
import { majorUnits } from '../core/format.ts';
import { allDimensions, type Model } from '../core/model.ts';
import { type AccountScore, toNumber } from '../core/result.ts';

/**
 * Scores as CSV, streamed. Cells that a spreadsheet would run as a formula are escaped. The file appears when it is complete: until
 * then an earlier one of that name stays as it is.
 */
export class ScoresFile {
  readonly #csv: Stringifier;
  readonly #written: Promise<void>;
  readonly #path: string;
  readonly #partial: string;
  readonly #dimensions: string[];

  constructor(path: string, model: Model) {
    this.#dimensions = allDimensions(model).map((d) => d.key);
    this.#csv = stringify({ escape_formulas: true, bom: true });
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#written = pipeline(this.#csv, createWriteStream(this.#partial, { fd: open(this.#partial) }));
    this.#written.catch(() => {}); // told by the write or the close that meets it
    this.#csv.write([
      'account',
      'name',
      'segment',
      'score',
      'points',
      'band',
      'trend',
      'change30',
      'confidence',
      ...this.#dimensions,
      'renewal',
      'arr',
      'currency',
      'csm',
      'flags',
      'reasons',
      'action_code',
      'action',
      'coverage',
      'model',
    ]);
  }

  async write(scores: AccountScore[]): Promise<void> {
    for (const s of scores) {
      const dimensions = this.#dimensions.map((key) => s.dimensions.find((d) => d.dimension === key)?.score ?? null);
      const row = [
        s.account,
        s.name,
        s.segment,
        s.score,
        s.points === null ? null : toNumber(s.points),
        s.band,
        s.trend,
        s.change30 === null ? null : toNumber(s.change30),
        s.confidence.toFixed(2),
        ...dimensions.map((d) => (d === null ? null : toNumber(d))),
        s.renewal?.on,
        s.arr && majorUnits(s.arr),
        s.arr?.currency,
        s.csmId,
        s.flags.join(' '),
        s.reasons.join(' '),
        s.action?.code,
        s.action?.text,
        s.coverage,
        s.model,
      ];
      if (!this.#csv.write(row)) await Promise.race([once(this.#csv, 'drain'), this.#written]);
    }
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
