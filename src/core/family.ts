import { type Convert, sumAmounts } from './amount.ts';
import { reasonsWith } from './explain.ts';
import type { Money } from './fact.ts';
import { counted } from './format.ts';
import type { Hierarchy } from './hierarchy.ts';
import { type AccountScore, type Family, type Points, toNumber } from './result.ts';
import type { AccountView } from './view.ts';

/** What a family needs of one score. */
type Member = Pick<AccountScore, 'account' | 'name' | 'score' | 'band' | 'points'>;

interface Sums {
  children: number;
  worst: { account: string; name: string; score: number; band: string; points: Points } | null;
  /** Σ ARR × points, and Σ ARR, over scored accounts below with a known ARR. */
  weighted: bigint;
  arr: bigint;
}

/** What the accounts below each parent add up to, gathered while scores pass by: a few numbers a parent. */
export class Families {
  readonly #hierarchy: Hierarchy;
  readonly #sums = new Map<string, Sums>();

  constructor(hierarchy: Hierarchy) {
    this.#hierarchy = hierarchy;
  }

  /** Takes the score of an account of the population, before those of its ancestors. `arr` in minor units of one currency. */
  add(score: Member, arr: number | null): void {
    const parent = this.#hierarchy.parentOf(score.account);
    if (parent === null) return;
    const own = this.#of(parent);
    own.children++;
    if (isWorse(score, own.worst)) {
      const { account, name, band, points } = score;
      own.worst = { account, name, score: score.score ?? 0, band, points: points ?? 0 };
    }
    if (score.points === null || arr === null || arr <= 0) return;
    for (const ancestor of this.#hierarchy.ancestorsOf(score.account)) {
      const sums = this.#of(ancestor);
      sums.weighted += BigInt(arr) * BigInt(score.points);
      sums.arr += BigInt(arr);
    }
  }

  /** The family of a parent, itself included in the weighted score; null where nobody of it is in the population. */
  of({ account, points }: Member, arr: number | null): Family | null {
    const sums = this.#sums.get(account);
    if (!sums || (sums.children === 0 && sums.arr === 0n)) return null;
    const own = points !== null && arr !== null && arr > 0 ? BigInt(arr) : 0n;
    const whole = sums.arr + own;
    const sum = sums.weighted + own * BigInt(points ?? 0);
    const { worst } = sums;
    return {
      children: sums.children,
      worst: worst && { account: worst.account, name: worst.name, score: worst.score, band: worst.band },
      weighted: whole === 0n ? null : Number((2n * sum + whole) / (2n * whole)),
    };
  }

  #of(account: string): Sums {
    let sums = this.#sums.get(account);
    if (!sums) {
      sums = { children: 0, worst: null, weighted: 0n, arr: 0n };
      this.#sums.set(account, sums);
    }
    return sums;
  }
}

/** The lowest score that shows, then the lowest unrounded one; ties by id, so that the order of accounts has no say. */
function isWorse({ score, points, account }: Member, than: Sums['worst']): boolean {
  if (score === null || points === null) return false;
  if (than === null || score !== than.score) return than === null || score < than.score;
  return points !== than.points ? points < than.points : account < than.account;
}

/** "Weakest of 4 subsidiaries: Acme France, 41 (red); 71 weighted by ARR." null where none of them is scored. */
export function familySentence({ children, worst, weighted }: Family): string | null {
  if (!worst) return null;
  const whose = children === 1 ? 'Its subsidiary' : `Weakest of ${counted(children, 'subsidiary', 'subsidiaries')}`;
  const whole = weighted === null ? '' : `; ${Math.round(toNumber(weighted))} weighted by ARR`;
  return `${whose}: ${worst.name}, ${worst.score} (${worst.band})${whole}.`;
}

/** A parent's score with its family beside it. */
export function withFamily(score: AccountScore, family: Family | null, today: string): AccountScore {
  const sentence = family && familySentence(family);
  const reasons = sentence ? reasonsWith(score.reasons, sentence, score.renewal, today) : score.reasons;
  return { ...score, family, reasons };
}

/**
 * The account at the top with the facts of all below it joined in: seats and ARR are those of the whole family, as far as they are known;
 * everything else of the record is the top's own.
 */
export function familyView(view: AccountView, source: string, convert: Convert): AccountView {
  const records = view.states('account').filter((f) => f.source === source);
  if (!view.record || records.length < 2) return view;
  const seats = records.flatMap(({ data }) => (typeof data.seats === 'number' && data.seats > 0 ? [data.seats] : []));
  const amounts = records.flatMap(({ data }): Money[] => (data.arr ? [data.arr] : []));
  const whole = {
    seats: seats.length > 0 ? seats.reduce((a, b) => a + b, 0) : null,
    arr: sumAmounts(amounts, convert),
  };
  return {
    ...view,
    record: { ...view.record, ...whole },
    field: (name) => (name === 'seats' || name === 'arr' ? (whole[name] ?? undefined) : view.field(name)),
    earlier: (at) => familyView(view.earlier(at), source, convert),
  };
}
