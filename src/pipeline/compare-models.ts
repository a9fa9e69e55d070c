import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Model } from '../core/model.ts';
import {
  BandMatrix,
  type Difference,
  differenceOf,
  type Judgement,
  judgementOf,
  packed,
  unpacked,
} from '../core/model-compare.ts';
import type { AccountScore } from '../core/result.ts';
import { type ScoreDeps, scoreAll } from './score.ts';

/** An account that one model puts into another band than the other does. */
export interface Moved extends Difference {
  score: AccountScore;
  before: Judgement;
  after: Judgement;
}

/**
 * Scores every account by one model, then by another, and stores neither. What the first says is kept in `file`, so that memory stays
 * flat. @param onMoved gets each account that changes band, as it is found
 */
export async function compareModels(
  deps: ScoreDeps,
  models: { before: Model; after: Model },
  asOf: number,
  file: string,
  onMoved: (moved: Moved) => void,
): Promise<BandMatrix> {
  const written = openSync(file, 'w');
  try {
    await scoreAll(
      { ...deps, model: models.before },
      asOf,
      (scores) => {
        for (const score of scores) writeSync(written, `${JSON.stringify(packed(judgementOf(score)))}\n`);
      },
      false,
    );
  } finally {
    closeSync(written);
  }
  const matrix = new BandMatrix();
  const earlier = new Earlier(file, models.before);
  try {
    await scoreAll(
      { ...deps, model: models.after },
      asOf,
      async (scores) => {
        for (const score of scores) {
          const after = judgementOf(score);
          const before = await earlier.of(score.account);
          matrix.add(before, after);
          if (before.band !== after.band) onMoved({ score, before, after, ...differenceOf(before, after, models) });
        }
      },
      false,
    );
  } finally {
    earlier.close();
  }
  return matrix;
}

/** Reads the file of the first scoring along with the second, which comes in the same order or nearly so. */
class Earlier {
  readonly #file: string;
  readonly #model: Model;
  readonly #ahead = new Map<string, Judgement>();
  /** Opened with the first question: a file that nobody asks for may be gone before it is open. */
  #open: { lines: AsyncIterator<string>; close: () => void } | null = null;

  constructor(file: string, model: Model) {
    this.#file = file;
    this.#model = model;
  }

  #lines(): AsyncIterator<string> {
    if (this.#open) return this.#open.lines;
    const stream = createReadStream(this.#file);
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
    const close = (): void => {
      lines.close();
      stream.destroy();
    };
    this.#open = { lines: lines[Symbol.asyncIterator](), close };
    return this.#open.lines;
  }

  async of(account: string): Promise<Judgement> {
    for (;;) {
      const found = this.#ahead.get(account);
      if (found) {
        this.#ahead.delete(account);
        return found;
      }
      const { done, value } = await this.#lines().next();
      if (done) throw new Error(`account ${account} was scored by one of two models only`);
      const judgement = unpacked(value, this.#model);
      this.#ahead.set(judgement.account, judgement);
    }
  }

  close(): void {
    this.#open?.close();
  }
}
