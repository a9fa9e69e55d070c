import type { Ask } from '../../core/asks.ts';
import { FACTS } from '../../core/fact.ts';
import { isProjected, type ProjectedKind } from '../../core/projection.ts';
import { KINDS } from '../../core/vocabulary.ts';
import { conditionSql, daySql, numberSql, type Pass, type Scope, Untold, wordSql } from './columns.ts';

/** Columns of one statement; equal expressions are one column. */
export class Columns {
  readonly #at = new Map<string, number>();
  /** The place of an expression among the columns. */
  add(expression: string): number {
    const known = this.#at.get(expression);
    if (known !== undefined) return known;
    this.#at.set(expression, this.#at.size);
    return this.#at.size - 1;
  }
  get size(): number {
    return this.#at.size;
  }
  /** `, … as c0, … as c1` */
  get text(): string {
    return [...this.#at].map(([expression, i]) => `, ${expression} as c${i}`).join('');
  }
}

/** Where an ask's parts stand in the rows of its statement; -1 = it has no such part. */
export interface Answer {
  ask: Ask;
  pass: number;
  statement: number;
  /** Rows that meet the condition. */
  rows: number;
  /** Rows that the figure rests on. */
  used: number;
  /** Sum, in 1/10,000; or the latest value; or the number of distinct ones. */
  value: number;
  /** Instant or day number of the newest row; of a latest value its day. */
  on: number;
  /** Whether `on` is a day number. */
  onDay: boolean;
  /** Which segments of time count; null = the statement has none. */
  segments: boolean[] | null;
}

export interface Statement {
  kind: ProjectedKind;
  columns: Columns;
  /** `segments` = one row per member and segment; `states` = one per member, of states; `people` = one per place, over whom events name. */
  shape: 'segments' | 'states' | 'distinct' | 'people';
  pass: number;
}

export interface Segments {
  /** Instants [from[i], from[i + 1]) of each segment; the last ends with the present. */
  from: number[];
}

export interface KindPlan {
  kind: ProjectedKind;
  statements: Statement[];
  answers: Answer[];
  segments: Segments;
  /** Column of the first row's instant, and of whether a value is odd, in each statement; -1 = none. */
  first: { statement: number; column: number }[];
  odd: { statement: number; column: number }[];
}

const DAY_MS = 86_400_000;
const WORKDAY = `case when (f.at / ${DAY_MS} + 3) % 7 < 5 then 1 else 0 end`;
/** A latest value is packed below its day: values are below 2^40. */
const PACK = 2 ** 41;
const big = (sum: string): string => `cast(${sum} as bigint)`;

export type ScopeOf = (kind: ProjectedKind, pass: Pass) => Scope;

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
  const plan: KindPlan = { kind, statements: [], answers: [], segments: { from: [] }, first: [], odd: [] };
  try {
    if (FACTS[kind].shape === 'state') stateStatements(plan, asks, passes, scopeOf);
    else eventStatements(plan, asks, passes, since, scopeOf);
    return plan;
  } catch (error) {
    if (error instanceof Untold) return null;
    throw error;
  }
}

const statementOf = (plan: KindPlan, shape: Statement['shape'], pass: number): number => {
  plan.statements.push({ kind: plan.kind, columns: new Columns(), shape, pass });
  return plan.statements.length - 1;
};

const columnsOf = (plan: KindPlan, statement: number): Columns => {
  const found = plan.statements[statement]?.columns;
  if (!found) throw new Error('a figure was planned for no statement');
  return found;
};

/** States as they held on each day: every ask has its own columns, since a record has few versions. */
function stateStatements(plan: KindPlan, asks: readonly Ask[], passes: readonly Pass[], scopeOf: ScopeOf): void {
  for (const [p, pass] of passes.entries()) {
    const statement = statementOf(plan, 'states', p);
    const columns = columnsOf(plan, statement);
    plan.odd.push({ statement, column: columns.add('max(f.odd)') });
    const scope = scopeOf(plan.kind, pass);
    for (const ask of asks) {
      const date = ask.term.date ?? KINDS[plan.kind].dates[0] ?? '';
      const day = daySql(scope, date);
      const inside = ask.window
        ? `coalesce(${day} >= ${pass.today + ask.window.from} and ${day} < ${pass.today + ask.window.to}, false)`
        : 'true';
      const met = and(conditionSql(scope, ask.term.where), inside);
      const answer = { ask, pass: p, statement, used: -1, value: -1, onDay: true, segments: null };
      const rows = columns.add(counted(met));
      const newest = (of: string): number => columns.add(`max(${when(of, day)})`);
      plan.answers.push({ ...answer, rows, on: newest(met), ...stateParts(scope, ask, met, columns, newest) });
    }
  }
}

function stateParts(scope: Scope, { term, using }: Ask, met: string, columns: Columns, newest: (of: string) => number) {
  switch (using) {
    case 'count':
      return {};
    case 'daysSince':
      if (term.metric !== undefined) throw new Untold('days since a field');
      return {};
    case 'distinct': {
      const value = term.metric === undefined ? null : distinctSql(scope, term.metric);
      if (value === null) throw new Untold('distinct');
      const told = and(met, `${value} is not null`);
      return {
        used: columns.add(counted(told)),
        value: columns.add(`count(distinct ${when(met, value)})`),
        on: newest(told),
      };
    }
    case 'latest':
      throw new Untold('latest');
    default: {
      const value = numberSql(scope, term.metric ?? '');
      const told = and(met, `${value} is not null`);
      return {
        used: columns.add(counted(told)),
        value: columns.add(big(`sum(${when(met, value)})`)),
        on: newest(told),
      };
    }
  }
}

