import { askKey } from '../../core/asks.ts';
import { DAY_MS, workdaysBetween } from '../../core/days.ts';
import type { FactKind } from '../../core/fact.ts';
import { type Aggregated, type Figure, SCALE, type Window } from '../../core/figure.ts';
import type { Term } from '../../core/measure.ts';
import type { SimpleAggregation } from '../../core/vocabulary.ts';
import type { Pass } from './columns.ts';
import type { Answer, KindPlan, Statement } from './compile.ts';

/** One row of a statement: its place among the accounts, its stretch of time, its class, and then its columns. */
export type Found = [place: number, stretch: number, mask: number, ...columns: (number | null)[]];
const FIRST = 3;

interface OfKind {
  /** By the place of the statement in the plan. */
  rows: (readonly Found[])[];
  index: Index;
  first: number | null;
  /** A value of it is odd: take the rows. */
  odd: boolean;
}

const NONE: readonly Found[] = [];
const NOTHING: readonly never[] = [];

/** The figures of one account on one day, drawn from the statements' rows when they are asked for. */
export class Answers implements Aggregated {
  readonly #pass: Pass;
  readonly #kinds = new Map<FactKind, OfKind>();

  constructor(pass: Pass) {
    this.#pass = pass;
  }

  /** @param rows this account's rows of a statement of the plan */
  add(plan: KindPlan, pass: number, statement: Statement, rows: Found[]): void {
    let own = this.#kinds.get(plan.kind);
    if (!own) {
      own = { rows: [], index: indexOf(plan, pass), first: null, odd: false };
      this.#kinds.set(plan.kind, own);
    }
    if (rows.length === 0) return;
    own.rows[plan.statements.indexOf(statement)] = rows;
    if (!inOrder(rows)) rows.sort((a, b) => a[1] - b[1]);
    for (const odd of plan.odd) {
      if (odd.statement !== statement) continue;
      for (const row of rows) if (row[FIRST + odd.column] === 1) own.odd = true;
    }
    for (const first of plan.first) {
      if (first.statement !== statement) continue;
      for (const row of rows) {
        const at = row[FIRST + first.column] ?? null;
        if (at !== null && at <= this.#pass.at && (own.first === null || at < own.first)) own.first = at;
      }
    }
  }

  firstDay(kind: FactKind): number | null | undefined {
    const own = this.#kinds.get(kind);
    if (!own || own.odd) return undefined;
    return own.first === null ? null : this.#dayOf(kind, own.first);
  }

  figure(term: Term, using: SimpleAggregation, window: Window | null): Figure | undefined {
    const own = this.#kinds.get(term.kind as FactKind);
    if (!own || own.odd) return undefined;
    const place = own.index.of(term, using).find(window, this.#pass.today);
    return place && this.#figure(place, own.rows[place.statement] ?? NONE, window);
  }

  #figure({ answer, from, to }: Place, all: readonly Found[], window: Window | null): Figure {
    const { ask, rows, told, used } = answer;
    const [valueAt, onAt, countAt] = [FIRST + answer.value, FIRST + answer.on, FIRST + answer.count];
    let [matching, telling, resting, sum] = [0, 0, 0, 0];
    let untold = false;
    // NaN = none: a number throughout is not boxed for each row.
    let [newest, last] = [Number.NaN, Number.NaN];
    // Windows that end now are the most, and the latest stretches come last.
    for (let i = all.length - 1; i >= 0; i--) {
      const row = all[i] as Found;
      const mask = row[2];
      if (row[1] < from) break;
      if (row[1] >= to || (mask & rows) !== rows) continue;
      const count = row[countAt] ?? 0;
      matching += count;
      if (count === 0 && answer.all !== undefined) untold ||= (row[FIRST + answer.all] ?? 0) > 0;
      if ((mask & told) !== told) continue;
      telling += count;
      if ((mask & used) !== used) continue;
      resting += count;
      const value = answer.value < 0 ? 0 : (row[valueAt] ?? 0);
      sum += value;
      const at = row[onAt] ?? null;
      if (at === null || at < newest) continue;
      // Of several values on one day the largest.
      last = at === newest ? Math.max(last, value) : value;
      newest = at;
    }
    const day = answer.onDay ? newest : this.#dayOf(ask.term.kind as FactKind, newest);
    const on = Number.isNaN(newest) ? null : day;
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

/** By stretches of time, oldest first. */
function inOrder(rows: readonly Found[]): boolean {
  let last = 0;
  for (const row of rows) {
    if (row[1] < last) return false;
    last = row[1];
  }
  return true;
}

/** An answer, the place of its statement in the plan, and the stretches of time [from, to) that count. */
interface Place {
  answer: Answer;
  statement: number;
  from: number;
  to: number;
}

function placeOf({ statements }: KindPlan, answer: Answer): Place {
  const { segments } = answer;
  // A window is one run of stretches.
  const [from, to] = segments
    ? [segments.indexOf(true), segments.lastIndexOf(true) + 1]
    : [0, Number.POSITIVE_INFINITY];
  return { answer, statement: statements.indexOf(answer.statement), from, to };
}

/** The answers to one question, a window each. */
class Windows {
  readonly #places: Place[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  add(place: Place): void {
    const { window } = place.answer.ask;
    this.#places.push(place);
    this.#from.push(window?.from ?? Number.NaN);
    this.#to.push(window?.to ?? Number.NaN);
  }

  find(wanted: Window | null, today: number): Place | undefined {
    if (wanted === null) return this.#places.find(({ answer }) => answer.ask.window === null);
    const [from, to] = [wanted.from - today, wanted.to - today];
    for (let i = 0; i < this.#places.length; i++)
      if (this.#from[i] === from && this.#to[i] === to) return this.#places[i];
    return undefined;
  }
}
const NO_WINDOWS = new Windows();

/** The answers of a plan to one of its days, by what is asked. Terms are known again by themselves, else by what they say. */
class Index {
  readonly #byText = new Map<string, Windows>();
  readonly #byTerm = new WeakMap<Term, Partial<Record<SimpleAggregation, Windows>>>();

  constructor(plan: KindPlan, pass: number) {
    for (const answer of plan.answers) {
      if (answer.pass !== pass) continue;
      const key = askKey(answer.ask.term, answer.ask.using);
      const windows = this.#byText.get(key) ?? new Windows();
      this.#byText.set(key, windows);
      windows.add(placeOf(plan, answer));
    }
  }

  of(term: Term, using: SimpleAggregation): Windows {
    const known = this.#byTerm.get(term);
    const windows = known?.[using];
    if (windows) return windows;
    const found = this.#byText.get(askKey(term, using)) ?? NO_WINDOWS;
    if (known) known[using] = found;
    else this.#byTerm.set(term, { [using]: found });
    return found;
  }
}

const indexes = new WeakMap<KindPlan, Index[]>();

function indexOf(plan: KindPlan, pass: number): Index {
  let ofPlan = indexes.get(plan);
  if (!ofPlan) {
    ofPlan = [];
    indexes.set(plan, ofPlan);
  }
  ofPlan[pass] ??= new Index(plan, pass);
  return ofPlan[pass];
}
