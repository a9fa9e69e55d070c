import { dayNumber, isoDay } from './calendar.ts';
import { hashText } from './hash.ts';

/**
 * A3: the identity of a manager task = org + account + cause + renewal period, as one key that the CRM stores beside the task:
 * `<org>-<account>-<cause>-<YYYYMMDD>`, where the date is the middle of the window in which the renewal lies.
 *
 * Why windows: renewal dates move by days or weeks, and the same renewal must keep its key even where nothing but the CRM is left
 * to ask. A window is half a year (from 15 February or 15 August, away from the month, quarter and year ends on which
 * contracts renew), so consecutive yearly renewals never share one. Contracts known to run for less than 330 days have windows of
 * 45 days, half the shortest term that raises a task.
 *
 * Why known keys too: a date may cross a window's edge. As long as tasks are remembered, a renewal belongs to the known task whose
 * window lies nearer than half a term plus half a window. That takes in every move by less than half the term, and ends where
 * the next renewal begins: its window is at least a term less half a window away.
 *
 * Letter case carries no meaning (a CRM may compare keys without it): ids that need case are written as a hash.
 */
export interface KeyParts {
  org: string;
  account: string;
  /** Lower-case letters only. */
  cause: string;
  renewalOn: string;
  /** Absent = a year. */
  termDays?: number | undefined;
}

const YEAR = 365;
const SHORT_TERM = 330;
const SHORT_WINDOW = 45;
const HALF_YEAR = 182;

/** The key of a renewal: that of the known task for the same renewal, else a new one. */
export function taskKey(parts: KeyParts, known: KnownPeriods): string {
  const stem = keyStem(parts);
  const day = dayNumber(parts.renewalOn);
  const term = parts.termDays ?? YEAR;
  const reach = (term + windowOf(term)) / 2;
  let nearest: number | null = null;
  for (const middle of known.get(stem) ?? []) {
    const distance = Math.abs(middle - day);
    if (distance < reach && (nearest === null || distance < Math.abs(nearest - day))) nearest = middle;
  }
  return `${stem}-${isoDay(nearest ?? middleOf(day, term)).replaceAll('-', '')}`;
}

/** Key stem (org, account, cause) → middles of the periods that have a task, as day numbers. */
export type KnownPeriods = ReadonlyMap<string, readonly number[]>;

export function knownPeriods(keys: Iterable<string>): KnownPeriods {
  const periods = new Map<string, number[]>();
  for (const key of keys) {
    const [, stem, y, m, d] = /^(.+)-(\d{4})(\d{2})(\d{2})$/.exec(key) ?? [];
    const day = dayNumber(`${y}-${m}-${d}`);
    // Keys of another shape belong to another cause.
    if (stem === undefined || Number.isNaN(day)) continue;
    const list = periods.get(stem);
    if (list) list.push(day);
    else periods.set(stem, [day]);
  }
  return periods;
}

const keyStem = ({ org, account, cause }: KeyParts): string => `${idPart(org)}-${idPart(account)}-${cause}`;

/** Ids whose letter case says nothing by itself stand as they are (18-character ids carry a checksum of it); others are hashed. */
function idPart(id: string): string {
  return /^[a-z0-9_]{1,24}$/.test(id) || /^[A-Za-z0-9]{18}$/.test(id) ? id : `x${hashText(id).slice(0, 20)}`;
}

const windowOf = (term: number): number => (term < SHORT_TERM ? SHORT_WINDOW : HALF_YEAR);

function middleOf(day: number, term: number): number {
  if (windowOf(term) === SHORT_WINDOW)
    return Math.floor(day / SHORT_WINDOW) * SHORT_WINDOW + Math.floor(SHORT_WINDOW / 2);
  const on = isoDay(day);
  const year = Number(on.slice(0, 4));
  const monthDay = on.slice(5);
  if (monthDay >= '02-15' && monthDay < '08-15') return dayNumber(`${year}-05-16`);
  return dayNumber(`${monthDay < '02-15' ? year - 1 : year}-11-14`);
}
