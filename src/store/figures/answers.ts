import { askKey } from '../../core/asks.ts';
import { DAY_MS, workdaysBetween } from '../../core/days.ts';
import type { FactKind } from '../../core/fact.ts';
import { type Aggregated, type Figure, SCALE, type Window } from '../../core/figure.ts';
import type { Term } from '../../core/measure.ts';
import type { ProjectedKind } from '../../core/projection.ts';
import type { SimpleAggregation } from '../../core/vocabulary.ts';
import type { Pass } from './columns.ts';
import type { Answer, KindPlan } from './compile.ts';

/** One row of a statement: its place among the accounts, its segment, and its columns c0, c1, … */
export type Found = { place: number; s: number } & Record<`c${number}`, number | null>;

interface OfKind {
  /** null = a value of it is odd: take the rows. */
  rows: Found[][] | null;
  answers: ReadonlyMap<string, Answer[]>;
  first: number | null;
}

const answersOf = new WeakMap<KindPlan, Map<string, Answer[]>[]>();

/** The figures of one account on one day, drawn from the statements' rows when they are asked for. */
export class Answers implements Aggregated {
  readonly #pass: Pass;
  readonly #kinds = new Map<FactKind, OfKind>();

  constructor(pass: Pass) {
    this.#pass = pass;
  }

  /** @param rows this account's rows of each statement of the plan */
  add(plan: KindPlan, pass: number, rows: Found[][]): void {
    const odd = plan.odd.some(({ statement, column }) => rows[statement]?.some((row) => row[`c${column}`] === 1));
    let first: number | null = null;
    for (const { statement, column } of plan.first)
      for (const row of rows[statement] ?? []) {
        const at = row[`c${column}`] ?? null;
        if (at !== null && at <= this.#pass.at && (first === null || at < first)) first = at;
      }
    this.#kinds.set(plan.kind, {
      rows: odd ? null : rows,
      answers: byKey(plan)[pass] ?? new Map<string, Answer[]>(),
      first,
    });
  }

  firstDay(kind: FactKind): number | null | undefined {
    const own = this.#kinds.get(kind);
    if (!own?.rows) return undefined;
    return own.first === null ? null : this.#dayOf(kind as ProjectedKind, own.first);
  }

  figure(term: Term, using: SimpleAggregation, window: Window | null): Figure | undefined {
    const own = this.#kinds.get(term.kind as FactKind);
    if (!own?.rows) return undefined;
    const answer = own.answers.get(askKey(term, using))?.find(({ ask }) => this.#isWindow(ask.window, window));
    if (!answer) return undefined;
    return this.#figure(answer, own.rows[answer.statement] ?? [], window);
  }

  #isWindow(asked: Window | null, wanted: Window | null): boolean {
    if (asked === null || wanted === null) return asked === wanted;
    return this.#pass.today + asked.from === wanted.from && this.#pass.today + asked.to === wanted.to;
  }

  #figure(answer: Answer, all: Found[], window: Window | null): Figure {
    const { ask, segments } = answer;
    const rows = segments ? all.filter((row) => segments[row.s]) : all;
    const matching = answer.rows < 0 ? 0 : (total(rows, answer.rows) ?? 0);
    const used = answer.used < 0 ? matching : (total(rows, answer.used) ?? 0);
    const on = this.#on(answer, newest(rows, answer.on));
    const figure = (value: number, count = used): Figure => ({
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
        return figure(total(rows, answer.value) ?? 0);
      case 'latest': {
        const last = latest(rows, answer);
        return last === null ? missing : { ...figure(last.value / SCALE, 1), on: last.on };
      }
      case 'sum': {
        const sum = total(rows, answer.value);
        return matching > 0 && sum === null ? missing : figure((sum ?? 0) / SCALE);
      }
      default: {
        const sum = total(rows, answer.value); // an average
        const divisor = ask.term.kind === 'usage' ? this.#workdays(window) : used;
        return (matching > 0 && sum === null) || divisor === 0 ? missing : figure((sum ?? 0) / SCALE / divisor);
      }
    }
  }

  /** See workdaysSeen in core/aggregate.ts. */
  #workdays(window: Window | null): number {
    const first = this.firstDay('usage');
    return first == null || !window ? 0 : workdaysBetween(Math.max(window.from, first), window.to);
  }

  #on({ ask, onDay }: Answer, newest: number | null): number | null {
    if (newest === null || onDay) return newest;
    return this.#dayOf(ask.term.kind as ProjectedKind, newest);
  }

  #dayOf(kind: ProjectedKind, at: number): number {
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

/** null where no row tells a number. */
function total(rows: readonly Found[], column: number): number | null {
  let sum: number | null = null;
  for (const row of rows) {
    const cell = row[`c${column}`];
    if (cell != null) sum = (sum ?? 0) + cell;
  }
  return sum;
}

function newest(rows: readonly Found[], column: number): number | null {
  let most: number | null = null;
  for (const row of rows) {
    const cell = row[`c${column}`];
    if (cell != null && (most === null || cell > most)) most = cell;
  }
  return most;
}

/** Of several values on one day the largest. */
function latest(rows: readonly Found[], answer: Answer): { on: number; value: number } | null {
  let last: { on: number; value: number } | null = null;
  for (const row of rows) {
    const [on, value] = [row[`c${answer.on}`], row[`c${answer.value}`]];
    if (on == null || value == null) continue;
    if (!last || on > last.on || (on === last.on && value > last.value)) last = { on, value };
  }
  return last;
}
