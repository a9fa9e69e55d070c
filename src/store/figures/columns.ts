import { SCALE } from '../../core/figure.ts';
import { cellType, PROJECTED, type ProjectedKind } from '../../core/projection.ts';
import type { Condition } from '../../core/rules.ts';

/**
 * Fields and conditions of signals as SQL over `figures as f`. What SQL cannot tell exactly as core/rows.ts does is refused
 * (Untold), and the kind is then read row by row. Only numbers of our own making are written into the text.
 */

export class Untold extends Error {}

/** The day that a figure is of. */
export interface Pass {
  /** States as they held at this instant. */
  at: number;
  /** Day number, and the instant at which it starts. */
  today: number;
  dayStart: number;
  /** Its place among the days that are asked for. */
  cast: number;
}

/** Who an activity was with, as bits of `f.who`, and who the account has at all, as bits of `f.known`: three for each day. */
export const CAST = { executives: 0, champions: 1, renewals: 2 } as const;
export const castBit = (day: number, role: keyof typeof CAST): number => 1 << (3 * day + CAST[role]);

export interface Scope {
  kind: ProjectedKind;
  pass: Pass;
  /** Interned categories that a test accepts. */
  words: (accepts: (text: string) => boolean) => number[];
  /** Is told where a condition asks who took part. */
  onCast: () => void;
}

const DAY_MS = 86_400_000;
/** Added before and taken off after a division, since SQL cuts towards zero. */
const FAR = 100_000;

/** A scaled number, or a category's number; `when` = the condition of a flag that is never unknown. */
type Told = { number: string; flag: boolean; when?: string } | { word: string } | { date: string };

/** SQL of a field that is measured: an integer in 1/10,000. */
export function numberSql(scope: Scope, name: string): string {
  const told = fieldSql(scope, name);
  if (!('number' in told)) throw new Untold(`${scope.kind}.${name}`);
  return told.number;
}

/** SQL of a field whose distinct values are counted: a category, or a number that is whole by itself. */
export function distinctSql(scope: Scope, name: string): string {
  const told = fieldSql(scope, name);
  if ('word' in told) return told.word;
  if (name === 'week' && 'number' in told) return told.number;
  throw new Untold(`${scope.kind}.${name}`);
}

function wordSql(scope: Scope, name: string): string {
  const told = fieldSql(scope, name);
  if (!('word' in told)) throw new Untold(`${scope.kind}.${name}`);
  return told.word;
}

/** SQL of the day number at which a row is placed; null where it has none. @param at SQL of the row's instant */
export function daySql(scope: Scope, name: string, at = 'f.at'): string {
  const { kind } = scope;
  if (name === 'at') return kind === 'usage' ? `(${at} / ${DAY_MS})` : dayOfInstant(scope, at);
  const column = columnOf(kind, name);
  if (column === null) throw new Untold(`${kind}.${name}`);
  return cellType(kind, name) === 'day' ? column : dayOfInstant(scope, column);
}

/** By the hour at which days start: the same text on every day that starts at the same hour. */
const dayOfInstant = ({ pass }: Scope, column: string): string =>
  `((${column} - ${pass.dayStart - pass.today * DAY_MS - FAR * DAY_MS}) / ${DAY_MS} - ${FAR})`;

function columnOf(kind: ProjectedKind, name: string): string | null {
  const at = (PROJECTED[kind].numbers as readonly string[]).indexOf(name);
  return at < 0 ? null : `f.n${at}`;
}

function fieldSql(scope: Scope, name: string): Told {
  const derived = derivedSql(scope, name);
  if (derived) return derived;
  const { kind } = scope;
  const word = (PROJECTED[kind].words as readonly string[]).indexOf(name);
  if (word >= 0) return { word: `f.w${word}` };
  const column = columnOf(kind, name);
  if (column === null) throw new Untold(`${kind}.${name}`);
  if (cellType(kind, name) !== 'scaled') return { date: column };
  return { number: column, flag: FLAGS.has(name) };
}

