import { z } from 'zod';
import { slipOf } from './near.ts';
import { placeholderIn } from './placeholder.ts';
import { Condition } from './rules.ts';
import {
  AGGREGATIONS,
  CONTEXT_PLACEHOLDERS,
  isStock,
  KINDS,
  PLACEHOLDERS,
  SIGNAL_KINDS,
  SIMPLE_AGGREGATIONS,
  type SignalKind,
} from './vocabulary.ts';

/** The part of a model file that says what is measured: which rows, over which window, by which aggregation. */

const Days = z.int().min(1).max(1100);

/** The same weeks a year before: a whole number of weeks, so that weekdays align. */
export const YEAR_DAYS = 364;

const termShape = {
  kind: z.enum(SIGNAL_KINDS),
  metric: z.string().min(1).optional().describe('The field that is measured; not for `count`.'),
  where: Condition.optional().describe('Only rows that satisfy this.'),
  date: z.string().optional().describe('Which date places a row in the window, where the kind has several.'),
};
export const Term = z.strictObject(termShape);
export type Term = z.infer<typeof Term>;

/** What a ratio is measured against: a constant, or another figure. */
export const Against = z.union([
  z.strictObject({ constant: z.number().positive() }),
  z.strictObject({ ...termShape, using: z.enum(SIMPLE_AGGREGATIONS).default('latest'), windowDays: Days.optional() }),
]);
export type Against = z.infer<typeof Against>;

export const measureShape = {
  from: z.union([Term, z.array(Term).min(1)]).describe('What rows to read; of several, the first that gives a figure.'),
  aggregation: z.enum(AGGREGATIONS).describe('How rows become a figure.'),
  using: z
    .enum(SIMPLE_AGGREGATIONS)
    .optional()
    .describe('ratio, trend and deviation: how each of their two figures is made.'),
  windowDays: Days.optional().describe('Whole days that end at the start of today.'),
  to: z
    .array(Against)
    .min(1)
    .optional()
    .describe(
      'ratio: the denominator, the first that gives a figure above zero. The ratio is in percent, unless `per` says otherwise.',
    ),
  per: z
    .number()
    .positive()
    .optional()
    .describe('ratio: so many of the denominator the figure is for; absent = 100, percent; 1 = each.'),
  ceiling: z
    .number()
    .positive()
    .optional()
    .describe('ratio: the most that it is (100 = no more active users than seats).'),
  which: Condition.optional().describe('share: which of the rows count. The share is in percent.'),
  baselineDays: Days.optional().describe("deviation: the account's own earlier days that it is compared with."),
  against: z
    .enum(['previous window', 'year before'])
    .optional()
    .describe('trend, deviation: compared with the days just before (default), or the same weeks a year before.'),
  perDays: Days.optional().describe('count, sum: the figure is given per this many days of the window.'),
  empty: z
    .number()
    .optional()
    .describe(
      'The figure where the stream covers the account and there is no row; without it such a signal is missing.',
    ),
};
const MeasureObject = z.strictObject(measureShape);
export type Measure = z.infer<typeof MeasureObject>;

export const termsOf = (measure: Measure): Term[] => (Array.isArray(measure.from) ? measure.from : [measure.from]);

/** The issue that the YAML loader turns into "unknown …; nearest is …". */
export interface NameIssue {
  path: PropertyKey[];
  message: string;
  params?: { found: string; names: string[] };
}

