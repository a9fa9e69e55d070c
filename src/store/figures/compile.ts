import type { Ask } from '../../core/asks.ts';
import { FACTS } from '../../core/fact.ts';
import { SCALE } from '../../core/figure.ts';
import { isProjected, type ProjectedKind } from '../../core/projection.ts';
import { KINDS } from '../../core/vocabulary.ts';
import { conditionSql, daySql, numberSql, type Pass, type Scope, Untold, wordSql } from './columns.ts';

/**
 * `groups` = one row for each member, stretch of time and class of rows; `states` = the same of states, without time; `distinct` =
 * one row for each account; `people` = the same over whom events name.
 */
export type Shape = 'groups' | 'states' | 'distinct' | 'people';

/** Classes are told apart by the bits of one integer. */
const BITS = 30;

/** One statement: which classes of rows it tells apart, and what it says of each. */
export class Statement {
  readonly kind: ProjectedKind;
  readonly shape: Shape;
  readonly pass: number;
  readonly #bits: string[] = [];
  readonly #columns: string[] = [];

  constructor(kind: ProjectedKind, shape: Shape, pass: number) {
    this.kind = kind;
    this.shape = shape;
    this.pass = pass;
  }

  /** The bits that rows have which meet every condition; null = this statement has no bits left. */
  need(conditions: readonly string[]): number | null {
    const wanted = [...new Set(conditions.filter((c) => c !== 'true'))];
    const fresh = wanted.filter((c) => !this.#bits.includes(c));
    if (this.#bits.length + fresh.length > BITS) return null;
    this.#bits.push(...fresh);
    return wanted.reduce((bits, c) => bits | (1 << this.#bits.indexOf(c)), 0);
  }

  /** The place of an aggregate among the columns. */
  column(expression: string): number {
    const known = this.#columns.indexOf(expression);
    return known >= 0 ? known : this.#columns.push(expression) - 1;
  }

  /** The class of a row. */
  get mask(): string {
    return this.#bits.map((c, i) => `case when ${c} then ${1 << i} else 0 end`).join(' + ') || '0';
  }

  /** `, … as c0, … as c1` */
  get columns(): string {
    return this.#columns.map((expression, i) => `, ${expression} as c${i}`).join('');
  }
}

/** How an ask is answered from the rows of its statement. */
export interface Answer {
  ask: Ask;
  pass: number;
  statement: Statement;
  /** Bits of rows that meet the condition, of those that tell the figure, and of those that it rests on. */
  rows: number;
  told: number;
  used: number;
  /** Column of the sum in 1/10,000, of the latest value, or of the number of distinct ones; -1 = none. */
  value: number;
  /** Column of the newest row's instant or day number. */
  on: number;
  onDay: boolean;
  /** Column that counts rows. */
  count: number;
  /** Of distinct values that a row may not tell: the column that counts all rows. */
  all?: number;
  /** Which stretches of time count; null = the statement has none. */
  segments: boolean[] | null;
}

export interface KindPlan {
  kind: ProjectedKind;
  statements: Statement[];
  answers: Answer[];
  /** Instants at which the stretches of time begin; the last goes on to the present. */
  segments: number[];
  /** The statement and columns that tell the first row's instant, and whether a value is odd. */
  first: { statement: Statement; column: number }[];
  odd: { statement: Statement; column: number }[];
}

export type ScopeOf = (kind: ProjectedKind, pass: Pass) => Scope;

const DAY_MS = 86_400_000;
const WORKDAY = `(f.at / ${DAY_MS} + 3) % 7 < 5`;
/** A latest value is packed below its day: values are below 2^40. */
const PACK = 2 ** 41;

/**
 * The statements that answer every ask of a kind on every day, or null where one of them can only be answered by the rows.
 * @param since events and series before this instant are not looked at
 */
export function compileKind(
  kind: ProjectedKind,
  asks: readonly Ask[],
  passes: readonly Pass[],
  since: number,
  scopeOf: ScopeOf,
): KindPlan | null {
  const plan: KindPlan = { kind, statements: [], answers: [], segments: [], first: [], odd: [] };
  try {
    if (FACTS[kind].shape === 'state') planStates(plan, asks, passes, scopeOf);
    else planEvents(plan, asks, passes, since, scopeOf);
    return plan;
  } catch (error) {
    if (error instanceof Untold) return null;
    throw error;
  }
}

/** The first statement of the shape that has room for these conditions. */
function place(plan: KindPlan, shape: Shape, pass: number, conditions: string[]): Statement {
  const open = plan.statements.find((s) => s.shape === shape && s.pass === pass && s.need(conditions) !== null);
  if (open) return open;
  const statement = new Statement(plan.kind, shape, pass);
  plan.statements.push(statement);
  if (statement.need(conditions) === null) throw new Untold('too many conditions at once');
  plan.odd.push({ statement, column: statement.column('max(f.odd)') });
  return statement;
}

/** States as they held on each day. */
function planStates(plan: KindPlan, asks: readonly Ask[], passes: readonly Pass[], scopeOf: ScopeOf): void {
  for (const [p, pass] of passes.entries()) {
    const scope = scopeOf(plan.kind, pass);
    for (const ask of asks) {
      const day = daySql(scope, ask.term.date ?? KINDS[plan.kind].dates[0] ?? '');
      const past = `${day} < ${pass.today + (ask.window?.to ?? 0)}`;
      // How long ago something was rests on what lies in the past, where no window says so.
      const inside = ask.window
        ? `coalesce(${day} >= ${pass.today + ask.window.from} and ${past}, false)`
        : ask.using === 'daysSince'
          ? `coalesce(${past}, false)`
          : 'true';
      if (ask.using === 'latest') throw new Untold('latest');
      const met = [conditionSql(scope, ask.term.where), inside];
      plan.answers.push(answerOf(plan, scope, ask, p, 'states', met, `max(${day})`, true, null));
    }
  }
  // Without a single ask there would be nothing to say whether the account has any.
  if (asks.length === 0) throw new Untold('nothing');
}

/** Events and series: windows are made of stretches of time, so that each row is looked at once for all of them. */
function planEvents(
  plan: KindPlan,
  asks: readonly Ask[],
  passes: readonly Pass[],
  since: number,
  scopeOf: ScopeOf,
): void {
  const instants = new Set([since]);
  for (const pass of passes)
    for (const days of [0, ...asks.flatMap(({ window }) => (window ? [window.from, window.to] : []))])
      instants.add(instantOf(plan.kind, pass, pass.today + days));
  plan.segments = [...instants].filter((at) => at >= since).sort((a, b) => a - b);
  const whole = place(plan, 'groups', 0, []);
  plan.first.push({ statement: whole, column: whole.column('min(f.at)') });
  for (const [p, pass] of passes.entries()) {
    const scope = scopeOf(plan.kind, pass);
    for (const ask of asks) {
      const [lo, hi] = bounds(plan.kind, ask, pass, since);
      const met = conditionSql(scope, ask.term.where);
      if (ask.using === 'distinct') {
        plan.answers.push(distinctAnswer(plan, scope, ask, p, and(met, `f.at >= ${lo} and f.at < ${hi}`)));
        continue;
      }
      const ends = (i: number): number => plan.segments[i + 1] ?? Number.POSITIVE_INFINITY;
      const segments = plan.segments.map((at, i) => at >= lo && ends(i) <= hi);
      plan.answers.push(answerOf(plan, scope, ask, p, 'groups', [met], 'max(f.at)', false, segments));
    }
  }
}

function answerOf(
  plan: KindPlan,
  scope: Scope,
  ask: Ask,
  pass: number,
  shape: 'groups' | 'states',
  met: string[],
  newest: string,
  onDay: boolean,
  segments: boolean[] | null,
): Answer {
  const { term, using } = ask;
  if (using === 'daysSince' && term.metric !== undefined) throw new Untold('days since a field');
  if (using === 'distinct') return distinctAnswer(plan, scope, ask, pass, and(...met));
  const value = using === 'count' || using === 'daysSince' ? null : numberSql(scope, term.metric ?? '');
  const told = value === null ? met : [...met, `${value} is not null`];
  // A day without use is told, but only working days are counted; see workdaysSeen in core/aggregate.ts.
  const used = using === 'average' && scope.kind === 'usage' ? [...told, WORKDAY] : told;
  const statement = place(plan, shape, shape === 'groups' ? 0 : pass, used);
  const need = (conditions: string[]): number => statement.need(conditions) ?? 0;
  const least = KINDS[scope.kind].fields[term.metric ?? '']?.least;
  // Stored values that cannot be are marked as odd already; those that the day brings about are found here.
  if (value !== null && least !== undefined && !/^f\.n\d+$/.test(value))
    plan.odd.push({
      statement,
      column: statement.column(`max(case when ${value} < ${least * SCALE} then 1 else 0 end)`),
    });
  const answer = {
    ask,
    pass,
    statement,
    rows: need(met),
    told: need(told),
    used: need(used),
    count: statement.column('count(*)'),
    segments,
  };
  if (value === null) return { ...answer, value: -1, on: statement.column(newest), onDay };
  if (using !== 'latest')
    return { ...answer, value: statement.column(`cast(sum(${value}) as bigint)`), on: statement.column(newest), onDay };
  if (scope.kind !== 'usage' || least === undefined || least < 0) throw new Untold('latest');
  const packed = `max(f.at / ${DAY_MS} * ${PACK} + ${value})`;
  return {
    ...answer,
    value: statement.column(`${packed} % ${PACK}`),
    on: statement.column(`${packed} / ${PACK}`),
    onDay: true,
  };
}

/** Distinct values cannot be added up over stretches of time or classes: each ask counts for itself. */
function distinctAnswer(plan: KindPlan, scope: Scope, ask: Ask, pass: number, within: string): Answer {
  const metric = ask.term.metric ?? '';
  const people = plan.kind === 'activity' && metric === 'contact';
  const states = FACTS[plan.kind].shape === 'state';
  const shape = people ? 'people' : 'distinct';
  const statement = place(plan, shape, states ? pass : 0, []);
  const value = people ? 'p.person' : wordSql(scope, metric);
  const told = people ? within : and(within, `${value} is not null`);
  const date = states ? daySql(scope, ask.term.date ?? KINDS[plan.kind].dates[0] ?? '') : 'f.at';
  return {
    ask,
    pass,
    statement,
    rows: 0,
    told: 0,
    used: 0,
    ...(people ? {} : { all: statement.column(`count(${when(within, '1')})`) }),
    count: statement.column(people ? `count(distinct ${when(told, 'f.record')})` : `count(${when(told, '1')})`),
    value: statement.column(`count(distinct ${when(within, value)})`),
    on: statement.column(`max(${when(told, date)})`),
    onDay: states,
    segments: null,
  };
}

const instantOf = (kind: ProjectedKind, pass: Pass, day: number): number =>
  kind === 'usage' ? day * DAY_MS : pass.dayStart + (day - pass.today) * DAY_MS;

function bounds(kind: ProjectedKind, { window }: Ask, pass: Pass, since: number): [number, number] {
  const lo = window ? instantOf(kind, pass, pass.today + window.from) : since;
  return [Math.max(since, lo), instantOf(kind, pass, pass.today + (window?.to ?? 0))];
}

const and = (...conditions: string[]): string => conditions.filter((c) => c !== 'true').join(' and ') || 'true';
const when = (met: string, value: string): string => (met === 'true' ? value : `case when ${met} then ${value} end`);

/** Asks by kind; those of kinds that are always read row by row are left out. */
export function byKind(asks: readonly Ask[]): Map<ProjectedKind, Ask[]> {
  const out = new Map<ProjectedKind, Ask[]>();
  for (const ask of asks) {
    const { kind } = ask.term;
    if (kind === 'renewal' || !isProjected(kind)) continue;
    const list = out.get(kind);
    if (list) list.push(ask);
    else out.set(kind, [ask]);
  }
  return out;
}