const FLAGS = new Set([
  'cancelled',
  'named',
  'settled',
  'severe',
  'escalated',
  'frustrated',
  'completed',
  'attended',
  'executiveTold',
]);
const flag = (condition: string): Told => ({
  number: `(case when ${condition} then ${SCALE} else 0 end)`,
  flag: true,
  when: condition,
});

function derivedSql(scope: Scope, name: string): Told | null {
  const { kind, pass } = scope;
  const column = (field: string): string => columnOf(kind, field) ?? 'null';
  if (kind === 'ticket') {
    const open = `(case when ${column('solvedAt')} is not null then ${column('solvedAt')} >= ${pass.dayStart} else ${column('settled')} = 0 end)`;
    const opened = column('openedAt');
    if (name === 'open') return flag(open);
    if (name === 'ageDays')
      return {
        number: `(case when ${open} and ${opened} is not null then ${SCALE} * (${pass.today} - ${dayOfInstant(scope, opened)}) end)`,
        flag: false,
      };
    if (name === 'week') return { number: weekSql(scope, dayOfInstant(scope, opened)), flag: false };
  }
  if (kind === 'invoice' && (name === 'onTime' || name === 'overdueDays' || name === 'daysLate')) {
    const due = column('dueOn');
    const paid = `(case when ${column('paidOn')} <= ${pass.today} then ${column('paidOn')} end)`;
    const known = `${due} is not null and not ${isWord(scope, 'kind', (text) => text === 'credit')}`;
    const late = (days: string): string => `(case when ${days} > 0 then ${days} else 0 end) * ${SCALE}`;
    if (name === 'overdueDays')
      return {
        number: `(case when ${known} then case when ${paid} is null then ${late(`(${pass.today} - ${due})`)} else 0 end end)`,
        flag: false,
      };
    const [met, unmet, yesOrNo] =
      name === 'onTime'
        ? [`case when ${paid} <= ${due} then ${SCALE} else 0 end`, '0', true]
        : [late(`(${paid} - ${due})`), `(${pass.today} - ${due}) * ${SCALE}`, false];
    return {
      number: `(case when ${known} then case when ${paid} is not null then ${met} when ${pass.today} > ${due} then ${unmet} end end)`,
      flag: yesOrNo,
    };
  }
  if (kind === 'activity') {
    if (name === 'week') return { number: weekSql(scope, dayOfInstant(scope, 'f.at')), flag: false };
    if (name === 'withExecutive')
      return flag(`(${column('executiveTold')} = ${SCALE} or ${meets(scope, 'executives')})`);
    if (name === 'withChampion') return flag(meets(scope, 'champions'));
    if (name === 'onRenewal')
      return {
        number: `(case when ${anyone(scope, 'renewals')} then case when ${meets(scope, 'renewals')} then ${SCALE} else 0 end end)`,
        flag: true,
      };
  }
  return null;
}

const weekSql = ({ pass }: Scope, day: string): string =>
  `(${SCALE} * ((${pass.today - 1 + 7 * FAR} - ${day}) / 7 - ${FAR}))`;

function meets({ onCast, pass }: Scope, role: keyof typeof CAST): string {
  onCast();
  return `(f.who & ${castBit(pass.cast, role)}) <> 0`;
}

/** The bits of `f.who` that a text of SQL looks at. */
export const castBits = (text: string): number[] => [
  ...new Set([...text.matchAll(/f\.who & (\d+)/g)].map(([, bit]) => Number(bit))),
];

/** Whether the account at hand has any such person or opportunity that day. */
function anyone({ onCast, pass }: Scope, role: keyof typeof CAST): string {
  onCast();
  return `(f.known & ${castBit(pass.cast, role)}) <> 0`;
}

const isWord = (scope: Scope, name: string, accepts: (text: string) => boolean): string => {
  const ids = scope.words(accepts);
  return ids.length === 0 ? 'false' : `coalesce(${wordSql(scope, name)} in (${ids.join()}), false)`;
};

