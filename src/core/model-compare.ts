import { type ChangeLine, modelLines } from './change-lines.ts';
import { capDifferences, differences, type Parts } from './change-parts.ts';
import { allBands, type Model, modelsOf } from './model.ts';
import { type AccountScore, type CapApplied, type Contribution, NOT_SCORED, type Points } from './result.ts';

/** What of a score two models are compared by. */
export interface Judgement extends Parts {
  account: string;
  points: Points | null;
  score: number | null;
  band: string;
  /** Why it is not scored; empty where it is. */
  why: string;
}

export const judgementOf = (score: AccountScore): Judgement => ({
  account: score.account,
  points: score.points,
  score: score.score,
  band: score.band,
  why: score.points === null ? (score.reasons[0] ?? '') : '',
  contributions: score.contributions,
  caps: score.caps,
});

/** The same without what is not compared, as short as can be: there is one for each account of a book. */
export const packed = (judgement: Judgement): unknown[] => [
  judgement.account,
  judgement.points,
  judgement.score,
  judgement.band,
  judgement.why,
  judgement.contributions.map((c) => [c.dimension, c.signal, c.raw, c.value, c.weight, c.points]),
  judgement.caps.map((c) => [c.cap, c.points]),
];

type Packed = [
  account: string,
  points: Points | null,
  score: number | null,
  band: string,
  why: string,
  contributions: [string, string, number | null, Points | null, number, Points][],
  caps: [string, Points][],
];

/** @param model by which it was scored: gives the labels back */
export function unpacked(line: string, model: Model): Judgement {
  const [account, points, score, band, why, contributions, caps] = JSON.parse(line) as Packed;
  const whole = modelsOf(model);
  const labels = new Map(whole.flatMap((m) => m.dimensions.flatMap((d) => d.signals.map((s) => [s.key, s.label]))));
  const capLabels = new Map(whole.flatMap((m) => m.caps.map((c) => [c.key, c.label])));
  return {
    account,
    points,
    score,
    band,
    why,
    contributions: contributions.map(([dimension, signal, raw, value, weight, own]): Contribution => {
      const label = labels.get(signal) ?? signal;
      return { dimension, signal, label, raw, value, weight, points: own, text: label, evidence: [] };
    }),
    caps: caps.map(
      ([cap, own]): CapApplied => ({
        cap,
        label: capLabels.get(cap) ?? cap,
        points: own,
        evidence: [],
      }),
    ),
  };
}

/** Why two models judge an account otherwise; Σ points of the lines = the difference of its scores. */
export interface Difference {
  points: Points | null;
  lines: ChangeLine[];
}

/** @returns lines largest first; points null and no lines where one of them does not score the account */
export function differenceOf(before: Judgement, after: Judgement, models: { before: Model; after: Model }): Difference {
  if (before.points === null || after.points === null) return { points: null, lines: [] };
  const telling = { since: '', until: '', model: models.after, modelThen: models.before };
  const lines = modelLines(before, after, telling)
    .filter((line) => line.points !== 0)
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points) || (a.label < b.label ? -1 : 1));
  return { points: after.points - before.points, lines };
}

/** How often accounts went from which band to which, and what moved the whole book. Counts while accounts pass by. */
export class BandMatrix {
  readonly #cells = new Map<string, number>();
  readonly #moved = new Map<string, { label: string; points: number; accounts: number }>();
  /** Accounts that both models score. */
  both = 0;
  accounts = 0;
  changed = 0;
  /** Σ of the differences, in Points. */
  sum = 0;

  add(before: Judgement, after: Judgement): void {
    this.accounts++;
    if (before.band !== after.band) this.changed++;
    const key = cell(before.band, after.band);
    this.#cells.set(key, (this.#cells.get(key) ?? 0) + 1);
    if (before.points === null || after.points === null) return;
    this.both++;
    this.sum += after.points - before.points;
    for (const d of differences(before, after)) {
      const own = d.after ?? d.before;
      if (own) this.#count(own.signal, own.label, d.points);
    }
    for (const d of capDifferences(before, after)) this.#count(d.after?.cap ?? d.before?.cap ?? '', d.label, d.points);
  }

  #count(key: string, label: string, points: Points): void {
    const found = this.#moved.get(key) ?? { label, points: 0, accounts: 0 };
    found.points += points;
    found.accounts++;
    this.#moved.set(key, found);
  }

  count(before: string, after: string): number {
    return this.#cells.get(cell(before, after)) ?? 0;
  }

  /** What signals and caps add to the sum of all differences, largest first; they add up to `sum`. */
  get movers(): { key: string; label: string; points: number; accounts: number }[] {
    return [...this.#moved]
      .map(([key, moved]) => ({ key, ...moved }))
      .sort((a, b) => Math.abs(b.points) - Math.abs(a.points) || (a.key < b.key ? -1 : 1));
  }
}

const cell = (before: string, after: string): string => `${before}\n${after}`;

/** Bands of a model from the best down, with `not scored` at the end. */
export const bandsOf = (model: Model): string[] => [...allBands(model), NOT_SCORED];
