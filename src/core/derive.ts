import { beganOn } from './beginning.ts';
import { DAY_MS, dayOf } from './days.ts';
import type { FactKind, FactOf, Money } from './fact.ts';
import type { Row } from './figure.ts';
import type { AccountView } from './view.ts';

/** Derived fields that need what an account's records said before, or the day; see rows.ts for the others. */

/** What these fields are read against. */
export interface Day {
  view: AccountView;
  /** Day number, and the instant at which it starts in the company's time zone. */
  today: number;
  dayStart: number;
}

type Stored<K extends FactKind> = FactOf<K> & { source: string };

/** Changes of a plan count for so long. */
const PLAN_DAYS = 365;

/** Day in the company's time zone of an instant. */
export const dayAt = ({ today, dayStart }: Omit<Day, 'view'>, at: number): number =>
  today + Math.floor((at - dayStart) / DAY_MS);

/** Day number of a date; null = none is told. */
export function dayOn(date: unknown): number | null {
  const day = typeof date === 'string' ? dayOf(date) : Number.NaN;
  return Number.isNaN(day) ? null : day;
}

/** undefined = not a derived field of this kind. */
export function successField(day: Day, row: Row, name: string): unknown {
  if (name === 'one' && EVENTS.has(row.kind)) return 1;
  switch (row.kind) {
    case 'milestone':
      return milestoneField(day, row, name);
    case 'training':
      return name === 'completedPercent' ? percent(row.data.completed ?? null) : undefined;
    case 'pulse':
      return name === 'ageDays' ? day.today - dayAt(day, row.at) : undefined;
    default:
      return undefined;
  }
}

const EVENTS: ReadonlySet<FactKind> = new Set([
  ...(['training', 'community', 'participation', 'marketing', 'advocacy', 'resource'] as const),
]);
const percent = (flag: boolean | null): number | null => (flag === null ? null : flag ? 100 : 0);

function milestoneField(day: Day, { data }: FactOf<'milestone'>, name: string): unknown {
  const doneDay = dayOn(data.doneOn);
  const reached = doneDay !== null && doneDay <= day.today;
  switch (name) {
    case 'done':
      return milestoneDone(day, data.dueOn, reached);
    case 'donePercent':
      return percent(milestoneDone(day, data.dueOn, reached));
    case 'daysTaken': {
      const start = beganOn(day.view);
      return start === null ? null : (reached ? doneDay : day.today) - start;
    }
    default:
      return undefined;
  }
}

/** What is not due yet is neither done nor late. */
function milestoneDone({ today }: Day, dueOn: unknown, reached: boolean): boolean | null {
  if (reached) return true;
  const due = dayOn(dueOn);
  return due !== null && due >= today ? null : false;
}

/** How often a subscription's yearly amount (else its seats) rose and fell within the year; undefined = another field. */
export function planField(day: Day, row: Stored<'subscription'>, name: string): number | undefined {
  if (name !== 'upgrades' && name !== 'downgrades' && name !== 'planSteps') return undefined;
  let [up, down] = [0, 0];
  let before: Stored<'subscription'>['data'] | null = null;
  for (const { at, data } of versionsOf(day.view, row)) {
    if (data.trial === true) continue;
    const step = before === null ? 0 : stepOf(before, data);
    if (step !== 0 && dayAt(day, at) > day.today - PLAN_DAYS) step > 0 ? up++ : down++;
    before = told(before, data);
  }
  return name === 'upgrades' ? up : name === 'downgrades' ? down : up - down;
}

type Plan = FactOf<'subscription'>['data'];
const annualOf = ({ arr, mrr }: Plan): Money | null =>
  arr ?? (mrr ? { minor: mrr.minor * 12, currency: mrr.currency } : null);

function stepOf(before: Plan, now: Plan): number {
  const [was, is] = [annualOf(before), annualOf(now)];
  if (was && is && was.currency === is.currency) return Math.sign(is.minor - was.minor);
  return typeof before.seats === 'number' && typeof now.seats === 'number' ? Math.sign(now.seats - before.seats) : 0;
}

/** What a version leaves out stays as it was. */
const told = (before: Plan | null, now: Plan): Plan => ({
  ...now,
  arr: annualOf(now) ?? (before && annualOf(before)),
  seats: now.seats ?? before?.seats,
});

/**
 * A ticket's judgement over everything that was written in it, since each version holds only its own words: the newest sentiment,
 * whether anyone was frustrated, and the day for which that counts: of the newest frustrated words, else on which it was opened, so
 * that a ticket that nobody judged is there and unknown. undefined = another field.
 */
export function judgementField({ view }: Pick<Day, 'view'>, row: Stored<'ticket'>, name: string): unknown {
  if (name !== 'sentiment' && name !== 'frustrated' && name !== 'toneAt') return undefined;
  const versions = versionsOf(view, row);
  if (name === 'sentiment') return versions.findLast((v) => typeof v.data.sentiment === 'number')?.data.sentiment;
  const judged = versions.filter((v) => typeof v.data.frustrated === 'boolean');
  const last = judged.findLast((v) => v.data.frustrated === true);
  if (name === 'toneAt') return last?.at ?? row.data.openedAt ?? null;
  return judged.length === 0 ? null : last !== undefined;
}

/** The versions of a record up to and with this one, oldest first. A view never changes, so its records are sorted once. */
function versionsOf<K extends 'ticket' | 'subscription'>(view: AccountView, row: Stored<K>): Stored<K>[] {
  const kinds = grouped.get(view) ?? new Map<FactKind, Map<string, Stored<FactKind>[]>>();
  grouped.set(view, kinds);
  let records = kinds.get(row.kind);
  if (!records) {
    records = new Map();
    for (const version of view.since(row.kind, Number.NEGATIVE_INFINITY) as Stored<FactKind>[]) {
      const key = `${version.source}\n${version.id}`;
      const list = records.get(key);
      if (list) list.push(version);
      else records.set(key, [version]);
    }
    kinds.set(row.kind, records);
  }
  const own = (records.get(`${row.source}\n${row.id}`) ?? []) as unknown as Stored<K>[];
  return own.length === 0 ? [row] : own.filter((v) => v.at <= row.at);
}

const grouped = new WeakMap<AccountView, Map<FactKind, Map<string, Stored<FactKind>[]>>>();