/** A condition of a signal as conditions that must all be met: those that several signals share are looked at once. */
export const conditionsSql = (scope: Scope, condition: Condition | undefined): string[] =>
  condition !== undefined && 'all' in condition
    ? condition.all.flatMap((c) => conditionsSql(scope, c))
    : [conditionSql(scope, condition)];

/** A condition of a signal as SQL that is true or false, never null; see core/rules.ts. */
function conditionSql(scope: Scope, condition: Condition | undefined): string {
  if (condition === undefined) return 'true';
  if ('all' in condition)
    return joined(
      condition.all.map((c) => conditionSql(scope, c)),
      'and',
      'true',
    );
  if ('any' in condition)
    return joined(
      condition.any.map((c) => conditionSql(scope, c)),
      'or',
      'false',
    );
  if ('none' in condition)
    return `not ${joined(
      condition.none.map((c) => conditionSql(scope, c)),
      'or',
      'false',
    )}`;
  const { field, contains } = condition;
  const told = fieldSql(scope, field);
  if (contains !== undefined && !('word' in told)) throw new Untold(`${field} contains`);
  const column = 'word' in told ? told.word : 'date' in told ? told.date : told.number;
  const parts: string[] = [];
  if (condition.exists !== undefined) parts.push(`${column} is ${condition.exists ? 'not null' : 'null'}`);
  const { is, not, atLeast, below } = condition;
  if (is !== undefined) parts.push(equals(scope, told, field, [is]));
  if (condition.in) parts.push(equals(scope, told, field, condition.in));
  if (not !== undefined) parts.push(`not ${equals(scope, told, field, [not])}`);
  if (condition.notIn) parts.push(`not ${equals(scope, told, field, condition.notIn)}`);
  if (atLeast !== undefined) parts.push(`coalesce(${scaled(told)} >= ${threshold(atLeast)}, false)`);
  if (below !== undefined) parts.push(`coalesce(${scaled(told)} < ${threshold(below)}, false)`);
  if (contains !== undefined) parts.push(isWord(scope, field, (text) => fold(text).includes(fold(contains))));
  return joined(parts, 'and', 'true');
}

function joined(parts: string[], word: 'and' | 'or', none: string): string {
  const told = parts.filter((part) => part !== none);
  return told.length === 0 ? none : told.length === 1 ? (told[0] ?? none) : `(${told.join(` ${word} `)})`;
}

const fold = (value: unknown): string => String(value).trim().toLowerCase();

function equals(scope: Scope, told: Told, field: string, values: readonly (string | number | boolean)[]): string {
  if ('date' in told) throw new Untold(`${field} is`);
  if ('word' in told) {
    const wanted = new Set(values.map(fold));
    return isWord(scope, field, (text) => wanted.has(fold(text)));
  }
  const numbers = values.flatMap((value) => (told.flag ? flagValue(value) : scaledValue(value)));
  if (told.when !== undefined && numbers.length === 1)
    return `${numbers[0] === SCALE ? '' : 'not '}coalesce(${told.when}, false)`;
  return numbers.length === 0 ? 'false' : `coalesce(${told.number} in (${numbers.join()}), false)`;
}

const flagValue = (value: unknown): number[] => (fold(value) === 'true' ? [SCALE] : fold(value) === 'false' ? [0] : []);

/** A value equals a number where both are written alike. */
function scaledValue(value: unknown): number[] {
  const number = Number(fold(value));
  const whole = Math.round(number * SCALE);
  return String(number) === fold(value) && Number.isSafeInteger(whole) && whole / SCALE === number ? [whole] : [];
}

function scaled(told: Told): string {
  if (!('number' in told)) throw new Untold('a comparison');
  return told.number;
}

/** Numbers count to four decimals, thresholds as they are written. */
function threshold(value: number): number {
  const whole = Math.ceil(value * SCALE - 1e-6);
  if (!Number.isSafeInteger(whole)) throw new Untold(`${value}`);
  return whole;
}
