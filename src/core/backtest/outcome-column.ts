import { isDate } from '../calendar.ts';
import { DAY_MS, dayOf } from '../days.ts';
import type { AccountFacts, FactOf } from '../fact.ts';
import { EMPTY, GONE, KEPT, LOST, NOT_CONCERNED, type OutcomeCode, type Story, type StoryContext } from './outcome.ts';

const YES = new Set(['true', 'yes', 'y', '1']);
const NO = new Set(['false', 'no', 'n', '0']);

/** What a cell of the column says: a day on which the account left, a label, nothing, or what nobody can read. */
type Cell = { day: number } | boolean | null | undefined;

/** How a column was filled over all accounts: it is one of dates, or of labels. */
export class ColumnSeen {
  dates = 0;
  labels = 0;
  empty = 0;
  unread = 0;
  /** Accounts whose day of leaving is still to come. */
  later = 0;
  /** Such as this. */
  example = '';
  /** Whether any account's label was seen to change: then the column has a history, and says when. */
  history = false;

  /** Whether it holds days, so that an account without one has stayed. */
  get dated(): boolean {
    return this.dates > 0 && this.labels === 0;
  }
  /** Whether it holds labels as of the end, of which nobody can tell since when they are so. */
  get snapshot(): boolean {
    return this.labels > 0 && this.dates === 0 && !this.history;
  }
}

/** A column of the account record: of dates on which accounts left, or of labels (yes or no). */
export function columnStory(
  field: string,
  seen: ColumnSeen,
  facts: AccountFacts,
  { primary, today }: StoryContext,
): Story {
  const versions = facts.facts.flatMap((f) =>
    f.kind === 'account' && f.source === primary && f.id === facts.account && !f.deleted
      ? [{ at: f.at, cell: cellOf(f, field, seen) }]
      : [],
  );
  const newest = versions.at(-1);
  const last: Cell = newest ? newest.cell : null;
  count(seen, last);
  const left = versions.findLast((v) => isDay(v.cell))?.cell;
  if (left !== undefined && isDay(left)) {
    if (left.day > today) seen.later += 1;
    return dated(versions, left.day);
  }
  const first = versions.findIndex((v) => v.cell === true);
  if (first > 0 || versions.some((v, i) => i > 0 && v.cell === false && versions[i - 1]?.cell === true))
    seen.history = true;
  return {
    left: first > 0 ? Math.floor((versions[first]?.at ?? 0) / DAY_MS) : null,
    at({ at, until }) {
      if (last === undefined) return NOT_CONCERNED;
      if (last === null) return EMPTY;
      if (first < 0) return KEPT;
      if ((versions[first]?.at ?? 0) <= at) return first > 0 ? GONE : LOST;
      return Math.floor((versions[first]?.at ?? 0) / DAY_MS) <= until ? LOST : KEPT;
    },
  };
}

function dated(versions: readonly { cell: Cell }[], left: number): Story {
  const days = versions.flatMap((v) => (isDay(v.cell) ? [v.cell.day] : []));
  return {
    left,
    at({ day, until }): OutcomeCode {
      if (days.some((d) => d > day && d <= until)) return LOST;
      return left <= day ? GONE : KEPT;
    },
  };
}

const isDay = (cell: Cell): cell is { day: number } => typeof cell === 'object' && cell !== null;

function count(seen: ColumnSeen, cell: Cell): void {
  if (cell === undefined) seen.unread += 1;
  else if (cell === null) seen.empty += 1;
  else if (typeof cell === 'boolean') seen.labels += 1;
  else seen.dates += 1;
}

function cellOf({ data }: FactOf<'account'>, field: string, seen: ColumnSeen): Cell {
  const value = (data as Record<string, unknown>)[field] ?? data.attributes?.[field];
  if (value === undefined || value === null || value === '') return null;
  const text = String(value).trim().toLowerCase();
  if (YES.has(text)) return true;
  if (NO.has(text)) return false;
  const date = text.slice(0, 10);
  if (isDate(date) && (text.length === 10 || text[10] === 't' || text[10] === ' ')) return { day: dayOf(date) };
  seen.example = String(value).slice(0, 40);
  return undefined;
}
