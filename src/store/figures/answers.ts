import { askKey } from '../../core/asks.ts';
import { DAY_MS, workdaysBetween } from '../../core/days.ts';
import type { FactKind } from '../../core/fact.ts';
import { type Aggregated, type Figure, SCALE, type Window } from '../../core/figure.ts';
import type { Term } from '../../core/measure.ts';
import type { SimpleAggregation } from '../../core/vocabulary.ts';
import type { Pass } from './columns.ts';
import { type Answer, type KindPlan, PACK } from './compile.ts';
import type { Statement } from './statement.ts';

/** One row of a statement: its stretch of time above the bits of its class, and then its columns. */
export type Found = [group: number, ...columns: (number | null)[]];
const FIRST = 1;

/** What was found of some accounts, by their place. */
export interface Findings {
  /** In the order of their groups. */
  rows: ReadonlyMap<Statement, readonly (Found[] | undefined)[]>;
  /** Instant of the first row of an event or series; absent = there is none. */
  first: ReadonlyMap<FactKind, ReadonlyMap<number, number>>;
  /** Kinds with a value that is odd: take the rows. */
  odd: ReadonlyMap<number, ReadonlySet<FactKind>>;
}

/** The answers of all plans, by the day, by what was asked and by its window. */
export class AnswerBook {
  readonly #days: Map<string, Map<number, Answer>>[] = [];

  constructor(plans: readonly KindPlan[]) {
    for (const answer of plans.flatMap((plan) => plan.answers)) {
      const { term, using, window } = answer.ask;
      this.#days[answer.pass] ??= new Map();
      const day = this.#days[answer.pass];
      const key = askKey(term, using);
      const known = day?.get(key) ?? new Map<number, Answer>();
      day?.set(key, known);
      known.set(windowKey(window, 0), answer);
    }
  }

  find(term: Term, using: SimpleAggregation, window: Window | null, { cast, today }: Pass): Answer | undefined {
    return this.#days[cast]?.get(askKey(term, using))?.get(windowKey(window, today));
  }
}

/** A window of days before today as one number: no window reaches back a million days. */
const windowKey = (window: Window | null, today: number): number =>
  window === null ? Number.NaN : (window.from - today) * 2 ** 20 + (window.to - today);

/** The figures of one account on one day, drawn from the statements' rows when they are asked for. */
export class Answers implements Aggregated {
  readonly #book: AnswerBook;
  readonly #found: Findings;
  readonly #place: number;
  readonly #pass: Pass;
  readonly #odd: ReadonlySet<FactKind> | undefined;

  constructor(book: AnswerBook, found: Findings, place: number, pass: Pass) {
    this.#book = book;
    this.#found = found;
    this.#place = place;
    this.#pass = pass;
    this.#odd = found.odd.get(place);
  }

  firstDay(kind: FactKind): number | null | undefined {
    const own = this.#found.first.get(kind);
    if (!own || this.#odd?.has(kind)) return undefined;
    const first = own.get(this.#place);
    return first === undefined || first > this.#pass.at ? null : this.#dayOf(kind, first);
  }

  figure(term: Term, using: SimpleAggregation, window: Window | null): Figure | undefined {
    if (this.#odd?.has(term.kind as FactKind)) return undefined;
    const answer = this.#book.find(term, using, window, this.#pass);
    return answer && this.#figure(answer, this.#found.rows.get(answer.statement)?.[this.#place] ?? [], window);
  }

  #figure(answer: Answer, all: readonly Found[], window: Window | null): Figure {
    const { ask, rows, told, used, packedFrom } = answer;
    const { bits } = answer.statement;
    const [from, to] = [answer.from << bits, answer.to << bits];
    let [matching, telling, resting, sum] = [0, 0, 0, 0];
    let untold = false;
    // NaN = none: what is a number throughout is not boxed for each row.
    let [newest, last] = [Number.NaN, Number.NaN];
    for (const row of all) {
      const group = row[0];
      if (group >= to) break;
      if (group < from || (group & rows) !== rows) continue;
      const count = row[FIRST + answer.count] ?? 0;
      matching += count;
      untold ||= answer.all !== undefined && count === 0 && (row[FIRST + answer.all] ?? 0) > 0;
      if ((group & told) !== told) continue;
      telling += count;
      if ((group & used) !== used) continue;
      resting += count;
      let value = answer.value < 0 ? 0 : (row[FIRST + answer.value] ?? 0);
      let day = row[FIRST + answer.on] ?? null;
      if (day !== null && packedFrom !== undefined) [value, day] = [value % PACK, Math.floor(day / PACK) + packedFrom];
      sum += value;
      if (day === null || day < newest) continue;
      // Of several values on one day the largest.
      last = day === newest ? Math.max(last, value) : value;
      newest = day;
    }
    const on = Number.isNaN(newest) ? null : newest;
    const unknown = matching > 0 && telling === 0;
    switch (ask.using) {
      case 'count':
        return figureOf(matching, resting, on);
      case 'daysSince':
        return on === null ? missing(true) : figureOf((window?.to ?? this.#pass.today) - on, 1, on);
      case 'distinct':
        return untold ? missing(false) : figureOf(sum, resting, on);
      case 'latest':
        return on === null ? missing(matching === 0) : figureOf(last / SCALE, 1, on);
      case 'sum':
        return unknown ? missing(false) : figureOf(sum / SCALE, resting, on);
      default: {
        const divisor = ask.term.kind === 'usage' ? this.#workdays(window) : resting; // an average
        return unknown || divisor === 0 ? missing(matching === 0) : figureOf(sum / SCALE / divisor, resting, on);
      }
    }
  }

  /** See workdaysSeen in core/aggregate.ts. */
  #workdays(window: Window | null): number {
    const first = this.firstDay('usage');
    return first == null || !window ? 0 : workdaysBetween(Math.max(window.from, first), window.to);
  }

  #dayOf(kind: FactKind, at: number): number {
    if (kind === 'usage') return Math.floor(at / DAY_MS);
    return this.#pass.today + Math.floor((at - this.#pass.dayStart) / DAY_MS);
  }
}

const NOTHING: readonly never[] = [];
const figureOf = (value: number, count: number, on: number | null): Figure => ({
  value,
  count,
  rows: NOTHING,
  on,
  impossible: NOTHING,
  none: false,
});
const missing = (none: boolean): Figure => ({
  value: null,
  count: 0,
  rows: NOTHING,
  on: null,
  impossible: NOTHING,
  none,
});
