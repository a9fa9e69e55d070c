import { DAY_MS, isWorkday, workdaysBetween } from './days.ts';
import { FACTS, type FactKind } from './fact.ts';
import { type Figure, SCALE, type Window } from './figure.ts';
import type { Term } from './measure.ts';
import { accountField, asDay, type Env, fieldOf, Impossible, placed, type Row } from './rows.ts';
import { satisfies } from './rules.ts';
import type { AccountView } from './view.ts';
import { isStock, KINDS, type SimpleAggregation } from './vocabulary.ts';

const missing = (none: boolean, impossible: string[] = []): Figure => ({
  value: null,
  count: 0,
  rows: [],
  on: null,
  impossible,
  none,
});

/** A figure from the rows of a term within a window (null = all that is known), at the env's day. */
export function figureOf(env: Env, term: Term, using: SimpleAggregation, window: Window | null): Figure {
  if (term.kind === 'renewal') return renewalFigure(env);
  if (term.kind === 'account') return accountFigure(env, term, using, window);
  const aggregated = env.aggregated?.figure(term, using, window);
  if (aggregated) return aggregated;
  const rows = rowsOf(env, term, window);
  switch (using) {
    case 'count':
      return { value: rows.length, count: rows.length, rows, on: newest(env, term, rows), impossible: [], none: false };
    case 'daysSince':
      return daysSince(env, term, rows, window);
    case 'distinct':
      return distinct(env, term, rows);
    default:
      return overValues(env, term, using, rows, window);
  }
}

function overValues(
  env: Env,
  term: Term,
  using: 'sum' | 'average' | 'latest',
  rows: Row[],
  window: Window | null,
): Figure {
  const impossible: string[] = [];
  const metric = term.metric ?? '';
  if (using === 'latest') {
    for (const [i, row] of [...rows.entries()].reverse()) {
      const value = reading(env, row, metric, impossible);
      if (value === null) continue;
      const on = placed(env, row, term.date);
      const found = { value, count: 1, rows: [row], on, impossible, none: false };
      return row.kind === 'usage' ? largestOfDay(env, term, rows.slice(0, i), found, impossible) : found;
    }
    return missing(rows.length === 0, impossible);
  }
  const used: Row[] = [];
  // Sums of integers do not depend on the order of their rows.
  let [sum, filled] = [0, 0];
  for (const row of rows) {
    const value = reading(env, row, metric, impossible);
    if (typeof value !== 'number') continue;
    filled++;
    if (using === 'average' && row.kind === 'usage' && !isWorkday(placed(env, row, 'at') ?? 0)) continue;
    sum += Math.round(value * SCALE);
    used.push(row);
  }
  const on = newest(env, term, used);
  const divisor = using === 'sum' ? 1 : term.kind === 'usage' ? workdaysSeen(env, window) : used.length;
  // Rows that do not tell the figure leave it unknown; no rows at all are a sum of 0, and an average of nothing.
  if ((rows.length > 0 && filled === 0) || divisor === 0) return missing(rows.length === 0, impossible);
  // What adds nothing is no evidence of a sum.
  const adds = (row: Row): boolean => ![0, false].includes(fieldOf(env, row, metric) as number | boolean);
  const evidence = using === 'sum' ? used.filter(adds) : used;
  return { value: sum / SCALE / divisor, count: used.length, rows: evidence, on, impossible, none: false };
}

/** A series may have several rows of one day, which have no order: the largest figure is the day's. */
function largestOfDay(env: Env, term: Term, before: Row[], found: Figure, impossible: string[]): Figure {
  let largest = found;
  for (const row of before) {
    if (placed(env, row, term.date) !== found.on) continue;
    const value = reading(env, row, term.metric ?? '', impossible);
    if (typeof value === 'number' && typeof largest.value === 'number' && value > largest.value)
      largest = { ...largest, value, rows: [row] };
  }
  return largest;
}

/**
 * Usage comes as one row a day, and a day without one is a day without use; so its average is over the working days of the
 * window since the first row that is known (weekends neither help nor hurt).
 */
