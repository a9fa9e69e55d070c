import type { Ask } from '../../core/asks.ts';
import { FACTS } from '../../core/fact.ts';
import { SCALE } from '../../core/figure.ts';
import { isProjected, type ProjectedKind } from '../../core/projection.ts';
import { KINDS } from '../../core/vocabulary.ts';
import { conditionsSql, daySql, distinctSql, numberSql, type Pass, type Scope, Untold } from './columns.ts';
import { type Shape, Statement } from './statement.ts';

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
  /** Column of the newest row's day number. */
  on: number;
  /** Where the latest value is packed with its day: the day that is written as 0. */
  packedFrom?: number;
  /** Column that counts rows. */
  count: number;
  /** Of distinct values that a row may not tell: the column that counts all rows. */
  all?: number;
  /** Which stretches of time count: [from, to). */
  from: number;
  to: number;
}

export interface KindPlan {
  kind: ProjectedKind;
  statements: Statement[];
  answers: Answer[];
  /** Rows of a statement that have these bits hold a value that cannot be on one of the days. */
  odd: { statement: Statement; bits: number }[];
}

export type ScopeOf = (kind: ProjectedKind, pass: Pass) => Scope;

const DAY_MS = 86_400_000;
const WORKDAY = `(f.at / ${DAY_MS} + 3) % 7 < 5`;
/** A latest value is packed below its day: values are below 2^40, and days are counted from the first one looked at. */
export const PACK = 2 ** 41;
const PACKED_DAYS = 4_000;

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
  const plan: KindPlan = { kind, statements: [], answers: [], odd: [] };
  try {
    if (FACTS[kind].shape === 'state') planStates(plan, asks, passes, scopeOf);
    else planEvents(plan, asks, passes, since, scopeOf);
    return plan;
  } catch (error) {
    if (error instanceof Untold) return null;
    throw error;
  }
}

const NO_TIME: readonly number[] = [];
const ALWAYS = { instants: NO_TIME, from: 0, to: 1 };

/** The first statement of the shape and stretches that has room for these conditions. */
function place(plan: KindPlan, shape: Shape, instants: readonly number[], conditions: string[]): Statement {
  const open = plan.statements.find((s) => s.shape === shape && s.instants === instants && s.need(conditions) !== null);
  if (open) return open;
  const statement = new Statement(plan.kind, shape, instants);
  plan.statements.push(statement);
  if (statement.need(conditions) === null) throw new Untold('too many conditions at once');
  return statement;
}

const isOf = ({ today }: Ask, pass: Pass): boolean => today === undefined || today === pass.today;

/** A state's version that holds at an instant. */
const heldAt = (at: number): string => `(f.at <= ${at} and (f.until is null or f.until > ${at}))`;

