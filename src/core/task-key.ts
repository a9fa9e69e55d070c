import { isDate } from './calendar.ts';
import { dateOf, dayOf } from './days.ts';
import { hashText } from './hash.ts';

/**
 * A3: the identity of a manager task = org + account + cause + renewal period, as one key that the CRM stores beside the task:
 * `<org>-<account>-<cause>-<window><YYYYMMDD>`, where the date is the middle of the window in which the renewal lies.
 *
 * Why windows: renewal dates move by days or weeks, and the same renewal must keep its key even where nothing but the CRM is left
 * to ask. A window is half a year ("h", from 15 February and 15 August, away from the month, quarter and year ends on which
 * contracts renew), so consecutive yearly renewals never share one. Contracts known to run for less than 330 days have windows of
 * 45 days ("s"), half the shortest term that raises a task.
 *
 * Why known keys too: a date may cross a window's edge. As long as tasks are remembered, a renewal belongs to the nearest known
 * task that is less than half a term away from anywhere in its window, but never to one a whole term away: that is the renewal
 * before.
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

type Window = 'h' | 's';
/** Farthest that a date of a window lies from its middle, in days. */
const HALF_WIDTH: Record<Window, number> = { h: 92, s: 22 };
const SHORT_WINDOW = 45;
const SHORT_TERM = 330;
const YEAR = 365;

interface Period {
  window: Window;
  /** Day number. */
  middle: number;
}
/** Key stem (org, account, cause) → periods that have a task. */
export type KnownPeriods = ReadonlyMap<string, readonly Period[]>;

/** The key of a renewal: that of the known task for the same renewal, else a new one. At most 80 characters of [A-Za-z0-9_-]. */
export function taskKey(parts: KeyParts, known: KnownPeriods): string {
  const stem = keyStem(parts);
  const day = dayOf(parts.renewalOn);
  const term = parts.termDays ?? YEAR;
  const own = windowOf(day, term);
  const same = (known.get(stem) ?? [])
    .filter((period) => Math.abs(period.middle - day) < reach(period.window, own.window, term))
    .sort((a, b) => Math.abs(a.middle - day) - Math.abs(b.middle - day) || a.middle - b.middle);
  const { window, middle } = same[0] ?? own;
  return `${stem}-${window}${dateOf(middle).replaceAll('-', '')}`;
}

/**
 * How far from a known window's middle a date may lie and still be the same renewal. Where the term became known only later, the
 * windows differ in kind; then a second task is the greater harm.
 */
function reach(known: Window, own: Window, term: number): number {
  const moved = term / 2 + HALF_WIDTH[known];
  return known === own ? Math.min(moved, term - HALF_WIDTH[known]) : moved;
}

/** Reads the periods back from keys; keys of another shape belong to another kind of task. */
export function knownPeriods(keys: Iterable<string>): KnownPeriods {
  const periods = new Map<string, Period[]>();
  for (const key of keys) {
    const [, stem, window, y, m, d] = /^(.+)-([hs])(\d{4})(\d{2})(\d{2})$/.exec(key) ?? [];
    const on = `${y}-${m}-${d}`;
    if (stem === undefined || !isDate(on)) continue;
    const period: Period = { window: window === 's' ? 's' : 'h', middle: dayOf(on) };
    const list = periods.get(stem);
    if (list) list.push(period);
    else periods.set(stem, [period]);
  }
  return periods;
}

const keyStem = ({ org, account, cause }: KeyParts): string => `${idPart(org)}-${idPart(account)}-${cause}`;

/** Ids whose letter case says nothing by itself stand as they are (18-character ids carry a checksum of it); others are hashed. */
function idPart(id: string): string {
  return /^[a-z0-9_]{1,24}$/.test(id) || /^[A-Za-z0-9]{18}$/.test(id) ? id : `x${hashText(id).slice(0, 20)}`;
}

function windowOf(day: number, term: number): Period {
  if (term < SHORT_TERM) return { window: 's', middle: Math.floor(day / SHORT_WINDOW) * SHORT_WINDOW + HALF_WIDTH.s };
  const on = dateOf(day);
  const year = Number(on.slice(0, 4));
  const monthDay = on.slice(5);
  if (monthDay >= '02-15' && monthDay < '08-15') return { window: 'h', middle: dayOf(`${year}-05-16`) };
  return { window: 'h', middle: dayOf(`${monthDay < '02-15' ? year - 1 : year}-11-14`) };
}
