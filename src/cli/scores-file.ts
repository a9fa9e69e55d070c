import { majorUnits } from '../core/format.ts';
import { allDimensions, type Model } from '../core/model.ts';
import { type AccountScore, toNumber } from '../core/result.ts';
import { CsvFile } from './csv-file.ts';

/** Scores as CSV. */
export class ScoresFile extends CsvFile {
  readonly #dimensions: string[];

  constructor(path: string, model: Model) {
    const dimensions = allDimensions(model).map((d) => d.key);
    super(path, [
      'account',
      'name',
      'segment',
      'score',
      'points',
      'band',
      'trend',
      'change30',
      'confidence',
      ...dimensions,
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
    this.#dimensions = dimensions;
  }

  async write(scores: AccountScore[]): Promise<void> {
    for (const s of scores) {
      const dimensions = this.#dimensions.map((key) => s.dimensions.find((d) => d.dimension === key)?.score ?? null);
      await this.row([
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
      ]);
    }
  }
}
