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
  rows: Map<Statement, Found[]>;
  answers: ReadonlyMap<string, Answer[]>;
  first: number | null;
  /** A value of it is odd: take the rows. */
  odd: boolean;
}

const answersOf = new WeakMap<KindPlan, Map<string, Answer[]>[]>();
const NONE = new Map<string, Answer[]>();

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
      own = { rows: new Map(), answers: byKey(plan)[pass] ?? NONE, first: null, odd: false };
      this.#kinds.set(plan.kind, own);
    }
    own.rows.set(statement, rows);
    for (const odd of plan.odd)
      if (odd.statement === statement && rows.some((row) => row[FIRST + odd.column] === 1)) own.odd = true;
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
    const answer = own.answers.get(askKey(term, using))?.find(({ ask }) => this.#isWindow(ask.window, window));
    if (!answer) return undefined;
    return this.#figure(answer, own.rows.get(answer.statement) ?? [], window);
  }

  #isWindow(asked: Window | null, wanted: Window | null): boolean {
    if (asked === null || wanted === null) return asked === wanted;
    return this.#pass.today + asked.from === wanted.from && this.#pass.today + asked.to === wanted.to;
  }

  #figure(answer: Answer, all: Found[], window: Window | null): Figure {
    const { ask, rows, told, used } = answer;
    let [matching, telling, resting, sum] = [0, 0, 0, 0];
    let untold = false;
    let [newest, last]: [number | null, number | null] = [null, null];
    for (const row of all) {
      const mask = row[2];
      if ((mask & rows) !== rows || (answer.segments && !answer.segments[row[1]])) continue;
      const count = row[FIRST + answer.count] ?? 0;
      matching += count;
      untold ||= answer.all !== undefined && count === 0 && (row[FIRST + answer.all] ?? 0) > 0;
      if ((mask & told) !== told) continue;
      telling += count;
      if ((mask & used) !== used) continue;
      resting += count;
      const value = answer.value < 0 ? 0 : (row[FIRST + answer.value] ?? 0);
      sum += value;
      const on = row[FIRST + answer.on] ?? null;
      if (on === null || (newest !== null && on < newest)) continue;
      // Of several values on one day the largest.
      last = on === newest && last !== null ? Math.max(last, value) : value;
      newest = on;
    }
    const on = newest === null || answer.onDay ? newest : this.#dayOf(ask.term.kind as FactKind, newest);
    const figure = (value: number, count = resting): Figure => ({
      value,
      count,
      rows: [],
      on,
      impossible: [],
      none: false,
    });
    const missing: Figure = { value: null, count: 0, rows: [], on: null, impossible: [], none: matching === 0 };
    switch (ask.using) {
      case 'count':
        return figure(matching);
      case 'daysSince':
        return on === null ? { ...missing, none: true } : figure((window?.to ?? this.#pass.today) - on, 1);
      case 'distinct':
        return untold ? { ...missing, none: false } : figure(sum);
      case 'latest':
        return last === null ? missing : figure(last / SCALE, 1);
      case 'sum':
        return matching > 0 && telling === 0 ? missing : figure(sum / SCALE);
      default: {
        const divisor = ask.term.kind === 'usage' ? this.#workdays(window) : resting; // an average
        return (matching > 0 && telling === 0) || divisor === 0 ? missing : figure(sum / SCALE / divisor);
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

function byKey(plan: KindPlan): Map<string, Answer[]>[] {
  const known = answersOf.get(plan);
  if (known) return known;
  const byPass: Map<string, Answer[]>[] = [];
  for (const answer of plan.answers) {
    byPass[answer.pass] ??= new Map();
    const keys = byPass[answer.pass];
    const key = askKey(answer.ask.term, answer.ask.using);
    const list = keys?.get(key);
    if (list) list.push(answer);
    else keys?.set(key, [answer]);
  }
  answersOf.set(plan, byPass);
  return byPass;
}
