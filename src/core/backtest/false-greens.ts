import { listed } from '../format.ts';
import { type Model, modelFor } from '../model.ts';
import { type AccountScore, POINT } from '../result.ts';
import { judged } from './observations.ts';
import { LOST, type OutcomeCode } from './outcome.ts';

/** More than anybody reads. */
const MOST = 500;
const LOWEST = 2;
const NAMED = 3;

/** An account in the best band that left all the same, and what the score made nothing, or too little, of. */
export interface FalseGreen {
  account: string;
  name: string;
  /** The last date at which it stood there. */
  date: string;
  score: number;
  flags: string[];
  /** The signals that were lowest, on the 0–100 scale. */
  lowest: { signal: string; label: string; value: number }[];
  /** Labels of the signals that were missing. */
  missing: string[];
  coverage: string;
  /** All of this in words. */
  missed: string;
}

/** Gathers them, each account once by its last date (dates come in order), the highest scores first. */
export class FalseGreens {
  readonly #model: Model;
  readonly #rows = new Map<string, FalseGreen>();
  readonly #accounts = new Set<string>();
  #observations = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  add(score: AccountScore, date: string, outcome: OutcomeCode): void {
    if (outcome !== LOST) return;
    const { points, band } = judged(score);
    const best = modelFor(this.#model, score.segment).bands.reduce((a, b) => (b.from > a.from ? b : a)).key;
    if (points === null || band !== best) return;
    this.#observations += 1;
    this.#accounts.add(score.account);
    if (this.#rows.size < MOST || this.#rows.has(score.account))
      this.#rows.set(score.account, falseGreen(score, date, points));
  }

  told(): { observations: number; accounts: number; rows: FalseGreen[] } {
    const rows = [...this.#rows.values()].sort((a, b) => b.score - a.score || a.name.localeCompare(b.name, 'en'));
    return { observations: this.#observations, accounts: this.#accounts.size, rows };
  }
}

function falseGreen(score: AccountScore, date: string, points: number): FalseGreen {
  const present = score.contributions.flatMap((c) =>
    c.value === null ? [] : [{ signal: `${c.dimension}.${c.signal}`, label: c.label, value: c.value / POINT }],
  );
  const lowest = present.toSorted((a, b) => a.value - b.value).slice(0, LOWEST);
  const missing = score.contributions.filter((c) => c.value === null).map((c) => c.label);
  const { account, name, flags, coverage } = score;
  const row = { account, name, date, score: Math.round(points / POINT), flags, lowest, missing, coverage };
  return { ...row, missed: inWords(row) };
}

function inWords({ flags, lowest, missing, coverage }: Omit<FalseGreen, 'missed'>): string {
  const more = missing.length - NAMED;
  return [
    flags.length > 0 ? `flags: ${flags.join(', ')}` : '',
    lowest.length > 0 ? `lowest: ${listed(lowest.map((l) => `${l.label} ${Math.round(l.value)}`))}` : '',
    missing.length > 0 ? `missing: ${missing.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}` : '',
    coverage,
  ]
    .filter((part) => part !== '')
    .join('; ');
}