function workdaysSeen(env: Env, window: Window | null): number {
  const first = firstDay(env, 'usage');
  if (first === null || !window) return 0;
  return workdaysBetween(Math.max(window.from, first), window.to);
}

/** Day of the first row that is known of an event or series. */
export function firstDay(env: Env, kind: FactKind): number | null {
  const told = env.aggregated?.firstDay(kind);
  if (told !== undefined) return told;
  const first = eventsOf(env, kind)[0];
  return first ? placed(env, first, 'at') : null;
}

function daysSince(env: Env, term: Term, rows: Row[], window: Window | null): Figure {
  const until = window?.to ?? env.today;
  let [last, at]: [Row | null, number] = [null, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    const own = term.metric === undefined ? placed(env, row, term.date) : dayField(env, row, term.metric);
    if (own !== null && own >= at && own < until) [last, at] = [row, own];
  }
  if (!last) return missing(true);
  return { value: until - at, count: 1, rows: [last], on: at, impossible: [], none: false };
}

const dayField = (env: Env, row: Row, field: string): number | null => placed(env, row, field);

function distinct(env: Env, term: Term, rows: Row[]): Figure {
  const seen = new Set<string>();
  const used: Row[] = [];
  let told = rows.length === 0;
  for (const row of rows) {
    const value = fieldOf(env, row, term.metric ?? '');
    // An empty list says that there is nobody; no value says nothing.
    told ||= value !== null && value !== undefined && value !== '';
    const values = (Array.isArray(value) ? value : [value]).filter((v) => v !== null && v !== undefined && v !== '');
    for (const v of values) seen.add(String(v));
    if (values.length > 0) used.push(row);
  }
  if (!told) return missing(false);
  return { value: seen.size, count: used.length, rows: used, on: newest(env, term, used), impossible: [], none: false };
}

function renewalFigure(env: Env): Figure {
  if (!env.renewal) return missing(true);
  const { daysAway } = env.renewal;
  return { value: daysAway, count: 0, rows: [], on: env.today + daysAway, impossible: [], none: false };
}

/** The account's own record: what it held at the end of the window. */
function accountFigure(env: Env, term: Term, using: SimpleAggregation, window: Window | null): Figure {
  const view = viewOn(env, window?.to ?? env.today);
  const row = view.states('account').find((r) => r.id === env.view.account) ?? view.states('account')[0];
  // Derived fields are of the env's own day.
  const field = (name: string): unknown =>
    (view === env.view ? accountField(env, name) : undefined) ?? view.field(name);
  if (!row || (term.where && !satisfies(term.where, field))) return missing(true);
  const found = { count: 1, rows: [row], none: false };
  if (using === 'count') return { ...found, value: 1, on: null, impossible: [] };
  const impossible: string[] = [];
  const name = term.metric ?? '';
  if (using === 'daysSince') {
    const day = name === 'at' ? placed(env, row, name) : asDay(env, field(name));
    return day === null ? missing(true) : { ...found, value: env.today - day, on: day, impossible };
  }
  const value = checked(env, 'account', name, field(name), impossible);
  return value === null ? missing(true, impossible) : { ...found, value, on: null, impossible };
}

/** The account as it was known at the start of a day. */
export function viewOn(env: Env, day: number): AccountView {
  if (day >= env.today) return env.view;
  env.earlier ??= new Map();
  const known = env.earlier.get(day);
  if (known) return known;
  const view = env.view.earlier(env.dayStart - (env.today - day) * DAY_MS);
  env.earlier.set(day, view);
  return view;
}

function eventsOf(env: Env, kind: FactKind): Row[] {
  env.events ??= new Map();
  let rows = env.events.get(kind);
  if (!rows) {
    rows = env.view.since(kind, Number.NEGATIVE_INFINITY) as unknown as Row[];
    env.events.set(kind, rows);
  }
  return rows;
}

/** Rows of a term, oldest first. */
export function rowsOf(env: Env, term: Term, window: Window | null): Row[] {
  if (term.kind === 'renewal') return [];
  const { where } = term;
  const rows = candidates(env, term, window);
  return where ? rows.filter((row) => satisfies(where, (field) => told(fieldOf(env, row, field)))) : rows;
}

