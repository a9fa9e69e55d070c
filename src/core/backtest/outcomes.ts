import type { AccountFacts } from '../fact.ts';
import {
  DELETED,
  EMPTY,
  KEPT,
  LOST,
  type Moment,
  NOT_CONCERNED,
  OBSERVED,
  type OutcomeCode,
  type Story,
} from './outcome.ts';

const START = 256;
const NEVER = -1;

/** What became of each account after each date, by one way to tell: a byte each. */
export class Outcomes {
  readonly #moments: readonly Moment[];
  #codes: Uint8Array<ArrayBuffer>;
  #left = new Int32Array(START).fill(NEVER);
  /** Days until it is decided, by account and date; empty where stories know no such day. */
  #due = new Int16Array(0);
  #length = 0;

  constructor(moments: readonly Moment[]) {
    this.#moments = moments;
    this.#codes = new Uint8Array(START * moments.length);
  }

  add(story: Story): void {
    const dates = this.#moments.length;
    if (this.#length === this.#left.length) {
      const [codes, left] = [this.#codes, this.#left];
      this.#codes = new Uint8Array(codes.length * 2);
      this.#codes.set(codes);
      this.#left = new Int32Array(left.length * 2).fill(NEVER);
      this.#left.set(left);
    }
    if (story.dueIn && this.#due.length < this.#codes.length) {
      const due = this.#due;
      this.#due = new Int16Array(this.#codes.length).fill(NEVER);
      this.#due.set(due);
    }
    this.#moments.forEach((moment, date) => {
      this.#codes[this.#length * dates + date] = story.at(moment);
      if (story.dueIn) this.#due[this.#length * dates + date] = story.dueIn(moment) ?? NEVER;
    });
    this.#left[this.#length] = story.left ?? NEVER;
    this.#length += 1;
  }

  /** @param account in the order in which they were added; one that never was has been deleted since */
  of(account: number, date: number): OutcomeCode {
    if (account >= this.#length) return DELETED;
    return (this.#codes[account * this.#moments.length + date] ?? NOT_CONCERNED) as OutcomeCode;
  }

  /** Days from a date until the account left; null = it has not, or had before. */
  daysLeft(account: number, date: number): number | null {
    const left = this.#left[account] ?? NEVER;
    const day = this.#moments[date]?.day ?? 0;
    return left > day ? left - day : null;
  }

  /** Days from a date until it is decided whether the account stays; null = not near, or there is no such day. */
  dueIn(account: number, date: number): number | null {
    const due = this.#due[account * this.#moments.length + date] ?? NEVER;
    return account < this.#length && due !== NEVER ? due : null;
  }

  /** Day number on which an account left; null = it has not, or nobody knows. */
  leftOn(account: number): number | null {
    const left = account < this.#length ? (this.#left[account] ?? NEVER) : NEVER;
    return left === NEVER ? null : left;
  }

  /** Of a column whose empty cells mean that the account stayed. */
  fillEmpty(): void {
    for (let i = 0; i < this.#codes.length; i++) if (this.#codes[i] === EMPTY) this.#codes[i] = KEPT;
  }

  /** How many known outcomes, and how many of them losses, there are at some dates. */
  counted(dates: ReadonlySet<number>): { observed: number; lost: number } {
    let [observed, lost] = [0, 0];
    for (let account = 0; account < this.#length; account++)
      for (const date of dates) {
        const code = this.of(account, date);
        if (OBSERVED.has(code)) observed += 1;
        if (code === LOST) lost += 1;
      }
    return { observed, lost };
  }
}

/** Numbers of accounts, in the order in which they are met. */
export class AccountNumbers {
  readonly #numbers = new Map<string, number>();

  of(account: AccountFacts['account']): number {
    const known = this.#numbers.get(account);
    if (known !== undefined) return known;
    this.#numbers.set(account, this.#numbers.size);
    return this.#numbers.size - 1;
  }
  get size(): number {
    return this.#numbers.size;
  }
  /** Looks through all: for the few that are named. */
  name(number: number): string | undefined {
    for (const [account, own] of this.#numbers) if (own === number) return account;
    return undefined;
  }
  names(): Iterable<string> {
    return this.#numbers.keys();
  }
}