/** Every name in a measure that means nothing, and every option that its aggregation does not take or lacks. */
export function measureIssues(measure: Measure): NameIssue[] {
  const issues: NameIssue[] = [];
  const { aggregation } = measure;
  const compares = aggregation === 'ratio' || aggregation === 'trend' || aggregation === 'deviation';
  const need = (present: boolean, key: string, why: string): void => {
    if (!present) issues.push({ path: [], message: `${aggregation} needs \`${key}\`: ${why}` });
  };
  const only = (key: keyof Measure, allowed: boolean, whose: string): void => {
    if (measure[key] !== undefined && !allowed)
      issues.push({ path: [key], message: `\`${key}\` belongs to ${whose}, not to ${aggregation}` });
  };
  only('to', aggregation === 'ratio', 'ratio');
  only('ceiling', aggregation === 'ratio', 'ratio');
  only('per', aggregation === 'ratio', 'ratio');
  only('which', aggregation === 'share', 'share');
  only('against', aggregation === 'trend' || aggregation === 'deviation', 'trend and deviation');
  only('baselineDays', aggregation === 'deviation', 'deviation');
  only('using', compares, 'ratio, trend and deviation');
  only('perDays', aggregation === 'count' || aggregation === 'sum', 'count and sum');
  if (aggregation === 'ratio') need(measure.to !== undefined, 'to', 'what it is measured against');
  if (aggregation === 'share') need(measure.which !== undefined, 'which', 'the condition that is shared');
  if (compares) need(measure.using !== undefined, 'using', 'how its figures are made (sum, average, count, …)');
  if (aggregation === 'trend' || aggregation === 'deviation' || measure.perDays !== undefined)
    need(measure.windowDays !== undefined, 'windowDays', 'how long a window is');

  const list = Array.isArray(measure.from);
  for (const [i, term] of termsOf(measure).entries()) {
    const path = list ? ['from', i] : ['from'];
    issues.push(...termIssues(term, (compares && measure.using) || aggregation, measure.windowDays, path));
    const timeless = KINDS[term.kind].dates.length === 0 && !(aggregation === 'trend' && isStock(term.kind));
    if ((aggregation === 'trend' || aggregation === 'deviation') && timeless)
      issues.push({ path, message: `${KINDS[term.kind].plural} have no dates, so there is no ${aggregation} of them` });
  }
  for (const [i, against] of (measure.to ?? []).entries())
    if ('kind' in against)
      issues.push(...termIssues(against, against.using, against.windowDays ?? measure.windowDays, ['to', i]));
  if (measure.which)
    for (const term of termsOf(measure)) issues.push(...conditionIssues(measure.which, term, ['which']));
  return issues;
}

function termIssues(term: Term, using: string, windowDays: number | undefined, path: PropertyKey[]): NameIssue[] {
  const kind = KINDS[term.kind];
  const issues: NameIssue[] = [];
  const takesMetric = !['count', 'share', 'daysSince'].includes(using);
  if (term.metric === undefined && takesMetric)
    issues.push({ path, message: `${using} needs \`metric\`: which field of ${kind.plural} is measured` });
  if (term.metric !== undefined && (using === 'count' || using === 'share'))
    issues.push({ path: [...path, 'metric'], message: `${using} counts ${kind.plural} and takes no \`metric\`` });
  if (term.metric !== undefined && !knows(term.kind, term.metric))
    issues.push(unknown('metric', term.metric, Object.keys(kind.fields), [...path, 'metric']));
  if (term.date !== undefined && !kind.dates.includes(term.date))
    issues.push(unknown('date', term.date, kind.dates, [...path, 'date']));
  if (kind.dates[0] === 'at' && windowDays === undefined && using !== 'daysSince' && using !== 'latest')
    issues.push({ path, message: `${kind.plural} need \`windowDays\`` });
  if (term.where) issues.push(...conditionIssues(term.where, term, [...path, 'where']));
  return issues;
}

function conditionIssues(condition: Condition, term: Term, path: PropertyKey[]): NameIssue[] {
  for (const key of ['all', 'any', 'none'] as const)
    if (key in condition) {
      const parts = (condition as Record<typeof key, Condition[]>)[key];
      return parts.flatMap((part, i) => conditionIssues(part, term, [...path, key, i]));
    }
  if (!('field' in condition)) return [];
  if (knows(term.kind, condition.field)) return [];
  return [unknown('field', condition.field, Object.keys(KINDS[term.kind].fields), [...path, 'field'])];
}

/**
 * Whether a name means something there. Usage takes figures of one's own, but not those that are a letter away from one of ours;
 * fields of accounts and contacts are the CRM's, and may be called whatever they are.
 */
function knows(kind: SignalKind, name: string): boolean {
  const { fields, open } = KINDS[kind];
  if (fields[name]) return true;
  return open && (kind !== 'usage' || slipOf(name, Object.keys(fields)) === null);
}

const unknown = (what: string, found: string, names: string[], path: PropertyKey[]): NameIssue => ({
  path,
  message: `unknown ${what}`,
  params: { found, names },
});

/** Names in braces of a reason's text that mean nothing. */
export function templateIssues(template: string, path: PropertyKey[]): NameIssue[] {
  const names = [...PLACEHOLDERS, ...PLACEHOLDERS.map((p) => `then.${p}`), ...CONTEXT_PLACEHOLDERS] as string[];
  return [...template.matchAll(/\{([^}]*)\}/g)].flatMap(([, braced = '']): NameIssue[] => {
    const { name } = placeholderIn(braced);
    if (names.includes(name)) return [];
    const [first = '', ...words] = braced.split(' ');
    if (words.length === 0 || !names.includes(first)) return [unknown('placeholder', name, names, path)];
    const message = `\`{${braced}}\` tells what is counted in one form; expected two, as in \`{${first} ticket|tickets}\``;
    return [{ path, message }];
  });
}