/** Events and series: sums of stretches of time that windows are made of, so that each row is looked at once for all of them. */
function eventStatements(
  plan: KindPlan,
  asks: readonly Ask[],
  passes: readonly Pass[],
  since: number,
  scopeOf: ScopeOf,
): void {
  const instants = new Set([since]);
  for (const pass of passes) {
    for (const { window } of asks)
      if (window)
        for (const days of [window.from, window.to]) instants.add(instantOf(plan.kind, pass, pass.today + days));
    instants.add(instantOf(plan.kind, pass, pass.today));
  }
  const from = [...instants].filter((at) => at >= since).sort((a, b) => a - b);
  plan.segments = { from };
  const statement = statementOf(plan, 'segments', 0);
  const columns = columnsOf(plan, statement);
  plan.odd.push({ statement, column: columns.add('max(f.odd)') });
  plan.first.push({ statement, column: columns.add('min(f.at)') });
  for (const [p, pass] of passes.entries()) {
    const scope = scopeOf(plan.kind, pass);
    for (const ask of asks) {
      const [lo, hi] = bounds(plan.kind, ask, pass, since);
      const met = conditionSql(scope, ask.term.where);
      if (ask.using === 'distinct') {
        plan.answers.push(distinctAnswer(plan, scope, ask, p, met, `f.at >= ${lo} and f.at < ${hi}`));
        continue;
      }
      const segments = from.map((at, i) => at >= lo && (from[i + 1] ?? Number.POSITIVE_INFINITY) <= hi);
      const answer = { ask, pass: p, statement, used: -1, value: -1, onDay: false, segments };
      const rows = columns.add(counted(met));
      const on = columns.add(`max(${when(met, 'f.at')})`);
      plan.answers.push({ ...answer, rows, on, ...eventParts(scope, ask, met, columns) });
    }
  }
}

function eventParts(scope: Scope, { term, using }: Ask, met: string, columns: Columns): Partial<Answer> {
  if (using === 'count') return {};
  if (using === 'daysSince') {
    if (term.metric !== undefined) throw new Untold('days since a field');
    return {};
  }
  const value = numberSql(scope, term.metric ?? '');
  const told = and(met, `${value} is not null`);
  const on = columns.add(`max(${when(told, 'f.at')})`);
  if (using === 'latest') {
    const least = KINDS[scope.kind].fields[term.metric ?? '']?.least;
    if (scope.kind !== 'usage' || least === undefined || least < 0) throw new Untold('latest');
    const packed = `max(${when(told, `f.at / ${DAY_MS} * ${PACK} + ${value}`)})`;
    return {
      used: columns.add(counted(told)),
      value: columns.add(`${packed} % ${PACK}`),
      on: columns.add(`${packed} / ${PACK}`),
      onDay: true,
    };
  }
  if (using === 'average' && scope.kind === 'usage') {
    // Weekends count as seen but add nothing; see workdaysSeen.
    const onWorkday = and(told, `${WORKDAY} = 1`);
    return {
      used: columns.add(counted(onWorkday)),
      value: columns.add(big(`sum(${when(met, `${value} * (${WORKDAY})`)})`)),
      on: columns.add(`max(${when(onWorkday, 'f.at')})`),
    };
  }
  return { used: columns.add(counted(told)), value: columns.add(big(`sum(${when(met, value)})`)), on };
}

/** Distinct values cannot be added up over stretches of time: each window counts for itself. */
function distinctAnswer(plan: KindPlan, scope: Scope, ask: Ask, pass: number, met: string, inside: string): Answer {
  const metric = ask.term.metric ?? '';
  const people = plan.kind === 'activity' && metric === 'contact';
  const shape = people ? 'people' : 'distinct';
  const known = plan.statements.findIndex((s) => s.shape === shape);
  const statement = known >= 0 ? known : statementOf(plan, shape, pass);
  const columns = columnsOf(plan, statement);
  const value = people ? 'p.person' : distinctSql(scope, metric);
  if (value === null) throw new Untold('distinct');
  const within = and(met, inside);
  const told = and(within, `${value} is not null`);
  return {
    ask,
    pass,
    statement,
    rows: -1,
    used: columns.add(people ? `count(distinct ${when(told, 'f.record')})` : counted(told)),
    value: columns.add(`count(distinct ${when(within, value)})`),
    on: columns.add(`max(${when(told, 'f.at')})`),
    onDay: false,
    segments: null,
  };
}

function distinctSql(scope: Scope, metric: string): string | null {
  if ((scope.kind as string) === 'activity' && metric === 'contact') return null;
  return wordSql(scope, metric);
}

const instantOf = (kind: ProjectedKind, pass: Pass, day: number): number =>
  kind === 'usage' ? day * DAY_MS : pass.dayStart + (day - pass.today) * DAY_MS;

function bounds(kind: ProjectedKind, { window }: Ask, pass: Pass, since: number): [number, number] {
  const lo = window ? instantOf(kind, pass, pass.today + window.from) : since;
  return [Math.max(since, lo), instantOf(kind, pass, pass.today + (window?.to ?? 0))];
}

const and = (...conditions: string[]): string => conditions.filter((c) => c !== 'true').join(' and ') || 'true';
const when = (met: string, value: string): string => (met === 'true' ? value : `case when ${met} then ${value} end`);
const counted = (met: string): string => (met === 'true' ? 'count(*)' : `count(${when(met, '1')})`);

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