/** Numbers count to four decimals, in conditions as in sums; instants are told in full. */
const told = <V>(value: V): V | number =>
  typeof value === 'number' && Math.abs(value) < 2 ** 40 ? Math.round(value * SCALE) / SCALE : value;

function candidates(env: Env, term: Term, window: Window | null): Row[] {
  const kind = term.kind as FactKind;
  if (isStock(kind)) return stock(env, kind, window?.to ?? env.today);
  const isState = FACTS[kind].shape === 'state';
  const rows = isState ? (env.view.states(kind) as unknown as Row[]) : eventsOf(env, kind);
  const dated = KINDS[kind].dates.length > 0;
  if (!dated) return rows;
  // Today is not over: its events count from tomorrow, so that an hour more changes nothing.
  const { from, to } = window ?? { from: Number.NEGATIVE_INFINITY, to: isState ? Number.POSITIVE_INFINITY : env.today };
  const isInside = (day: number | null): boolean => (day === null ? window === null : day >= from && day < to);
  if (!isState) return rows.filter((row) => isInside(placed(env, row, term.date)));
  const inside: { row: Row; day: number }[] = [];
  for (const row of rows) {
    const day = placed(env, row, term.date);
    if (isInside(day)) inside.push({ row, day: day ?? 0 });
  }
  if (inside.length > 1) inside.sort((a, b) => a.day - b.day || (a.row.id < b.row.id ? -1 : 1));
  return inside.map(({ row }) => row);
}

/** Subscriptions that ran on a day: as the source knew them then, else (without history) by their own dates. */
function stock(env: Env, kind: FactKind, day: number): Row[] {
  if (kind !== 'subscription') return viewOn(env, day).states(kind) as unknown as Row[];
  const at = viewOn(env, day);
  const then = at.states('subscription');
  const isKnown = (row: Row): boolean => then.some((r) => r.id === row.id && r.source === row.source);
  const later = at === env.view ? [] : env.view.states('subscription').filter((r) => r.data.startOn && !isKnown(r));
  return [...then, ...later].filter((row) => {
    const [start, end] = [placed(env, row, 'startOn'), placed(env, row, 'endOn')];
    return (start === null || start <= day) && (end === null || end > day);
  });
}

function newest(env: Env, term: Term, rows: Row[]): number | null {
  const last = rows.at(-1);
  return last ? placed(env, last, term.date) : null;
}

const reading = (env: Env, row: Row, name: string, impossible: string[]): number | string | null =>
  told(checked(env, row.kind, name, fieldOf(env, row, name), impossible));

/** A field's value as a figure: amounts in one currency, flags as 0 and 1; null = unknown or impossible. */
function checked(env: Env, kind: FactKind, name: string, raw: unknown, impossible: string[]): number | string | null {
  if (raw === null || raw === undefined || raw === '') return null;
  if (raw instanceof Impossible) {
    impossible.push(raw.what);
    return null;
  }
  if (typeof raw === 'string') return raw;
  const value = typeof raw === 'boolean' ? Number(raw) : typeof raw === 'number' ? raw : amount(env, raw);
  if (value === null) return null;
  const spec = KINDS[kind].fields[name];
  const tooLow = spec?.least !== undefined && value < spec.least;
  if (!Number.isFinite(value) || tooLow || (spec?.most !== undefined && value > spec.most)) {
    impossible.push(`${name} ${value}`);
    return null;
  }
  return value;
}

function amount(env: Env, raw: unknown): number | null {
  if (typeof raw !== 'object' || raw === null || !('minor' in raw) || !('currency' in raw)) return null;
  const money = { minor: Number(raw.minor), currency: String(raw.currency) };
  if (env.toReporting) return env.toReporting.minor(money);
  env.currency ??= money.currency;
  // Without rates, amounts of a second currency cannot be added to those of the first.
  return env.currency === money.currency ? money.minor : null;
}