/** States as they held on each day. */
function planStates(plan: KindPlan, asks: readonly Ask[], passes: readonly Pass[], scopeOf: ScopeOf): void {
  for (const [p, pass] of passes.entries()) {
    const scope = scopeOf(plan.kind, pass);
    for (const ask of asks.filter((one) => isOf(one, pass))) {
      const day = daySql(scope, ask.term.date ?? KINDS[plan.kind].dates[0] ?? '');
      const past = `${day} < ${pass.today + (ask.window?.to ?? 0)}`;
      // How long ago something was rests on what lies in the past, where no window says so.
      const inside = ask.window
        ? `coalesce(${day} >= ${pass.today + ask.window.from} and ${past}, false)`
        : ask.using === 'daysSince'
          ? `coalesce(${past}, false)`
          : 'true';
      if (ask.using === 'latest') throw new Untold('latest');
      const met = [heldAt(pass.at), ...conditionsSql(scope, ask.term.where), inside];
      plan.answers.push(
        ask.using === 'distinct'
          ? distinctAnswer(plan, scope, ask, p, and(...met))
          : answerOf(plan, scope, ask, p, met, { ...ALWAYS, newest: `max(${day})` }),
      );
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
  const instantsOf = stretches(
    asks.filter(({ using }) => using !== 'distinct'),
    (ask) => passes.filter((pass) => isOf(ask, pass)).map((pass) => bounds(plan.kind, ask, pass, since)),
    since,
  );
  for (const [p, pass] of passes.entries()) {
    const scope = scopeOf(plan.kind, pass);
    for (const ask of asks.filter((one) => isOf(one, pass))) {
      const [lo, hi] = bounds(plan.kind, ask, pass, since);
      const met = conditionsSql(scope, ask.term.where);
      if (ask.using === 'distinct') {
        plan.answers.push(distinctAnswer(plan, scope, ask, p, and(...met, `f.at >= ${lo} and f.at < ${hi}`)));
        continue;
      }
      const instants = instantsOf(ask);
      const [from, to] = lo < hi ? [instants.indexOf(lo), instants.indexOf(hi)] : [0, 0];
      plan.answers.push(
        answerOf(plan, scope, ask, p, met, { instants, from, to, newest: daySql(scope, 'at', 'max(f.at)') }),
      );
    }
  }
}

/** Instants that a further measure may add to a statement rather than have one of its own. */
const FEW = 4;
/** Most stretches that fit above the bits of a class. */
const STRETCHES = 1_000;

/**
 * The stretches of time of each ask's statement. Measures of a few long windows are kept apart from those of many short ones: there
 * are as many rows as stretches, and each has all the measures.
 */
function stretches(
  asks: readonly Ask[],
  boundsOf: (ask: Ask) => [number, number][],
  since: number,
): (ask: Ask) => readonly number[] {
  const nameOf = ({ term, using }: Ask): string =>
    using === 'count' || using === 'daysSince' ? '' : (term.metric ?? '');
  const byMeasure = new Map<string, Set<number>>();
  for (const ask of asks) {
    const own = byMeasure.get(nameOf(ask)) ?? new Set();
    byMeasure.set(nameOf(ask), own);
    for (const [lo, hi] of boundsOf(ask)) if (lo < hi) own.add(lo).add(hi);
  }
  const groups: { measures: string[]; instants: Set<number> }[] = [];
  for (const [name, own] of [...byMeasure].sort(([, a], [, b]) => a.size - b.size)) {
    const near = groups.find(({ instants }) => union(instants, own).size <= Math.min(instants.size, own.size) + FEW);
    if (near) {
      near.measures.push(name);
      near.instants = union(near.instants, own);
    } else groups.push({ measures: [name], instants: own });
  }
  const found = new Map<string, readonly number[]>();
  for (const { measures, instants } of groups) {
    if (instants.size > STRETCHES) throw new Untold('too many windows at once');
    const sorted = instants.size === 0 ? [since] : [...instants].sort((a, b) => a - b);
    for (const name of measures) found.set(name, sorted);
  }
  return (ask) => found.get(nameOf(ask)) ?? [since];
}

/** Which rows an ask looks at, and how the newest of them is told. */
interface Looked {
  instants: readonly number[];
  from: number;
  to: number;
  newest: string;
}

function answerOf(plan: KindPlan, scope: Scope, ask: Ask, pass: number, met: string[], looked: Looked): Answer {
  const { term, using } = ask;
  if (using === 'daysSince' && term.metric !== undefined) throw new Untold('days since a field');
  const value = using === 'count' || using === 'daysSince' ? null : numberSql(scope, term.metric ?? '');
  const told = value === null ? met : [...met, `${value} is not null`];
  // A day without use is told, but only working days are counted; see workdaysSeen in core/aggregate.ts.
  const used = using === 'average' && scope.kind === 'usage' ? [...told, WORKDAY] : told;
  const least = KINDS[scope.kind].fields[term.metric ?? '']?.least;
  const states = FACTS[plan.kind].shape === 'state';
  // Stored values that cannot be are marked as odd already; those that the day brings about are found here.
  const odd =
    value !== null && least !== undefined && !/^f\.n\d+$/.test(value)
      ? [...(states ? [heldAt(scope.pass.at)] : []), `${value} < ${least * SCALE}`]
      : null;
  const statement = place(plan, states ? 'states' : 'groups', looked.instants, [...used, ...(odd ?? [])]);
  const need = (conditions: string[]): number => statement.need(conditions) ?? 0;
  if (odd) plan.odd.push({ statement, bits: need(odd) });
  const { newest, from, to } = looked;
  const answer = { ask, pass, statement, from, to, rows: need(met), told: need(told), used: need(used) };
  const count = statement.column('count(*)');
  if (value === null) return { ...answer, count, value: -1, on: statement.column(newest) };
  if (using !== 'latest')
    return {
      ...answer,
      count,
      value: statement.column(`cast(sum(${value}) as bigint)`),
      on: statement.column(newest),
    };
  const [first, last] = [dayNumber(looked.instants[0]), dayNumber(looked.instants.at(-1))];
  const fits = last - first <= PACKED_DAYS;
  if (scope.kind !== 'usage' || least === undefined || least < 0 || !fits) throw new Untold('latest');
  const packed = statement.column(`max((f.at / ${DAY_MS} - ${first}) * ${PACK} + ${value})`);
  return { ...answer, count, value: packed, on: packed, packedFrom: first };
}

/** Distinct values cannot be added up over stretches of time or classes: each ask counts for itself. */
function distinctAnswer(plan: KindPlan, scope: Scope, ask: Ask, pass: number, within: string): Answer {
  const metric = ask.term.metric ?? '';
  const people = plan.kind === 'activity' && metric === 'contact';
  const states = FACTS[plan.kind].shape === 'state';
  const statement = place(plan, people ? 'people' : 'distinct', NO_TIME, []);
  const value = people ? 'p.person' : distinctSql(scope, metric);
  const told = people ? within : and(within, `${value} is not null`);
  const date = states ? daySql(scope, ask.term.date ?? KINDS[plan.kind].dates[0] ?? '') : daySql(scope, 'at');
  statement.within(within);
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
    from: 0,
    to: 1,
  };
}

const dayNumber = (at = 0): number => Math.floor(at / DAY_MS);
const instantOf = (kind: ProjectedKind, pass: Pass, day: number): number =>
  kind === 'usage' ? day * DAY_MS : pass.dayStart + (day - pass.today) * DAY_MS;

function bounds(kind: ProjectedKind, { window }: Ask, pass: Pass, since: number): [number, number] {
  const lo = window ? instantOf(kind, pass, pass.today + window.from) : since;
  return [Math.max(since, lo), instantOf(kind, pass, pass.today + (window?.to ?? 0))];
}

const union = (a: ReadonlySet<number>, b: ReadonlySet<number>): Set<number> => new Set([...a, ...b]);
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
